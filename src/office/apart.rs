//! One office of a running drill as a process of its own.
//!
//! The drill leaves its place free (`liandong drill --apart 440400`) and puts down what the office
//! needs: its key, its inventory and how to reach the bus. Nothing else of the drill reaches it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use agents::{AidTerms, Office, OfficeConfig};
use protocol::{
    Autonomy, Decoder, Envelope, HomeFloor, PartyId, Planning, Requirement, Resource, Roster, Span,
};
use serde::{Deserialize, Serialize};

use super::Terms;
use super::way::without_files;
use crate::cli::Apart;
use crate::drill::progress;
use crate::failure::{Code, Failure};
use crate::files;
use crate::keys;
use crate::live::director::SAY;
use crate::live::guests::joined;
use crate::live::shell::{Account, Ask, Door, Handle, Shell, Surroundings};
use crate::live::stage::{Directions, boot_seed};
use crate::live::time::Clocks;
use crate::stop::Stop;

/// What an office of a drill is told about itself.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Orders {
    /// What it owns.
    pub(crate) inventory: Vec<Resource>,
    /// What it never lends.
    pub(crate) floors: Vec<HomeFloor>,
    /// What it asks to stand by before a storm.
    #[serde(default)]
    pub(crate) stand_by: Vec<Requirement>,
    /// Whether its planner acts or advises.
    pub(crate) autonomy: Autonomy,
    /// How its planner plans.
    pub(crate) planning: Planning,
    /// How long it waits for offers, microseconds of drill time.
    pub(crate) window: Span,
    /// How long its offers hold, microseconds of drill time.
    pub(crate) hold: Span,
}

impl Orders {
    /// Where the orders of an office lie in a run's folder.
    pub(crate) fn path(run: &Path, office: PartyId) -> PathBuf {
        run.join("offices").join(format!("{office}.json"))
    }

    /// Writes what an office is told.
    pub(crate) fn write(run: &Path, config: &OfficeConfig) -> Result<(), Failure> {
        let orders = Self {
            inventory: config.inventory.clone(),
            floors: config.floors.clone(),
            stand_by: config.stand_by.clone(),
            autonomy: config.autonomy,
            planning: config.planning,
            window: config.aid.window,
            hold: config.aid.hold,
        };
        let text = serde_json::to_string(&orders).map_err(Failure::bug)?;
        files::write(&Self::path(run, config.member.party), &text)
    }

    fn read(run: &Path, office: PartyId) -> Result<Self, Failure> {
        let path = Self::path(run, office);
        let text = files::read(&path).map_err(|failure| {
            let what = format!("{failure}; was the drill started with --apart {office}?");
            Failure::new(failure.code, what)
        })?;
        serde_json::from_str(&text)
            .map_err(|error| Failure::new(Code::Data, format!("{}: {error}", path.display())))
    }
}

/// How long an office hears nothing new after the drill's end before it ends as well.
///
/// Longer than the minute, and four seconds of jitter, between two digests: its peers have then
/// said what they hold and it has said what it holds, which the director waits for.
const QUIET: Duration = Duration::from_secs(70);

/// How often an office looks whether its drill is over.
const LOOK: Duration = Duration::from_secs(1);

