//! A seed that failed, with as few faults as still make it fail in the same way, as a scenario file of
//! its own. Another invariant that breaks on the way is another bug, with faults of its own.

use std::fmt;
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use protocol::Mode;
use region::Region;
use simulator::scenario::PlannedFault;
use simulator::{Chaos, Outcome, Scenario, SimulateOptions, Violation, fewest, played, simulate};

use super::run::Run;
use crate::cli::{BrokersArg, SimulateArgs};
use crate::failure::Failure;
use crate::simulate::replay;
use crate::stop::{self, Stop};
use crate::whole;

/// What went wrong first in a run, which fewer faults must show too.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Wrong {
    /// This invariant was broken.
    Broken(String),
    /// The offices did not come to hold the same.
    Apart,
}

impl Wrong {
    fn first(broken: Option<&str>, converged: bool) -> Option<Self> {
        let broken = broken.map(|invariant| Self::Broken(invariant.to_owned()));
        broken.or_else(|| (!converged).then_some(Self::Apart))
    }

    fn shows(&self, violations: &[Violation], converged: bool) -> bool {
        match self {
            Self::Broken(invariant) => violations.iter().any(|it| it.invariant == invariant),
            Self::Apart => !converged,
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(invariant) => f.write_str(invariant),
            Self::Apart => f.write_str("no convergence"),
        }
    }
}

/// Shrinks the storm of a run that stood alone, which Ctrl-C ends in order.
pub(crate) fn shrink_alone(
    args: &SimulateArgs,
    of: (&Scenario, &Arc<Region>),
    options: &SimulateOptions,
    outcome: Outcome,
) -> Result<(), Failure> {
    let runtime = stop::runtime()?;
    let told = runtime.block_on(async { Stop::listen() })?.told();
    shrink(args, of, options, &Run::of(outcome), || *told.borrow());
    Ok(())
}

/// Shrinks the storm of a seed that failed and writes what is left beside the scenario, whose tracks
/// and places it names by the same paths. Says what it does and what came of it.
///
/// Each step is a run; a storm of thirty faults takes some sixty. Once told to stop it begins no other,
/// and what is left by then is told.
pub(crate) fn shrink(
    args: &SimulateArgs,
    of: (&Scenario, &Arc<Region>),
    options: &SimulateOptions,
    failed: &Run,
    told_to_stop: impl Fn() -> bool,
) {
    let broken = failed.violations.first().map(|it| it.invariant.as_str());
    let Some(wrong) = Wrong::first(broken, failed.summary.converged) else {
        return;
    };
    if options.chaos != Chaos::Storm {
        return;
    }
    let seed = failed.summary.seed;
    let (scenario, region) = of;
    let played = played(scenario, region, options, seed);
    let storm = &played.faults.faults[scenario.faults.faults.len()..];
    let all = storm.len();
    say(&format!(
        "seed {seed} failed under {all} faults ({wrong}); leaving out what it fails without …"
    ));
    let options = SimulateOptions {
        seed: Some(seed),
        chaos: Chaos::AsWritten,
        brokers: Some(played.brokers.clone()),
        ..options.clone()
    };
    let left = smallest(storm, &told_to_stop, |part| {
        let outcome = run(of, &options, part);
        wrong.shows(&outcome.violations, outcome.summary.converged)
    });
    let so_far = if told_to_stop() {
        " so far, for it was stopped"
    } else {
        ""
    };
    if left.is_empty() {
        say("it fails without any of them; see it again without --chaos");
        return;
    }
    let tables = left.iter().map(|fault| fault.to_toml(scenario.start));
    let tables = tables.collect::<Vec<String>>().join("\n");
    let written = SimulateArgs {
        scenario: beside(args, seed),
        chaos: false,
        brokers: Some(BrokersArg::of(&played.brokers)),
        ..args.clone()
    };
    let count = left.len();
    let again = replay(&written, seed);
    let head = format!(
        "# Of the {all} faults of storm {seed}, {count} suffice{so_far} ({wrong}); see it again:\n# {again}"
    );
    let path = written.scenario.display();
    let file = whole::text(&args.scenario, whole::WRITTEN_BYTES).and_then(|text| {
        let whole = format!("{}\n\n{head}\n\n{tables}", text.trim_end());
        fs::write(&written.scenario, whole)
    });
    match file {
        Ok(()) => say(&format!(
            "{count} of {all} suffice{so_far}, written to {path}: {again}"
        )),
        Err(error) => say(&format!(
            "{count} of {all} suffice{so_far}; {path} cannot be written ({error}), so here they are\n{tables}"
        )),
    }
}

fn say(line: &str) {
    // Nobody is left to tell if standard error is gone.
    drop(writeln!(
        std::io::stderr(),
        "{}",
        Mode::Exercise.marked(line)
    ));
}

/// What of a list is left when nothing can be left out, or nobody is to try any more.
fn smallest<T: Clone>(
    all: &[T],
    told_to_stop: impl Fn() -> bool,
    mut fails: impl FnMut(&[T]) -> bool,
) -> Vec<T> {
    fewest(all, |part| !told_to_stop() && fails(part))
}

fn run(
    (scenario, region): (&Scenario, &Arc<Region>),
    options: &SimulateOptions,
    storm: &[PlannedFault],
) -> Outcome {
    let mut scenario = scenario.clone();
    scenario.faults.faults.extend_from_slice(storm);
    simulate(&scenario, region, options, |_| {})
}

/// `chaos-6h.toml` becomes `chaos-6h.seed-7.toml`.
fn beside(args: &SimulateArgs, seed: u64) -> PathBuf {
    args.scenario.with_extension(format!("seed-{seed}.toml"))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use protocol::Moment;

    use super::*;

    fn found(invariants: &[&'static str]) -> Vec<Violation> {
        let violation = |invariant: &&'static str| Violation {
            at: Moment(0),
            invariant,
            text: String::new(),
        };
        invariants.iter().map(violation).collect()
    }

    #[test]
    fn a_list_of_faults_is_kept_only_if_what_went_wrong_first_still_does() {
        let wrong = Wrong::first(Some("I2"), false).unwrap();
        assert_eq!(wrong, Wrong::Broken("I2".to_owned()));
        assert!(wrong.shows(&found(&["L1", "I2"]), true));
        assert!(!wrong.shows(&found(&["J9"]), false), "another bug");
        let apart = Wrong::first(None, false).unwrap();
        assert!(apart.shows(&found(&["I2"]), false));
        assert!(!apart.shows(&found(&["I2"]), true), "another bug");
        assert_eq!(Wrong::first(None, true), None);
        // Without the sixth fault I2 holds, and without the second something else breaks.
        let breaks = |part: &[u32]| {
            let is_in = |it| part.contains(&it);
            found(match (is_in(2), is_in(6)) {
                (true, true) => &["I2"],
                (false, true) => &["J9"],
                _ => &[],
            })
        };
        let all: Vec<u32> = (0..8).collect();
        let left = smallest(&all, || false, |part| wrong.shows(&breaks(part), true));
        assert_eq!(left, [2, 6]);
    }

    #[test]
    fn whoever_stops_it_gets_the_smallest_list_so_far_after_no_other_run() {
        let runs = Cell::new(0);
        let left = smallest(
            &[1, 2, 3, 4, 5, 6, 7, 8],
            || runs.get() == 2,
            |part| {
                runs.set(runs.get() + 1);
                part.contains(&7)
            },
        );
        assert_eq!((runs.get(), left), (2, vec![5, 6, 7, 8]));
    }
}
