//! Asking and lending: offers held on the owner's clock, the best one accepted, the rest let go.

use protocol::{
    AidAccept, AidDecline, AidOffer, AidOfferEnd, AidPass, Audience, Autonomy, Body, Deciseconds,
    DeclineReason, Moment, NeedId, OfferId, OfferLine, Release, ResourceId, Span,
};

use picture::{Need, Offer, OfferState};

use crate::door::Ticket;
use crate::office::{Office, Turn};
use crate::planner::Sees;

/// An offer that could be taken, ordered by what is better.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Standing {
    /// Whether its hold is over by this office's clock.
    pub(crate) late: bool,
    /// When the last of it would be there.
    pub(crate) eta: Deciseconds,
    pub(crate) offer: OfferId,
    resources: Vec<ResourceId>,
    /// How much it promises in all.
    pub(crate) quantity: u32,
}

impl Office {
    /// Offers a resource to a need and holds it; the entry and the offer.
    pub(crate) fn offer(
        &mut self,
        turn: &mut Turn,
        need: NeedId,
        (resource, quantity, eta): (ResourceId, u32, Deciseconds),
    ) -> Option<((Ticket, u64), OfferId)> {
        let party = self.party();
        let hold = self.hold_for(need, turn.now.drill);
        let ordered = self.ordered(turn, resource);
        let pen = self.pen.as_mut()?;
        let number = pen.number();
        let id = OfferId {
            author: party,
            epoch: pen.log().incarnation.epoch,
            number,
        };
        let offer = AidOffer {
            offer: id,
            need,
            lines: vec![OfferLine {
                resource,
                quantity,
                eta,
            }],
            hold_until: turn.now.drill + hold,
            at: turn.now.drill,
            ordered,
        };
        let written = self.write(turn, Body::AidOffer(offer))?;
        Some((written, id))
    }

    pub(crate) fn decline(&mut self, turn: &mut Turn, need: NeedId, reason: DeclineReason) {
        let reason = self.in_other_words(need, reason);
        let said = self.own().and_then(|own| own.declined.get(&need).copied());
        self.agenda.declined.insert(need);
        if said != Some(reason) {
            let decline = AidDecline {
                need,
                reason,
                at: turn.now.drill,
            };
            self.write(turn, Body::AidDecline(decline));
        }
    }

    /// Whether a unit that could serve it is free by its log, and its crew has yet to be heard: something
    /// may come of this office after all.
    pub(crate) fn awaits_word_of_crews(&self, need: NeedId) -> bool {
        let (Some(asked), Some(own)) = (self.picture.need(need), self.own()) else {
            return false;
        };
        self.doubted().any(|unit| {
            own.holdings.get(&unit).is_some_and(|it| {
                it.unit().is_some() && it.free() > 0 && it.resource.serves(asked.request.kind)
            })
        })
    }

    /// An office that has nothing of the kind is not busy: it has no such resource.
    fn in_other_words(&self, need: NeedId, reason: DeclineReason) -> DeclineReason {
        let kind = self.picture.need(need).map(|asked| asked.request.kind);
        let has = |kind| {
            self.own().is_some_and(|own| {
                let mut all = own.holdings.values();
                all.any(|holding| holding.resource.serves(kind))
            })
        };
        match reason {
            DeclineReason::Busy if kind.is_some_and(|kind| !has(kind)) => DeclineReason::None,
            said => said,
        }
    }

    /// Lets go what we hold and nobody took in time, or was passed over, or is no longer needed.
    pub(crate) fn end_lapsed_holds(&mut self, turn: &mut Turn) {
        let now = turn.now.drill;
        let over: Vec<OfferId> = self
            .agenda
            .offers
            .iter()
            .filter_map(|offer| self.picture.offer(*offer))
            .filter(|offer| offer.state == OfferState::Open)
            .filter(|offer| {
                let need = self.picture.need(offer.offer.need);
                let passed = need.is_some_and(|need| {
                    need.ended.is_some() || need.passed.contains(&offer.offer.offer)
                });
                let taken = need.is_some_and(|need| need.accepted.contains_key(&offer.offer.offer));
                offer.offer.hold_until <= now || (passed && !taken)
            })
            .map(|offer| offer.offer.offer)
            .collect();
        for offer in over {
            self.write(turn, Body::AidOfferEnd(AidOfferEnd { offer, at: now }));
        }
    }

