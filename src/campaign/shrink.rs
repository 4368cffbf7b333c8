//! A seed that failed, with as few faults as still make it fail, as a scenario file of its own.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use protocol::Mode;
use region::Region;
use simulator::scenario::PlannedFault;
use simulator::{Chaos, Scenario, SimulateOptions, fewest, played, simulate};

use crate::cli::{BrokersArg, SimulateArgs};
use crate::simulate::replay;
use crate::whole;

/// Shrinks the storm of a seed that failed and writes what is left beside the scenario, whose tracks
/// and places it names by the same paths. Says what it does and what came of it.
///
/// Each step is a run; a storm of thirty faults takes some sixty.
pub(crate) fn shrink(
    args: &SimulateArgs,
    of: (&Scenario, &Arc<Region>),
    options: &SimulateOptions,
    seed: u64,
) {
    if options.chaos != Chaos::Storm {
        return;
    }
    let (scenario, region) = of;
    let played = played(scenario, region, options, seed);
    let storm = &played.faults.faults[scenario.faults.faults.len()..];
    let all = storm.len();
    say(&format!(
        "seed {seed} failed under {all} faults; leaving out what it fails without …"
    ));
    let options = SimulateOptions {
        seed: Some(seed),
        chaos: Chaos::AsWritten,
        brokers: Some(played.brokers.clone()),
        ..options.clone()
    };
    let left = fewest(storm, |part| fails(of, &options, part));
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
    let head =
        format!("# Of the {all} faults of storm {seed}, {count} suffice; see it again:\n# {again}");
    let path = written.scenario.display();
    let file = whole::text(&args.scenario, whole::WRITTEN_BYTES).and_then(|text| {
        let whole = format!("{}\n\n{head}\n\n{tables}", text.trim_end());
        fs::write(&written.scenario, whole)
    });
    match file {
        Ok(()) => say(&format!(
            "{count} of {all} suffice, written to {path}: {again}"
        )),
        Err(error) => say(&format!(
            "{count} of {all} suffice; {path} cannot be written ({error}), so here they are\n{tables}"
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

fn fails(
    (scenario, region): (&Scenario, &Arc<Region>),
    options: &SimulateOptions,
    storm: &[PlannedFault],
) -> bool {
    let mut scenario = scenario.clone();
    scenario.faults.faults.extend_from_slice(storm);
    !simulate(&scenario, region, options, |_| {}).is_clean()
}

/// `chaos-6h.toml` becomes `chaos-6h.seed-7.toml`.
fn beside(args: &SimulateArgs, seed: u64) -> PathBuf {
    args.scenario.with_extension(format!("seed-{seed}.toml"))
}
