//! How a run went: the figures that people compare, and what was wrong.

use std::collections::BTreeMap;

use agents::PlanFigures;
use protocol::{Graded, Hash, Moment, Planning};
use serde::{Deserialize, Serialize};

use super::SimulateOptions;
use crate::drill::Drill;
use crate::engine::Engine;
use crate::judge::{Injects, Response, Rounds, Violation};

/// How a run went.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The figures.
    pub summary: Summary,
    /// The first violations, in words.
    pub violations: Vec<Violation>,
    /// Drill time at the end.
    pub ended_at: Moment,
    /// Turns that offices had.
    pub turns: u64,
    /// Entries that the fold passes over, and the first of them in words.
    pub voids: (u64, Vec<String>),
    /// Frames of our own making that the edge refused.
    pub refused: u64,
    /// The first alarms of each office.
    pub alarms: Vec<String>,
    /// What keeps the offices apart that did not converge.
    pub apart: Vec<String>,
}

/// The figures of a run, as `--output json` prints them: what was counted until the scenario's end.
/// What must never be is looked for until the offices have settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// The scenario's id.
    pub scenario: String,
    /// The seed.
    pub seed: u64,
    /// The version of the program.
    pub version: String,
    /// The digest of all decisions.
    pub digest: Hash,
    /// Simulated seconds, the drain left out.
    pub simulated_s: u64,
    /// Incidents that began.
    pub incidents: u64,
    /// Incidents whose work is done.
    pub served: u64,
    /// The others.
    pub unserved: u64,
    /// Needs that asked beyond their own city.
    pub aid_requests: u64,
    /// Commitments to other offices' needs.
    pub aid_commits: u64,
    /// Units bound twice.
    pub double_commits: u64,
    /// Invariants found broken, each time counted.
    pub invariant_violations: u64,
    /// Whether in the end all offices held the same entries and the same picture.
    pub converged: bool,
    /// Entries in all logs.
    pub envelopes: u64,
    /// Whose brokers there were: `one` for all, or one at `each` office.
    pub brokers: String,
    /// How offices planned.
    pub policy: Planning,
    /// What waiting did to people, in weighted minutes (docs/dispatch.md).
    pub harm_min: i64,
    /// The same of a dispatcher who knew all calls (docs/dispatch.md), where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub foreseen_harm_min: Option<i64>,
    /// Units that incidents took and that never came.
    pub units_missing: u64,
    /// Seconds from a call to the first unit there.
    pub response_s: Response,
    /// Kilometres that crews drove, out and home, the drain included.
    pub driven_km: u64,
    /// Plans that ran out of their bound of time and were the best so far.
    pub plan_overruns: u64,
    /// Others' plans for the region that an office heard of and had one of its own beside.
    pub plans_compared: u64,
    /// Those of them that were the same.
    pub plans_alike: u64,
    /// In which round of offers needs were filled.
    pub rounds: Rounds,
    /// What became of the injects; left out where the drill has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub injects: Option<Injects>,
    /// How well each objective was reached.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objectives: Vec<Graded>,
    /// How many faults of each kind struck something; kinds of which none did are left out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub faults: BTreeMap<String, u64>,
}

impl Summary {
    /// Adds how planning went at one office.
    pub(super) const fn count_plans(&mut self, figures: PlanFigures) {
        self.plan_overruns += figures.overruns;
        self.plans_compared += figures.compared;
        self.plans_alike += figures.alike;
    }
}

impl Outcome {
    pub(super) fn of(
        drill: &Drill,
        engine: &mut Engine,
        options: &SimulateOptions,
        digest: Hash,
    ) -> Self {
        let (start, end) = (engine.setup().start, engine.setup().end);
        let (now, refused) = (engine.now(), engine.refused());
        let driven_km = engine.driven_m() / 1_000;
        let faults = engine.struck().iter();
        let faults = faults
            .map(|(kind, count)| ((*kind).to_owned(), *count))
            .collect();
        let judge = engine.judge();
        let (tally, after) = (judge.tally_at_end(), judge.tally());
        let summary = Summary {
            scenario: drill.scenario().id.clone(),
            seed: drill.seed(),
            version: options.version.clone(),
            digest,
            simulated_s: end.since(start).whole_seconds(),
            incidents: tally.incidents,
            served: tally.served,
            unserved: tally.incidents.saturating_sub(tally.served),
            aid_requests: tally.aid_requests(),
            aid_commits: tally.aid_commits,
            double_commits: after.double_commits,
            invariant_violations: judge.count(),
            converged: false,
            envelopes: tally.envelopes,
            brokers: drill.scenario().brokers.word().to_owned(),
            policy: drill.scenario().offices.default.planning,
            harm_min: tally.harm_min(),
            foreseen_harm_min: None,
            units_missing: tally.units_missing(),
            response_s: tally.response(),
            driven_km,
            plan_overruns: 0,
            plans_compared: 0,
            plans_alike: 0,
            rounds: tally.rounds(),
            injects: (!drill.scenario().injects.is_empty()).then(|| tally.injects(end)),
            objectives: tally.graded().to_vec(),
            faults,
        };
        Self {
            violations: judge.violations().to_vec(),
            voids: (after.voids, after.void_texts.clone()),
            summary,
            ended_at: now,
            turns: 0,
            refused,
            alarms: Vec::new(),
            apart: Vec::new(),
        }
    }

    /// Whether every invariant held and the offices converged.
    pub fn is_clean(&self) -> bool {
        self.summary.invariant_violations == 0 && self.summary.converged
    }
}
