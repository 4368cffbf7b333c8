//! Faults as a scenario file writes them, so that what a storm drew can be read, kept and run again.

use std::collections::BTreeSet;
use std::fmt::{self, Display, Write};

use protocol::{Moment, PartyId, Span};

use super::{Disk, FaultKind, Lie, Links, Memory, NetworkProfile, PlannedFault, Ways};
use crate::stream::Spread;

impl PlannedFault {
    /// The fault as a `[[fault]]` of a scenario that begins at this time.
    pub fn to_toml(&self, start: Moment) -> String {
        let mut text = format!(
            "[[fault]]\nid = \"{}\"\nkind = \"{}\"\nat = \"{}\"\nfor = \"{}\"\n",
            self.id,
            kind(&self.what),
            time(self.from.since(start)),
            time(self.until.since(self.from)),
        );
        keys(&self.what, &mut text).expect("a text takes whatever is written");
        text
    }
}

fn kind(what: &FaultKind) -> &'static str {
    match what {
        FaultKind::LinkCut { .. } => "link-cut",
        FaultKind::LinkDegrade { .. } => "link-degrade",
        FaultKind::BrokerCrash { .. } => "broker-crash",
        FaultKind::LyingRelay { .. } => "lying-relay",
        FaultKind::OfficeCrash { .. } => "office-crash",
        FaultKind::OfficePause { .. } => "office-pause",
        FaultKind::OfficeDuplicate { .. } => "office-duplicate",
        FaultKind::OfficeClock { .. } => "office-clock",
        FaultKind::DiskFull { .. } => "disk-full",
        FaultKind::DiskUnreadable { .. } => "disk-unreadable",
        FaultKind::VoidEntry => "void-entry",
    }
}

fn keys(what: &FaultKind, text: &mut String) -> fmt::Result {
    if let Some(office) = what.office() {
        writeln!(text, "office = \"{office}\"")?;
    }
    if let Some(links) = what.links() {
        between(links, text)?;
    }
    match what {
        FaultKind::LinkDegrade { profile, .. } => line(profile, text),
        FaultKind::BrokerCrash { office, memory } => {
            if let Some(office) = office {
                writeln!(text, "office = \"{office}\"")?;
            }
            writeln!(text, "memory = \"{}\"", word(*memory, &Memory::WORDS))
        }
        FaultKind::LyingRelay { lie, .. } => {
            writeln!(text, "lie = \"{}\"", word(*lie, &Lie::WORDS))
        }
        FaultKind::OfficeCrash { disk, .. } => match disk {
            Disk::Keep => writeln!(text, "disk = \"keep\""),
            Disk::Torn => writeln!(text, "disk = \"torn\""),
            Disk::Written => writeln!(text, "disk = \"written\""),
            Disk::Old(age) => writeln!(text, "disk = \"old\"\nimage_age = \"{}\"", time(*age)),
            Disk::Lost => writeln!(text, "disk = \"lost\""),
        },
        FaultKind::OfficeDuplicate {
            image_age, reaches, ..
        } => {
            writeln!(text, "image_age = \"{}\"", time(*image_age))?;
            match reaches {
                Some(reached) => writeln!(text, "reaches = [{}]", list(reached)),
                None => Ok(()),
            }
        }
        FaultKind::OfficeClock {
            offset, drift_ppm, ..
        } => {
            let (sign, size) = (if *offset < 0 { "-" } else { "" }, offset.unsigned_abs());
            let (whole, part) = (size / 1_000_000, size % 1_000_000);
            writeln!(
                text,
                "offset_s = {sign}{whole}.{part:06}\ndrift_ppm = {drift_ppm}"
            )
        }
        _ => Ok(()),
    }
}

fn word<T: Copy + PartialEq>(value: T, words: &[(&'static str, T)]) -> &'static str {
    let mut words = words.iter();
    let found = words.find(|(_, known)| *known == value);
    found.expect("every value has its word").0
}

fn list(parties: &BTreeSet<PartyId>) -> String {
    let names: Vec<String> = parties.iter().map(|it| format!("\"{it}\"")).collect();
    names.join(", ")
}

fn between(links: &Links, text: &mut String) -> fmt::Result {
    let (from, to) = (list(&links.from), list(&links.to));
    let symmetric = links.ways == Ways::Both;
    writeln!(
        text,
        "between = [[{from}], [{to}]]\nsymmetric = {symmetric}"
    )
}

fn line(profile: &NetworkProfile, text: &mut String) -> fmt::Result {
    writeln!(text, "latency = {}", spread(&profile.latency))?;
    for (key, chance) in [
        ("loss", profile.loss),
        ("duplicate", profile.duplicate),
        ("reorder", profile.reorder),
        ("corrupt", profile.corrupt),
    ] {
        writeln!(text, "{key} = 0.{:06}", chance.0.min(999_999))?;
    }
    writeln!(text, "reorder_by = \"{}\"", time(profile.reorder_by))?;
    match profile.bits_per_s {
        Some(rate) => writeln!(text, "rate_kbit_s = {}", rate / 1_000),
        None => Ok(()),
    }
}

fn spread(spread: &Spread) -> String {
    let dist = |name: &str, times: &[(&str, Span)]| {
        let times = times
            .iter()
            .map(|(key, at)| format!("{key} = \"{}\"", time(*at)));
        let times: Vec<String> = times.collect();
        format!("{{ dist = \"{name}\", {} }}", times.join(", "))
    };
    match *spread {
        Spread::Fixed { time } => dist("fixed", &[("time", time)]),
        Spread::Uniform { min, max } => dist("uniform", &[("min", min), ("max", max)]),
        Spread::Exponential { mean } => dist("exponential", &[("mean", mean)]),
        Spread::Lognormal { median, p90 } => dist("lognormal", &[("median", median), ("p90", p90)]),
        Spread::Triangular { min, mode, max } => {
            dist("triangular", &[("min", min), ("mode", mode), ("max", max)])
        }
    }
}

/// A span in the greatest unit that divides it.
fn time(span: Span) -> impl Display {
    let ms = span.0 / 1_000;
    let (count, unit) = match ms {
        _ if ms.is_multiple_of(60_000) => (ms / 60_000, "m"),
        _ if ms.is_multiple_of(1_000) => (ms / 1_000, "s"),
        _ => (ms, "ms"),
    };
    format!("{count}{unit}")
}
