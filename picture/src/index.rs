//! Which authors answered which need: kept beside the folds so that joins are quick to read.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{AidId, Body, NeedId, OfferId, Over, PartyId, ResourceId};

use crate::aid::OfferState;
use crate::author::AuthorState;

/// Offers and commitments by the need that they serve, and what each resource served last.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    offers: BTreeMap<NeedId, BTreeSet<OfferId>>,
    /// Those of `offers` that still hold. A need may be offered hundreds of times before it is
    /// served; what asks today must not read them all.
    open: BTreeMap<NeedId, BTreeSet<OfferId>>,
    aids: BTreeMap<NeedId, BTreeSet<AidId>>,
    serving: BTreeMap<ResourceId, (AidId, NeedId)>,
}

impl Index {
    /// Notes an entry that is not void; `need` is the one that it concerns, if any.
    pub(crate) fn note(&mut self, body: &Body, need: Option<NeedId>) {
        match body {
            Body::AidOffer(offer) => {
                let (need, offer) = (offer.need, offer.offer);
                self.offers.entry(need).or_default().insert(offer);
                self.open.entry(need).or_default().insert(offer);
            }
            Body::AidOfferEnd(end) => self.close(need, end.offer),
            Body::AidCommitRefused(refused) => self.close(need, refused.offer),
            Body::AidCommit(commit) => {
                self.aids.entry(commit.need).or_default().insert(commit.aid);
                let serving = (commit.aid, commit.need);
                self.serving.insert(commit.resource, serving);
                if let Some(offer) = commit.offer {
                    self.close(need, offer);
                }
            }
            Body::Snapshot(snapshot) => self.let_go(&snapshot.over),
            _ => {}
        }
    }

    /// Notes what an author's state says at once, as if its entries had been noted.
    pub(crate) fn adopt(&mut self, state: &AuthorState) {
        for (id, offer) in &state.offers {
            let need = offer.offer.need;
            self.offers.entry(need).or_default().insert(*id);
            if offer.state == OfferState::Open {
                self.open.entry(need).or_default().insert(*id);
            }
        }
        for (id, aid) in &state.aids {
            let (need, resource) = (aid.commit.need, aid.commit.resource);
            self.aids.entry(need).or_default().insert(*id);
            if aid.binds() {
                self.serving.insert(resource, (*id, need));
            }
        }
    }

    /// A snapshot let go of these.
    pub(crate) fn let_go(&mut self, over: &Over) {
        for offers in self.offers.values_mut() {
            offers.retain(|offer| over.offers.binary_search(offer).is_err());
        }
        self.offers.retain(|_, offers| !offers.is_empty());
        for aids in self.aids.values_mut() {
            aids.retain(|aid| over.aids.binary_search(aid).is_err());
        }
        self.aids.retain(|_, aids| !aids.is_empty());
    }

    fn close(&mut self, need: Option<NeedId>, offer: OfferId) {
        let Some(need) = need else { return };
        if let Some(open) = self.open.get_mut(&need) {
            open.remove(&offer);
            if open.is_empty() {
                self.open.remove(&need);
            }
        }
    }

    pub(crate) fn forget(&mut self, author: PartyId) {
        for offers in self.offers.values_mut() {
            offers.retain(|offer| offer.author != author);
        }
        for offers in self.open.values_mut() {
            offers.retain(|offer| offer.author != author);
        }
        self.serving.retain(|_, (aid, _)| aid.author != author);
        for aids in self.aids.values_mut() {
            aids.retain(|aid| aid.author != author);
        }
    }

    pub(crate) fn offers(&self, need: NeedId) -> impl Iterator<Item = OfferId> + '_ {
        self.offers.get(&need).into_iter().flatten().copied()
    }

    pub(crate) fn open_offers(&self, need: NeedId) -> impl Iterator<Item = OfferId> + '_ {
        self.open.get(&need).into_iter().flatten().copied()
    }

    /// The need that a resource was last bound to.
    pub(crate) fn serving(&self, resource: ResourceId) -> Option<NeedId> {
        self.serving.get(&resource).map(|(_, need)| *need)
    }

    pub(crate) fn aids(&self, need: NeedId) -> impl Iterator<Item = AidId> + '_ {
        self.aids.get(&need).into_iter().flatten().copied()
    }
}
