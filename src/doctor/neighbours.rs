//! Whether the offices whose settings lie here agree on where each of them listens.
//!
//! Of an address on another machine nobody here can say whose it is; those of this machine are compared.

use std::path::Path;

use broker::{BusUrl, Listener};
use protocol::PartyId;

use super::Read;
use crate::finding::Finding;
use crate::office::{Sheet, is_here, leads_to, without_files};

/// An office's gate as its settings have it.
struct Doors<'a> {
    office: PartyId,
    settings: &'a Path,
    line: Option<usize>,
    listeners: Vec<Listener>,
    is_whole: bool,
}

/// Where somebody joins an office's bus.
struct Joins<'a> {
    settings: &'a Path,
    line: Option<usize>,
    office: PartyId,
    url: BusUrl,
}

/// What does not fit between these settings.
pub(super) fn faults_between(read: &[Read]) -> Vec<Finding> {
    let offices = read.iter().filter_map(|it| match it {
        Read::Office(sheet) if sheet.knows("office") => Some(&**sheet),
        _ => None,
    });
    let doors: Vec<Doors<'_>> = offices.map(doors_of).collect();
    let mut findings = one_door_twice(&doors);
    let joins = read.iter().flat_map(joins_of);
    findings.extend(joins.filter_map(|it| led_astray(&it, &doors)));
    findings
}

fn doors_of(sheet: &Sheet) -> Doors<'_> {
    let planned = sheet.gate_on();
    Doors {
        office: sheet.office(),
        settings: sheet.settings.path(),
        line: sheet.line_of_listen(),
        is_whole: sheet.knows("gate") && planned.as_ref().is_none_or(|(_, it)| it.is_empty()),
        listeners: planned.map(|(plan, _)| plan.listeners).unwrap_or_default(),
    }
}

fn joins_of(read: &Read) -> Vec<Joins<'_>> {
    match read {
        Read::Office(sheet) => {
            let plugs = sheet.buses_on().0.into_iter();
            let joins = plugs.filter_map(|plug| {
                Some(Joins {
                    settings: sheet.settings.path(),
                    line: sheet.line_of_bus(plug.id),
                    office: plug.host?,
                    url: plug.url,
                })
            });
            joins.collect()
        }
        Read::Operator(sheet) => {
            let url = Some(sheet).filter(|it| it.knows("bus.url") && it.knows("office"));
            let url = url.and_then(|it| it.bus().ok());
            let joins = url.map(|url| Joins {
                settings: sheet.settings.path(),
                line: Some(sheet.line_of_bus()),
                office: sheet.office(),
                url,
            });
            joins.into_iter().collect()
        }
    }
}

/// Two listeners at one place of this machine, of which one alone can be there.
fn one_door_twice(all: &[Doors<'_>]) -> Vec<Finding> {
    let doors = all
        .iter()
        .flat_map(|of| of.listeners.iter().map(move |door| (of, door)));
    let doors: Vec<(&Doors<'_>, &Listener)> = doors.collect();
    let told = doors.iter().enumerate().filter_map(|(place, (of, door))| {
        let (first, at) = doors[..place].iter().find(|(_, it)| are_one(it, door))?;
        let what = format!(
            "{door} is where office {} listens already, with {at}",
            first.office
        );
        let remedy =
            "write another port, there or here, and tell it to whoever joins it ([[bus]] url)";
        Some(Finding::new("port-twice", of.settings, what, remedy).at(of.line))
    });
    told.collect()
}

fn are_one(one: &Listener, other: &Listener) -> bool {
    let (a, b) = (one.addr, other.addr);
    let is_same_kind = a.is_ipv4() == b.is_ipv4();
    let meets = a.ip() == b.ip() || a.ip().is_unspecified() || b.ip().is_unspecified();
    // A port that the system chooses is no other's.
    a.port() != 0 && a.port() == b.port() && is_same_kind && meets
}

/// An address of this machine at which the office that is meant does not listen.
fn led_astray(joins: &Joins<'_>, all: &[Doors<'_>]) -> Option<Finding> {
    let meant = all.iter().find(|it| it.office == joins.office)?;
    let [host] = joins.url.hosts() else {
        return None;
    };
    if !meant.is_whole || !is_here(host) {
        return None;
    }
    let place = without_files(&joins.url);
    let mut found = meant.listeners.iter().filter(|it| leads_to(host, it));
    let scheme = |door: &Listener| format!("{}://", door.wire.scheme());
    let office = joins.office;
    let remedy = "write the address that the office's own [gate] listen has";
    let what = match found.next() {
        Some(door) if place.starts_with(&scheme(door)) => return None,
        Some(door) => format!(
            "{place} is where office {office} listens with {}",
            scheme(door)
        ),
        None => {
            let theirs = meant.listeners.iter().map(ToString::to_string);
            let theirs = theirs.collect::<Vec<_>>().join(" and ");
            let theirs = Some(theirs).filter(|it| !it.is_empty());
            let theirs = theirs.unwrap_or_else(|| "nowhere".to_owned());
            format!("{place} is not where office {office} listens, which is {theirs}")
        }
    };
    Some(Finding::new("bus-address", joins.settings, what, remedy).at(joins.line))
}
