//! What offices lend each other, as the journals of a drill have it while the drill runs.
//!
//! Journals alone count: what the bus carried may be lost, repeated or seen by nobody.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use journal::read_aside;
use protocol::{AidId, Body, NetId, ReportKind, RequestId};

/// The units that other offices committed to each call, as every one of these journals has them.
///
/// A journal that was copied in the midst of a write tells nothing: whoever waits looks again.
pub(crate) fn lent(
    journals: &[PathBuf],
    net: NetId,
    calls: &[RequestId],
) -> BTreeMap<RequestId, BTreeSet<AidId>> {
    let each = journals.iter().map(|journal| held(journal, net));
    let each: Vec<BTreeMap<RequestId, BTreeSet<AidId>>> = each.collect();
    let everywhere = |call: &RequestId| {
        let aids = each
            .iter()
            .map(|it| it.get(call).cloned().unwrap_or_default());
        aids.reduce(|some, more| &some & &more).unwrap_or_default()
    };
    calls.iter().map(|call| (*call, everywhere(call))).collect()
}

/// What one journal has of it.
fn held(journal: &Path, net: NetId) -> BTreeMap<RequestId, BTreeSet<AidId>> {
    let Ok(opened) = read_aside(journal, net, &journal.with_extension("aside")) else {
        return BTreeMap::new();
    };
    let (mut calls, mut commits) = (BTreeMap::new(), Vec::new());
    for envelope in &opened.envelopes {
        match envelope.body() {
            Some(Body::Incident(report)) if report.kind == ReportKind::First => {
                calls.extend(report.request.map(|request| (report.incident, request)));
            }
            Some(Body::AidCommit(commit)) if commit.need.author != envelope.header().log.author => {
                commits.push((commit.incident, commit.aid));
            }
            _ => {}
        }
    }
    let mut lent: BTreeMap<RequestId, BTreeSet<AidId>> = BTreeMap::new();
    for (incident, aid) in commits {
        if let Some(call) = calls.get(&incident) {
            lent.entry(*call).or_default().insert(aid);
        }
    }
    lent
}
