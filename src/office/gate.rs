//! Where others come in to an office: the one place that knows how the embedded bus is opened.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

use broker::{
    Access, BrokerError, BrokerEvent, BusUrl, Embedded, GateConfig, Listener, Passwords, TlsError,
    TlsFiles, Wire,
};
use protocol::{AccessList, Network, Roster};
use tokio::sync::mpsc;

use super::others::sorted_out;
use super::way::{Shown, address};
use super::written::WrittenGate;
use crate::failure::{Code, Failure};
use crate::finding::{Finding, what_and_remedy};
use crate::secret::{Holds, is_its_owners_alone};
use crate::settings::{Settings, Unread};
use crate::whole;

/// A gate as the settings plan it.
#[derive(Clone, Debug)]
pub(crate) struct GatePlan {
    settings: PathBuf,
    line: usize,
    pub(crate) listeners: Vec<Listener>,
    pub(crate) tls: Option<TlsFiles>,
    pub(crate) passwords: Option<PathBuf>,
    pub(crate) origins: Vec<String>,
}

impl GatePlan {
    /// The plan as far as it can be read, and what is wrong with it.
    pub(super) fn of(
        settings: &Settings,
        said: &WrittenGate,
        unread: &Unread,
    ) -> (Self, Vec<Finding>) {
        let doors = said.listen.get_ref().iter().map(|text| {
            let listener = text.get_ref().parse::<Listener>();
            let listener = listener.map_err(|error| {
                let told = error.to_string();
                let (what, remedy) = what_and_remedy(&told, "write another");
                settings.finding("listen", Some(text.span()), what, remedy)
            });
            Ok((listener?, text.span()))
        });
        let (doors, mut findings) = sorted_out(doors);
        let plan = Self {
            settings: settings.path().to_path_buf(),
            line: settings.line_of(said.listen.span().start),
            listeners: doors.iter().map(|(listener, _)| *listener).collect(),
            tls: said.tls(settings),
            passwords: said.passwords.as_deref().map(|name| settings.beside(name)),
            origins: said.origins.iter().map(|it| it.get_ref().clone()).collect(),
        };
        let read = ["listen", "cert", "key", "client_ca", "passwords"];
        if findings.is_empty() && !read.iter().any(|it| unread.has(&format!("gate.{it}"))) {
            findings.extend(plan.is_no_way_in());
        }
        let names_none = ["cert", "key"].map(|it| unread.has(&format!("gate.{it}"))) == [false; 2];
        if plan.is_private() && plan.tls.is_none() && names_none {
            let what = "the gate listens with TLS and names no certificate, or none with its key";
            findings.push(plan.wrong(what, "name cert and key in [gate]"));
        }
        let asks = ["client_ca", "passwords"].map(|it| unread.has(&format!("gate.{it}")));
        let asks = asks.contains(&true) || plan.knows_its_clients();
        for (door, span) in &doors {
            let exposed = exposed(door, asks);
            findings.extend(exposed.map(|(code, what, remedy)| {
                settings.finding(code, Some(span.clone()), &what, remedy)
            }));
        }
        (plan, findings)
    }

    /// Why the office itself would not come in.
    fn is_no_way_in(&self) -> Option<Finding> {
        if self.listeners.is_empty() {
            let remedy = "write listen = [\"mqtts://127.0.0.1:8883\"], or leave [gate] out";
            return Some(self.wrong("the gate listens nowhere", remedy));
        }
        if !self.listeners.iter().any(is_spoken_by_links) {
            let what = "the office itself comes in without WebSocket, and all listeners have it";
            return Some(self.wrong(what, "add \"mqtts://127.0.0.1:8883\" to listen"));
        }
        if self.knows_its_clients() && !self.shows_certificate() {
            let what = "the gate asks who comes in, and the office itself has but its certificate to show, \
                        through mqtts:// and where client_ca is named";
            let remedy = "name client_ca in [gate], the region's authority, and add \
                          \"mqtts://127.0.0.1:8883\" to listen";
            return Some(self.wrong(what, remedy));
        }
        None
    }

    /// Whether a certificate can be shown at one of its doors, and is judged there.
    fn shows_certificate(&self) -> bool {
        let asked = self.tls.as_ref().is_some_and(|tls| tls.client_ca.is_some());
        asked && self.listeners.iter().any(|it| it.wire == Wire::Tls)
    }

    /// That nobody is asked for a certificate where one is shown.
    pub(crate) fn asks_for_no_certificate(&self) -> Finding {
        let what = "[gate] names no client_ca: it asks nobody for a certificate, and the office believes its own \
                    bus and those of others by the system's authorities alone";
        let remedy = "write client_ca = \"ca.pem\", the certificate of the region's authority";
        Finding::new("client-ca", &self.settings, what, remedy).at(Some(self.line))
    }

