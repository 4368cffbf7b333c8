//! An office on duty, as its file of settings says: agent, journal, a gate of its own, links to the buses of
//! others.
//!
//! SIGTERM and Ctrl-C end it in order; so does the end of its own key, without which nobody believes it.

mod desk;

use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use agents::Office;
use protocol::{Decoder, Mode, Network, Roster};
use tokio::sync::{mpsc, watch};

use super::Terms;
use super::gate::GatePlan;
use super::sheet::Sheet;
use crate::cli::Duty;
use crate::failure::{Code, Failure};
use crate::files;
use crate::live::shell::{Booted, Door, Handle, Surroundings};
use crate::live::stage::boot_seed;
use crate::live::time::Clocks;
use crate::live::wires::Plug;
use crate::stop::{self, Stop};
use desk::{Bus, Desk};

/// The bus of the office itself, as its settings never name another.
const OWN_BUS: &str = "own";

/// How often it is looked whether a booting office has come to life.
const LOOK: Duration = Duration::from_millis(200);

/// Runs the office.
pub(super) async fn serve(args: &Duty) -> Result<(), Failure> {
    // Before anything is read: what is sent meanwhile waits until it serves, and does not end it.
    let stop = Stop::listen()?;
    let hang_up = stop::hang_up()?;
    let sheet = Sheet::read(&args.config)?;
    let network = sheet.network()?;
    let roster = sheet.roster(&network)?;
    let office = make(&sheet, &network, roster.roster())?;
    let party = sheet.office();
    let plan = sheet.gate()?;
    let plugs = plugs(&sheet, plan.as_ref())?;
    let (show, shown) = watch::channel(roster.roster().clone());
    let (learn, learned) = mpsc::unbounded_channel();
    let around = Surroundings {
        plugs,
        decoder: Arc::new(Mutex::new(Decoder::new(network.clone()))),
        clocks: Clocks::of_the_wall(Instant::now()),
        // No fault of any drill reaches an office on duty.
        seed: 0,
        hops: None,
        reach: None,
        tap: None,
        roster: Some(show),
        learned: Some(learn),
        door: Some(Door::default()),
        journal_pages: args.journal_pages,
    };
    files::make_folder(&sheet.journals())?;
    let stored = (&*sheet.journal(), roster.log());
    let booted = Booted::new(office, stored, around, boot_seed()?)?;
    // The journal may know more of the roster than the file that was handed out some time.
    let own = sheet.signer(&network, booted.roster())?.key();
    let open = |plan: &GatePlan| plan.open(&network, booted.roster());
    let gate = plan.as_ref().map(open).transpose()?;
    let known = booted.roster_log().to_vec();
    let (handle, shell) = booted.join()?;
    let say = Say(network.mode);
    let alive = handle.clone();
    tokio::spawn(async move {
        if comes_to_life(&alive).await {
            say.line(&format!("office {party} is on duty"));
        }
    });
    let bus = gate.zip(plan).map(|((running, events), plan)| Bus {
        running,
        plan,
        events,
    });
    let worthless = Arc::new(OnceLock::new());
    let desk = Desk {
        handle,
        sheet,
        network,
        own,
        shown,
        known,
        learned,
        worthless: Arc::clone(&worthless),
    };
    let watching = tokio::spawn(desk.watch(stop.clone(), hang_up, bus));
    let ended = shell.run().await;
    // Its own bus goes last, so that what the office said in the end was handed on.
    watching.abort();
    ended?;
    if let Some(why) = worthless.get() {
        return Err(Failure::new(Code::NoPermission, say.0.marked(why)));
    }
    stop.verdict(&format!("office {party}"))
}

/// Waits until the office serves; `false` if it ends before.
async fn comes_to_life(handle: &Handle) -> bool {
    let mut look = tokio::time::interval(LOOK);
    loop {
        look.tick().await;
        match handle.account().await {
            None => return false,
            Some(account) if account.serves => return true,
            Some(_) => {}
        }
    }
}

/// Its own bus and those of others.
fn plugs(sheet: &Sheet, gate: Option<&GatePlan>) -> Result<Vec<Plug>, Failure> {
    let mut plugs = Vec::new();
    if let Some(gate) = gate {
        plugs.push(Plug {
            id: OWN_BUS.parse().expect("a short name is one"),
            url: gate.own_url()?,
            host: Some(sheet.office()),
        });
    }
    plugs.extend(sheet.buses()?);
    Ok(plugs)
}

fn make(sheet: &Sheet, network: &Network, roster: &Roster) -> Result<Office, Failure> {
    let region = sheet.region()?;
    let member = sheet.member(roster)?;
    let inventory = sheet.inventory(&region).map_err(|findings| {
        let findings = findings.into_iter();
        Failure::from(
            findings
                .map(|it| it.ends_with(Code::Data))
                .collect::<Vec<_>>(),
        )
    })?;
    let terms = Terms {
        network: network.clone(),
        member,
        signer: sheet.signer(network, roster)?,
        inventory,
        floors: sheet.floors(),
        stand_by: sheet.stand_by()?,
        autonomy: sheet.autonomy(network)?,
        planning: sheet.planning(),
        aid: sheet.aid()?,
    };
    terms.on_ground(&region, region.roads().usual())
}

/// Says something on standard error, marked unless the network is actual.
#[derive(Clone, Copy)]
struct Say(Mode);

impl Say {
    fn line(self, line: &str) {
        // A closed standard error is no reason to end an office.
        drop(writeln!(std::io::stderr(), "{}", self.0.marked(line)));
    }
}
