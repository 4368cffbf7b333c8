//! What is kept of each run of a campaign, and the account of all of them.

use std::collections::BTreeMap;

use protocol::Moment;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use simulator::{FaultKind, Outcome, Summary};

use crate::failure::Failure;
use crate::simulate::RUNS;

/// Violations that are listed of each run; all are counted.
pub(super) const LISTED: usize = 10;

/// What is kept of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Run {
    pub(crate) summary: Summary,
    /// The first violations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) violations: Vec<Broken>,
}

/// That an invariant did not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Broken {
    at: Moment,
    pub(crate) invariant: String,
    text: String,
}

impl Run {
    pub(super) fn of(outcome: Outcome) -> Self {
        let listed = outcome.violations.into_iter().take(LISTED);
        let broken = listed.map(|it| Broken {
            at: it.at,
            invariant: it.invariant.to_owned(),
            text: it.text,
        });
        Self {
            violations: broken.collect(),
            summary: outcome.summary,
        }
    }

    /// Whether every invariant held and the offices converged.
    pub(crate) fn is_clean(&self) -> bool {
        self.summary.invariant_violations == 0 && self.summary.converged
    }
}

/// What all runs came to, and each of them. `replay` is the command that shows a seed again.
pub(super) fn account(
    runs: &[Run],
    chaos: bool,
    replay: impl Fn(u64) -> String,
) -> Result<Value, Failure> {
    let listed: Result<Vec<Value>, _> = runs
        .iter()
        .map(|run| serde_json::to_value(&run.summary))
        .collect();
    let violations = runs.iter().flat_map(|run| {
        let seed = run.summary.seed;
        let replay = &replay;
        run.violations.iter().map(move |it| {
            json!({"seed": seed, "at": it.at, "invariant": it.invariant, "text": it.text, "replay": replay(seed)})
        })
    });
    let converged = runs.iter().filter(|it| it.summary.converged).count();
    Ok(json!({
        "seeds": runs.len(),
        "converged": converged,
        "double_commits": sum(runs, |it| it.double_commits),
        "invariant_violations": sum(runs, |it| it.invariant_violations),
        "violations": violations.collect::<Vec<Value>>(),
        "faults": faults(runs, chaos),
        "simulated_s": sum(runs, |it| it.simulated_s),
        RUNS: listed.map_err(Failure::bug)?,
    }))
}

/// How many faults of each kind there were in all runs. A storm may draw every kind, so those that it
/// did not draw are told too.
fn faults(runs: &[Run], chaos: bool) -> BTreeMap<String, u64> {
    let known = FaultKind::KINDS.into_iter().filter(|_| chaos);
    let mut all: BTreeMap<String, u64> = known.map(|kind| (kind.to_owned(), 0)).collect();
    for (kind, count) in runs.iter().flat_map(|it| &it.summary.faults) {
        *all.entry(kind.clone()).or_default() += count;
    }
    all
}

pub(super) fn sum(runs: &[Run], figure: impl Fn(&Summary) -> u64) -> u64 {
    runs.iter().map(|it| figure(&it.summary)).sum()
}