    fn wrong(&self, what: &str, remedy: &str) -> Finding {
        Finding::new("listen", &self.settings, what, remedy).at(Some(self.line))
    }

    /// Opens it for who belongs by the roster. Where nobody can show who they are, because a gate asks for
    /// neither certificates nor passwords, the bus lets in its own machine alone.
    pub(crate) fn open(
        &self,
        network: &Network,
        roster: &Roster,
    ) -> Result<(Embedded, mpsc::Receiver<BrokerEvent>), Failure> {
        let passwords = self.passwords()?;
        let list = AccessList::new(network.clone(), roster.clone());
        let config = GateConfig {
            tls: self.tls.clone().filter(|_| self.is_private()),
            origins: self.origins.clone(),
            ..GateConfig::listed(self.listeners.clone(), list, passwords.unwrap_or_default())
        };
        let opened = Embedded::open(if self.knows_its_clients() {
            config
        } else {
            GateConfig {
                access: Access::Anyone {
                    withheld: Vec::new(),
                },
                ..config
            }
        });
        Ok(opened.map_err(|error| self.refused(&error))?)
    }

    fn refused(&self, error: &BrokerError) -> Finding {
        if let BrokerError::Tls(error) = error {
            return unfit(error);
        }
        let told = error.to_string();
        let (what, remedy) = what_and_remedy(&told, "write another");
        self.wrong(what, remedy).ends_with(Code::Unavailable)
    }

    /// This plan with what another names to judge clients by, revocations and passwords, as far as a bus
    /// takes it while it runs: whether it asks who comes in is settled when it opens. Of certificate, key
    /// and authority the files are read anew and no others: the office's own link has their names.
    pub(super) fn judging_by(&self, other: &Self) -> Self {
        let mut plan = self.clone();
        if let (Some(ours), Some(theirs)) = (&mut plan.tls, &other.tls) {
            ours.revoked.clone_from(&theirs.revoked);
        }
        plan.passwords.clone_from(&other.passwords);
        if plan.knows_its_clients() == self.knows_its_clients() {
            plan
        } else {
            self.clone()
        }
    }

    /// The keys of the settings by which clients are judged and in which this plan is as another.
    pub(super) fn judges_as(&self, other: &Self) -> Vec<&'static str> {
        let revoked = |it: &Self| it.tls.as_ref().map(|tls| tls.revoked.clone());
        let alike = [
            ("gate.revoked", revoked(self) == revoked(other)),
            ("gate.passwords", self.passwords == other.passwords),
        ];
        let alike = alike.into_iter().filter(|(_, is_alike)| *is_alike);
        alike.map(|(key, _)| key).collect()
    }

    /// Has a bus that was opened by this plan read certificates, revocations and passwords anew.
    pub(super) fn renew(&self, bus: &Embedded) -> Result<(), Finding> {
        let passwords = self.passwords()?.unwrap_or_default();
        let renewed = bus.renew(self.tls.as_ref(), passwords);
        renewed.map_err(|error| unfit(&error))
    }

    /// The passwords' file, if there is one.
    pub(crate) fn passwords(&self) -> Result<Option<Passwords>, Finding> {
        self.passwords.as_deref().map(passwords).transpose()
    }

    /// Where the office itself joins it.
    pub(crate) fn own_url(&self) -> Result<BusUrl, broker::UrlError> {
        let spoken = self.listeners.iter().filter(|it| is_spoken_by_links(it));
        let asks = self.knows_its_clients();
        let door = { spoken }
            .find(|it| !asks || it.wire == Wire::Tls)
            .expect("a gate that was read has a door for its own office");
        let here = reachable(door.addr);
        let shown = self.tls.as_ref().filter(|_| door.wire.is_private());
        address(
            &format!("{}://{here}", door.wire.scheme()),
            shown.map(Shown::of),
        )
    }

    fn is_private(&self) -> bool {
        self.listeners.iter().any(|it| it.wire.is_private())
    }

    fn knows_its_clients(&self) -> bool {
        let by_certificate = self.tls.as_ref().is_some_and(|tls| tls.client_ca.is_some());
        (by_certificate && self.is_private()) || self.passwords.is_some()
    }
}

/// What is wrong with a door off this machine: what is said there is read by others, or said by anybody.
fn exposed(door: &Listener, asks: bool) -> Option<(&'static str, String, &'static str)> {
    if door.addr.ip().is_loopback() {
        return None;
    }
    if !door.wire.is_private() {
        let what = format!("{door} is no loopback address, and all on the way read what is said");
        let remedy = "write mqtts:// or wss:// there, or 127.0.0.1";
        return Some(("listen-clear", what, remedy));
    }
    (!asks).then(|| {
        let what = format!("{door} is no loopback address, and the gate asks nobody who it is");
        let remedy = "name client_ca in [gate], the region's authority, or listen on 127.0.0.1";
        ("listen-anybody", what, remedy)
    })
}

