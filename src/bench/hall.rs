//! Live offices of one process around one bus: what the benchmarks of the wire stand in. Each has its own
//! decoder, as each would in a process of its own, and writes the notes that it is handed.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use broker::{BusUrl, Link, LinkConfig, LinkEvent, Post};
use protocol::{
    Action, Body, ClockState, Decoder, Direct, DrillClock, DutyNote, Frame, Hash, LogKey, Moment,
    OperatorCommand, PartyId, Planning, Span, Speaker, Topic, Wall,
};
use region::Region;
use simulator::Scenario;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use crate::failure::{Code, Failure};
use crate::live::lines::LineFaults;
use crate::live::reach::SharedReach;
use crate::live::shell::{Ask, Handle, Heard, Shell, Surroundings};
use crate::live::stage::{Setting, Stage, boot_seed, random};
use crate::live::time::Clocks;

const HALL: (&str, &str) = ("src/bench/hall.toml", include_str!("hall.toml"));

/// The length of a note's body on the wire.
pub(super) const BODY_BYTES: usize = 512;

/// Who writes the notes.
const BY: &str = "bench";

/// How often it is looked at what the offices hold.
pub(super) const LOOK: Duration = Duration::from_millis(20);

/// How long the offices may take to hold the same before it is given up: longer than a digest takes.
const PATIENCE: Duration = Duration::from_secs(150);

/// How long a bus may take to take what is said at the end.
const GOODBYE: Duration = Duration::from_secs(2);

/// How far an office holds each log.
pub(super) type Held = BTreeMap<LogKey, (u64, Hash)>;

/// The hall.
pub(super) struct Hall {
    stage: Stage,
    pub(super) region: Arc<Region>,
    pub(super) offices: BTreeMap<PartyId, Handle>,
    pub(super) reach: SharedReach,
    running: JoinSet<Result<(), Failure>>,
    link: Link,
    desks: BTreeMap<PartyId, Speaker>,
    asked: u64,
}

/// What a hall is opened with.
#[derive(Default)]
pub(super) struct Opening {
    /// The bus that is there; one of its own if `None`.
    pub(super) bus: Option<BusUrl>,
    /// How offices plan; as they do by default if `None`.
    pub(super) planning: Option<Planning>,
    /// Units as a percentage of the demo fleet, all of it if `None`.
    pub(super) fleet_percent: Option<u32>,
    /// Where everything goes that enters a log at the first office.
    pub(super) tap: Option<mpsc::UnboundedSender<Heard>>,
}

impl Hall {
    /// Opens it and waits until all offices serve and hold the same. Its folder is new and goes with
    /// [`Hall::close`].
    pub(super) async fn open(opening: Opening) -> Result<Self, Failure> {
        let (mut scenario, region) =
            Scenario::parse(HALL.0, HALL.1, &|_| None).map_err(Failure::bug)?;
        if let Some(planning) = opening.planning {
            scenario.offices.plan_by(planning);
        }
        if let Some(percent) = opening.fleet_percent {
            scenario.fleet.scale_percent = percent;
        }
        let cities: Vec<PartyId> = region.cities().map(|city| city.party).collect();
        let clocks = started(&scenario);
        let stage = Stage::set(Setting {
            scenario,
            region: Arc::clone(&region),
            seed: 1,
            folder: folder()?,
            bus: opening.bus,
            port: 0,
            guests: None,
            inventories: BTreeMap::new(),
        })?;
        let reach = SharedReach::among(cities.len());
        let mut running = JoinSet::new();
        let mut offices = BTreeMap::new();
        let mut tap = opening.tap;
        for party in cities {
            let (handle, shell) = start(&stage, party, &clocks, (&reach, tap.take()))?;
            running.spawn(shell.run());
            offices.insert(party, handle);
        }
        let boot = u64::from_be_bytes(random()?);
        let url = stage.buses.first().clone();
        let (link, mut events) = Link::open(LinkConfig::new(url, format!("bench-{boot:016x}")))?;
        let (up, is_up) = oneshot::channel();
        tokio::spawn(async move {
            let mut up = Some(up);
            while let Some(event) = events.recv().await {
                if event == LinkEvent::Up
                    && let Some(up) = up.take()
                {
                    // Who opens the hall waits for it.
                    let _ = up.send(());
                }
            }
        });
        is_up.await.map_err(Failure::bug)?;
        let cast = stage.drill.cast();
        let (net, mode) = (cast.network.id, cast.network.mode);
        let operators = offices
            .keys()
            .filter_map(|it| Some((it, cast.operators.get(it)?)));
        let desks = operators
            .map(|(office, it)| (*office, Speaker::new(net, mode, it.signer.clone(), boot)))
            .collect();
        let hall = Self {
            stage,
            region,
            offices,
            reach,
            running,
            link,
            desks,
            asked: 0,
        };
        hall.settle(|held, own| held.keys().any(|log| log.author == own))
            .await?;
        Ok(hall)
    }

    /// The bus.
    pub(super) fn bus(&self) -> &BusUrl {
        self.stage.buses.first()
    }

    /// When its clocks began, drill time.
    pub(super) fn start(&self) -> Moment {
        self.stage.drill.scenario().start
    }

