//! Whether the gate's ports are free, and whether the buses that are joined are who they are meant to be, answer,
//! and keep to themselves what is said.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use broker::{Link, LinkConfig, LinkEvent};
use protocol::{PartyId, Roster};

use super::{Read, operator};
use crate::finding::Finding;
use crate::live::stage::random;
use crate::live::wires::Plug;
use crate::office::{GatePlan, Sheet, is_here, without_files};
use crate::stop;

/// Ports at which something else listens, or at which this process may not.
pub(super) fn ports_in_use(sheet: &Sheet, gate: &GatePlan) -> Vec<Finding> {
    let settings = sheet.settings.path();
    let wrong = gate.listeners.iter().filter_map(|listener| {
        let error = TcpListener::bind(listener.addr).err()?;
        if error.kind() == ErrorKind::AddrInUse {
            let port = listener.addr.port();
            let what = format!("port {port} is in use, and this office does not run");
            let remedy = "stop what listens there (`ss -ltnp` names it), or write another port";
            return Some(Finding::new("port-in-use", settings, what, remedy));
        }
        let what = format!("{listener} cannot be listened at: {error}");
        let remedy = "write an address of this machine and a port above 1023";
        Some(Finding::new("listen", settings, what, remedy))
    });
    wrong
        .map(|finding| finding.at(sheet.line_of_listen()))
        .collect()
}

/// A bus that is asked whether it lets a party in.
struct Ask<'a> {
    settings: &'a Path,
    line: Option<usize>,
    party: PartyId,
    bus: Plug,
}

/// Buses that let somebody in not in time. All are asked at once.
pub(super) fn unreachable(read: &[Read], patience: Duration) -> Vec<Finding> {
    let Ok(runtime) = stop::runtime() else {
        return Vec::new();
    };
    let asks: Vec<Ask<'_>> = read.iter().flat_map(asks_of).collect();
    runtime.block_on(async {
        let mut asked = Vec::new();
        for ask in &asks {
            asked.push(tokio::spawn(answer(ask.party, ask.bus.clone(), patience)));
        }
        let mut findings = Vec::new();
        for (asked, ask) in asked.into_iter().zip(&asks) {
            if let Ok(Some(reason)) = asked.await {
                findings.push(silent(ask.settings, &ask.bus, &reason).at(ask.line));
            }
        }
        findings
    })
}

/// The buses that somebody joins whose name could be read: none lets in who has none.
fn asks_of(read: &Read) -> Vec<Ask<'_>> {
    match read {
        Read::Office(sheet) if sheet.knows("office") => {
            let plugs = sheet.buses_on().0.into_iter();
            let asks = plugs.map(|bus| Ask {
                settings: sheet.settings.path(),
                line: sheet.line_of_bus(bus.id),
                party: sheet.office(),
                bus,
            });
            asks.collect()
        }
        Read::Operator(sheet) if sheet.knows("operator") && sheet.knows("bus.url") => {
            let bus = operator::plug(sheet).ok();
            let asks = bus.map(|bus| Ask {
                settings: sheet.settings.path(),
                line: Some(sheet.line_of_bus()),
                party: sheet.operator(),
                bus,
            });
            asks.into_iter().collect()
        }
        Read::Office(_) | Read::Operator(_) => Vec::new(),
    }
}

/// Buses on other machines to which all goes in clear.
pub(super) fn in_clear(settings: &Path, buses: &[(Plug, Option<usize>)]) -> Vec<Finding> {
    let clear = buses.iter().filter(|(bus, _)| {
        let elsewhere = bus.url.hosts().iter().any(|host| !is_here(host));
        elsewhere && without_files(&bus.url).starts_with("mqtt://")
    });
    let told = clear.map(|(bus, line)| {
        let place = without_files(&bus.url);
        let what = format!("{place} is on another machine, and all on the way read what is said");
        let remedy = "have that bus listen with TLS and write mqtts://";
        Finding::new("bus-clear", settings, what, remedy).at(*line)
    });
    told.collect()
}

/// Buses of offices that the roster does not know, or that are none.
pub(super) fn unknown_offices(sheet: &Sheet, roster: &Roster) -> Vec<Finding> {
    let (plugs, _) = sheet.buses_on();
    let told = plugs.iter().filter_map(|plug| {
        let host = plug.host?;
        let what = match roster.member(host) {
            Some(member) if member.role.holds_logs() => return None,
            Some(member) => format!(
                "\"{host}\" is {} by the roster, and no office",
                member.role.code()
            ),
            None => format!("office \"{host}\" is not in the roster"),
        };
        let offices = roster.members().filter(|it| it.role.holds_logs());
        let offices: Vec<&str> = offices.map(|it| it.party.as_str()).collect();
        let remedy = format!("name one of {}, or take the bus out", offices.join(", "));
        let line = sheet.line_of_bus(plug.id);
        Some(Finding::new("bus-office", sheet.settings.path(), what, remedy).at(line))
    });
    told.collect()
}

fn silent(settings: &Path, bus: &Plug, reason: &str) -> Finding {
    let whose = bus.host.map(|office| format!(" of office {office}"));
    let what = format!(
        "the bus{} at {} {reason}",
        whose.unwrap_or_default(),
        without_files(&bus.url)
    );
    let remedy = "start that office, or correct the address; between machines, see to the firewall";
    Finding::new("bus-unreachable", settings, what, remedy)
}

/// Why a bus does not let this party in; `None` if it does.
async fn answer(party: PartyId, bus: Plug, patience: Duration) -> Option<String> {
    let seed = random().map_or(0, u64::from_be_bytes);
    let config = LinkConfig {
        seed,
        // A gate that knows its clients takes none by another name than its own.
        ..LinkConfig::new(bus.url, format!("{party}-doctor-{seed:016x}"))
    };
    let (link, mut events) = match Link::open(config) {
        Ok(opened) => opened,
        Err(error) => return Some(format!("cannot be linked to: {error}")),
    };
    let mut said = None;
    let up = async {
        while let Some(event) = events.recv().await {
            match event {
                LinkEvent::Up => return true,
                LinkEvent::Down { reason, .. } => said = Some(reason),
                _ => {}
            }
        }
        false
    };
    let up = tokio::time::timeout(patience, up).await == Ok(true);
    link.cut();
    let seconds = patience.as_secs();
    (!up).then(|| match said {
        Some(reason) => format!("does not let this party in: {reason}"),
        None => format!("does not answer within {seconds} s"),
    })
}
