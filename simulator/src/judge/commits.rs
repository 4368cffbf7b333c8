//! Commitments in the union of all logs: one at a time, under rising fences, none too many.

use std::collections::BTreeMap;

use picture::{Aid, Picture};
use protocol::{AidCommit, AidId, Body, Fence, NeedId, PartyId, ResourceId};

/// What the judge remembers of each unit, apart from the fold.
#[derive(Debug, Default)]
pub(super) struct Commits {
    /// The commitment that binds a unit.
    bound: BTreeMap<ResourceId, AidId>,
    /// The unit of each commitment that was ever made.
    resources: BTreeMap<AidId, ResourceId>,
    /// The last fence of each unit.
    fences: BTreeMap<ResourceId, Fence>,
}

impl Commits {
    /// What is wrong with an entry that was folded, by invariant.
    pub(super) fn said(
        &mut self,
        picture: &Picture,
        author: PartyId,
        body: &Body,
    ) -> Vec<(&'static str, String)> {
        let mut found = self.follows(picture, author, body);
        match body {
            Body::AidCommit(commit) => found.extend(within_need(picture, commit.need)),
            Body::AidRequestUpdate(update) => found.extend(within_need(picture, update.need)),
            _ => {}
        }
        found
    }

    /// I2: what is wrong with an entry after those of its author before it.
    pub(super) fn follows(
        &mut self,
        picture: &Picture,
        author: PartyId,
        body: &Body,
    ) -> Vec<(&'static str, String)> {
        let mut found = Vec::new();
        match body {
            Body::AidCommit(commit) => {
                found.extend(self.rises(commit.resource, commit.fence));
                found.extend(self.bind(picture, author, commit));
            }
            Body::Recall(recall) => found.extend(self.commands(recall.aid, recall.fence)),
            Body::ReturnOrdered(order) => found.extend(self.commands(order.aid, order.fence)),
            Body::Returned(returned) => {
                if let Some(resource) = self.resources.get(&returned.aid)
                    && self.bound.get(resource) == Some(&returned.aid)
                {
                    self.bound.remove(resource);
                }
            }
            _ => {}
        }
        found
    }

    /// An author's life in force has changed: its entries are told again from the first.
    pub(super) fn forget(&mut self, author: PartyId) {
        let ours = |aid: &AidId| aid.author == author;
        for (aid, resource) in &self.resources {
            if ours(aid) {
                self.bound.remove(resource);
                self.fences.remove(resource);
            }
        }
        self.resources.retain(|aid, _| !ours(aid));
    }

    fn commands(&mut self, aid: AidId, fence: Fence) -> Option<(&'static str, String)> {
        let resource = *self.resources.get(&aid)?;
        self.rises(resource, fence)
    }

    /// I2: the fences of a unit are strictly increasing.
    fn rises(&mut self, resource: ResourceId, fence: Fence) -> Option<(&'static str, String)> {
        let before = self.fences.insert(resource, fence)?;
        (fence <= before).then(|| {
            (
                "I2",
                format!("the fence of {resource} went from {before:?} to {fence:?}"),
            )
        })
    }

    /// I2: no unit is bound twice, unless its owner turned it to the new commitment. What stands in
    /// an orphaned life binds nothing; terminals are watched for themselves (J3, J6).
    fn bind(
        &mut self,
        picture: &Picture,
        author: PartyId,
        commit: &AidCommit,
    ) -> Option<(&'static str, String)> {
        self.resources.insert(commit.aid, commit.resource);
        if commit.resource_is_stock(picture, author) {
            return None;
        }
        let before = self.bound.insert(commit.resource, commit.aid)?;
        let binds = picture.aid(before).is_some_and(Aid::binds);
        let (unit, aid) = (commit.resource, commit.aid);
        binds.then(|| {
            (
                "I2",
                format!("{unit} is committed to {before} and to {aid}"),
            )
        })
    }
}

trait OfStock {
    fn resource_is_stock(&self, picture: &Picture, author: PartyId) -> bool;
}

impl OfStock for AidCommit {
    fn resource_is_stock(&self, picture: &Picture, author: PartyId) -> bool {
        let holding = picture
            .state(author)
            .and_then(|state| state.holdings.get(&self.resource));
        holding.is_some_and(|holding| holding.unit().is_none())
    }
}

/// I5, when it is committed to a need or the need changes: it is not covered beyond what it asks.
fn within_need(picture: &Picture, need: NeedId) -> Option<(&'static str, String)> {
    picture.need(need)?;
    let coverage = picture.coverage(need);
    (coverage.covered > coverage.quantity).then(|| {
        let (covered, quantity) = (coverage.covered, coverage.quantity);
        (
            "I5",
            format!("{need} asks for {quantity} and {covered} are committed"),
        )
    })
}
