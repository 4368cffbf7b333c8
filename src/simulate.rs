//! The verb `simulate`: a drill in virtual time.

use std::fmt;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use protocol::{Civil, Graded, Mode, Suite};
use region::Region;
use serde::Deserialize;
use serde_json::{Value, json};
use simulator::{Chaos, Outcome, Progress, Recording, Scenario, SimulateOptions};

use crate::campaign;
use crate::cli::{Lang, Output, SimulateArgs};
use crate::failure::{Code, Failure};
use crate::files;
use crate::grades;
use crate::outcome::{self, RecordingFile};
use crate::print;

/// The key of an account under which its runs stand, one by one.
pub(crate) const RUNS: &str = "runs";

/// The key under which it says how its objectives were reached.
const OBJECTIVES: &str = "objectives";

/// Runs the scenario and prints how it went.
pub(crate) fn simulate(args: &SimulateArgs) -> Result<(), Failure> {
    if let (Some(vary), Some(seeds)) = (&args.vary, &args.seeds) {
        return campaign::sweep(args, vary, seeds);
    }
    let (scenario, region) = files::scenario(&args.scenario)?;
    // Nothing that can be refused comes after the recording, or it would bar the next attempt.
    let options = options(args, &scenario, &region)?;
    let mut recording = args.out.as_deref().map(RecordingFile::begin).transpose()?;
    if let Some(seeds) = &args.seeds {
        return campaign::campaign(args, seeds, (&scenario, &region), &options);
    }
    let bar = bar(scenario.duration.whole_seconds());
    let began = Instant::now();
    let mut failed = None;
    let result = simulator::simulate(&scenario, &region, &options, |progress| {
        show(&bar, &progress, scenario.offset_min);
        if let Some(file) = &mut recording
            && let Err(failure) = file.write(&progress.lines)
        {
            failed.get_or_insert(failure);
        }
    });
    let wall = began.elapsed();
    bar.finish_and_clear();
    if let Some(failure) = failed {
        return Err(failure);
    }
    if let (Some(file), Some(folder)) = (recording, &args.out) {
        let path = file.end()?;
        outcome::account(&path, folder, Lang::Zh)?;
    }
    let summary = serde_json::to_value(&result.summary).map_err(Failure::bug)?;
    print(summary, result.summary.simulated_s, wall, args.output)?;
    if !result.is_clean() {
        let options = SimulateOptions {
            recording: Recording::Off,
            ..options
        };
        campaign::shrink::shrink_alone(args, (&scenario, &region), &options, result.clone())?;
    }
    verdict(args, &result)
}

/// How a scenario is run.
pub(crate) fn options(
    args: &SimulateArgs,
    scenario: &Scenario,
    region: &Region,
) -> Result<SimulateOptions, Failure> {
    files::ends_within(args.until, scenario)?;
    Ok(SimulateOptions {
        seed: args.seed,
        suite: if args.ed25519 {
            Suite::Ed25519
        } else {
            Suite::Virtual
        },
        until: args.until.map(|until| scenario.start + until),
        recording: if args.out.is_some() {
            Recording::On
        } else {
            Recording::Off
        },
        version: env!("CARGO_PKG_VERSION").to_owned(),
        inventories: files::inventories(&args.inventory, region)?,
        chaos: if args.chaos {
            Chaos::Storm
        } else {
            Chaos::AsWritten
        },
        brokers: args.brokers.map(|brokers| brokers.over(scenario)),
        policy: args.policy,
        foresight: args.foresight,
        ..SimulateOptions::default()
    })
}

fn bar(seconds: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {msg}  eta {eta}")
        .expect("the template is checked by every run");
    ProgressBar::with_draw_target(Some(seconds), progress_target()).with_style(style)
}

/// Where progress is shown: on a terminal, five times a second.
pub(crate) fn progress_target() -> ProgressDrawTarget {
    if std::io::stderr().is_terminal() {
        ProgressDrawTarget::stderr_with_hz(5)
    } else {
        ProgressDrawTarget::hidden()
    }
}

fn show(bar: &ProgressBar, progress: &Progress, offset_min: i16) {
    bar.set_position(progress.at.since(progress.start).whole_seconds());
    bar.set_message(Mode::Exercise.marked(&format!(
        "{}  {} incidents, {} served",
        Civil::at(progress.at, offset_min).clock(),
        progress.incidents,
        progress.served
    )));
}

/// Prints an account with what it took: wall time, simulated hours a wall second, peak memory.
pub(crate) fn print(
    mut account: Value,
    simulated_s: u64,
    wall: Duration,
    output: Output,
) -> Result<(), Failure> {
    let wall_s = wall.as_secs_f64().max(0.001);
    let per_second = Duration::from_secs(simulated_s).as_secs_f64() / 3_600.0 / wall_s;
    account["wall_s"] = json!(rounded(wall_s, 1_000.0));
    account["hours_per_wall_s"] = json!(rounded(per_second, 100.0));
    if let Some(bytes) = peak_memory() {
        account["peak_mb"] = json!(bytes / 1_000_000);
    }
    print_account(&account, output)
}

/// Prints an account.
pub(crate) fn print_account(account: &Value, output: Output) -> Result<(), Failure> {
    let text = match output {
        Output::Json => serde_json::to_string_pretty(account).map_err(Failure::bug)?,
        Output::Text => {
            // The runs of a campaign, each an account of its own, are for machines.
            let fields = account.as_object().into_iter().flatten();
            let fields = fields.filter(|(key, _)| ![RUNS, OBJECTIVES].contains(&key.as_str()));
            let lines = fields.map(|(key, value)| format!("{key:<22} {value}"));
            let graded = Vec::<Graded>::deserialize(&account[OBJECTIVES]).unwrap_or_default();
            let lines = lines.chain(grades::lines(&graded));
            let lines: Vec<String> = lines.map(|it| Mode::Exercise.marked(&it)).collect();
            lines.join("\n")
        }
    };
    print::line(text)
}

pub(crate) fn rounded(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}

/// The most memory that this process has held at once, in bytes; `None` where the system does not
/// say, as only Linux does.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1_024)
}

/// Anything wrong is said with the one command that shows it again.
fn verdict(args: &SimulateArgs, result: &Outcome) -> Result<(), Failure> {
    if result.is_clean() {
        return Ok(());
    }
    let mut lines: Vec<String> = result
        .violations
        .iter()
        .take(10)
        .map(|it| format!("{} {}", it.invariant, it.text))
        .collect();
    if !result.summary.converged {
        lines.push("the offices did not converge:".to_owned());
        lines.extend(result.apart.iter().cloned());
    }
    let again = replay(args, result.summary.seed);
    lines.push(format!("see it again: {again}"));
    Err(Failure::new(Code::Bug, lines.join("\n")))
}

/// The command that runs a seed again under the same circumstances.
pub(crate) fn replay(args: &SimulateArgs, seed: impl fmt::Display) -> String {
    let mut words = vec![
        format!("liandong simulate {}", args.scenario.display()),
        format!("--seed {seed}"),
    ];
    if args.chaos {
        words.push("--chaos".to_owned());
    }
    if let Some(brokers) = args.brokers {
        words.push(format!("--brokers {}", brokers.word()));
    }
    if let Some(policy) = args.policy {
        words.push(format!("--policy {policy}"));
    }
    if let Some(until) = args.until {
        words.push(format!("--until {}s", until.whole_seconds()));
    }
    if args.ed25519 {
        words.push("--ed25519".to_owned());
    }
    let inventories = args.inventory.iter();
    words.extend(inventories.map(|inventory| format!("--inventory {inventory}")));
    words.join(" ")
}