    /// Hands an office a note whose body has [`BODY_BYTES`].
    pub(super) fn note(&mut self, office: PartyId) -> Result<(), Failure> {
        let at = self.start();
        let text = note_of(at, BODY_BYTES)?;
        self.command(
            office,
            Action::Note {
                incident: None,
                text,
                at: Some(at),
            },
        )
    }

    /// Has an operator tell an office something.
    pub(super) fn command(&mut self, office: PartyId, action: Action) -> Result<(), Failure> {
        let at = self.start();
        self.asked += 1;
        let request = format!("bench-{}", self.asked);
        let command = OperatorCommand {
            request: request.parse().map_err(Failure::bug)?,
            by: BY.to_owned(),
            action,
            asked_at: None,
        };
        let desk = self.desks.get_mut(&office);
        let desk = desk.ok_or_else(|| Failure::bug(format!("nobody operates {office}")))?;
        let net = self.stage.drill.cast().network.id;
        let times = (Wall::at(at), Span::hours(48));
        let body = Direct::Command(command);
        let frame = Frame::direct(desk, net, Topic::Command(office), body, times);
        self.link
            .publish(Post::frame(net, &frame))
            .map_err(Failure::bug)
    }

    /// Lets an office bear faults of its lines.
    pub(super) fn suffer(&self, office: PartyId, faults: LineFaults) {
        if let Some(handle) = self.offices.get(&office) {
            handle.ask(Ask::Suffer(faults));
        }
    }

    /// What every office holds.
    pub(super) async fn held(&self) -> Result<BTreeMap<PartyId, Held>, Failure> {
        let mut held = BTreeMap::new();
        for (party, handle) in &self.offices {
            let account = handle.account().await;
            let gone = || Failure::bug(format!("office {party} has ended"));
            held.insert(*party, account.ok_or_else(gone)?.holds);
        }
        Ok(held)
    }

    /// Waits until all hold the same and each what is asked of it, and until that stays so for a look.
    pub(super) async fn settle(
        &self,
        ready: impl Fn(&Held, PartyId) -> bool,
    ) -> Result<BTreeMap<PartyId, Held>, Failure> {
        let began = Instant::now();
        let mut look = tokio::time::interval(Duration::from_secs(1));
        let mut before = None;
        loop {
            look.tick().await;
            let held = self.held().await?;
            let all: Vec<&Held> = held.values().collect();
            let alike = all.windows(2).all(|pair| pair[0] == pair[1]);
            let ready = alike && held.iter().all(|(party, holds)| ready(holds, *party));
            if ready && before.as_ref() == Some(&held) {
                return Ok(held);
            }
            if began.elapsed() > PATIENCE {
                let what = "the offices did not come to hold the same";
                return Err(Failure::new(Code::TryLater, what));
            }
            before = Some(held);
        }
    }

    /// Ends the offices and takes the folder away.
    pub(super) async fn close(mut self) -> Result<(), Failure> {
        for handle in self.offices.values() {
            handle.ask(Ask::End);
        }
        while let Some(office) = self.running.join_next().await {
            office.map_err(Failure::bug)??;
        }
        // Nobody waits for what the operator's link may still have to say.
        let _ = self.link.close(GOODBYE).await;
        let folder = self.stage.folder.path();
        std::fs::remove_dir_all(folder).map_err(|error| Failure::file(folder, &error))
    }
}

fn start(
    stage: &Stage,
    party: PartyId,
    clocks: &Clocks,
    (reach, tap): (&SharedReach, Option<mpsc::UnboundedSender<Heard>>),
) -> Result<(Handle, Shell), Failure> {
    let cast = stage.drill.cast();
    let office = stage.drill.live_office(party);
    let office = office.ok_or_else(|| Failure::bug(format!("{party} is not of the cast")))?;
    let around = Surroundings {
        plugs: stage.buses.of(party),
        decoder: Arc::new(Mutex::new(Decoder::new(cast.network.clone()))),
        clocks: clocks.clone(),
        seed: stage.drill.seed(),
        hops: None,
        reach: Some(reach.clone()),
        tap,
        roster: None,
        learned: None,
        door: None,
        journal_pages: None,
    };
    let file = stage.journal(party);
    Shell::start(office, (&file, &cast.roster_log), around, boot_seed()?)
}

/// Clocks that run since now, for there is no director.
fn started(scenario: &Scenario) -> Clocks {
    let mut clocks = Clocks::of_a_drill(Instant::now());
    clocks.hear(&DrillClock {
        state: ClockState::Started,
        now: scenario.start,
        speed_permille: 1_000,
        revision: 1,
        title: scenario.title_zh.clone(),
    });
    clocks
}

fn folder() -> Result<PathBuf, Failure> {
    let name = format!("liandong-bench-{:016x}", u64::from_be_bytes(random()?));
    Ok(std::env::temp_dir().join(name))
}

/// A note's text with which its body comes to so many bytes.
fn note_of(at: Moment, bytes: usize) -> Result<String, Failure> {
    let body = |text: &str| {
        let note = DutyNote {
            incident: None,
            by: BY.to_owned(),
            text: text.to_owned(),
            at,
        };
        serde_json::to_string(&Body::DutyNote(note)).map_err(Failure::bug)
    };
    let bare = body("")?.len();
    let text = "n".repeat(bytes.saturating_sub(bare));
    if body(&text)?.len() == bytes {
        Ok(text)
    } else {
        Err(Failure::bug(format!("no note has a body of {bytes} bytes")))
    }
}
