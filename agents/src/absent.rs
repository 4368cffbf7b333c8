//! Owners that leave needs unanswered: the region is planned with what somebody can send.
//!
//! The plan rests on every office's log, and the log of an office that is down, cut off or has not heard
//! its crews says that they are free. Its owner would offer such a unit within a round. Where the plan gives
//! a need to it for three windows, no offer comes and its owner says nothing at all, the owner is away: the
//! region is planned without it until it is heard. One that is heard and offers nothing for five may know
//! something that is not in its log: that need is planned without it until it starts anew.

use std::collections::{BTreeMap, BTreeSet};

use picture::Picture;
use protocol::{Autonomy, Incarnation, Moment, NeedId, PartyId, Span};

use crate::door::Now;
use crate::keeping::Keeping;
use crate::office::Office;
use crate::planner::Sees;

/// For so many windows a need is given to an owner that is not heard, drill time. That is longer than
/// from one digest to the next.
const UNHEARD: u64 = 3;

/// And to one that is heard.
const UNANSWERED: u64 = 5;

/// And for so long, link time: in a drill that runs fast an answer takes as long as ever.
const ANSWERS: Span = Span::seconds(10);

/// What owners left unanswered.
#[derive(Debug, Default)]
pub(crate) struct Absent {
    /// Needs that the plan gives to what an owner has waiting.
    given: BTreeMap<(NeedId, PartyId), Given>,
    /// Needs that an owner left unanswered, and in which life of it.
    unanswered: BTreeMap<(NeedId, PartyId), Option<Incarnation>>,
    /// Owners that were found to be away, and when; link time.
    away: BTreeMap<PartyId, Moment>,
}

/// How long owners are waited for.
#[derive(Debug, Clone, Copy)]
struct Rule {
    window: Span,
    /// So many windows for one that is heard. People take the time that they need.
    unanswered: u64,
}

/// A need given to an owner.
#[derive(Debug, Clone, Copy)]
struct Given {
    /// Since when.
    since: Now,
    /// When it is looked whether its owner has answered, drill time.
    look: Moment,
}

impl Absent {
    /// Whether an owner is away: it was not heard since it was found to be.
    pub(crate) fn is_away(&self, keeping: &Keeping, owner: PartyId) -> bool {
        self.away.get(&owner).is_some_and(|at| {
            let heard = keeping.heard().get(&owner);
            heard.is_none_or(|heard| heard.link <= *at)
        })
    }

    /// Whether an owner does not answer a need, or anybody.
    pub(crate) fn leaves(&self, keeping: &Keeping, need: NeedId, owner: PartyId) -> bool {
        self.unanswered.contains_key(&(need, owner)) || self.is_away(keeping, owner)
    }

    /// The plan gives these needs to what these owners have waiting, and those are asked.
    fn note(&mut self, given: &BTreeSet<(NeedId, PartyId)>, new: Given) {
        self.given.retain(|pair, _| given.contains(pair));
        for pair in given {
            self.given.entry(*pair).or_insert(new);
        }
    }

    /// Nothing is planned, or all is found anew.
    pub(crate) fn forget_given(&mut self) {
        self.given.clear();
    }

    /// Who was given a need so long ago and has offered nothing is away, or leaves it.
    fn give_up(&mut self, (picture, keeping): (&Picture, &Keeping), now: Now, rule: Rule) {
        let mut overdue = Vec::new();
        self.given.retain(|pair, given| {
            if given.look > now.drill {
                return true;
            }
            given.look = now.drill + rule.window;
            let waited = now.drill.since(given.since.drill).0 / rule.window.0.max(1);
            let heard = keeping.heard().get(&pair.1);
            let is_heard = heard.is_some_and(|heard| heard.link >= given.since.link);
            let is_early = now.link.since(given.since.link) < ANSWERS;
            let most = if is_heard { rule.unanswered } else { UNHEARD };
            if is_early || waited < most {
                return true;
            }
            overdue.push((*pair, is_heard));
            false
        });
        for ((need, owner), is_heard) in overdue {
            if !is_heard {
                self.away.insert(owner, now.link);
            } else if !has_answered(picture, need, owner) {
                self.unanswered.insert((need, owner), life(picture, owner));
            }
        }
        let is_open = |need| {
            let known = picture.need(need);
            known.is_some_and(|known| known.ended.is_none())
        };
        // Who has started anew may know more.
        self.unanswered
            .retain(|(need, owner), before| is_open(*need) && life(picture, *owner) == *before);
    }
}

/// Whether an owner has offered, committed or declined anything for a need.
fn has_answered(picture: &Picture, need: NeedId, owner: PartyId) -> bool {
    let Some(state) = picture.state(owner) else {
        return false;
    };
    let mut offers = state.offers.values();
    let mut aids = state.aids.values();
    state.declined.contains_key(&need)
        || offers.any(|it| it.offer.need == need)
        || aids.any(|it| it.commit.need == need)
}

fn life(picture: &Picture, owner: PartyId) -> Option<Incarnation> {
    picture.authors().get(&owner)?.lineage.in_force()
}

impl Office {
    /// When the next owner counts as away, drill time.
    pub(crate) fn absence_ends(&self) -> Option<Moment> {
        let looks = self.absent.given.values().map(|given| given.look);
        looks.filter(|at| *at > self.agenda.planned_at).min()
    }

    /// Needs that an owner left unanswered.
    pub(crate) fn unanswered(&self) -> impl Iterator<Item = (NeedId, PartyId)> {
        self.absent.unanswered.keys().copied()
    }

    /// Remembers which owners the plan waits for.
    pub(crate) fn note_given(&mut self, now: Now) {
        if self.policy.sees() < Sees::Region {
            return;
        }
        let units = self.policy.postings().keys();
        let pairs = units.chain(self.policy.shares().keys());
        let given = pairs.filter_map(|(need, resource)| {
            let mut authors = self.picture.authors().iter();
            let (owner, holding) = authors
                .find_map(|(owner, author)| Some((*owner, author.state.holdings.get(resource)?)))?;
            let is_asked = owner != self.party() && self.asks(*need, owner);
            (holding.free() > 0 && is_asked).then_some((*need, owner))
        });
        let given: BTreeSet<(NeedId, PartyId)> = given.collect();
        let window = Span(self.config.aid.window.0.saturating_mul(UNHEARD));
        let new = Given {
            since: now,
            look: now.drill + window,
        };
        self.absent.note(&given, new);
    }

    /// Plans no longer with owners that leave a need unanswered.
    pub(crate) fn give_up_absent(&mut self, now: Now) {
        let rule = Rule {
            window: self.config.aid.window,
            unanswered: match self.config.autonomy {
                Autonomy::Act => UNANSWERED,
                Autonomy::Advise => u64::MAX,
            },
        };
        self.absent
            .give_up((&self.picture, &self.keeping), now, rule);
    }
}
