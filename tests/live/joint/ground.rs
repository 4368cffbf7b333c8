//! What the offices of a joint drill stand on: machines with cables, or one machine with proxies.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::GUESTS;
use super::machines::Machines;
use crate::certificates::Certificates;
use crate::proxy::{Line, Proxy};
use crate::run::liandong;

/// What the machines hang on.
pub(super) enum Ground {
    /// Cables: the director's is the first, then the guests'.
    Cables(Machines, Certificates),
    /// A machine that allows no namespaces: each guest reaches the director through a proxy.
    Proxies(Vec<Proxy>),
}

impl Ground {
    /// Namespaces, or proxies where there are none, which is said.
    pub(super) fn best(folder: &Path, name: &str) -> Self {
        match Machines::set_up(name, 1 + GUESTS.len()) {
            Ok(machines) => {
                let certificates = Certificates::write(folder, Machines::address(0));
                Self::Cables(machines, certificates)
            }
            Err(reason) => {
                let line = format!(
                    "{name}: no network namespaces here ({reason}); the joint drill goes through proxies \
                     instead. Run it as root with iproute2 for real cables."
                );
                drop(writeln!(std::io::stdout(), "{line}"));
                Self::Proxies(Vec::new())
            }
        }
    }

    pub(super) fn in_words(&self) -> &'static str {
        match self {
            Self::Cables(..) => "across network namespaces",
            Self::Proxies(_) => "through proxies",
        }
    }

    /// A program where the director is.
    pub(super) fn here(&self, program: Command) -> Command {
        match self {
            Self::Cables(machines, _) => machines.on(0, &program),
            Self::Proxies(_) => program,
        }
    }

    /// Opens the drill's door for guests.
    pub(super) fn open_door(&self, drill: &mut Command) {
        if let Self::Cables(_, certificates) = self {
            let listen = format!("mqtts://{}:0", Machines::address(0));
            drill.args(["--guests-listen", &listen, "--cert"]);
            drill.arg(&certificates.broker.certificate);
            drill.arg("--key").arg(&certificates.broker.key);
        }
    }

    /// A guest at its own machine, who dials the door that its invitation names.
    pub(super) fn guest(&mut self, number: usize, invitation: &Path) -> Command {
        let stage = fs::read_to_string(invitation.join("stage.json")).unwrap();
        let stage: Value = serde_json::from_str(&stage).unwrap();
        let door = stage["buses"][0]["url"].as_str().unwrap();
        let office = GUESTS[number].office();
        let mut guest = liandong();
        guest.args(["office", "--office", office.as_str(), "--run"]);
        guest.arg(invitation).arg("--drill");
        match self {
            Self::Cables(machines, certificates) => {
                let ca = certificates.authority.display();
                machines.on(1 + number, guest.arg(format!("{door}?ca={ca}")))
            }
            Self::Proxies(proxies) => {
                let door = door.trim_start_matches("mqtt://").parse().unwrap();
                let proxy = Proxy::start(door, 7);
                guest.arg(proxy.url());
                proxies.push(proxy);
                guest
            }
        }
    }

    /// Cuts a guest off: nobody is told.
    pub(super) fn cut(&self, number: usize) {
        match self {
            Self::Cables(machines, _) => machines.pull_out(1 + number),
            Self::Proxies(proxies) => proxies[number].suffer(Line::HalfOpen),
        }
    }

    pub(super) fn heal(&self, number: usize) {
        match self {
            Self::Cables(machines, _) => machines.put_back(1 + number),
            Self::Proxies(proxies) => proxies[number].suffer(Line::Sound),
        }
    }

    /// Cuts the director off, and with it everybody from everybody.
    pub(super) fn cut_director(&self) {
        match self {
            Self::Cables(machines, _) => machines.pull_out(0),
            Self::Proxies(proxies) => proxies.iter().for_each(|it| it.suffer(Line::HalfOpen)),
        }
    }

    pub(super) fn heal_director(&self) {
        match self {
            Self::Cables(machines, _) => machines.put_back(0),
            Self::Proxies(proxies) => proxies.iter().for_each(|it| it.suffer(Line::Sound)),
        }
    }
}
