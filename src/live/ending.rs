//! How a free-running drill ended: lines for people, and `outcome.json` for programs.

use std::collections::BTreeMap;

use protocol::{Graded, RefusedKind};
use serde::Serialize;
use simulator::Injects;

use crate::live::agreement::Agreement;
use crate::live::hop::HopTimes;
use crate::live::lines::Spoiled;
use crate::live::loss::{Holdings, Lack};

/// The name of the file in a run's folder.
pub(crate) const OUTCOME: &str = "outcome.json";

/// Lines about lacks that are printed at most; the figure counts them all.
const LACKS_TOLD: usize = 10;

/// How a free-running drill ended.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Ending {
    /// Which drill.
    pub(crate) scenario: String,
    /// With which seed.
    pub(crate) seed: u64,
    /// Drill seconds from its start to its end.
    pub(crate) drill_s: u64,
    /// Whether it was stopped before its end.
    pub(crate) stopped: bool,
    /// Whether the bus was gone at the end.
    pub(crate) bus_away: bool,
    /// Whether all offices held the same at last.
    pub(crate) converged: bool,
    /// Entries that offices wrote to their own logs.
    pub(crate) entries: u64,
    /// Entries of offices' own logs that another office's journal lacks, over all pairs.
    pub(crate) lost: u64,
    /// How often an invariant did not hold.
    pub(crate) violations: usize,
    /// Messages of the bus that were refused, by kind, each counted once.
    pub(crate) refused: BTreeMap<RefusedKind, u64>,
    /// What faults did to frames on the lines of the offices.
    pub(crate) faults_on_lines: Spoiled,
    /// What became of the injects.
    pub(crate) injects: Injects,
    /// How well each objective was reached; empty if the drill was stopped before its end.
    pub(crate) objectives: Vec<Graded>,
    /// How long entries travelled; absent if none was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hop_ms: Option<HopTimes>,
    /// How far it agrees with virtual time; absent if it was stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) agreement: Option<Agreement>,
}

/// What became of the entries, a line each.
pub(crate) fn tell_holdings(holdings: &Holdings, lacks: &[Lack]) -> Vec<String> {
    let (lost, entries) = (total(lacks), holdings.entries());
    let journals = holdings.journals();
    let mut lines = vec![format!(
        "lost: {lost} of {entries} entries, each looked for in {journals} journals"
    )];
    lines.extend(lacks.iter().take(LACKS_TOLD).map(|lack| {
        format!(
            "LOST the journal of {} lacks the last {} entries of {}",
            lack.holder, lack.entries, lack.log
        )
    }));
    lines
}

/// How long entries travelled, in one line.
pub(crate) fn tell_hops(hops: &HopTimes) -> String {
    format!(
        "hop from office to office: p50 {:.1} ms, p90 {:.1} ms, p99 {:.1} ms, of {} measured",
        hops.p50, hops.p90, hops.p99, hops.measured
    )
}

/// That the drill was slowed, in one line: the speed asked for and the slowest, in permille.
pub(crate) fn tell_pace((asked, slowest): (u64, u64)) -> String {
    let (asked, slowest) = (asked / 1_000, slowest / 1_000);
    format!(
        "the machine did not follow at speed {asked}; the drill was slowed to {slowest} until it did"
    )
}

/// What faults did to frames, in one line; none if they did nothing.
pub(crate) fn tell_faults(spoiled: &Spoiled) -> Option<String> {
    let Spoiled {
        lost,
        delayed,
        repeated,
    } = spoiled;
    (*spoiled != Spoiled::default()).then(|| {
        format!("faults on lines: {lost} frames lost, {delayed} late, {repeated} twice; a cut is not counted")
    })
}

/// Entries lacking, over all pairs.
pub(crate) fn total(lacks: &[Lack]) -> u64 {
    lacks.iter().map(|lack| lack.entries).sum()
}
