//! What each need asks of this office, found anew only for needs that something happened to.
//!
//! An office knows thousands of needs and hears of a few at a time. Derived from the logs like the
//! agenda: forgetting all of it and touching every need gives the same again.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{AidId, Moment, NeedId};

use picture::{Aid, AidState, AuthorState, Need, OfferState, Picture};

use crate::board::Slot;
use crate::expecting::Learned;
use crate::lending::promised;
use crate::office::Office;
use crate::planner::Sees;

/// What needs ask of this office.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    /// Needs that something happened to since they were last looked at.
    touched: BTreeSet<NeedId>,
    /// What of its own needs nobody speaks for.
    pub(crate) own: BTreeMap<NeedId, Slot>,
    /// What of others' needs nobody speaks for, not even an offer of this office.
    pub(crate) asked: BTreeMap<NeedId, Slot>,
    /// What of every office's needs nobody speaks for, not even an offer of anybody; empty under a
    /// policy that does not look so far.
    pub(crate) region: BTreeMap<NeedId, Slot>,
    /// How long work takes, as learned up to a moment; nothing under a policy that does not look ahead.
    learned: (Moment, Learned),
    /// Own needs with an offer that was neither accepted nor passed over.
    pub(crate) offered: BTreeSet<NeedId>,
    /// Needs with an accepted offer that its owner has not answered: time alone changes them.
    pub(crate) pending: BTreeSet<NeedId>,
    /// Commitments of others to own needs that are on their way, and that their owners may want back.
    pub(crate) borrowed: BTreeSet<AidId>,
    /// Commitments to own needs that are to be released.
    pub(crate) done: BTreeSet<AidId>,
    /// Own commitments that are to be ordered home.
    pub(crate) over: BTreeSet<AidId>,
}

impl Watch {
    /// Something happened to a need.
    pub(crate) fn touch(&mut self, need: NeedId) {
        self.touched.insert(need);
    }

    /// Time has passed: needs that it alone changes are to be looked at again.
    pub(crate) fn touch_pending(&mut self) {
        self.touched.extend(&self.pending);
    }

    /// Learns anew how long work takes, once for each moment that is planned for.
    pub(crate) fn learn(&mut self, picture: &Picture, as_of: Moment) {
        if self.learned.0 != as_of {
            let learned = std::mem::take(&mut self.learned.1);
            self.learned = (as_of, learned.again(picture));
        }
    }

    pub(crate) fn learned(&self) -> &Learned {
        &self.learned.1
    }

    fn forget(&mut self, need: NeedId) {
        self.own.remove(&need);
        self.asked.remove(&need);
        self.region.remove(&need);
        self.offered.remove(&need);
        self.pending.remove(&need);
    }
}

impl Office {
    /// Looks at the needs that something happened to.
    pub(crate) fn look(&mut self, now: Moment) {
        for need in std::mem::take(&mut self.watch.touched) {
            self.watch.forget(need);
            if need.author == self.party() {
                self.look_at_own(need, now);
            } else {
                self.look_at_asked(need, now);
            }
            if self.policy.sees() >= Sees::Region {
                self.look_at_region(need, now);
            }
            self.look_at_commitments(need);
        }
    }

    /// A need of any office, as those see it who plan for the region.
    fn look_at_region(&mut self, need: NeedId, now: Moment) {
        let asked = self.picture.need(need);
        let Some(asked) = asked.filter(|it| it.ended.is_none()) else {
            return;
        };
        let offered = self.offers_to_answer(asked);
        let offered = offered.fold(0_u32, |sum, offer| sum.saturating_add(promised(offer)));
        let open = self.open_now(asked, now).saturating_sub(offered);
        let pending = self.is_pending(asked);
        let slot = Slot::of(asked, open);
        if open > 0 {
            self.watch.region.insert(need, slot);
        }
        if pending {
            self.watch.pending.insert(need);
        }
    }

