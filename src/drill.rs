//! The verb `drill`: a live drill on a real bus, with dashboard or progress lines, ending in a report.

mod free;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use protocol::{Civil, Mode};
use region::Region;
use simulator::{Recording, Scenario, SimulateOptions};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::cli::{DrillArgs, GuestArgs, Lang};
use crate::failure::{Code, Failure};
use crate::files;
use crate::live::director::{SAY, waiting_for_bus};
use crate::live::guests::Guests;
use crate::live::lockstep::LockStep;
use crate::live::stage::{Setting, Stage};
use crate::live::stepper::Stepper;
use crate::outcome;
use crate::stop::Stop;

/// A line about a drill on standard error, marked as one.
pub(crate) fn progress(line: &str) {
    // A closed standard error is no reason to end a drill.
    drop(writeln!(
        std::io::stderr(),
        "{}",
        Mode::Exercise.marked(line)
    ));
}

/// The verb without a verb: the first-look drill.
pub(crate) fn first_look() -> Result<(), Failure> {
    let args = DrillArgs {
        scenario: PathBuf::from("scenarios/prd/first-look.toml"),
        speed: 60.0,
        seed: None,
        until: None,
        out: None,
        lockstep: false,
        brokers: None,
        bus: None,
        port: 0,
        headless: !std::io::stdout().is_terminal(),
        apart: Vec::new(),
        guests: GuestArgs::none(),
        inventory: Vec::new(),
        lang: None,
    };
    run(&args, files::built_in_scenario("first-look")?)
}

/// The verb `drill`.
pub(crate) fn drill(args: &DrillArgs) -> Result<(), Failure> {
    let read = files::scenario(&args.scenario)?;
    run(args, read)
}

fn run(args: &DrillArgs, (mut scenario, region): (Scenario, Arc<Region>)) -> Result<(), Failure> {
    if let Some(brokers) = args.brokers {
        scenario.brokers = brokers.over(&scenario);
    }
    files::ends_within(args.until, &scenario)?;
    let folder = args.out.clone().unwrap_or_else(|| new_folder(&scenario.id));
    let setting = Setting {
        seed: args.seed.unwrap_or(scenario.seed),
        inventories: files::inventories(&args.inventory, &region)?,
        scenario,
        region,
        folder,
        bus: args.bus.as_deref().map(str::parse).transpose()?,
        port: args.port,
        guests: Guests::draw(&args.guests)?,
    };
    let stage = Arc::new(Stage::set(setting)?);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| {
            Failure::new(Code::TryLater, format!("no threads for the drill: {error}"))
        })?;
    let outcome = runtime.block_on(async {
        if args.lockstep {
            in_lock_step(args, &stage).await
        } else {
            free::freely(args, &stage).await
        }
    });
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    outcome
}

/// `run/quiet-day-3` if that is the first number that is free.
fn new_folder(scenario: &str) -> PathBuf {
    let runs = Path::new("run");
    // Nobody keeps a million runs of one drill in one folder.
    (1..1_000_000)
        .map(|number: u32| runs.join(format!("{scenario}-{number}")))
        .find(|folder| !folder.exists())
        .unwrap_or_else(|| runs.join(scenario))
}

async fn in_lock_step(args: &DrillArgs, stage: &Arc<Stage>) -> Result<(), Failure> {
    let stop = Stop::listen()?;
    let mut offices = JoinSet::new();
    let mut ends = Vec::new();
    for party in stage.drill.cast().offices.keys() {
        let mut stepper = Stepper::start(stage, *party)?;
        meet(&mut stepper, stage).await?;
        let (end, ended) = oneshot::channel();
        ends.push(end);
        offices.spawn(stepper.run(ended));
    }
    let drain = SimulateOptions::default().drain;
    let began = Instant::now();
    let director = LockStep::start(stage, args.until, drain)?;
    let ended = director.run(stop.told(), progress).await;
    drop(ends);
    while let Some(office) = offices.join_next().await {
        office.map_err(Failure::bug)??;
    }
    let ended = ended?;
    progress(&format!("lock-step digest    {}", ended.digest));
    if !ended.stopped {
        let (outcome, _) = virtual_lines(args, stage).await?;
        let virtual_digest = outcome.summary.digest;
        progress(&format!("virtual-time digest {virtual_digest}"));
        if virtual_digest != ended.digest {
            return Err(Failure::bug(
                "the lock-step drill decided otherwise than virtual time",
            ));
        }
        progress("the live bus decided exactly what virtual time decides");
    }
    progress(&format!(
        "{:.1} s wall, drill time {}",
        began.elapsed().as_secs_f64(),
        Civil::at(ended.at, stage.drill.scenario().offset_min).clock()
    ));
    for line in pages(&ended.recording, stage.folder.path(), args.lang)? {
        progress(&line);
    }
    if ended.stopped {
        stop.verdict("the drill")
    } else {
        Ok(())
    }
}

/// Waits for the bus to take an office in, and says so while it does not.
async fn meet(stepper: &mut Stepper, stage: &Stage) -> Result<(), Failure> {
    let began = tokio::time::Instant::now();
    let mut say = tokio::time::interval_at(began + SAY, SAY);
    let mut up = pin!(stepper.come_up());
    loop {
        tokio::select! {
            up = &mut up => return up,
            now = say.tick() => {
                progress(&waiting_for_bus(stage.buses.first(), now - began)?);
            }
        }
    }
}

/// The same scenario and seed in virtual time, with the lines of its recording.
async fn virtual_lines(
    args: &DrillArgs,
    stage: &Arc<Stage>,
) -> Result<(simulator::Outcome, Vec<String>), Failure> {
    let scenario = stage.drill.scenario().clone();
    let region = Arc::clone(&stage.region);
    let options = SimulateOptions {
        seed: Some(stage.drill.seed()),
        until: args.until.map(|until| scenario.start + until),
        recording: Recording::On,
        inventories: files::inventories(&args.inventory, &region)?,
        ..SimulateOptions::default()
    };
    tokio::task::spawn_blocking(move || {
        let mut lines = Vec::new();
        let outcome = simulator::simulate(&scenario, &region, &options, |progress| {
            // Only what truly happened is compared; frames would fill the memory.
            lines.extend(
                progress
                    .lines
                    .into_iter()
                    .filter(|line| line.starts_with("{\"type\":\"truth\"")),
            );
        });
        (outcome, lines)
    })
    .await
    .map_err(Failure::bug)
}

/// Writes the account of a run; a line for each file.
fn pages(recording: &Path, folder: &Path, lang: Option<Lang>) -> Result<Vec<String>, Failure> {
    let account = outcome::account(recording, folder, lang.unwrap_or(Lang::Zh))?;
    let pages = account.pages.iter();
    Ok(pages
        .map(|page| format!("wrote {}", page.display()))
        .collect())
}
