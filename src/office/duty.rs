//! An office on duty, as its file of settings says: agent, journal, a gate of its own, links to the buses of
//! others.
//!
//! SIGTERM and Ctrl-C end it in order. SIGHUP rereads the roster file and hands its news on, and the files
//! of certificates, revocations and passwords; which settings changed is told and waits for a restart, and
//! so is what was refused.

use std::convert::Infallible;
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use agents::Office;
use broker::{BrokerEvent, Embedded};
use protocol::{AccessList, Decoder, Mode, Network, Roster};
use tokio::signal::unix::Signal;
use tokio::sync::{mpsc, watch};

use super::Terms;
use super::gate::GatePlan;
use super::sheet::Sheet;
use crate::cli::Duty;
use crate::failure::{Code, Failure};
use crate::files;
use crate::finding::Finding;
use crate::live::shell::{Ask, Door, Handle, Shell, Surroundings};
use crate::live::stage::boot_seed;
use crate::live::time::Clocks;
use crate::live::wires::Plug;
use crate::roster::RosterFile;
use crate::stop::{self, Stop};

/// The bus of the office itself, as its settings never name another.
const OWN_BUS: &str = "own";

/// How often it is looked whether a booting office has come to life.
const LOOK: Duration = Duration::from_millis(200);

/// Runs the office.
pub(super) async fn serve(args: &Duty) -> Result<(), Failure> {
    let sheet = Sheet::read(&args.config)?;
    let network = sheet.network()?;
    let roster = sheet.roster(&network)?;
    let office = make(&sheet, &network, roster.roster())?;
    let party = sheet.office();
    let plan = sheet.gate()?;
    let open = |plan: &GatePlan| plan.open(&network, roster.roster());
    let gate = plan.as_ref().map(open).transpose()?;
    let plugs = plugs(&sheet, plan.as_ref())?;
    let (show, shown) = watch::channel(roster.roster().clone());
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
        door: Some(Door::default()),
        journal_pages: args.journal_pages,
    };
    files::make_folder(&sheet.journals())?;
    let (handle, shell) = Shell::start(
        office,
        (&sheet.journal(), roster.log()),
        around,
        boot_seed()?,
    )?;
    let stop = Stop::listen()?;
    let hang_up = stop::hang_up()?;
    let say = Say(network.mode);
    let alive = handle.clone();
    tokio::spawn(async move {
        if comes_to_life(&alive).await {
            say.line(&format!("office {party} is on duty"));
        }
    });
    let bus = gate.zip(plan).map(|((running, events), plan)| Bus {
        running,
        events,
        plan,
        shown,
        network: network.clone(),
    });
    let desk = Desk {
        handle,
        sheet,
        network: network.clone(),
    };
    let watching = tokio::spawn(desk.watch(stop.clone(), hang_up, bus));
    let ended = shell.run().await;
    // Its own bus goes last, so that what the office said in the end was handed on.
    watching.abort();
    ended?;
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
        autonomy: sheet.autonomy(network)?,
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

/// The office's own bus while it runs.
struct Bus {
    running: Embedded,
    plan: GatePlan,
    events: mpsc::Receiver<BrokerEvent>,
    shown: watch::Receiver<Roster>,
    network: Network,
}

/// What goes on around the office.
struct Desk {
    handle: Handle,
    sheet: Sheet,
    network: Network,
}

impl Desk {
    async fn watch(self, stop: Stop, mut hang_up: Signal, mut bus: Option<Bus>) -> Infallible {
        let say = Say(self.network.mode);
        let mut told = stop.told();
        loop {
            tokio::select! {
                // An ended channel is a stop as well: nobody is left to give the signal.
                _ = told.wait_for(|stop| *stop) => break,
                _ = hang_up.recv() => {
                    match self.reread(bus.as_ref()) {
                        Ok(line) => say.line(&line),
                        Err(finding) => say.line(&format!("nothing is changed: {finding}")),
                    }
                    let handle = self.handle.clone();
                    tokio::spawn(async move {
                        if let Some(refused) = handle.refused().await {
                            say.line(&refused);
                        }
                    });
                }
                event = happens(bus.as_mut()) => say.line(&event),
            }
        }
        self.handle.ask(Ask::End);
        // The bus stays until the office has said its last on it.
        std::future::pending().await
    }

    /// Reads settings, roster, certificates and passwords again, and hands the office what is new of the
    /// roster. All or nothing: a fault anywhere leaves everything as it was.
    fn reread(&self, bus: Option<&Bus>) -> Result<String, Finding> {
        let sheet = Sheet::read(self.sheet.settings.path())?;
        let network = sheet.network()?;
        if network != self.network || sheet.office() != self.sheet.office() {
            let what = "names another office or network than the one that runs";
            let remedy = "stop the office and start it again, if that is meant";
            return Err(sheet.settings.finding("restart", None, what, remedy));
        }
        let roster: RosterFile = sheet.roster(&network)?;
        let entries = roster.log().len();
        bus.map_or(Ok(()), |bus| bus.plan.renew(&bus.running))?;
        self.handle.ask(Ask::Learn(roster.log().to_vec()));
        let and = match bus {
            Some(_) => "; certificates, revocations and passwords too",
            None => "",
        };
        let mut waiting = sheet.settings.differs_in(&self.sheet.settings);
        waiting.remove("roster");
        let waiting: Vec<String> = waiting.into_iter().collect();
        let rest = if waiting.is_empty() {
            String::new()
        } else {
            format!(
                "; changed, and not taken before a restart: {}",
                waiting.join(", ")
            )
        };
        let path = sheet.roster_path();
        Ok(format!(
            "read {} anew, {entries} entries{and}{rest}",
            path.display()
        ))
    }
}

/// What happens to the bus next, in words; nothing ever if there is none.
async fn happens(bus: Option<&mut Bus>) -> String {
    let Some(bus) = bus else {
        return std::future::pending().await;
    };
    loop {
        tokio::select! {
            Some(event) = bus.events.recv() => return crate::bus::happened(&event),
            Ok(()) = bus.shown.changed() => {
                let roster = bus.shown.borrow_and_update().clone();
                bus.running.admit(AccessList::new(bus.network.clone(), roster));
            }
            else => return std::future::pending().await,
        }
    }
}
