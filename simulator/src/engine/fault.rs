//! Faults of the coordination system: what begins, what ends, what heals at last.

use std::collections::BTreeMap;

use protocol::{Moment, PartyId, Span, Truth};

use super::wiring::{Bus, Place};
use super::{Edge, Engine, EngineSetup, Event, Hears, Turn};
use crate::scenario::{Disk, FaultKind, Memory, PlannedFault};

/// How long a broker hears nothing of a client before it gives up on it: one and a half times the five
/// seconds that the link of `broker` asks for (MQTT 3.1.1, 3.1.2.10).
pub(super) const PATIENCE: Span = Span::millis(7_500);

impl Engine {
    pub(super) fn fault(&mut self, number: u32, edge: Edge) {
        let index = number as usize;
        let fault = self.setup.faults.faults[index].clone();
        let begins = edge == Edge::Begins;
        // What was to fail later than a run that ends early fails no more; all is healed by then.
        if self.now > self.setup.end {
            return;
        }
        self.judge_truth(Truth::Fault {
            detail: fault.id.clone(),
            begins,
            breakdown: Some(fault.what.breakdown()),
        });
        if begins {
            self.count(&fault);
        }
        match &fault.what {
            FaultKind::LinkCut { links } => {
                self.mesh.cut(links, begins);
                self.relink();
            }
            FaultKind::LinkDegrade { links, profile } if begins => {
                self.mesh.degrade(index, links, *profile);
            }
            FaultKind::LinkDegrade { .. } => self.mesh.restore(index),
            FaultKind::BrokerCrash { office, memory } => {
                self.crash_brokers(*office, *memory, begins);
            }
            FaultKind::LyingRelay { office, lie } if begins => {
                self.relay.begin(index, *office, *lie);
            }
            FaultKind::LyingRelay { .. } => self.relay.end(index),
            FaultKind::OfficeCrash { office, disk } => self.power((*office, *disk), edge),
            FaultKind::OfficeDuplicate { reaches, .. } if begins => {
                self.begin_twin(index, reaches.as_ref());
            }
            FaultKind::OfficeDuplicate { .. } => self.end_twin(index),
            FaultKind::VoidEntry if begins => self.err(),
            _ => self.strike(&fault, edge),
        }
    }

    /// The broker on an office's machine crashes or comes back, or every broker there is.
    fn crash_brokers(&mut self, office: Option<PartyId>, memory: Memory, begins: bool) {
        let host = office.and_then(|office| self.by_party.get(&office).copied());
        let is_hit = |bus: &Bus| office.is_none() || (host.is_some() && bus.host == host);
        for bus in self.buses.iter_mut().filter(|bus| is_hit(bus)) {
            bus.down = if begins {
                bus.down + 1
            } else {
                bus.down.saturating_sub(1)
            };
            if begins && memory == Memory::Lost {
                bus.retained.clear();
            }
        }
        self.relink();
    }

    /// A fault that an office lives through.
    fn strike(&mut self, fault: &PlannedFault, edge: Edge) {
        let number = fault.what.office().and_then(|it| self.by_party.get(&it));
        let Some(number) = number.copied() else {
            return;
        };
        let (now, until) = (self.now, fault.until.min(self.setup.end));
        let lasts = (edge == Edge::Begins).then_some(until);
        let desk = &mut self.desks[usize::from(number)];
        match fault.what {
            FaultKind::OfficePause { .. } => match lasts {
                Some(until) if desk.runs => {
                    let (since, before) = desk.paused.unwrap_or((now, until));
                    desk.paused = Some((since, until.max(before)));
                    self.calendar.enter(now + PATIENCE, Event::GiveUp(number));
                }
                None if desk.stands_until(now).is_none() => self.resume(number),
                _ => {}
            },
            FaultKind::OfficeClock {
                offset, drift_ppm, ..
            } => desk.clock = lasts.map(|_| (now, offset, drift_ppm)),
            FaultKind::DiskFull { .. } => desk.full = longer(desk.full, lasts, now),
            FaultKind::DiskUnreadable { .. } => {
                desk.unreadable = longer(desk.unreadable, lasts, now);
            }
            _ => {}
        }
    }

    /// The broker's patience with an office that stands still is over.
    pub(super) fn give_up(&mut self, number: u16) {
        let desk = &self.desks[usize::from(number)];
        if desk.is_given_up(self.now) && !desk.linked.is_empty() {
            let linked: Vec<Place> = desk.linked.iter().copied().collect();
            self.publish_will(number, &linked);
        }
    }

    /// An office goes on. If brokers gave up on it, its buses are gone and come again.
    fn resume(&mut self, number: u16) {
        let desk = &mut self.desks[usize::from(number)];
        let given_up = desk.is_given_up(self.now);
        desk.paused = None;
        if given_up {
            for place in &desk.linked {
                self.calendar.enter(self.now, Event::Unlink(number, *place));
            }
        }
    }

    /// Tells an office that a bus is gone; it connects anew at once.
    pub(super) fn unlink(&mut self, number: u16, place: Place) -> Option<Turn> {
        let desk = &mut self.desks[usize::from(number)];
        if !desk.runs || !desk.linked.remove(&place) {
            return None;
        }
        self.calendar.enter(self.now, Event::Link(number, place));
        let bus = self.buses[place].id;
        Some(self.turn(number, Hears::Link(bus, false)))
    }

