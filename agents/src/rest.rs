//! After offers made in vain: how long a need is left alone, and how long the next offer holds.
//!
//! An asker that let a hold run out has not heard, or is not heard, or is too slow for the hold; one
//! that passed an offer over knows something that its neighbour does not. Asked again at once it would
//! do the same again, and both would write without end while the units stand bound. So each round in
//! vain doubles the pause after it, and the hold of the next offer for an asker that is heard. How
//! many rounds there were is read from the logs.

use protocol::{AidPass, Body, Moment, NeedId, OfferId, PartyId, Span, UnitState};

use picture::{Offer, OfferState};

use crate::office::Office;

/// The shortest pause after a round in vain, drill time, for offices that wait for no window.
const PAUSE: Span = Span::seconds(10);

/// How often the pause after a round in vain doubles, beginning with one window: up to sixteen.
const PAUSE_DOUBLES: u32 = 4;

/// How often it doubles for an asker that is not heard, beginning where the other ends: up to
/// sixty-four windows. Its first word ends the pause anyway.
const SILENCE_DOUBLES: u32 = 2;

/// How often the hold doubles: up to four times the first. What is held is there for nobody else.
const HOLD_DOUBLES: u32 = 2;

/// A need that an office offers nothing for the time being.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rest {
    /// Until when, drill time.
    pub(crate) until: Moment,
    /// Since when, if nothing was heard of the asker while the offer held, or not all that it said is
    /// here: its answer may be among what is missing. Its word ends the rest, once its log is whole.
    pub(crate) unheard: Option<Moment>,
}

impl Office {
    /// An offer of ours has ended. If its hold ran out and the asker said nothing of it, the need rests.
    pub(crate) fn rest_after_lapse(&mut self, id: OfferId, ended_at: Moment) {
        let Some(offer) = self.picture.offer(id).map(|known| known.offer.clone()) else {
            return;
        };
        let need = offer.need;
        let unanswered = self.picture.need(need).is_some_and(|asked| {
            let answered = asked.passed.contains(&id) || asked.accepted.contains_key(&id);
            asked.ended.is_none() && !answered
        });
        if !unanswered {
            return;
        }
        let doubled = self.rounds_in_vain(need).saturating_sub(1);
        if self.heard_after(need.author, offer.at) && self.has_all_of(need.author) {
            let rest = Rest {
                until: ended_at + self.pause(doubled.min(PAUSE_DOUBLES)),
                unheard: None,
            };
            self.agenda.resting.insert(need, rest);
            return;
        }
        let rest = Rest {
            until: ended_at + self.pause(PAUSE_DOUBLES + doubled.min(SILENCE_DOUBLES)),
            unheard: Some(ended_at),
        };
        // Whoever is silent about one need is silent about all: the others need not be tried in turn.
        let asked = self.agenda.asked.iter();
        for other in asked.filter(|it| it.author == need.author) {
            self.agenda.resting.entry(*other).or_insert(rest);
        }
        self.agenda.resting.insert(need, rest);
    }

    /// An offer of ours was passed over.
    pub(crate) fn rest_after_pass(&mut self, pass: &AidPass) {
        let doubled = self.rounds_in_vain(pass.need).saturating_sub(1);
        let rest = Rest {
            until: pass.at + self.pause(doubled.min(PAUSE_DOUBLES)),
            unheard: None,
        };
        self.agenda.resting.insert(pass.need, rest);
    }

    /// Something of a party was heard or read: what rests until then is looked at again.
    pub(crate) fn news_of(&mut self, party: PartyId) {
        let mut resting = self.agenda.resting.iter();
        if resting.any(|(need, rest)| need.author == party && rest.unheard.is_some()) {
            self.agenda.plan = true;
        }
    }

    /// Forgets the rests that are over.
    pub(crate) fn end_rests(&mut self, now: Moment) {
        let mut resting = std::mem::take(&mut self.agenda.resting);
        resting.retain(|need, rest| {
            let is_back = rest.unheard.is_some_and(|since| {
                self.heard_after(need.author, since) && self.has_all_of(need.author)
            });
            rest.until > now && !is_back
        });
        self.agenda.resting = resting;
    }

    /// When the next rest is over by time alone, drill time.
    pub(crate) fn rests_end(&self) -> Option<Moment> {
        let until = self.agenda.resting.values().map(|rest| rest.until);
        until.filter(|at| *at > self.agenda.planned_at).min()
    }

    /// A need may lack more than its asker thought when it passed this office over.
    pub(crate) fn reopened(&mut self, body: &Body, need: Option<NeedId>) {
        let Some(need) = need.filter(|need| self.agenda.resting.contains_key(need)) else {
            return;
        };
        let may_lack_more = match body {
            Body::AidRequestUpdate(_) | Body::AidCommitRefused(_) | Body::Recall(_) => true,
            Body::AidOfferEnd(end) => {
                let asked = self.picture.need(need);
                asked.is_some_and(|asked| asked.accepted.contains_key(&end.offer))
            }
            Body::UnitStatus(it) => matches!(it.state, UnitState::Lost | UnitState::Damaged),
            _ => false,
        };
        if may_lack_more {
            self.agenda.resting.remove(&need);
        }
    }

    /// How long the next offer to a need holds. An asker that is heard and never in time is given more;
    /// for one that is cut off nothing is held longer.
    pub(crate) fn hold_for(&self, need: NeedId, now: Moment) -> Span {
        let hold = self.config.aid.hold;
        let before = self.own_offers(need).map(|it| it.offer.at);
        let last = before.filter(|at| *at < now).max();
        if !last.is_some_and(|at| self.heard_after(need.author, at)) {
            return hold;
        }
        Span(hold.0 << self.rounds_in_vain(need).min(HOLD_DOUBLES))
    }

    fn pause(&self, doubled: u32) -> Span {
        Span(self.config.aid.window.max(PAUSE).0 << doubled)
    }

    /// How often this office has offered to a need in vain since something came of it. Offers whose
    /// holds overlap are one round.
    fn rounds_in_vain(&self, need: NeedId) -> u32 {
        let Some(asked) = self.picture.need(need) else {
            return 0;
        };
        let (mut rounds, mut over) = (0_u32, Moment::default());
        for known in self.own_offers(need) {
            let offer = &known.offer;
            let passed = asked.passed.contains(&offer.offer);
            match known.state {
                OfferState::Committed => rounds = 0,
                OfferState::Open if !passed => {}
                OfferState::Open | OfferState::Ended | OfferState::Refused => {
                    rounds += u32::from(offer.at >= over);
                    let soonest = offer.at + Span(1);
                    over = over.max(if passed { soonest } else { offer.hold_until });
                }
            }
        }
        rounds
    }

    /// What this office offered to a need, in the order of offering.
    fn own_offers(&self, need: NeedId) -> impl Iterator<Item = &Offer> {
        let us = self.party();
        let offers = self.picture.offers_for(need);
        offers.filter(move |known| known.offer.offer.author == us)
    }

    fn heard_after(&self, party: PartyId, at: Moment) -> bool {
        let heard = self.keeping.heard().get(&party);
        heard.is_some_and(|heard| heard.drill > at)
    }

    /// Whether nothing is missing here of what a party is known to have written in its life in force.
    pub(crate) fn has_all_of(&self, party: PartyId) -> bool {
        let Some(known) = self.picture.authors().get(&party) else {
            return false;
        };
        let life = known.lineage.in_force();
        let log = life.and_then(|life| known.lineage.logs().get(&life));
        known.is_current() && log.is_some_and(|log| log.gap().is_none())
    }
}