    /// When the next hold of ours lapses, drill time.
    pub(crate) fn holds_until(&self) -> Option<Moment> {
        let open = self
            .agenda
            .offers
            .iter()
            .filter_map(|offer| self.picture.offer(*offer));
        let open = open.filter(|offer| offer.state == OfferState::Open);
        open.map(|offer| offer.offer.hold_until).min()
    }

    /// When the window of a ring that was asked runs out next, drill time.
    pub(crate) fn window_ends(&self) -> Option<Moment> {
        let open = self.watch.own.values();
        // Who plans for the region asks it for what the plan serves from nowhere, after a window too.
        let looks_far = self.policy.sees() >= Sees::Region;
        open.filter(|slot| looks_far || slot.audience != Audience::Own)
            .map(|slot| slot.widened_at + self.config.aid.window)
            .filter(|at| *at > self.agenda.planned_at)
            .min()
    }

    /// When an accepted offer next counts as given up by its silent owner, drill time.
    pub(crate) fn silence_ends(&self) -> Option<Moment> {
        let needs = self.watch.pending.iter();
        let accepted = needs
            .filter_map(|need| self.picture.need(*need))
            .flat_map(|asked| asked.accepted.keys());
        accepted
            .filter_map(|offer| self.picture.offer(*offer))
            .filter(|offer| offer.state == OfferState::Open)
            .map(silent_from)
            .filter(|at| *at > self.agenda.planned_at)
            .min()
    }

