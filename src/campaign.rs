//! A campaign: the same scenario in virtual time under many seeds, a run a thread.

mod compare;
mod foresight;

pub(crate) mod shrink;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use region::Region;
use serde_json::{Value, json};
use simulator::{FaultKind, Outcome, Scenario, SimulateOptions, Summary};

use crate::cli::SimulateArgs;
use crate::failure::{Code, Failure};
use crate::simulate::{RUNS, print, progress_target, replay, rounded};
use crate::stop::{self, Stop};

/// Violations that are listed of each run; all are counted.
const LISTED: usize = 10;

/// Failed seeds that are shrunk, each in some sixty runs; the first tell most.
const SHRUNK: usize = 3;

/// Runs at a time, at most: each takes a thread and some 200 MB in a storm.
const JOBS_MAX: usize = 64;

/// Runs every seed and prints one account of all of them.
///
/// Ctrl-C lets the runs under way end and prints what is there.
pub(crate) fn campaign(
    args: &SimulateArgs,
    seeds: &RangeInclusive<u64>,
    (scenario, region): (&Scenario, &Arc<Region>),
    options: &SimulateOptions,
) -> Result<(), Failure> {
    let runtime = stop::runtime()?;
    let stop = runtime.block_on(async { Stop::listen() })?;
    let count = seeds.end().saturating_sub(*seeds.start()).saturating_add(1);
    let asked = args.jobs.or_else(|| thread::available_parallelism().ok());
    let most = usize::try_from(count).map_or(JOBS_MAX, |count| count.min(JOBS_MAX));
    let jobs = asked.map_or(1, usize::from).min(most);
    let began = Instant::now();
    let told = stop.told();
    let all = |options: &SimulateOptions| {
        let line = Line::of(seeds);
        let run = |seed| run_seed(scenario, region, options, seed);
        let mut outcomes = work((&line, count), jobs, run, || *told.borrow());
        outcomes.sort_by_key(|outcome| outcome.summary.seed);
        outcomes
    };
    let mut outcomes = all(options);
    let others = args.compare.map_or_else(Vec::new, |policy| {
        all(&SimulateOptions {
            policy: Some(policy),
            // It is the same under every policy.
            foresight: false,
            ..options.clone()
        })
    });
    let wall = began.elapsed();
    let mut account = account(args, jobs, &outcomes, wall)?;
    if args.compare.is_some() {
        account["compare"] = compare::paired(&outcomes, &others);
    }
    if args.foresight {
        account["foresight"] = foresight::beside(&outcomes, &others);
    }
    let simulated_s = sum(&outcomes, |it| it.simulated_s);
    print(account, simulated_s, wall, args.output)?;
    stop.verdict("the campaign")?;
    let failed = outcomes.iter().filter(|outcome| !outcome.is_clean());
    for outcome in failed.take(SHRUNK) {
        // Whoever stops it wants the verdict, and no other seed shrunk.
        if *told.borrow() {
            break;
        }
        shrink::shrink(args, (scenario, region), options, outcome, || {
            *told.borrow()
        });
    }
    outcomes.extend(others);
    verdict(args, &outcomes)
}

fn run_seed(
    scenario: &Scenario,
    region: &Arc<Region>,
    options: &SimulateOptions,
    seed: u64,
) -> Outcome {
    let options = SimulateOptions {
        seed: Some(seed),
        ..options.clone()
    };
    simulator::simulate(scenario, region, &options, |_| {})
}

/// The seeds that wait.
struct Line {
    waiting: Mutex<RangeInclusive<u64>>,
    /// Nobody is to begin another.
    done: AtomicBool,
}

impl Line {
    fn of(seeds: &RangeInclusive<u64>) -> Self {
        Self {
            waiting: Mutex::new(seeds.clone()),
            done: AtomicBool::new(false),
        }
    }

    fn take(&self) -> Option<u64> {
        if self.done.load(Ordering::Relaxed) {
            return None;
        }
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.next()
    }
}