/// A file of TLS that cannot be used.
fn unfit(error: &TlsError) -> Finding {
    let (told, file) = (error.to_string(), error.path());
    let named = file.display().to_string();
    let told = told.strip_prefix(&named).unwrap_or(&told);
    let told = told.trim_start_matches([':', ' ']);
    let (what, remedy) = what_and_remedy(told, "put a sound file in its place");
    Finding::new("certificate", file, what, remedy)
}

/// Reads a file of passwords: hashes, which are still nobody else's business.
pub(crate) fn passwords(path: &Path) -> Result<Passwords, Finding> {
    is_its_owners_alone(path, Holds::Passwords)?;
    let text = whole::text(path, whole::SETTINGS_BYTES)
        .map_err(|error| Finding::file("passwords", path, &error))?;
    Passwords::parse(&text).map_err(|error| {
        let told = error.to_string();
        let (what, remedy) = what_and_remedy(&told, "write it anew");
        Finding::new("passwords", path, what, remedy)
    })
}

impl WrittenGate {
    /// The files of TLS, if a certificate and its key are named.
    pub(super) fn tls(&self, settings: &Settings) -> Option<TlsFiles> {
        let named = |name: &Option<String>| name.as_deref().map(|name| settings.beside(name));
        Some(TlsFiles {
            client_ca: named(&self.client_ca),
            revoked: named(&self.revoked),
            ..TlsFiles::named(named(&self.cert), named(&self.key))?
        })
    }
}

/// Whether an office's own link speaks as a listener does: not through the frames of WebSocket.
fn is_spoken_by_links(listener: &Listener) -> bool {
    matches!(listener.wire, Wire::Tcp | Wire::Tls)
}

/// Where a process of this machine finds what listens there.
pub(crate) fn reachable(addr: SocketAddr) -> SocketAddr {
    let ip = match addr.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, addr.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(listen: &str) -> Result<GatePlan, Vec<Finding>> {
        let text = format!(
            "listen = {listen}\ncert = \"c.pem\"\nkey = \"c.key\"\nclient_ca = \"ca.pem\"\nrevoked = \"r.crl\"\n"
        );
        let settings = Settings::of("trial/office.toml".as_ref(), &text);
        let said = toml::from_str(&text).unwrap();
        match GatePlan::of(&settings, &said, &Unread::default()) {
            (plan, faults) if faults.is_empty() => Ok(plan),
            (_, faults) => Err(faults),
        }
    }

    #[test]
    fn an_office_comes_in_by_its_first_door_without_websocket_whatever_else_it_opens() {
        let doors = r#"["ws://127.0.0.1:1", "wss://0.0.0.0:2", "mqtts://0.0.0.0:3"]"#;
        let plan = plan(doors).unwrap();
        let wires: Vec<Wire> = plan.listeners.iter().map(|it| it.wire).collect();
        assert_eq!(wires, [Wire::WebSocket, Wire::SecureWebSocket, Wire::Tls]);
        let own = plan.own_url().unwrap().to_string();
        assert!(
            own.starts_with("mqtts://127.0.0.1:3?ca=trial/ca.pem&cert=trial/c.pem"),
            "{own}"
        );
        let files = plan.tls.unwrap();
        assert_eq!(files.revoked.unwrap(), Path::new("trial/r.crl"));
    }

    #[test]
    fn a_door_off_this_machine_is_private_and_asks_who_comes_in() {
        let codes = |listen: &str| {
            let faults = plan(listen).err().unwrap_or_default();
            faults.iter().map(|it| it.code).collect::<Vec<_>>()
        };
        let clear = codes(r#"["mqtts://127.0.0.1:1", "ws://0.0.0.0:2", "mqtt://10.0.0.1:3"]"#);
        assert_eq!(clear, ["listen-clear", "listen-clear"]);
        let both = plan(r#"["mqtt://127.0.0.1:1", "mqtts://0.0.0.0:2"]"#).unwrap();
        let own = both.own_url().unwrap().to_string();
        assert!(own.starts_with("mqtts://127.0.0.1:2?"), "{own}");
        assert_eq!(codes(r#"["mqtt://127.0.0.1:1"]"#), Vec::<&str>::new());
        let door = "mqtts://0.0.0.0:2".parse().unwrap();
        assert_eq!(exposed(&door, false).unwrap().0, "listen-anybody");
    }

    #[test]
    fn a_gate_with_doors_of_websocket_alone_is_refused_in_its_line() {
        let told = |listen: &str| plan(listen).unwrap_err()[0].to_string();
        let finding = told(r#"["ws://127.0.0.1:1"]"#);
        assert!(finding.starts_with("trial/office.toml:1: "), "{finding}");
        let finding = told(r#"["http://127.0.0.1:1"]"#);
        assert!(
            finding.contains("mqtt://, mqtts://, ws:// or wss://"),
            "{finding}"
        );
    }
}
