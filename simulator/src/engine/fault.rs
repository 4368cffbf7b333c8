//! Faults of the coordination system: what begins, what ends, what heals at last.

use protocol::{PartyId, Truth};

use super::{Edge, Engine, Event, Hears, Turn};
use crate::scenario::{Disk, FaultKind};

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
            FaultKind::OfficeCrash { office, .. } => self.power(*office, edge),
        }
    }

    /// The scenario is over: every link heals and every office runs.
    pub(super) fn heal(&mut self) {
        self.judge.end_count();
        self.mesh.heal();
        self.relink();
        for number in 0..self.desks.len() {
            self.desks[number].down = 0;
            let number = u16::try_from(number).expect("offices are numbered in u16");
            self.calendar.enter(self.now, Event::Boot(number));
        }
    }

    /// What an office finds on its disk when it boots now: all that was durable, or nothing.
    pub fn disk_of(&self, office: PartyId) -> Disk {
        let ended = self.setup.faults.faults.iter().filter(|fault| {
            let crash =
                matches!(&fault.what, FaultKind::OfficeCrash { office: it, .. } if *it == office);
            crash && fault.from <= self.now
        });
        let last = ended.max_by_key(|fault| fault.from);
        last.map_or(Disk::Keep, |fault| match fault.what {
            FaultKind::OfficeCrash { disk, .. } => disk,
            FaultKind::LinkCut { .. } | FaultKind::LinkDegrade { .. } => Disk::Keep,
        })
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