/// Runs what waits on so many threads, until told otherwise.
fn work(
    (line, count): (&Line, u64),
    jobs: usize,
    run: impl Fn(u64) -> Outcome + Sync,
    told_to_stop: impl Fn() -> bool,
) -> Vec<Outcome> {
    let bar = bar(count);
    let (tell, told) = mpsc::channel();
    let mut outcomes = Vec::new();
    thread::scope(|scope| {
        for _ in 0..jobs {
            let (tell, run) = (tell.clone(), &run);
            scope.spawn(move || {
                while let Some(seed) = line.take() {
                    if tell.send(run(seed)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(tell);
        loop {
            if told_to_stop() {
                line.done.store(true, Ordering::Relaxed);
            }
            match told.recv_timeout(Duration::from_millis(200)) {
                Ok(outcome) => {
                    bar.inc(1);
                    outcomes.push(outcome);
                }
                Err(mpsc::RecvTimeoutError::Timeout) => bar.tick(),
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
            }
        }
    });
    bar.finish_and_clear();
    outcomes
}

fn bar(seeds: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} seed {pos} of {len}  eta {eta}")
        .expect("the template is checked by every campaign");
    ProgressBar::with_draw_target(Some(seeds), progress_target()).with_style(style)
}

/// What all runs came to, and each of them.
fn account(
    args: &SimulateArgs,
    jobs: usize,
    outcomes: &[Outcome],
    wall: Duration,
) -> Result<Value, Failure> {
    let runs: Result<Vec<Value>, _> = outcomes
        .iter()
        .map(|outcome| serde_json::to_value(&outcome.summary))
        .collect();
    let violations = outcomes.iter().flat_map(|outcome| {
        let listed = outcome.violations.iter().take(LISTED);
        listed.map(|it| {
            let seed = outcome.summary.seed;
            json!({"seed": seed, "at": it.at, "invariant": it.invariant, "text": it.text, "replay": replay(args, seed)})
        })
    });
    let converged = outcomes.iter().filter(|it| it.summary.converged).count();
    let count = u32::try_from(outcomes.len()).map_or(f64::INFINITY, f64::from);
    Ok(json!({
        "seeds": outcomes.len(),
        "jobs": jobs,
        "converged": converged,
        "double_commits": sum(outcomes, |it| it.double_commits),
        "invariant_violations": sum(outcomes, |it| it.invariant_violations),
        "violations": violations.collect::<Vec<Value>>(),
        "faults": faults(args, outcomes),
        "simulated_s": sum(outcomes, |it| it.simulated_s),
        "seeds_per_hour": rounded(count * 3_600.0 / wall.as_secs_f64().max(0.001), 1.0),
        RUNS: runs.map_err(Failure::bug)?,
    }))
}

/// How many faults of each kind there were in all runs. A storm may draw every kind, so those that it
/// did not draw are told too.
fn faults(args: &SimulateArgs, outcomes: &[Outcome]) -> BTreeMap<&'static str, u64> {
    let known = FaultKind::KINDS.into_iter().filter(|_| args.chaos);
    let mut all: BTreeMap<&'static str, u64> = known.map(|kind| (kind, 0)).collect();
    for (kind, count) in outcomes.iter().flat_map(|it| &it.summary.faults) {
        *all.entry(kind).or_default() += count;
    }
    all
}

fn sum(outcomes: &[Outcome], figure: impl Fn(&Summary) -> u64) -> u64 {
    outcomes.iter().map(|it| figure(&it.summary)).sum()
}

/// Every seed with something wrong is said with the one command that shows it again.
fn verdict(args: &SimulateArgs, outcomes: &[Outcome]) -> Result<(), Failure> {
    let wrong: Vec<String> = outcomes
        .iter()
        .filter(|outcome| !outcome.is_clean())
        .map(|outcome| replay(args, outcome.summary.seed))
        .collect();
    if wrong.is_empty() {
        return Ok(());
    }
    let (bad, all) = (wrong.len(), outcomes.len());
    let shown = wrong[..bad.min(LISTED)].join("\n");
    let what = format!("{bad} of {all} seeds broke an invariant or did not converge:\n{shown}");
    Err(Failure::new(Code::Bug, what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_seed_is_taken_once_and_none_after_a_stop() {
        let line = Line {
            waiting: Mutex::new(u64::MAX - 2..=u64::MAX),
            done: AtomicBool::new(false),
        };
        assert_eq!(line.take(), Some(u64::MAX - 2));
        assert_eq!(line.take(), Some(u64::MAX - 1));
        line.done.store(true, Ordering::Relaxed);
        assert_eq!(line.take(), None);
        line.done.store(false, Ordering::Relaxed);
        assert_eq!(line.take(), Some(u64::MAX));
        assert_eq!(line.take(), None);
    }
}
