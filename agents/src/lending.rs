//! Asking and lending: offers held on the owner's clock, the best one accepted, the rest let go.

use protocol::{
    AidAccept, AidDecline, AidOffer, AidOfferEnd, AidPass, Body, Deciseconds, DeclineReason,
    Moment, NeedId, OfferId, OfferLine, Release, ResourceId,
};

use picture::OfferState;

use crate::door::Ticket;
use crate::office::{Office, Turn};

impl Office {
    /// Offers a resource to a need and holds it.
    pub(crate) fn offer(
        &mut self,
        turn: &mut Turn,
        need: NeedId,
        (resource, quantity, eta): (ResourceId, u32, Deciseconds),
    ) -> Option<(Ticket, u64)> {
        let party = self.party();
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
            hold_until: turn.now.drill + self.config.aid.hold,
            at: turn.now.drill,
        };
        self.write(turn, Body::AidOffer(offer))
    }

    pub(crate) fn decline(&mut self, turn: &mut Turn, need: NeedId, reason: DeclineReason) {
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

    /// Takes the best offers once a ring has had its time, and lets the rest go.
    pub(crate) fn accept_offers(&mut self, turn: &mut Turn) {
        let now = turn.now.drill;
        for need in self.agenda.own_needs.clone() {
            let Some(asked) = self.picture.need(need) else {
                continue;
            };
            let (widened_at, window) = (asked.widened_at, self.config.aid.window);
            let mut open = self.picture.coverage(need).open();
            let mut offers: Vec<(Deciseconds, OfferId, Vec<ResourceId>, u32)> = self
                .picture
                .offers_for(need)
                .filter(|offer| offer.state == OfferState::Open)
                .filter(|offer| !asked.accepted.contains_key(&offer.offer.offer))
                .filter(|offer| !asked.passed.contains(&offer.offer.offer))
                .map(|offer| {
                    let lines = &offer.offer.lines;
                    let eta = lines.iter().map(|line| line.eta).max().unwrap_or_default();
                    let resources = lines.iter().map(|line| line.resource).collect();
                    let quantity = lines.iter().map(|line| line.quantity).sum();
                    (eta, offer.offer.offer, resources, quantity)
                })
                .collect();
            let waited = now.since(widened_at) >= window;
            if waited {
                self.agenda.windows.insert(need, widened_at);
            }
            if offers.is_empty() || (open > 0 && !waited) {
                continue;
            }
            offers.sort();
            for (_, offer, resources, quantity) in offers {
                if open > 0 {
                    open = open.saturating_sub(quantity);
                    self.accept(turn, need, offer, resources);
                } else {
                    self.write(
                        turn,
                        Body::AidPass(AidPass {
                            need,
                            offer,
                            at: now,
                        }),
                    );
                }
            }
        }
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

    /// Releases commitments whose work at our incidents is done; our own units need no word.
    pub(crate) fn release_what_is_done(&mut self, turn: &mut Turn) {
        let mut done = Vec::new();
        for need in &self.agenda.own_needs {
            for aid in self.picture.aids_for(*need) {
                let released = self
                    .own()
                    .is_some_and(|own| own.released.contains_key(&aid.commit.aid));
                if aid.done_at.is_some() && aid.binds() && !released {
                    done.push(aid.commit.aid);
                }
            }
        }
        for aid in done {
            let release = Release {
                aid,
                at: turn.now.drill,
                note: String::new(),
            };
            self.write(turn, Body::Release(release));
        }
    }
}
