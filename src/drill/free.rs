//! A free-running drill: bus, offices, world, director and screen side by side until the end.

use std::sync::Arc;
use std::time::Instant;

use protocol::PartyId;
use simulator::scenario::Disk;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::{pages, progress, virtual_lines};
use crate::cli::DrillArgs;
use crate::failure::{Code, Failure};
use crate::files;
use crate::grades;
use crate::live::agreement::{Agreement, Reached};
use crate::live::director::{Boot, CONVERGE, Director, Ended, Progress, Props, left_out};
use crate::live::ending::{self, Ending, OUTCOME};
use crate::live::hop::SharedHops;
use crate::live::loss::Holdings;
use crate::live::shell::{Ask, Handle, Shell, Surroundings};
use crate::live::stage::{Stage, boot_seed};
use crate::live::time::Clocks;
use crate::live::world::LiveWorld;
use crate::screen::{self, Screen};
use crate::stop::Stop;

pub(super) async fn freely(args: &DrillArgs, stage: &Arc<Stage>) -> Result<(), Failure> {
    let began = Instant::now();
    let signals = Stop::listen()?;
    let clocks = Clocks::of_a_drill(began);
    let elsewhere = hand_out(args, stage)?;
    let mut crew = Crew {
        offices: JoinSet::new(),
        stage: Arc::clone(stage),
        clocks: clocks.clone(),
        hops: SharedHops::default(),
    };
    let all = stage.drill.cast().offices.keys().copied();
    let offices: Vec<PartyId> = all.filter(|party| !elsewhere.contains(party)).collect();
    let (boots, mut booted) = mpsc::unbounded_channel();
    let (see, seen) = mpsc::unbounded_channel();
    let (end_world, world_ended) = watch::channel(false);
    let world = tokio::spawn(LiveWorld::start(stage, clocks.clone(), see)?.run(world_ended));
    let mut screen = if args.headless {
        None
    } else {
        Some(screen::open(stage, clocks.clone(), args.lang)?)
    };
    let props = Props {
        clocks,
        boots,
        seen,
        speed_permille: permille(args.speed),
        hops: crew.hops.clone(),
        until: args.until,
        apart: args.apart.iter().copied().collect(),
        guests: args.guests.guest.iter().copied().collect(),
        progress: if screen.is_some() {
            Progress::Silent
        } else {
            Progress::Lines(began)
        },
    };
    let mut director = Director::start(stage, props)?;
    let stop = match &screen {
        Some(screen) => screen.or_stopped(signals.told()),
        None => signals.told(),
    };
    let outcome = director
        .conduct(stop, &mut booted, (&mut crew, &offices))
        .await;
    let is_whole = outcome.as_ref().is_ok_and(|ended| !ended.stopped);
    if let Some(screen) = screen.as_mut().filter(|_| is_whole) {
        screen.stand();
    }
    let _ = end_world.send(true);
    world.await.map_err(Failure::bug)??;
    for handle in director.handles() {
        handle.ask(Ask::End);
    }
    while let Some(office) = crew.offices.join_next().await {
        office.map_err(Failure::bug)??;
    }
    let ended = (outcome, &*offices);
    let ending = finish(args, &crew, director, ended, screen).await?;
    verdict(&ending, &signals)
}

/// Hands out what people and offices elsewhere need; those offices.
fn hand_out(args: &DrillArgs, stage: &Stage) -> Result<Vec<PartyId>, Failure> {
    stage.hand_out(&args.apart)?;
    for (guest, folder) in stage.invite()? {
        progress(&format!("office {guest} is invited: {}", folder.display()));
    }
    let elsewhere: Vec<PartyId> = [&args.apart[..], &args.guests.guest].concat();
    for line in left_out(stage.drill.scenario(), &elsewhere) {
        progress(&line);
    }
    Ok(elsewhere)
}

/// Concludes a drill; while its screen stands, it says how the drill went only once that is left.
async fn finish(
    args: &DrillArgs,
    crew: &Crew,
    director: Director,
    ended: (Result<Ended, Failure>, &[PartyId]),
    screen: Option<Screen>,
) -> Result<Ending, Failure> {
    match screen {
        Some(screen) if screen.stands() => {
            let mut lines = Lines::Later(Vec::new());
            let ending = conclude(args, crew, director, ended, &mut lines).await;
            screen.left().await;
            let closed = screen.close().await;
            lines.let_go();
            closed?;
            ending
        }
        screen => {
            if let Some(screen) = screen {
                screen.close().await?;
            }
            conclude(args, crew, director, ended, &mut Lines::Now).await
        }
    }
}

/// Where the lines about how a drill went go.
enum Lines {
    /// To standard error at once.
    Now,
    /// There too, once nothing is on the screen that they would tear.
    Later(Vec<String>),
}

impl Lines {
    fn say(&mut self, line: String) {
        match self {
            Self::Now => progress(&line),
            Self::Later(kept) => kept.push(line),
        }
    }

    fn let_go(&mut self) {
        if let Self::Later(kept) = std::mem::replace(self, Self::Now) {
            for line in kept {
                progress(&line);
            }
        }
    }
}

