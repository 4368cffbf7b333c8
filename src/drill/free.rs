//! A free-running drill: bus, offices, world, director and screen side by side until the end.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use protocol::PartyId;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::{progress, stop_signal, tell_pages, virtual_lines};
use crate::cli::DrillArgs;
use crate::failure::Failure;
use crate::live::agreement::Reached;
use crate::live::director::{Boot, Director, Progress, Props};
use crate::live::shell::{Ask, Handle, Shell, Surroundings};
use crate::live::stage::{Stage, boot_seed};
use crate::live::time::Clocks;
use crate::live::world::LiveWorld;
use crate::screen;

pub(super) async fn freely(args: &DrillArgs, stage: &Arc<Stage>) -> Result<(), Failure> {
    let began = Instant::now();
    let stop = stop_signal()?;
    let clocks = Clocks::of_a_drill(began);
    stage.hand_out(&args.apart)?;
    let mut crew = Crew {
        offices: JoinSet::new(),
        stage: Arc::clone(stage),
        clocks: clocks.clone(),
    };
    let mut handles = BTreeMap::new();
    let here = |party: &&PartyId| !args.apart.contains(party);
    for party in stage.drill.cast().offices.keys().filter(here) {
        handles.insert(*party, crew.start(*party)?);
    }
    let (boots, mut booted) = mpsc::unbounded_channel();
    let (truth, truths) = mpsc::unbounded_channel();
    let (end_world, world_ended) = watch::channel(false);
    let world = tokio::spawn(LiveWorld::start(stage, clocks.clone(), truth)?.run(world_ended));
    let screen = if args.headless {
        None
    } else {
        Some(screen::open(stage, clocks.clone(), args.lang)?)
    };
    let props = Props {
        clocks,
        handles: handles.clone(),
        boots,
        truths,
        speed_permille: permille(args.speed),
        until: args.until,
        apart: args.apart.iter().copied().collect(),
        progress: if screen.is_some() {
            Progress::Silent
        } else {
            Progress::Lines(began)
        },
    };
    let mut director = Director::start(stage, props)?;
    let stop = match &screen {
        Some(screen) => screen.or_stopped(stop),
        None => stop,
    };
    let outcome = director.conduct(stop, &mut booted, &mut crew).await;
    let _ = end_world.send(true);
    world.await.map_err(Failure::bug)??;
    for handle in director.handles() {
        handle.ask(Ask::End);
    }
    while let Some(office) = crew.offices.join_next().await {
        office.map_err(Failure::bug)??;
    }
    if let Some(screen) = screen {
        screen.close().await?;
    }
    conclude(args, stage, director, outcome?).await
}

/// Says how the drill went and writes its report.
async fn conclude(
    args: &DrillArgs,
    stage: &Arc<Stage>,
    mut director: Director,
    ended: crate::live::director::Ended,
) -> Result<(), Failure> {
    let reached = Reached::of(&director.happened);
    let judged = director.judged(ended.at);
    let recording = director.close().await?;
    for line in judged {
        progress(&line);
    }
    if !ended.stopped {
        agree(args, stage, &reached, ended.at).await?;
    }
    tell_pages(&recording, &stage.folder, args.lang)?;
    if !ended.converged {
        return Err(Failure::bug(
            "the offices did not hold the same after a minute; see the report",
        ));
    }
    Ok(())
}

/// Offices of one process, and how to start one.
pub(crate) struct Crew {
    offices: JoinSet<Result<(), Failure>>,
    stage: Arc<Stage>,
    clocks: Clocks,
}

impl Crew {
    /// Starts an office, for the first time or again.
    pub(crate) fn start(&mut self, party: PartyId) -> Result<Handle, Failure> {
        let stage = &self.stage;
        let office = stage
            .drill
            .live_office(party)
            .ok_or_else(|| Failure::bug(format!("{party} is not of the cast")))?;
        let around = Surroundings {
            bus: stage.bus.clone(),
            decoder: Arc::clone(&stage.decoder),
            clocks: self.clocks.clone(),
            tap: None,
        };
        let file = stage.journal(party);
        let first = &stage.drill.cast().roster_log;
        let (handle, shell) = Shell::start(office, (&file, first), around, boot_seed()?)?;
        self.offices.spawn(shell.run());
        Ok(handle)
    }
}

impl Director {
    /// Runs the drill, starting offices again when their crash is over.
    async fn conduct(
        &mut self,
        stop: watch::Receiver<bool>,
        booted: &mut mpsc::UnboundedReceiver<Boot>,
        crew: &mut Crew,
    ) -> Result<crate::live::director::Ended, Failure> {
        self.run(stop, |director| {
            while let Ok(Boot::Again(party)) = booted.try_recv() {
                director.replace(crew.start(party)?);
            }
            Ok(())
        })
        .await
    }
}

async fn agree(
    args: &DrillArgs,
    stage: &Arc<Stage>,
    reached: &Reached,
    until: protocol::Moment,
) -> Result<(), Failure> {
    let (outcome, lines) = virtual_lines(args, stage).await?;
    let other = Reached::of_lines(&lines, until);
    let agreement = reached.agreement(&other);
    let percent = |part: usize| part * 100 / agreement.incidents.max(1);
    progress(&format!(
        "agreement with virtual time (seed {}): of {} incidents {}% were reached by exactly the same units, {}% met the same fate",
        outcome.summary.seed,
        agreement.incidents,
        percent(agreement.same_units),
        percent(agreement.same_fate),
    ));
    Ok(())
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a speed is 0.1 to 100000"
)]
fn permille(speed: f64) -> u64 {
    (speed * 1_000.0).round() as u64
}
