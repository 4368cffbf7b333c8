//! Runs a scenario in a storm of faults under one seed after another until something is broken:
//! `hunt SCENARIO FIRST COUNT`.
//!
//! For `.ci/sabotage`, which builds it from a tree with a planted bug. It prints one line, names every
//! invariant that is broken by the end of that simulated minute, and ends with 0 if all seeds were
//! clean, 3 if one was not. How long it may take is its caller's business.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::process::exit;
use std::{env, fs, io};

use simulator::{Chaos, Scenario, SimulateOptions, Violation, simulate};

/// A run was not clean.
const CAUGHT: i32 = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [path, first, count] = arguments.as_slice() else {
        return Err("usage: hunt SCENARIO FIRST COUNT".into());
    };
    let (first, count): (u64, u64) = (first.parse()?, count.parse()?);
    let beside = Path::new(path).parent().unwrap_or_else(|| Path::new("."));
    let load = |file: &str| fs::read_to_string(beside.join(file)).ok();
    let text = fs::read_to_string(path)?;
    let (scenario, region) =
        Scenario::parse(path, &text, &load).map_err(|faults| faults.to_string())?;
    for seed in (first..).zip(0..count).map(|(seed, _)| seed) {
        let options = SimulateOptions {
            seed: Some(seed),
            chaos: Chaos::Storm,
            ..SimulateOptions::default()
        };
        // A planted bug may also keep a run from ending.
        let outcome = simulate(&scenario, &region, &options, |progress| {
            if !progress.violations.is_empty() {
                let said = say(&told(seed, &progress.violations, true));
                exit(said.map_or(1, |()| CAUGHT));
            }
        });
        if !outcome.is_clean() {
            let converged = outcome.summary.converged;
            say(&told(seed, &outcome.violations, converged))?;
            exit(CAUGHT);
        }
    }
    say(&format!("clean seeds={count}"))?;
    Ok(())
}

/// What was wrong with a run: its invariants, each with how often it was broken among the violations
/// that are kept in words, and the first of those.
fn told(seed: u64, violations: &[Violation], converged: bool) -> String {
    let mut broken: BTreeMap<&str, usize> = BTreeMap::new();
    for violation in violations {
        *broken.entry(violation.invariant).or_default() += 1;
    }
    if !converged {
        broken.insert("convergence", 1);
    }
    let broken: Vec<String> = broken
        .iter()
        .map(|(invariant, times)| format!("{invariant}x{times}"))
        .collect();
    let first = violations.first();
    let first = first.map_or("the offices hold different logs in the end", |it| &it.text);
    format!(
        "caught seed={seed} broken={} first={first}",
        broken.join(",")
    )
}

fn say(line: &str) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{line}")
}
