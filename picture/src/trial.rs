//! Whether an entry would stand: the fold, tried on a copy of what the entry touches and no more.

use std::collections::BTreeMap;

use protocol::{AidId, Body, Decision, NeedId, OfferId, PartyId, ResourceId};

use crate::author::AuthorState;
use crate::void::Void;

impl AuthorState {
    /// Whether an entry would stand if it came next; nothing is changed.
    pub fn trial(&self, author: PartyId, body: &Body) -> Result<(), Void> {
        self.touched_by(body).body(author, body, (0, 0))
    }

    /// The part of the state that decides about an entry.
    fn touched_by(&self, body: &Body) -> Self {
        let mut part = Self::default();
        match body {
            Body::Incident(report) => copy(&self.incidents, &mut part.incidents, report.incident),
            Body::Resource(it) => self.copy_holding(&mut part, it.resource),
            Body::UnitStatus(it) => self.copy_holding(&mut part, it.unit),
            Body::StockStatus(it) => self.copy_holding(&mut part, it.resource),
            Body::Warning(it) => copy(&self.warnings, &mut part.warnings, it.warning),
            Body::WarningLift(it) => copy(&self.warnings, &mut part.warnings, it.warning),
            Body::Response(it) => copy(&self.responses, &mut part.responses, it.response),
            Body::AidRequest(it) => {
                copy(&self.incidents, &mut part.incidents, it.incident);
                self.copy_need(&mut part, it.need);
            }
            Body::AidRequestUpdate(it) => self.copy_need(&mut part, it.need),
            Body::AidWithdraw(it) => self.copy_need(&mut part, it.need),
            Body::AidAccept(it) => self.copy_need(&mut part, it.need),
            Body::AidPass(it) => self.copy_need(&mut part, it.need),
            _ => self.touched_by_lending(body, &mut part),
        }
        part
    }

    fn touched_by_lending(&self, body: &Body, part: &mut Self) {
        match body {
            Body::AidOffer(it) => {
                self.copy_offer(part, it.offer);
                for line in &it.lines {
                    self.copy_holding(part, line.resource);
                }
            }
            Body::AidOfferEnd(it) => self.copy_offer(part, it.offer),
            Body::AidCommitRefused(it) => self.copy_offer(part, it.offer),
            Body::AidCommit(it) => {
                self.copy_aid(part, it.aid);
                self.copy_holding(part, it.resource);
                if let Some(offer) = it.offer {
                    self.copy_offer(part, offer);
                }
            }
            Body::AuthorityAsked(it) => self.copy_holding(part, it.unit),
            Body::AuthorityAnswered(it) => {
                self.copy_holding(part, it.unit);
                copy(&self.authorities, &mut part.authorities, it.unit);
            }
            Body::ProposalDecision(it) => {
                if let Some((_, resource)) = it.proposed.pair() {
                    self.copy_holding(part, resource);
                }
                if let Decision::Change { instead } = &it.decision {
                    self.copy_holding(part, *instead);
                }
            }
            Body::ExtendReply(it) => self.copy_aid(part, it.aid),
            Body::Recall(it) => self.copy_aid(part, it.aid),
            Body::ReturnOrdered(it) => self.copy_aid(part, it.aid),
            Body::Returned(it) => self.copy_aid(part, it.aid),
            // What remains stands or falls by itself.
            _ => {}
        }
    }

    fn copy_holding(&self, part: &mut Self, resource: ResourceId) {
        copy(&self.holdings, &mut part.holdings, resource);
    }

    fn copy_need(&self, part: &mut Self, need: NeedId) {
        copy(&self.needs, &mut part.needs, need);
    }

    fn copy_offer(&self, part: &mut Self, offer: OfferId) {
        copy(&self.offers, &mut part.offers, offer);
    }

    /// A commitment and the resource that it binds.
    fn copy_aid(&self, part: &mut Self, aid: AidId) {
        copy(&self.aids, &mut part.aids, aid);
        if let Some(known) = self.aids.get(&aid) {
            self.copy_holding(part, known.commit.resource);
        }
    }
}

fn copy<K: Ord, V: Clone>(from: &BTreeMap<K, V>, to: &mut BTreeMap<K, V>, key: K) {
    if let Some(value) = from.get(&key) {
        to.insert(key, value.clone());
    }
}
