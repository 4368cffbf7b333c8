//! The buses of a run: who is on which, through whose broker frames go, and what each broker keeps.
//!
//! One bus for all lies in the middle of nothing: frames go straight from sender to receiver. A broker
//! that an office hosts is where that office is: what others say on it goes to the host first, and it
//! comes and goes with the host's machine.

use std::collections::BTreeMap;

use protocol::{BusId, Frame, Moment, PartyId, Topic, Verified};

use super::{Engine, Event};
use crate::network::Arrivals;
use crate::scenario::BusPlan;

/// A bus by its place among those of a run.
pub(super) type Place = usize;

/// Who on a bus is to hear a frame.
#[derive(Clone, Copy, Debug)]
pub(super) enum Hearers {
    /// All but who said it.
    AllBut(u16),
    /// Whom it is for.
    Only(u16),
}

impl Hearers {
    fn has(self, member: u16) -> bool {
        match self {
            Self::AllBut(sender) => member != sender,
            Self::Only(addressee) => member == addressee,
        }
    }
}

/// A bus in a run.
#[derive(Debug)]
pub(super) struct Bus {
    pub(super) id: BusId,
    pub(super) host: Option<u16>,
    pub(super) members: Vec<u16>,
    /// How many faults keep its broker down.
    pub(super) down: u32,
    pub(super) retained: BTreeMap<Topic, Verified<Frame>>,
}

impl Bus {
    pub(super) fn all(plans: &[BusPlan], numbers: &BTreeMap<PartyId, u16>) -> Vec<Self> {
        let number = |party: &PartyId| numbers.get(party).copied();
        let buses = plans.iter().map(|plan| Self {
            id: plan.id,
            host: plan.host.as_ref().and_then(number),
            members: plan.members.iter().filter_map(number).collect(),
            down: 0,
            retained: BTreeMap::new(),
        });
        buses.collect()
    }

    /// A bus on a machine, with nobody else on it.
    pub(super) fn of_one(id: BusId, host: u16) -> Self {
        Self {
            id,
            host: Some(host),
            members: vec![host],
            down: 0,
            retained: BTreeMap::new(),
        }
    }
}

impl Engine {
    /// The place of a bus; the first if there is none of that name.
    pub(super) fn place(&self, id: BusId) -> Place {
        let place = self.buses.iter().position(|bus| bus.id == id);
        place.unwrap_or_default()
    }

    /// The buses that an office is on.
    pub(super) fn buses_of(&self, number: u16) -> impl Iterator<Item = Place> + use<> {
        let buses = self.buses.iter().enumerate();
        let on = buses.filter(|(_, bus)| bus.members.contains(&number));
        let places: Vec<Place> = on.map(|(place, _)| place).collect();
        places.into_iter()
    }

    /// The bus on which an office hears its own ground.
    pub(super) fn own_bus(&self, number: u16) -> Place {
        let hosted = self.buses.iter().position(|bus| bus.host == Some(number));
        hosted
            .or_else(|| self.buses_of(number).next())
            .unwrap_or_default()
    }

    /// Whether an office that runs reaches a bus.
    pub(super) fn reaches(&self, number: u16, place: Place) -> bool {
        let bus = &self.buses[place];
        let office = usize::from(number);
        let there = match bus.host {
            None => !self.mesh.is_isolated(office),
            Some(host) if host == number => true,
            Some(host) => {
                let runs = self.desks[usize::from(host)].runs;
                runs && !self.mesh.is_parted(office, usize::from(host))
            }
        };
        there && bus.down == 0
    }

    /// Brings a frame that an office says on a bus to those there who are to hear it.
    pub(super) fn deliver_to(
        &mut self,
        hearers: Hearers,
        (from, place): (u16, Place),
        frame: &Verified<Frame>,
    ) {
        match self.buses[place].host {
            Some(host) if host != from => {
                let way = (usize::from(from), usize::from(host));
                for (at, frame) in self.copies(way, frame) {
                    self.depart(at, Event::Hand(place, hearers, frame));
                }
            }
            _ => self.hand_out(usize::from(from), (hearers, place), frame),
        }
    }

    /// A frame has come to the machine that hosts a bus. Only now does it set out on the next way: one
    /// that took its place there when it was first sent would let all that comes sooner wait for it.
    pub(super) fn pass_on(&mut self, (hearers, place): (Hearers, Place), frame: &Verified<Frame>) {
        let bus = &self.buses[place];
        let Some(host) = bus.host.filter(|_| bus.down == 0) else {
            return;
        };
        if self.desks[usize::from(host)].runs {
            self.hand_out(usize::from(host), (hearers, place), frame);
        }
    }

    /// A broker keeps what is to be kept, and hands a frame from where it is to those who are to hear it.
    pub(super) fn hand_out(
        &mut self,
        from: usize,
        (hearers, place): (Hearers, Place),
        frame: &Verified<Frame>,
    ) {
        let topic = frame.get().topic();
        let bus = &mut self.buses[place];
        if matches!(topic, Topic::Digest(_) | Topic::Presence(_) | Topic::Clock) {
            bus.retained.insert(topic, frame.clone());
        }
        for member in 0..self.buses[place].members.len() {
            let member = self.buses[place].members[member];
            if hearers.has(member) {
                self.bring(from, (member, place), self.now, frame);
            }
        }
    }

    /// Carries a frame from where it is to an office, over a bus.
    pub(super) fn bring(
        &mut self,
        from: usize,
        (to, place): (u16, Place),
        at: Moment,
        frame: &Verified<Frame>,
    ) {
        if from == usize::from(to) {
            self.depart(at, Event::Deliver(to, place, frame.clone()));
            return;
        }
        let (arrivals, came) = self.carried((from, usize::from(to)), at, frame);
        let Some(frame) = came else { return };
        for at in arrivals.times() {
            self.depart(at, Event::Deliver(to, place, frame.clone()));
        }
    }

    /// What comes of a frame at the end of a way, and when.
    fn copies(
        &mut self,
        way: (usize, usize),
        frame: &Verified<Frame>,
    ) -> Vec<(Moment, Verified<Frame>)> {
        let (arrivals, came) = self.carried(way, self.now, frame);
        let copies = |frame: Verified<Frame>| arrivals.times().map(move |at| (at, frame.clone()));
        came.into_iter().flat_map(copies).collect()
    }

    fn carried(
        &mut self,
        way: (usize, usize),
        at: Moment,
        frame: &Verified<Frame>,
    ) -> (Arrivals, Option<Verified<Frame>>) {
        let arrivals = self.mesh.carry(way, at, frame.get().text().len());
        let came = match arrivals.spoilt {
            Some(place) => self.spoilt(frame, place),
            None => Some(frame.clone()),
        };
        (arrivals, came)
    }
}
