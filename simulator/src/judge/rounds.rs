//! In which round of offers each need was filled.
//!
//! A round begins with what is offered or committed after something that was offered came to nothing: it
//! lapsed, was passed over or was refused. A need's first round begins when it is asked, and what comes of
//! an offer belongs to the offer's round.

use std::collections::BTreeMap;

use protocol::{Body, NeedId, OfferId};
use serde::{Deserialize, Serialize};

/// How many needs were filled in which round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rounds {
    /// In the first.
    pub first: u64,
    /// In the second.
    pub second: u64,
    /// In the third.
    pub third: u64,
    /// In the fourth, which the design papers have as the last.
    pub fourth: u64,
    /// After that.
    pub later: u64,
    /// Not at all: they were withdrawn before, or are open.
    pub unfilled: u64,
}

/// What was asked, and how far it came.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    needs: BTreeMap<NeedId, Progress>,
    /// The need and the round of each offer.
    offers: BTreeMap<OfferId, (NeedId, u32)>,
}

/// How far one need came.
#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    quantity: u32,
    /// Rounds that came to nothing, at least in part.
    over: u32,
    /// Whether something was offered in vain since the round began.
    vain: bool,
    committed: u32,
    /// The last round of which something was committed.
    latest: u32,
    /// In which round all was committed that was asked for.
    filled: Option<u32>,
}

impl Asked {
    pub(super) fn said(&mut self, body: &Body) {
        match body {
            Body::AidRequest(ask) => {
                let need = self.needs.entry(ask.need).or_default();
                need.quantity = ask.quantity;
            }
            Body::AidRequestUpdate(change) => {
                if let Some(need) = self.needs.get_mut(&change.need) {
                    need.quantity = change.quantity;
                    need.is_filled();
                }
            }
            Body::AidOffer(offer) => {
                let need = self.needs.entry(offer.need).or_default();
                need.goes_on();
                self.offers.insert(offer.offer, (offer.need, need.over));
            }
            Body::AidOfferEnd(end) => self.in_vain(end.offer),
            Body::AidPass(pass) => self.in_vain(pass.offer),
            Body::AidCommitRefused(refused) => self.in_vain(refused.offer),
            Body::AidCommit(commit) => {
                let offered = commit.offer.and_then(|offer| self.offers.get(&offer));
                let round = offered.map(|(_, round)| *round);
                let need = self.needs.entry(commit.need).or_default();
                if round.is_none() {
                    need.goes_on();
                }
                need.latest = need.latest.max(round.unwrap_or(need.over));
                need.committed = need.committed.saturating_add(commit.quantity);
                need.is_filled();
            }
            _ => {}
        }
    }

    fn in_vain(&mut self, offer: OfferId) {
        let of = self.offers.get(&offer);
        if let Some(need) = of.and_then(|(need, _)| self.needs.get_mut(need)) {
            need.vain = true;
        }
    }

    pub(super) fn rounds(&self) -> Rounds {
        let mut rounds = Rounds::default();
        for need in self.needs.values() {
            let count = match need.filled {
                None => &mut rounds.unfilled,
                Some(0) => &mut rounds.first,
                Some(1) => &mut rounds.second,
                Some(2) => &mut rounds.third,
                Some(3) => &mut rounds.fourth,
                Some(_) => &mut rounds.later,
            };
            *count += 1;
        }
        rounds
    }
}

impl Progress {
    /// Something more is sent or offered: after what was in vain that is a round of its own.
    fn goes_on(&mut self) {
        self.over += u32::from(std::mem::take(&mut self.vain));
    }

    fn is_filled(&mut self) {
        if self.committed >= self.quantity {
            self.filled.get_or_insert(self.latest);
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::Incarnation;
    use serde_json::{Value, json};

    use super::*;

    fn said(asked: &mut Asked, kind: &str, mut body: Value) {
        body["type"] = kind.into();
        asked.said(&serde_json::from_value(body).unwrap());
    }

    fn asked(quantity: u32) -> Asked {
        let mut asked = Asked::default();
        let body = json!({
            "need": "990100-1-1", "incident": "990100-1-2", "kind": "pump", "quantity": quantity,
            "severity": "serious", "report_to": [0, 0], "duration": 0, "audience": "region",
            "asked_at": 0, "authority": "desk",
        });
        said(&mut asked, "aid-request", body);
        asked
    }

    fn offer(asked: &mut Asked, number: u32) {
        let offer = format!("990200-1-{number}");
        let line = json!({"resource": "990200-pump-1", "quantity": 1, "eta": 9});
        let body = json!({
            "offer": offer, "need": "990100-1-1", "lines": [line], "hold_until": 9, "at": 0,
        });
        said(asked, "aid-offer", body);
    }

    fn lapse(asked: &mut Asked, number: u32) {
        let offer = format!("990200-1-{number}");
        said(asked, "aid-offer-end", json!({"offer": offer, "at": 9}));
    }

    fn commit(asked: &mut Asked, number: u32, offer: Option<u32>) {
        let mut body = json!({
            "aid": format!("990200-1-9{number}"), "resource": "990200-pump-1", "quantity": 1,
            "need": "990100-1-1", "incident": "990100-1-2", "lead": "990100", "to": [0, 0], "eta": 9,
            "fence": {"incarnation": Incarnation { epoch: 1, nonce: 1 }, "command": number}, "at": 9,
            "decided_by": "desk",
        });
        if let Some(offer) = offer {
            body["offer"] = format!("990200-1-{offer}").into();
        }
        said(asked, "aid-commit", body);
    }

    #[test]
    fn what_is_committed_at_once_or_out_of_first_offers_is_filled_in_the_first_round() {
        let mut own = asked(1);
        commit(&mut own, 1, None);
        assert_eq!(own.rounds().first, 1);
        let mut lent = asked(1);
        offer(&mut lent, 1);
        offer(&mut lent, 2);
        // The one that was not needed is let go before the other is committed.
        lapse(&mut lent, 2);
        commit(&mut lent, 1, Some(1));
        let rounds = Rounds {
            first: 1,
            ..Rounds::default()
        };
        assert_eq!(lent.rounds(), rounds);
    }

    #[test]
    fn each_time_that_offers_come_to_nothing_the_next_is_a_round_more() {
        let mut asked = asked(2);
        for number in 1..=4 {
            offer(&mut asked, number);
            lapse(&mut asked, number);
        }
        assert_eq!(asked.rounds().unfilled, 1);
        offer(&mut asked, 5);
        commit(&mut asked, 1, Some(5));
        assert_eq!(asked.rounds().unfilled, 1, "one of two");
        commit(&mut asked, 2, None);
        assert_eq!(asked.rounds().later, 1);
        // What comes after that changes nothing.
        lapse(&mut asked, 5);
        commit(&mut asked, 3, None);
        assert_eq!(asked.rounds().later, 1);
    }
}
