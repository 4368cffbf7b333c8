//! Owners that leave needs unanswered: the region is planned with what somebody can send.
//!
//! The plan rests on every office's log, and the log of an office that is down, cut off or has not heard
//! its crews says that they are free. Its owner would offer such a unit within a round. Where the plan gives
//! a need to it and no offer comes for two windows, that need is planned without that owner, and every
//! other one as long as nothing new of the owner is here. Judged by entries and drill time, so that
//! offices that hear the same plan alike again after a round.

use std::collections::{BTreeMap, BTreeSet};

use picture::Picture;
use protocol::{Incarnation, Moment, NeedId, PartyId, ResourceId, Span};

use crate::office::Office;
use crate::planner::Sees;

/// For so many windows a need is given to an owner that does not answer.
const WINDOWS: u64 = 2;

/// How far an author's log is here.
type Head = Option<(Incarnation, u64)>;

/// What owners left unanswered.
#[derive(Debug, Default)]
pub(crate) struct Absent {
    /// Since when the plan gives a need to what an owner has waiting, drill time.
    given: BTreeMap<(NeedId, PartyId), Moment>,
    /// Needs that an owner left unanswered, and in which life of it.
    unanswered: BTreeMap<(NeedId, PartyId), Option<Incarnation>>,
    /// How far the log of each owner was here when it left one unanswered.
    silent: BTreeMap<PartyId, Head>,
}

impl Absent {
    /// Whether nothing is known of an owner since it left a need unanswered.
    pub(crate) fn is_silent(&self, picture: &Picture, owner: PartyId) -> bool {
        self.silent.get(&owner) == Some(&head(picture, owner))
    }

    /// Whether an owner does not answer a need, or anybody.
    pub(crate) fn leaves(&self, picture: &Picture, need: NeedId, owner: PartyId) -> bool {
        self.unanswered.contains_key(&(need, owner)) || self.is_silent(picture, owner)
    }

    /// The plan gives these needs to what these owners have waiting, and those are asked.
    fn note(&mut self, given: &BTreeSet<(NeedId, PartyId)>, now: Moment) {
        self.given.retain(|pair, _| given.contains(pair));
        for pair in given {
            self.given.entry(*pair).or_insert(now);
        }
    }

    /// Who was given a need so long ago and has offered nothing is away.
    fn give_up(&mut self, picture: &Picture, before: Moment) {
        let life = |owner| head(picture, owner).map(|(life, _)| life);
        let given = std::mem::take(&mut self.given);
        let (overdue, given) = given.into_iter().partition(|(_, since)| *since <= before);
        self.given = given;
        let overdue: BTreeMap<(NeedId, PartyId), Moment> = overdue;
        for (need, owner) in overdue.into_keys() {
            let mut offers = picture.open_offers(need);
            if !offers.any(|it| it.offer.offer.author == owner) {
                self.unanswered.insert((need, owner), life(owner));
                self.silent.insert(owner, head(picture, owner));
            }
        }
        let is_open = |need| {
            let known = picture.need(need);
            known.is_some_and(|known| known.ended.is_none())
        };
        // Who has started anew is back.
        self.unanswered
            .retain(|(need, owner), before| is_open(*need) && life(*owner) == *before);
    }
}

fn head(picture: &Picture, author: PartyId) -> Head {
    let lives = &picture.authors().get(&author)?.lineage;
    let life = lives.in_force()?;
    Some((life, lives.logs().get(&life)?.prefix))
}

impl Office {
    /// How long a need waits for an owner, drill time.
    fn waits_for_owner(&self) -> Span {
        Span(self.config.aid.window.0.saturating_mul(WINDOWS))
    }

    /// When the next owner counts as away, drill time.
    pub(crate) fn absence_ends(&self) -> Option<Moment> {
        let given = self.absent.given.values();
        given.map(|since| *since + self.waits_for_owner()).min()
    }

    /// What is not to serve what: people declined to send it, or its owner does not answer.
    pub(crate) fn refused(&self) -> BTreeSet<(NeedId, ResourceId)> {
        let mut refused = self.picture.refused_pairs();
        for (need, owner) in self.absent.unanswered.keys() {
            let holdings = self.picture.state(*owner).map(|state| &state.holdings);
            let all = holdings.into_iter().flat_map(BTreeMap::keys);
            refused.extend(all.map(|resource| (*need, *resource)));
        }
        refused
    }

    /// Remembers which owners the plan waits for.
    pub(crate) fn note_given(&mut self, now: Moment) {
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
        self.absent.note(&given, now);
    }

    /// Plans no longer with owners that leave a need unanswered.
    pub(crate) fn give_up_absent(&mut self, now: Moment) {
        let most = self.waits_for_owner();
        if let Some(before) = now.0.checked_sub(most.0) {
            self.absent.give_up(&self.picture, Moment(before));
        }
    }
}