    /// The scenario is over: every link heals and every office runs.
    pub(super) fn heal(&mut self) {
        self.judge.end_count();
        self.end_twins();
        self.mesh.heal();
        for bus in &mut self.buses {
            bus.down = 0;
        }
        self.relay.heal();
        self.relink();
        for number in 0..self.setup.offices.len() {
            let desk = &mut self.desks[number];
            desk.down = 0;
            (desk.full, desk.unreadable, desk.clock) = (None, None, None);
            let number = u16::try_from(number).expect("offices are numbered in u16");
            self.resume(number);
            self.calendar.enter(self.now, Event::Boot(number));
        }
    }

    /// What an office finds on its disk when it boots now, and when it crashed.
    pub fn disk_of(&self, office: PartyId) -> (Disk, Moment) {
        let number = self.by_party.get(&office);
        number.map_or((Disk::Keep, self.now), |number| {
            self.desks[usize::from(*number)].crashed
        })
    }

    /// How many faults of each kind have struck something by now.
    pub fn struck(&self) -> &BTreeMap<&'static str, u64> {
        &self.struck
    }

    /// Counts a fault that begins, unless what it would strike is down already: a process that does not
    /// run neither dies nor stands still, and writes nothing to a full disk. What a disk does not give back
    /// strikes when it is read.
    fn count(&mut self, fault: &PlannedFault) {
        if matches!(fault.what, FaultKind::DiskUnreadable { .. }) {
            return;
        }
        let takes_a_process = matches!(
            fault.what,
            FaultKind::OfficeCrash { .. }
                | FaultKind::OfficePause { .. }
                | FaultKind::DiskFull { .. }
        );
        let struck = fault.what.office().and_then(|it| self.by_party.get(&it));
        let runs = struck.is_some_and(|number| self.desks[usize::from(*number)].runs);
        if runs || !takes_a_process {
            for kind in fault.kinds(self.setup.start) {
                self.strikes(kind);
            }
        }
    }

    /// A fault of a kind has struck something.
    pub(super) fn strikes(&mut self, kind: &'static str) {
        *self.struck.entry(kind).or_default() += 1;
    }

    fn power(&mut self, (office, left): (PartyId, Disk), edge: Edge) {
        let Some(number) = self.by_party.get(&office).copied() else {
            return;
        };
        let desk = &mut self.desks[usize::from(number)];
        match edge {
            Edge::Begins => {
                if desk.runs {
                    desk.crashed = (left, self.now);
                }
                desk.down += 1;
                self.switch_off(number);
            }
            Edge::Ends => {
                desk.down = desk.down.saturating_sub(1);
                self.calendar.enter(self.now, Event::Boot(number));
            }
        }
    }

    /// Every office whose bus came or went will be told.
    fn relink(&mut self) {
        for number in 0..self.desks.len() {
            let number = u16::try_from(number).expect("offices are numbered in u16");
            for place in self.buses_of(number) {
                let desk = &self.desks[usize::from(number)];
                if desk.runs && desk.is_on(place) != self.reaches(number, place) {
                    self.calendar.enter(self.now, Event::Link(number, place));
                }
            }
        }
    }

    /// A broker came or went with the machine of its host.
    pub(super) fn relink_host(&mut self, number: u16) {
        if self.buses.iter().any(|bus| bus.host == Some(number)) {
            self.relink();
        }
    }

    /// Tells an office that a bus is there or gone, if that is news to it.
    pub(super) fn link(&mut self, number: u16, place: Place) -> Option<Turn> {
        let up = self.reaches(number, place);
        let desk = &mut self.desks[usize::from(number)];
        if !desk.runs || desk.is_on(place) == up {
            return None;
        }
        if up {
            desk.linked.insert(place);
            self.catch_up(number, place);
        } else {
            desk.linked.remove(&place);
        }
        let bus = self.buses[place].id;
        Some(self.turn(number, Hears::Link(bus, up)))
    }
}

/// What happens at times that are known beforehand. A clock that is wrong from the beginning is so when its
/// office boots.
pub(super) fn known(setup: &EngineSetup) -> Vec<(Moment, Event)> {
    let faults = || (0_u32..).zip(&setup.faults.faults);
    let is_before = |fault: &PlannedFault| {
        fault.from <= setup.start && matches!(fault.what, FaultKind::OfficeClock { .. })
    };
    let begins = |(n, fault): (u32, &PlannedFault)| (fault.from, Event::Fault(n, Edge::Begins));
    let before = faults().filter(|(_, fault)| is_before(fault)).map(begins);
    let boots = (0_u16..).zip(&setup.offices);
    let boots = boots.map(|(n, _)| (setup.start, Event::Boot(n)));
    let mut known: Vec<(Moment, Event)> = before.chain(boots).collect();
    for (n, fault) in faults() {
        if !is_before(fault) {
            known.push(begins((n, fault)));
        }
        known.push((fault.until, Event::Fault(n, Edge::Ends)));
    }
    known.push((setup.end, Event::Heal));
    known
}

/// Until when something lasts when a fault of its kind begins or ends beside others.
fn longer(before: Option<Moment>, lasts: Option<Moment>, now: Moment) -> Option<Moment> {
    lasts.max(before.filter(|until| *until > now))
}
