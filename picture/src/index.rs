//! Which authors answered which need: kept beside the folds so that joins are quick to read.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{AidId, Body, NeedId, OfferId, PartyId};

/// Offers and commitments by the need that they serve.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    offers: BTreeMap<NeedId, BTreeSet<OfferId>>,
    aids: BTreeMap<NeedId, BTreeSet<AidId>>,
}

impl Index {
    pub(crate) fn note(&mut self, _author: PartyId, body: &Body) {
        match body {
            Body::AidOffer(offer) => {
                self.offers
                    .entry(offer.need)
                    .or_default()
                    .insert(offer.offer);
            }
            Body::AidCommit(commit) => {
                self.aids.entry(commit.need).or_default().insert(commit.aid);
            }
            _ => {}
        }
    }

    pub(crate) fn forget(&mut self, author: PartyId) {
        for offers in self.offers.values_mut() {
            offers.retain(|offer| offer.author != author);
        }
        for aids in self.aids.values_mut() {
            aids.retain(|aid| aid.author != author);
        }
    }

    pub(crate) fn offers(&self, need: NeedId) -> impl Iterator<Item = OfferId> + '_ {
        self.offers.get(&need).into_iter().flatten().copied()
    }

    pub(crate) fn aids(&self, need: NeedId) -> impl Iterator<Item = AidId> + '_ {
        self.aids.get(&need).into_iter().flatten().copied()
    }
}