/// Runs the office until its drill is over, or until SIGTERM or Ctrl-C.
pub(super) async fn serve(args: &Apart) -> Result<(), Failure> {
    let directions = Directions::read(&args.run)?;
    let network = directions.network.clone();
    let mut decoder = Decoder::new(network.clone());
    let roster_log = directions.roster_log(&mut decoder)?;
    let office = make(args, &directions, &roster_log)?;
    let mut plugs = directions.plugs(args.office, args.bus.as_deref())?;
    for plug in &mut plugs {
        plug.url = joined(&args.run, args.office, plug.url.clone())?;
    }
    let place = plugs.iter().map(|plug| without_files(&plug.url));
    let place = place.collect::<Vec<_>>().join(" and ");
    let around = Surroundings {
        plugs,
        decoder: Arc::new(Mutex::new(decoder)),
        clocks: Clocks::of_a_drill(Instant::now()).wrong_by(args.clock_offset_s),
        // No fault of the drill reaches an office apart.
        seed: 0,
        hops: None,
        reach: None,
        tap: None,
        roster: None,
        learned: None,
        door: Some(Door::default()),
        journal_pages: args.journal_pages,
    };
    let file = args
        .run
        .join("journals")
        .join(format!("{}.journal", args.office));
    let (handle, shell) = Shell::start(office, (&file, &roster_log), around, boot_seed()?)?;
    let stop = Stop::listen()?;
    let mut told = stop.told();
    let office = args.office;
    progress(&format!("office {office} waits for its drill at {place}"));
    tokio::spawn(say_until_it_serves(handle.clone(), place));
    tokio::spawn(async move {
        tokio::select! {
            // An ended channel is a stop as well: nobody is left to give the signal.
            _ = told.wait_for(|stop| *stop) => {}
            () = drill_over(&handle) => progress(&format!(
                "office {office} ends: the drill has ended, and nothing new came for {} s",
                QUIET.as_secs()
            )),
        }
        handle.ask(Ask::End);
    });
    shell.run().await?;
    stop.verdict(&format!("office {}", args.office))
}

/// Says what an office still waits for until it takes part, so that whoever started it knows whether to go on
/// waiting.
async fn say_until_it_serves(handle: Handle, place: String) {
    let (office, began) = (handle.party, Instant::now());
    let mut look = tokio::time::interval(LOOK);
    let mut said = began;
    while let Some(account) = handle.account().await {
        if account.serves && account.has_met {
            return progress(&format!("office {office} takes part"));
        }
        if said.elapsed() >= SAY {
            said = Instant::now();
            let seconds = began.elapsed().as_secs();
            progress(&if account.has_met {
                format!("office {office} waits for the others of its drill, {seconds} s so far")
            } else {
                format!(
                    "office {office} is not let in at {place}, {seconds} s so far; start the drill, or pass --drill \
                     with its address"
                )
            });
        }
        look.tick().await;
    }
}

/// Waits until the director has ended the drill and the office has heard nothing new for a while.
async fn drill_over(handle: &Handle) {
    let mut look = tokio::time::interval(LOOK);
    let mut held: Option<(Instant, Account)> = None;
    loop {
        look.tick().await;
        let Some(account) = handle.account().await else {
            // It has ended already, and says itself why.
            return std::future::pending().await;
        };
        match &held {
            _ if !account.drill_over => held = None,
            Some((since, before)) if before.holds == account.holds => {
                if since.elapsed() >= QUIET {
                    return;
                }
            }
            _ => held = Some((Instant::now(), account)),
        }
    }
}

fn make(
    args: &Apart,
    directions: &Directions,
    roster_log: &[Arc<Envelope>],
) -> Result<Office, Failure> {
    let network = directions.network.clone();
    let roster = directions.roster_after(roster_log);
    let member = member(&roster, args.office)?;
    let orders = Orders::read(&args.run, args.office)?;
    let signer = keys::read(
        &keys::office_key(&args.run, args.office),
        args.office,
        network.suite,
    )?;
    let region = files::region(&directions.region, &args.run)?;
    let terms = Terms {
        network,
        member,
        signer,
        inventory: orders.inventory,
        floors: orders.floors,
        stand_by: orders.stand_by,
        autonomy: orders.autonomy,
        planning: orders.planning,
        aid: AidTerms {
            window: orders.window,
            hold: orders.hold,
        },
    };
    terms.on_ground(&region, directions.usual_roads(&region))
}

fn member(roster: &Roster, office: PartyId) -> Result<protocol::Member, Failure> {
    roster.member(office).cloned().ok_or_else(|| {
        let known: Vec<&str> = roster
            .authors()
            .map(|member| member.party.as_str())
            .collect();
        let what = format!(
            "no office {office} in this drill; known are {}",
            known.join(", ")
        );
        Failure::new(Code::Config, what)
    })
}