    fn look_at_own(&mut self, need: NeedId, now: Moment) {
        let Some(asked) = self.picture.need(need) else {
            return;
        };
        if asked.ended.is_some() {
            self.agenda.own_needs.remove(&need);
            return;
        }
        let open = self.open_now(asked, now);
        let waits = self.offers_to_answer(asked).next().is_some();
        let pending = self.is_pending(asked);
        let slot = Slot::of(asked, open);
        let watch = &mut self.watch;
        if open > 0 {
            watch.own.insert(need, slot);
        }
        if waits {
            watch.offered.insert(need);
        }
        if pending {
            watch.pending.insert(need);
        }
    }

    fn look_at_asked(&mut self, need: NeedId, now: Moment) {
        if !self.agenda.asked.contains(&need) {
            return;
        }
        let us = self.party();
        let Some(asked) = self.picture.need(need) else {
            return;
        };
        if asked.ended.is_some() {
            self.agenda.asked.remove(&need);
            self.agenda.declined.remove(&need);
            self.agenda.resting.remove(&need);
            return;
        }
        let out = self
            .offers_to_answer(asked)
            .filter(|offer| offer.offer.offer.author == us)
            .fold(0_u32, |sum, offer| sum.saturating_add(promised(offer)));
        let open = self.open_now(asked, now).saturating_sub(out);
        let pending = self.is_pending(asked);
        let slot = Slot::of(asked, open);
        if open > 0 {
            self.watch.asked.insert(need, slot);
        }
        if pending {
            self.watch.pending.insert(need);
        }
    }

    fn is_pending(&self, asked: &Need) -> bool {
        let mut accepted = asked.accepted.keys();
        accepted.any(|offer| {
            let known = self.picture.offer(*offer);
            known.is_some_and(|offer| offer.state == OfferState::Open)
        })
    }

    /// Commitments to a need that want ending: by its asker, if that is this office, because the work
    /// is done or came of an offer that was given up; by their owner, once they are released.
    fn look_at_commitments(&mut self, need: NeedId) {
        if need.author == self.party() {
            self.look_at_lent(need);
        } else {
            self.look_at_own_lent(need);
        }
    }

    /// Commitments to a need of this office, whoever made them: which of them to release.
    fn look_at_lent(&mut self, need: NeedId) {
        let us = self.party();
        let Some((asked, log)) = asked(&self.picture, need) else {
            return;
        };
        for aid in self.picture.aids_for(need) {
            let id = aid.commit.aid;
            let given_up = aid
                .commit
                .offer
                .is_some_and(|offer| !asked.stands_by(offer));
            let released = log.released.contains_key(&id);
            let open = asked.ended.is_none() && !released;
            let is_done = open && aid.binds() && (aid.done_at.is_some() || given_up);
            keep(&mut self.watch.done, id, is_done);
            let on_its_way = open && aid.state == AidState::Live && aid.arrived_at.is_none();
            keep(&mut self.watch.borrowed, id, on_its_way && id.author != us);
            if id.author == us {
                keep(&mut self.watch.over, id, is_over(aid, asked, log));
            }
        }
    }

    /// Commitments of this office to another's need: which of them to order home.
    fn look_at_own_lent(&mut self, need: NeedId) {
        let us = self.party();
        let mut lent = self.picture.aids_of(us, need).peekable();
        if lent.peek().is_none() {
            return;
        }
        let Some((asked, log)) = asked(&self.picture, need) else {
            return;
        };
        for aid in lent {
            keep(
                &mut self.watch.over,
                aid.commit.aid,
                is_over(aid, asked, log),
            );
        }
    }
}

/// A need, and what its asker's log says besides.
fn asked(picture: &Picture, need: NeedId) -> Option<(&Need, &AuthorState)> {
    let log = picture.state(need.author)?;
    Some((log.needs.get(&need)?, log))
}

/// Whether a commitment is to be ordered home: it was released, or the need is over.
fn is_over(aid: &Aid, asked: &Need, log: &AuthorState) -> bool {
    let released = log.released.contains_key(&aid.commit.aid);
    aid.state == AidState::Live && (released || asked.ended.is_some())
}

fn keep(set: &mut BTreeSet<AidId>, id: AidId, there: bool) {
    if there {
        set.insert(id);
    } else {
        set.remove(&id);
    }
}
