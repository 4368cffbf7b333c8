//! How long each commitment bound its unit, and whether any unit was ever bound twice at one time.

use std::collections::{BTreeMap, BTreeSet};

use picture::AidState;
use protocol::{AidId, Body, Form, Moment, PartyId, ResourceId, UnitState};
use serde::Serialize;

use crate::aid::Marks;
use crate::evidence::Evidence;

/// A unit that was bound to two commitments at one time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DoubleCommit {
    /// The unit.
    pub resource: ResourceId,
    /// The earlier commitment.
    pub first: AidId,
    /// The one that came before the first had ended.
    pub second: AidId,
    /// When, drill time.
    pub at: Moment,
}

/// A commitment and how long it bound.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Promise {
    pub(crate) aid: AidId,
    pub(crate) from: Moment,
    /// `None` if it still binds at the end of the record.
    pub(crate) to: Option<Moment>,
}

/// Commitments of every unit in the order of their beginning.
///
/// One counts if its owner's fold recorded it, or if it stands in a life of the owner that lost its
/// force: that office believed it all the same. A commit that the fold found void bound nothing.
pub(crate) fn promises(
    evidence: &Evidence,
    marks: &Marks,
) -> BTreeMap<(PartyId, ResourceId), Vec<Promise>> {
    let lost = losses(evidence);
    let mut all: BTreeMap<(PartyId, ResourceId), Vec<Promise>> = BTreeMap::new();
    let mut redirected: Vec<AidId> = Vec::new();
    for entry in &evidence.entries {
        let Some(Body::AidCommit(commit)) = entry.body() else {
            continue;
        };
        let owner = entry.header().log.author;
        let recorded = evidence
            .picture
            .aid(commit.aid)
            .filter(|aid| aid.commit == *commit);
        if recorded.is_none() && !is_orphan(evidence, entry) {
            continue;
        }
        if recorded.is_some_and(|aid| aid.state == AidState::Redirected) {
            redirected.push(commit.aid);
        }
        let gone = lost.get(&(owner, commit.resource));
        let gone = gone.and_then(|times| times.range(commit.at..).next().copied());
        let end = marks.returned(commit.aid).or(gone);
        let promise = Promise {
            aid: commit.aid,
            from: commit.at,
            to: end,
        };
        all.entry((owner, commit.resource))
            .or_default()
            .push(promise);
    }
    redirected.sort_unstable();
    for promises in all.values_mut() {
        promises.sort_by_key(|promise| (promise.from, promise.aid));
        for at in 0..promises.len().saturating_sub(1) {
            if redirected.binary_search(&promises[at].aid).is_ok() {
                promises[at].to = Some(promises[at + 1].from);
            }
        }
    }
    all
}

/// Pairs of commitments of one unit that bound it at one time.
pub(super) fn doubled(evidence: &Evidence, marks: &Marks) -> Vec<DoubleCommit> {
    let mut found = Vec::new();
    for ((owner, resource), promises) in promises(evidence, marks) {
        if !is_unit(evidence, owner, resource) {
            continue;
        }
        for pair in promises.windows(2) {
            if pair[0].to.is_none_or(|to| to > pair[1].from) {
                found.push(DoubleCommit {
                    resource,
                    first: pair[0].aid,
                    second: pair[1].aid,
                    at: pair[1].from,
                });
            }
        }
    }
    found
}

/// Stock may serve many at one time; a unit whose entry is lost counts as a unit.
pub(super) fn is_unit(evidence: &Evidence, owner: PartyId, resource: ResourceId) -> bool {
    let state = evidence.picture.state(owner);
    let holding = state.and_then(|state| state.holdings.get(&resource));
    holding.is_none_or(|holding| holding.resource.form() == Form::Unit)
}

fn is_orphan(evidence: &Evidence, entry: &protocol::Envelope) -> bool {
    let header = entry.header();
    let author = evidence.picture.authors().get(&header.log.author);
    author.is_some_and(|author| author.lineage.is_orphan(header.log.incarnation, header.seq))
}

/// When units were lost or damaged: the end of whatever bound them.
fn losses(evidence: &Evidence) -> BTreeMap<(PartyId, ResourceId), BTreeSet<Moment>> {
    let mut lost: BTreeMap<_, BTreeSet<Moment>> = BTreeMap::new();
    for entry in &evidence.entries {
        if let Some(Body::UnitStatus(status)) = entry.body()
            && matches!(status.state, UnitState::Lost | UnitState::Damaged)
        {
            let unit = (entry.header().log.author, status.unit);
            lost.entry(unit).or_default().insert(status.as_of);
        }
    }
    lost
}