/// Says how the drill went and writes its outcome and its report.
async fn conclude(
    args: &DrillArgs,
    crew: &Crew,
    mut director: Director,
    (ended, offices): (Result<Ended, Failure>, &[PartyId]),
    told: &mut Lines,
) -> Result<Ending, Failure> {
    let stage = &crew.stage;
    let (ended, holdings) = (ended?, Holdings::read(stage, offices)?);
    let reached = Reached::of(&director.happened);
    let lacks = holdings.lacks();
    let mut lines = director.judged(ended.at);
    let tally = director.judge.tally();
    let (injects, objectives) = (tally.injects(ended.at), tally.graded().to_vec());
    lines.extend(grades::told(injects, &objectives));
    lines.extend(director.refusals.told());
    let refused = director.refusals.counts().clone();
    let violations = director.judge.violations().len();
    let recording = director.close().await?;
    let hops = crew.hops.times();
    lines.extend(ended.slowed.map(ending::tell_pace));
    lines.extend(ending::tell_faults(&ended.spoiled));
    lines.extend(hops.as_ref().map(ending::tell_hops));
    lines.extend(ending::tell_holdings(&holdings, &lacks));
    for line in lines {
        told.say(line);
    }
    let agreement = if ended.stopped {
        None
    } else {
        Some(agree(args, stage, (&reached, ended.at), told).await?)
    };
    let scenario = stage.drill.scenario();
    let ending = Ending {
        scenario: scenario.id.clone(),
        seed: stage.drill.seed(),
        drill_s: ended.at.since(scenario.start).whole_seconds(),
        stopped: ended.stopped,
        bus_away: ended.bus_away,
        converged: ended.converged,
        entries: holdings.entries(),
        lost: ending::total(&lacks),
        violations,
        refused,
        faults_on_lines: ended.spoiled,
        injects,
        objectives,
        hop_ms: hops,
        agreement,
    };
    told.say(write(&ending, stage)?);
    for line in pages(&recording, stage.folder.path(), args.lang)? {
        told.say(line);
    }
    Ok(ending)
}

fn write(ending: &Ending, stage: &Stage) -> Result<String, Failure> {
    let path = stage.folder.path().join(OUTCOME);
    let json = serde_json::to_string_pretty(ending).map_err(Failure::bug)?;
    files::write(&path, &json)?;
    Ok(format!("wrote {}", path.display()))
}

/// Whether the drill kept what it promises, however it went, and whether a signal ended it.
fn verdict(ending: &Ending, signals: &Stop) -> Result<(), Failure> {
    if ending.bus_away {
        let what = "the bus was gone at the end; start it and run the drill again";
        return Err(Failure::new(Code::Unavailable, what));
    }
    if !ending.converged {
        let waited = CONVERGE.as_secs();
        let what = format!("the offices did not hold the same after {waited} s; see the report");
        return Err(Failure::bug(what));
    }
    if ending.violations > 0 {
        let count = ending.violations;
        let what = format!("{count} times something was that must never be; see VIOLATED above");
        return Err(Failure::bug(what));
    }
    if ending.lost > 0 {
        let what = format!("{} entries were lost; see the lines above", ending.lost);
        return Err(Failure::bug(what));
    }
    if ending.stopped {
        return signals.verdict("the drill");
    }
    Ok(())
}

/// Offices of one process, and how to start one.
pub(crate) struct Crew {
    offices: JoinSet<Result<(), Failure>>,
    stage: Arc<Stage>,
    clocks: Clocks,
    hops: SharedHops,
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
            plugs: stage.buses.of(party),
            decoder: Arc::clone(&stage.decoder),
            clocks: self.clocks.clone(),
            seed: stage.drill.seed(),
            hops: Some(self.hops.clone()),
            reach: None,
            tap: None,
            roster: None,
            learned: None,
            door: None,
            journal_pages: None,
        };
        let file = stage.journal(party);
        let first = &stage.drill.cast().roster_log;
        let (handle, shell) = Shell::start(office, (&file, first), around, boot_seed()?)?;
        self.offices.spawn(shell.run());
        Ok(handle)
    }
}

impl Director {
    /// Runs the drill: starts its offices once somebody hears them, and again when their crash is over.
    async fn conduct(
        &mut self,
        mut stop: watch::Receiver<bool>,
        booted: &mut mpsc::UnboundedReceiver<Boot>,
        (crew, offices): (&mut Crew, &[PartyId]),
    ) -> Result<Ended, Failure> {
        self.join(&mut stop).await?;
        for office in offices {
            self.replace(crew.start(*office)?);
        }
        self.run(stop, |director| {
            while let Ok(Boot::Again(party, disk)) = booted.try_recv() {
                if disk == Disk::Lost {
                    // As a new disk does.
                    files::remove_journal(&crew.stage.journal(party))?;
                }
                crew.stage.buses.rise(party)?;
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
    (reached, until): (&Reached, protocol::Moment),
    told: &mut Lines,
) -> Result<Agreement, Failure> {
    let (outcome, lines) = virtual_lines(args, stage).await?;
    let other = Reached::of_lines(&lines, until);
    let agreement = reached.agreement(&other);
    let percent = |part: usize| part * 100 / agreement.incidents.max(1);
    told.say(format!(
        "agreement with virtual time (seed {}): of {} incidents {}% were reached by exactly the same units, {}% met the same fate",
        outcome.summary.seed,
        agreement.incidents,
        percent(agreement.same_units),
        percent(agreement.same_fate),
    ));
    Ok(agreement)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a speed is 0.1 to 100000"
)]
fn permille(speed: f64) -> u64 {
    (speed * 1_000.0).round() as u64
}
