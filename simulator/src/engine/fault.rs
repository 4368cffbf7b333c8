//! Faults of the coordination system: what begins, what ends, what heals at last.

use protocol::{Moment, PartyId, Span, Truth};

use super::{Edge, Engine, Event, Hears, Turn};
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
        match &fault.what {
            FaultKind::LinkCut { links } => {
                self.mesh.cut(links, begins);
                self.relink();
            }
            FaultKind::LinkDegrade { links, profile } if begins => {
                self.mesh.degrade(index, links, *profile);
            }
            FaultKind::LinkDegrade { .. } => self.mesh.restore(index),
            FaultKind::BrokerCrash { memory } => {
                if begins && *memory == Memory::Lost {
                    self.retained.clear();
                }
                self.mesh.cut(&self.mesh.everything(), begins);
                self.relink();
            }
            FaultKind::LyingRelay { office, lie } if begins => {
                self.relay.begin(index, *office, *lie);
            }
            FaultKind::LyingRelay { .. } => self.relay.end(index),
            FaultKind::OfficeCrash { office, .. } => self.power(*office, edge),
            _ => self.strike(&fault, edge),
        }
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
        if desk.is_given_up(self.now) && desk.linked {
            self.publish_will(number);
        }
    }

    /// An office goes on. If the broker gave up on it, its bus is gone and comes again.
    fn resume(&mut self, number: u16) {
        let desk = &mut self.desks[usize::from(number)];
        let given_up = desk.is_given_up(self.now);
        desk.paused = None;
        if given_up && desk.linked {
            self.calendar.enter(self.now, Event::Unlink(number));
        }
    }

    /// Tells an office that its bus is gone; it connects anew at once.
    pub(super) fn unlink(&mut self, number: u16) -> Option<Turn> {
        let desk = &mut self.desks[usize::from(number)];
        if !desk.runs || !desk.linked {
            return None;
        }
        desk.linked = false;
        self.calendar.enter(self.now, Event::Link(number));
        let bus = self.bus;
        Some(self.turn(number, Hears::Link(bus, false)))
    }

    /// The scenario is over: every link heals and every office runs.
    pub(super) fn heal(&mut self) {
        self.judge.end_count();
        self.mesh.heal();
        self.relay.heal();
        self.relink();
        for number in 0..self.desks.len() {
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
        let crashes = self.setup.faults.faults.iter().filter_map(|fault| {
            let FaultKind::OfficeCrash { office: it, disk } = fault.what else {
                return None;
            };
            (it == office && fault.from <= self.now).then_some((disk, fault.from))
        });
        let last = crashes.max_by_key(|(_, from)| *from);
        last.unwrap_or((Disk::Keep, self.now))
    }

    fn power(&mut self, office: PartyId, edge: Edge) {
        let Some(number) = self.by_party.get(&office).copied() else {
            return;
        };
        let desk = &mut self.desks[usize::from(number)];
        match edge {
            Edge::Begins => {
                desk.down += 1;
                let was_linked = desk.linked;
                if desk.runs {
                    desk.die();
                    if was_linked {
                        self.publish_will(number);
                    }
                }
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
            let up = !self.mesh.is_isolated(number);
            let desk = &self.desks[number];
            if desk.runs && desk.linked != up {
                let number = u16::try_from(number).expect("offices are numbered in u16");
                self.calendar.enter(self.now, Event::Link(number));
            }
        }
    }

    /// Tells an office that its bus is there or gone, if that is news to it.
    pub(super) fn link(&mut self, number: u16) -> Option<Turn> {
        let up = !self.mesh.is_isolated(usize::from(number));
        let desk = &mut self.desks[usize::from(number)];
        if !desk.runs || desk.linked == up {
            return None;
        }
        desk.linked = up;
        if up {
            self.catch_up(number);
        }
        let bus = self.bus;
        Some(self.turn(number, Hears::Link(bus, up)))
    }
}

/// Until when something lasts when a fault of its kind begins or ends beside others.
fn longer(before: Option<Moment>, lasts: Option<Moment>, now: Moment) -> Option<Moment> {
    lasts.max(before.filter(|until| *until > now))
}
