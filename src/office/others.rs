//! The buses of others that an office joins, as its settings name them.

use broker::TlsFiles;
use protocol::{BusId, PartyId};

use super::gate::GatePlan;
use super::sheet::Sheet;
use super::way::{Shown, leads_to, url_of};
use super::written::WrittenBus;
use crate::finding::Finding;
use crate::live::wires::Plug;

impl Sheet {
    /// The buses of others that it joins; what is wrong with any is told of all.
    pub(crate) fn buses(&self) -> Result<Vec<Plug>, Vec<Finding>> {
        let (plugs, faults) = self.buses_on();
        if faults.is_empty() {
            Ok(plugs)
        } else {
            Err(faults)
        }
    }

    /// Those that can be joined, and what is wrong with the others.
    pub(crate) fn buses_on(&self) -> (Vec<Plug>, Vec<Finding>) {
        let gate = self.said.gate.as_ref();
        let shown = gate.and_then(|gate| gate.tls(&self.settings));
        let shown = shown.as_ref().map(Shown::of);
        let own = self.gate_on().map(|(plan, _)| plan);
        let ids = (1..).map(numbered);
        let plugs = self.said.bus.iter().zip(ids).map(|(bus, id)| {
            self.is_named_once(bus)?;
            let plug = Plug {
                id,
                url: url_of(&self.settings, bus, shown.clone())?,
                host: bus.office,
            };
            self.is_another_s(bus, &plug, own.as_ref())?;
            Ok(plug)
        });
        sorted_out(plugs)
    }

    /// What it shows at the buses of which offices.
    pub(crate) fn shown(&self) -> Vec<(PartyId, TlsFiles)> {
        let gate = self.said.gate.as_ref();
        let usual = gate.and_then(|gate| gate.tls(&self.settings));
        let shown = self.said.bus.iter().filter_map(|bus| {
            let shown = bus.shown(&self.settings).or_else(|| usual.clone());
            Some((bus.office?, shown?))
        });
        shown.collect()
    }

    /// The line of the address of a bus of another office.
    pub(crate) fn line_of_bus(&self, id: BusId) -> Option<usize> {
        let ids = (1..).map(numbered);
        let (bus, _) = self.said.bus.iter().zip(ids).find(|(_, it)| *it == id)?;
        Some(self.settings.line_of(bus.url.span().start))
    }

    /// Refuses the second of two that are one bus: there the two links would throw each other out.
    fn is_named_once(&self, bus: &WrittenBus) -> Result<(), Finding> {
        let mut before = self.said.bus.iter();
        let mut before = before
            .by_ref()
            .take_while(|it| it.url.span() != bus.url.span());
        let Some(first) = before.find(|it| are_one(it, bus)) else {
            return Ok(());
        };
        let line = self.settings.line_of(first.url.span().start);
        let what = format!("is the bus of line {line} once more");
        let remedy = "take one of them out; hosts of one cluster stand between commas in one url";
        let place = Some(bus.url.span());
        Err(self.settings.finding("bus-twice", place, &what, remedy))
    }

    /// Refuses the office's own gate, which it joins anyhow, for the same reason.
    fn is_another_s(
        &self,
        bus: &WrittenBus,
        plug: &Plug,
        own: Option<&GatePlan>,
    ) -> Result<(), Finding> {
        let doors = own.map_or_else(Vec::new, |plan| plan.listeners.clone());
        let mut hosts = plug.url.hosts().iter();
        let is_named = self.knows("office") && plug.host == Some(self.office());
        if !is_named && !hosts.any(|host| doors.iter().any(|door| leads_to(host, door))) {
            return Ok(());
        }
        let what = "is the bus of this office itself, which it joins by its [gate]";
        let remedy = "take it out, or write another office's name and address";
        let place = Some(bus.url.span());
        Err(self.settings.finding("bus-own", place, what, remedy))
    }
}

/// Whether two buses are one: of the same office, or at the same address.
fn are_one(one: &WrittenBus, other: &WrittenBus) -> bool {
    let is_same_office = one.office.is_some() && one.office == other.office;
    is_same_office || one.url.get_ref() == other.url.get_ref()
}

/// What a bus of another office is called here, by its place in the file.
fn numbered(number: u32) -> BusId {
    format!("bus-{number}")
        .parse()
        .expect("a short name is one")
}

/// What could be read, and what is wrong with the rest.
pub(super) fn sorted_out<T>(
    read: impl IntoIterator<Item = Result<T, Finding>>,
) -> (Vec<T>, Vec<Finding>) {
    let (mut all, mut findings) = (Vec::new(), Vec::new());
    for read in read {
        match read {
            Ok(one) => all.push(one),
            Err(finding) => findings.push(finding),
        }
    }
    (all, findings)
}
