//! A campaign: the same scenario in virtual time under many seeds, a run a thread.

mod compare;
mod foresight;
mod kept;
mod merge;
mod run;
mod vary;

pub(crate) mod shrink;

use std::collections::BTreeSet;
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use protocol::Hash;
use region::Region;
use serde_json::json;
use simulator::{Outcome, Scenario, SimulateOptions};

use crate::cli::{ShardArg, SimulateArgs};
use crate::failure::{Code, Failure};
use crate::simulate::{print, progress_target, replay, rounded};
use crate::stop::{self, Stop};
use kept::{Campaign, Keeper};
pub(crate) use merge::merge;
use run::{LISTED, Run, account, sum};
pub(crate) use vary::sweep;

/// Failed seeds that are shrunk, each in some sixty runs; the first tell most.
const SHRUNK: usize = 3;

/// Runs at a time, at most: each takes a thread and some 200 MB in a storm.
const JOBS_MAX: usize = 64;

/// Runs every seed that was not run before and prints one account of all of them.
///
/// Ctrl-C lets the runs under way end and prints what is there.
pub(crate) fn campaign(
    args: &SimulateArgs,
    seeds: &RangeInclusive<u64>,
    of: (&Scenario, &Arc<Region>),
    options: &SimulateOptions,
) -> Result<(), Failure> {
    let runtime = stop::runtime()?;
    let stop = runtime.block_on(async { Stop::listen() })?;
    let told = stop.told();
    let keep = args.keep.as_deref();
    let made = run_all((args, seeds), of, options, keep, || *told.borrow())?;
    let (ours, others) = (&made.ours, &made.others);
    let mut account = account(ours, args.chaos, |seed| replay(args, seed))?;
    account["jobs"] = json!(jobs(args, args.shard.unwrap_or_default().share(seeds)));
    account["seeds_per_hour"] = json!(made.per_hour());
    if args.compare.is_some() {
        account["compare"] = compare::paired(ours, others);
    }
    if args.foresight {
        account["foresight"] = foresight::beside(ours, others);
    }
    print(
        account,
        sum(ours, |it| it.simulated_s),
        made.wall,
        args.output,
    )?;
    stop.verdict("the campaign")?;
    let failed = ours.iter().filter(|run| !run.is_clean());
    for run in failed.take(SHRUNK) {
        // Whoever stops it wants the verdict, and no other seed shrunk.
        if *told.borrow() {
            break;
        }
        shrink::shrink(args, of, options, run, || *told.borrow());
    }
    let runs = ours.iter().chain(others);
    verdict(runs.map(|run| (run, replay(args, run.summary.seed))))
}

/// What a campaign came to.
struct Made {
    ours: Vec<Run>,
    /// Of the policy that is compared with.
    others: Vec<Run>,
    /// How many of all were run now, and what that took.
    now: usize,
    wall: Duration,
}

impl Made {
    fn per_hour(&self) -> f64 {
        let count = u32::try_from(self.now).map_or(f64::INFINITY, f64::from);
        rounded(count * 3_600.0 / self.wall.as_secs_f64().max(0.001), 1.0)
    }
}

/// Runs what is asked for and was not run before, under one policy or two.
fn run_all(
    (args, seeds): (&SimulateArgs, &RangeInclusive<u64>),
    (scenario, region): (&Scenario, &Arc<Region>),
    options: &SimulateOptions,
    keep: Option<&Path>,
    told_to_stop: impl Fn() -> bool,
) -> Result<Made, Failure> {
    let shard = args.shard.unwrap_or_default();
    let mut runs = Runs::begin(keep, args, scenario, options)?;
    let began = Instant::now();
    let mut all = |beside: bool, options: &SimulateOptions| {
        let line = Line {
            waiting: Mutex::new(seeds.clone()),
            first: *seeds.start(),
            shard,
            kept: runs.seeds(beside),
            done: AtomicBool::new(false),
        };
        let jobs = jobs(args, shard.share(seeds));
        let run = |seed| run_seed(scenario, region, options, seed);
        let ended = |run: Run| runs.keep(beside, run);
        work((&line, shard.share(seeds)), jobs, run, ended, &told_to_stop)
    };
    all(false, options)?;
    if let Some(policy) = args.compare {
        let options = SimulateOptions {
            policy: Some(policy),
            // It is the same under every policy.
            foresight: false,
            ..options.clone()
        };
        all(true, &options)?;
    }
    let wall = began.elapsed();
    let now = runs.made;
    let (ours, others) = runs.in_order(|run| {
        let seed = run.summary.seed;
        seeds.contains(&seed) && shard.has(seed - seeds.start())
    });
    Ok(Made {
        ours,
        others,
        now,
        wall,
    })
}

/// How many runs go at a time.
fn jobs(args: &SimulateArgs, count: u64) -> usize {
    let asked = args.jobs.or_else(|| thread::available_parallelism().ok());
    let most = usize::try_from(count).map_or(JOBS_MAX, |count| count.clamp(1, JOBS_MAX));
    asked.map_or(1, usize::from).min(most)
}

/// The runs of a campaign, kept in its file if it has one.
struct Runs {
    keeper: Option<Keeper>,
    all: Vec<kept::Line>,
    /// How many were made now.
    made: usize,
}

