//! A region as processes: a bus, a drill that directs, and offices apart, each behind a proxy of its own.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use protocol::PartyId;

use super::papers::Papers;
use crate::proxy::Proxy;
use crate::run::{PATIENCE, QUIET_DAY, Running, liandong};

/// The offices that run as processes of their own.
const APART: [&str; 3] = ["990100", "990200", "990300"];

/// A running region. Every process ends when it is dropped.
pub(crate) struct Region {
    pub(crate) papers: Papers,
    pub(crate) offices: BTreeMap<PartyId, Seat>,
    /// The way of the director and the operators, which nothing spoils.
    pub(crate) clear: Proxy,
    broker: Option<Running>,
    drill: Running,
}

/// Where an office sits: its line, and its process while it has one.
pub(crate) struct Seat {
    pub(crate) proxy: Proxy,
    pub(crate) process: Option<Running>,
}

impl Region {
    /// Starts all of it and waits until the drill runs.
    pub(crate) fn start(folder: &Path, seed: u64) -> Self {
        let (broker, addr) = start_broker();
        let clear = Proxy::start(addr, seed);
        std::fs::create_dir_all(folder).unwrap();
        let run = folder.join("run");
        let mut drill = liandong();
        drill.arg("drill").arg(scenario(folder));
        drill.args(["--seed", "7", "--headless", "--bus", &clear.url(), "--out"]);
        drill.arg(&run);
        for office in APART {
            drill.args(["--apart", office]);
        }
        let mut drill = Running::start(&mut drill);
        drill.wait_for("to come to life");
        let papers = Papers::read(&run);
        let seats = APART.map(|office| {
            let proxy = Proxy::start(addr, seed);
            let process = Some(Running::start(&mut office_at(&run, office, &proxy)));
            (office.parse().unwrap(), Seat { proxy, process })
        });
        drill.wait_for("running");
        Self {
            papers,
            offices: seats.into_iter().collect(),
            clear,
            broker: Some(broker),
            drill,
        }
    }

    /// The offices apart.
    pub(crate) fn parties(&self) -> Vec<PartyId> {
        self.offices.keys().copied().collect()
    }

    /// The process of an office.
    pub(crate) fn process(&mut self, office: PartyId) -> &mut Option<Running> {
        &mut self.seat(office).process
    }

    pub(crate) fn seat(&mut self, office: PartyId) -> &mut Seat {
        self.offices.get_mut(&office).unwrap()
    }

    /// Starts an office; its journal may take no more pages than it has, if it is to be full.
    /// Its wall clock is wrong by so many seconds.
    pub(crate) fn start_office(&mut self, run: &Path, office: PartyId, (room, clock): (Room, i64)) {
        let seat = self.seat(office);
        let mut command = office_at(run, office.as_str(), &seat.proxy);
        if room == Room::None {
            // A limit below what a journal has is a limit to what it has.
            command.args(["--journal-pages", "1"]);
        }
        command.arg(format!("--clock-offset-s={clock}"));
        seat.process = Some(Running::start(&mut command));
    }

    /// Kills an office as it stands; whether there was one.
    pub(crate) fn kill_office(&mut self, office: PartyId) -> bool {
        kill(self.process(office).take())
    }

    /// The bus, if it runs.
    pub(crate) fn broker(&self) -> Option<&Running> {
        self.broker.as_ref()
    }

    /// Kills the bus as it stands; whether there was one.
    pub(crate) fn kill_broker(&mut self) -> bool {
        kill(self.broker.take())
    }

    /// Starts the bus again, empty and on another port; all lines lead there from now on.
    pub(crate) fn start_broker(&mut self) {
        let (broker, addr) = start_broker();
        self.broker = Some(broker);
        let proxies = self.offices.values().map(|seat| &seat.proxy);
        for proxy in proxies.chain([&self.clear]) {
            proxy.lead_to(addr);
        }
    }

    /// Ends the drill in order, while `meanwhile` goes on; gives what it said.
    pub(crate) fn end_drill(mut self, meanwhile: impl FnOnce(&mut Self)) -> Papers {
        self.drill.signal("TERM");
        meanwhile(&mut self);
        let (status, said) = self.drill.end();
        assert_eq!(status.code(), Some(143), "{said}");
        for seat in self.offices.into_values() {
            let office = seat.process.expect("all offices were started again");
            office.signal("TERM");
            let (status, said) = office.end();
            assert_eq!(status.code(), Some(143), "{said}");
        }
        let broker = self.broker.expect("the bus was started again");
        broker.signal("TERM");
        let (status, said) = broker.end();
        assert_eq!(status.code(), Some(143), "{said}");
        self.papers
    }
}

/// What room an office's journal has on its disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// As much as there is.
    Enough,
    /// None for another page.
    None,
}

fn kill(process: Option<Running>) -> bool {
    let Some(process) = process else { return false };
    process.signal("KILL");
    process.gone();
    true
}

fn start_broker() -> (Running, SocketAddr) {
    let mut broker = Running::start(liandong().arg("broker"));
    let line = broker.wait_for("the bus listens at mqtt://");
    let (_, addr) = line.split_once("mqtt://").unwrap();
    (broker, addr.parse().unwrap())
}

fn office_at(run: &Path, office: &str, proxy: &Proxy) -> Command {
    let mut command = liandong();
    command.args(["office", "--office", office, "--bus", &proxy.url(), "--run"]);
    command.arg(run);
    command
}

/// The quiet day, long enough that no storm sees its end.
fn scenario(folder: &Path) -> std::path::PathBuf {
    let quiet = std::fs::read_to_string(QUIET_DAY).unwrap();
    assert!(quiet.contains("duration = \"6h\""));
    let path = folder.join("scenario.toml");
    let long = quiet.replace("duration = \"6h\"", "duration = \"48h\"");
    std::fs::write(&path, long).unwrap();
    path
}

/// When patience ends that begins now.
pub(crate) fn patience() -> Instant {
    Instant::now() + PATIENCE
}
