//! The buses of a region: who is on which, and what their brokers keep.

use std::collections::BTreeMap;
use std::sync::Arc;

use protocol::{BusId, Topic};

use crate::cast::network;

/// Who is on a bus.
#[derive(Clone, Debug)]
pub(crate) enum On {
    /// Every machine, whenever it starts.
    Everybody,
    /// These.
    Machines(Vec<usize>),
}

/// The buses, by name.
#[derive(Debug)]
pub(crate) struct Buses {
    buses: BTreeMap<BusId, On>,
    retained: BTreeMap<(BusId, String), Arc<str>>,
}

impl Buses {
    pub(crate) fn one() -> Self {
        Self::new([On::Everybody])
    }

    pub(crate) fn new(buses: impl IntoIterator<Item = On>) -> Self {
        let named = (1..).zip(buses);
        let named = named.map(|(number, on)| (format!("bus-{number}").parse().unwrap(), on));
        Self {
            buses: named.collect(),
            retained: BTreeMap::new(),
        }
    }

    /// The buses that a machine is on.
    pub(crate) fn of(&self, machine: usize) -> Vec<BusId> {
        let buses = self.buses.iter();
        let on = buses.filter(|(_, on)| match on {
            On::Everybody => true,
            On::Machines(machines) => machines.contains(&machine),
        });
        on.map(|(bus, _)| *bus).collect()
    }

    pub(crate) fn is_on(&self, machine: usize, bus: BusId) -> bool {
        self.of(machine).contains(&bus)
    }

    pub(crate) fn keep(&mut self, bus: BusId, topic: Topic, text: &Arc<str>) {
        if topic.is_retained() {
            let topic = topic.on(network().id);
            self.retained.insert((bus, topic), Arc::clone(text));
        }
    }

    /// What a broker keeps for whoever comes.
    pub(crate) fn kept(&self, bus: BusId) -> Vec<(String, Arc<str>)> {
        let kept = self.retained.iter().filter(|((on, _), _)| *on == bus);
        kept.map(|((_, topic), text)| (topic.clone(), Arc::clone(text)))
            .collect()
    }

    pub(crate) fn forget(&mut self) {
        self.retained.clear();
    }
}