impl Runs {
    fn begin(
        keep: Option<&Path>,
        args: &SimulateArgs,
        scenario: &Scenario,
        options: &SimulateOptions,
    ) -> Result<Self, Failure> {
        let Some(path) = keep else {
            return Ok(Self {
                keeper: None,
                all: Vec::new(),
                made: 0,
            });
        };
        let inventories = serde_json::to_vec(&options.inventories).map_err(Failure::bug)?;
        let campaign = Campaign::of(args, scenario, Hash::of(&inventories));
        let (keeper, all) = Keeper::open(path, &campaign)?;
        Ok(Self {
            keeper: Some(keeper),
            all,
            made: 0,
        })
    }

    /// The seeds that were run under a policy.
    fn seeds(&self, beside: bool) -> BTreeSet<u64> {
        let its = self.all.iter().filter(|line| line.beside == beside);
        its.map(|line| line.run.summary.seed).collect()
    }

    fn keep(&mut self, beside: bool, run: Run) -> Result<(), Failure> {
        let line = kept::Line { beside, run };
        if let Some(keeper) = &mut self.keeper {
            keeper.keep(&line)?;
        }
        self.made += 1;
        self.all.push(line);
        Ok(())
    }

    /// Those that are asked for, by seed: of the policy itself, and of the one beside it.
    fn in_order(self, is_asked: impl Fn(&Run) -> bool) -> (Vec<Run>, Vec<Run>) {
        let mut asked = self.all;
        asked.retain(|line| is_asked(&line.run));
        kept::sorted(asked)
    }
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
    /// The first of all.
    first: u64,
    shard: ShardArg,
    /// What was run before.
    kept: BTreeSet<u64>,
    /// Nobody is to begin another.
    done: AtomicBool,
}

impl Line {
    fn take(&self) -> Option<u64> {
        if self.done.load(Ordering::Relaxed) {
            return None;
        }
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.find(|seed| self.shard.has(seed - self.first) && !self.kept.contains(seed))
    }
}

/// Runs what waits on so many threads, until told otherwise; each that ended is handed over.
fn work(
    (line, count): (&Line, u64),
    jobs: usize,
    run: impl Fn(u64) -> Outcome + Sync,
    mut ended: impl FnMut(Run) -> Result<(), Failure>,
    told_to_stop: impl Fn() -> bool,
) -> Result<(), Failure> {
    let bar = bar(count);
    bar.inc(line.kept.len() as u64);
    let (tell, told) = mpsc::channel();
    let mut failed = Ok(());
    thread::scope(|scope| {
        for _ in 0..jobs {
            let (tell, run) = (tell.clone(), &run);
            scope.spawn(move || {
                while let Some(seed) = line.take() {
                    if tell.send(Run::of(run(seed))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(tell);
        loop {
            if told_to_stop() || failed.is_err() {
                line.done.store(true, Ordering::Relaxed);
            }
            match told.recv_timeout(Duration::from_millis(200)) {
                Ok(run) => {
                    bar.inc(1);
                    // What can't be kept any more is told once, and nothing else is begun.
                    if failed.is_ok() {
                        failed = ended(run);
                    }
                }
                Err(mpsc::RecvTimeoutError::Timeout) => bar.tick(),
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
            }
        }
    });
    bar.finish_and_clear();
    failed
}

fn bar(seeds: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} seed {pos} of {len}  eta {eta}")
        .expect("the template is checked by every campaign");
    ProgressBar::with_draw_target(Some(seeds), progress_target()).with_style(style)
}

/// Every run with something wrong is said with what shows it again.
fn verdict<'a>(runs: impl Iterator<Item = (&'a Run, String)>) -> Result<(), Failure> {
    let (mut all, mut wrong) = (0_usize, Vec::new());
    for (run, again) in runs {
        all += 1;
        if !run.is_clean() {
            wrong.push(again);
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    let bad = wrong.len();
    let shown = wrong[..bad.min(LISTED)].join("\n");
    let what = format!("{bad} of {all} seeds broke an invariant or did not converge:\n{shown}");
    Err(Failure::new(Code::Bug, what))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(seeds: RangeInclusive<u64>, shard: &str, kept: &[u64]) -> Line {
        Line {
            first: *seeds.start(),
            waiting: Mutex::new(seeds),
            shard: shard.parse().unwrap(),
            kept: kept.iter().copied().collect(),
            done: AtomicBool::new(false),
        }
    }

    #[test]
    fn each_seed_is_taken_once_and_none_after_a_stop() {
        let line = line(u64::MAX - 2..=u64::MAX, "1/1", &[]);
        assert_eq!(line.take(), Some(u64::MAX - 2));
        assert_eq!(line.take(), Some(u64::MAX - 1));
        line.done.store(true, Ordering::Relaxed);
        assert_eq!(line.take(), None);
        line.done.store(false, Ordering::Relaxed);
        assert_eq!(line.take(), Some(u64::MAX));
        assert_eq!(line.take(), None);
    }

    #[test]
    fn shards_have_every_seed_once_and_none_is_run_that_is_kept() {
        let taken = |shard, kept: &[u64]| {
            let line = line(5..=12, shard, kept);
            core::iter::from_fn(|| line.take()).collect::<Vec<u64>>()
        };
        assert_eq!(taken("1/3", &[]), [5, 8, 11]);
        assert_eq!(taken("2/3", &[9]), [6, 12]);
        assert_eq!(taken("3/3", &[7, 10]), Vec::<u64>::new());
        let share = |shard: &str| shard.parse::<ShardArg>().unwrap().share(&(5..=12));
        assert_eq!([share("1/3"), share("2/3"), share("3/3")], [3, 3, 2]);
    }
}
