//! Where others come in to an office: the one place that knows how the embedded bus is opened.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

use broker::{
    Access, BrokerEvent, BusUrl, Embedded, GateConfig, Listener, Passwords, TlsFiles, Wire,
};
use protocol::{AccessList, Network, Roster};
use tokio::sync::mpsc;

use super::sheet::all_or_faults;
use super::way::{Shown, address};
use super::written::WrittenGate;
use crate::failure::Failure;
use crate::finding::{Finding, what_and_remedy};
use crate::secret::{Holds, is_its_owners_alone};
use crate::settings::Settings;
use crate::whole;

/// A gate as the settings plan it.
#[derive(Clone, Debug)]
pub(crate) struct GatePlan {
    pub(crate) listeners: Vec<Listener>,
    pub(crate) tls: Option<TlsFiles>,
    pub(crate) passwords: Option<PathBuf>,
    pub(crate) origins: Vec<String>,
}

impl GatePlan {
    pub(super) fn of(settings: &Settings, said: &WrittenGate) -> Result<Self, Vec<Finding>> {
        let listeners = said.listen.get_ref().iter().map(|text| {
            let listener = text.get_ref().parse();
            listener.map_err(|error: broker::ListenerError| {
                let told = error.to_string();
                let (what, remedy) = what_and_remedy(&told, "write another");
                settings.finding("listen", Some(text.span()), what, remedy)
            })
        });
        let plan = Self {
            listeners: all_or_faults(listeners)?,
            tls: said.tls(settings),
            passwords: said.passwords.as_deref().map(|name| settings.beside(name)),
            origins: said.origins.clone(),
        };
        let place = Some(said.listen.span());
        let wrong = |what, remedy| Err(vec![settings.finding("listen", place, what, remedy)]);
        if plan.listeners.is_empty() {
            let remedy = "write listen = [\"mqtts://127.0.0.1:8883\"], or leave [gate] out";
            return wrong("the gate listens nowhere", remedy);
        }
        if !plan.listeners.iter().any(is_spoken_by_links) {
            let remedy = "add \"mqtts://127.0.0.1:8883\" to listen";
            return wrong(
                "the office itself comes in without WebSocket, and all listeners have it",
                remedy,
            );
        }
        if plan.is_private() && plan.tls.is_none() {
            let remedy = "name cert and key in [gate]";
            return wrong("the gate listens with TLS and names no certificate", remedy);
        }
        Ok(plan)
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
        Ok(Embedded::open(if self.knows_its_clients() {
            config
        } else {
            GateConfig {
                access: Access::Anyone {
                    withheld: Vec::new(),
                },
                ..config
            }
        })?)
    }

    /// Has a bus that was opened by this plan read certificates, revocations and passwords anew.
    pub(super) fn renew(&self, bus: &Embedded) -> Result<(), Finding> {
        let passwords = self.passwords()?.unwrap_or_default();
        let renewed = bus.renew(self.tls.as_ref(), passwords);
        renewed.map_err(|error| {
            let (told, file) = (error.to_string(), error.path());
            let named = file.display().to_string();
            let told = told.strip_prefix(&named).unwrap_or(&told);
            let told = told.trim_start_matches([':', ' ']);
            let (what, remedy) = what_and_remedy(told, "put a sound file in its place");
            Finding::new("certificate", file, what, remedy)
        })
    }

    /// The passwords' file, if there is one.
    pub(crate) fn passwords(&self) -> Result<Option<Passwords>, Finding> {
        self.passwords.as_deref().map(passwords).transpose()
    }

    /// Where the office itself joins it.
    pub(crate) fn own_url(&self) -> Result<BusUrl, broker::UrlError> {
        let mut spoken = self.listeners.iter().filter(|it| is_spoken_by_links(it));
        let door = spoken
            .next()
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
fn reachable(addr: SocketAddr) -> SocketAddr {
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
        let text =
            format!("listen = {listen}\ncert = \"c.pem\"\nkey = \"c.key\"\nrevoked = \"r.crl\"\n");
        let settings = Settings::of("trial/office.toml".as_ref(), &text);
        GatePlan::of(&settings, &toml::from_str(&text).unwrap())
    }

    #[test]
    fn an_office_comes_in_by_its_first_door_without_websocket_whatever_else_it_opens() {
        let doors = r#"["ws://127.0.0.1:1", "wss://0.0.0.0:2", "mqtts://0.0.0.0:3"]"#;
        let plan = plan(doors).unwrap();
        let wires: Vec<Wire> = plan.listeners.iter().map(|it| it.wire).collect();
        assert_eq!(wires, [Wire::WebSocket, Wire::SecureWebSocket, Wire::Tls]);
        let own = plan.own_url().unwrap().to_string();
        assert!(
            own.starts_with("mqtts://127.0.0.1:3?cert=trial/c.pem"),
            "{own}"
        );
        let files = plan.tls.unwrap();
        assert_eq!(files.revoked.unwrap(), Path::new("trial/r.crl"));
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
