//! Whether the gate's ports are free and the buses of others answer.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use broker::{Link, LinkConfig, LinkEvent};
use protocol::PartyId;

use crate::finding::Finding;
use crate::live::stage::random;
use crate::live::wires::Plug;
use crate::office::{GatePlan, Sheet, without_files};
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

/// Buses that let this office in not in time.
pub(super) fn unreachable(sheet: &Sheet, buses: &[Plug], patience: Duration) -> Vec<Finding> {
    let settings = sheet.settings.path();
    let Ok(runtime) = stop::runtime() else {
        return Vec::new();
    };
    runtime.block_on(async {
        let mut asked = Vec::new();
        for bus in buses {
            asked.push(tokio::spawn(answer(sheet.office(), bus.clone(), patience)));
        }
        let mut findings = Vec::new();
        for (asked, bus) in asked.into_iter().zip(buses) {
            if let Ok(Some(reason)) = asked.await {
                let line = sheet.line_of_bus(bus.id);
                findings.push(silent(settings, bus, &reason).at(line));
            }
        }
        findings
    })
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

/// Why a bus does not let this office in; `None` if it does.
async fn answer(office: PartyId, bus: Plug, patience: Duration) -> Option<String> {
    let seed = random().map_or(0, u64::from_be_bytes);
    let config = LinkConfig {
        seed,
        // A gate that knows its clients takes none by another name than its own.
        ..LinkConfig::new(bus.url, format!("{office}-doctor-{seed:016x}"))
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
        Some(reason) => format!("does not let this office in: {reason}"),
        None => format!("does not answer within {seconds} s"),
    })
}