    /// Offers that were taken and of which nothing will come, with what they promised: their owner is
    /// silent, or has never made them as far as its life in force goes. Who came back from an old disk
    /// or behind another machine of its name has promised nothing that it wrote beyond the seal.
    fn silent<'a>(
        &'a self,
        asked: &'a Need,
        now: Moment,
    ) -> impl Iterator<Item = (OfferId, u32)> + 'a {
        let taken = asked.accepted.keys().copied();
        taken.filter_map(move |id| match self.picture.offer(id) {
            Some(offer) => {
                let is_silent = offer.state == OfferState::Open && silent_from(offer) <= now;
                is_silent.then(|| (id, promised(offer).max(1)))
            }
            // It counts as one, like any that is not here.
            None => self.has_all_of(id.author).then_some((id, 1)),
        })
    }

    /// What of a need is to be served now: what nobody speaks for, and what an owner spoke for and
    /// fell silent about.
    pub(crate) fn open_now(&self, asked: &Need, now: Moment) -> u32 {
        let coverage = self.picture.coverage(asked.request.need);
        let silent = self.silent(asked, now);
        let silent = silent.fold(0_u32, |sum, (_, promised)| sum.saturating_add(promised));
        coverage
            .quantity
            .saturating_sub(coverage.covered)
            .saturating_sub(coverage.accepted.saturating_sub(silent))
    }

    /// Gives up offers that were taken and whose owners fell silent, now that others can serve. What
    /// comes of them all the same is released.
    pub(crate) fn give_up_silent(&mut self, turn: &mut Turn, need: NeedId) {
        let at = turn.now.drill;
        let Some(asked) = self.picture.need(need) else {
            return;
        };
        if self.picture.coverage(need).open() > 0 {
            return;
        }
        let silent: Vec<OfferId> = self.silent(asked, at).map(|(offer, _)| offer).collect();
        for offer in silent {
            self.write(turn, Body::AidPass(AidPass { need, offer, at }));
        }
    }

    /// Offers that hold and that the asker has neither accepted nor passed over.
    pub(crate) fn offers_to_answer<'a>(
        &'a self,
        asked: &'a Need,
    ) -> impl Iterator<Item = &'a Offer> {
        let open = self.picture.open_offers(asked.request.need);
        open.filter(|offer| {
            let id = &offer.offer.offer;
            !asked.accepted.contains_key(id) && !asked.passed.contains(id)
        })
    }

    /// Takes the best offers once a ring has had its time, and lets the rest go: those that hold by
    /// this office's clock first. Only the owner's clock counts, so one that is a little late may be
    /// taken too. What ran out needs no word to end.
    pub(crate) fn accept_offers(&mut self, turn: &mut Turn) {
        let now = turn.now.drill;
        self.look(now);
        for need in self.watch.offered.clone() {
            let Some(asked) = self.picture.need(need) else {
                continue;
            };
            // Who plans for the region is offered what the plan gives it, and waits for nothing better.
            let waited = now.since(asked.widened_at) >= self.config.aid.window
                || self.policy.sees() >= Sees::Region;
            let mut open = self.open_now(asked, now);
            let offers = self.best_offers(asked, now);
            if offers.is_empty() || (open > 0 && !waited) {
                continue;
            }
            if open > 0 {
                self.give_up_silent(turn, need);
            }
            for Standing {
                late,
                offer,
                resources,
                quantity,
                ..
            } in offers
            {
                // Of a stock no more is taken than is open (I5): its owner offers again what is.
                if open >= quantity.max(1) {
                    open -= quantity;
                    self.accept(turn, need, offer, resources);
                } else if !late {
                    let at = now;
                    self.write(turn, Body::AidPass(AidPass { need, offer, at }));
                }
            }
        }
    }

    /// Offers that could be taken, best first: those that hold by this office's clock, the soonest of
    /// them.
    pub(crate) fn best_offers(&self, asked: &Need, now: Moment) -> Vec<Standing> {
        let answerable = self.offers_to_answer(asked);
        let answerable = answerable.filter(|offer| silent_from(offer) > now);
        let standing = answerable.map(|offer| {
            let lines = &offer.offer.lines;
            Standing {
                late: offer.offer.hold_until <= now,
                eta: lines.iter().map(|line| line.eta).max().unwrap_or_default(),
                offer: offer.offer.offer,
                resources: lines.iter().map(|line| line.resource).collect(),
                quantity: promised(offer),
            }
        });
        let mut offers: Vec<Standing> = standing.collect();
        offers.sort();
        offers
    }

    pub(crate) fn accept(
        &mut self,
        turn: &mut Turn,
        need: NeedId,
        offer: OfferId,
        resources: Vec<ResourceId>,
    ) -> Option<(Ticket, u64)> {
        let accept = AidAccept {
            need,
            offer,
            resources,
            at: turn.now.drill,
        };
        self.write(turn, Body::AidAccept(accept))
    }

    /// Releases commitments whose work at our incidents is done, or that came of an offer which was
    /// given up.
    pub(crate) fn release_what_is_done(&mut self, turn: &mut Turn) {
        self.look(turn.now.drill);
        if self.config.autonomy == Autonomy::Advise {
            // People release what they sent for; that it could go is proposed to them.
            return;
        }
        for aid in std::mem::take(&mut self.watch.done) {
            let release = Release {
                aid,
                at: turn.now.drill,
                note: String::new(),
                ordered: None,
            };
            self.write(turn, Body::Release(release));
        }
    }
}

/// When an accepted offer that nobody answers counts no more, drill time: its hold is over by the
/// owner's clock, and a word about it has had time to come, a third of the hold. By the offer's own
/// times, so that asker and owners agree on it.
fn silent_from(offer: &Offer) -> Moment {
    let AidOffer { at, hold_until, .. } = offer.offer;
    hold_until + Span(hold_until.since(at).0 / 3)
}

/// How much an offer promises in all.
pub(crate) fn promised(offer: &Offer) -> u32 {
    let lines = offer.offer.lines.iter();
    lines.fold(0, |sum, line| sum.saturating_add(line.quantity))
}
