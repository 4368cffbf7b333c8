//! A second machine under an office's name: it comes, runs beside the first and is switched off.
//!
//! It is one more seat with the same party. Its image of the first one's disk is whoever's who runs
//! the offices; an operator, who acts on alarms alone, makes the first serve in the end.

use std::collections::BTreeSet;

use protocol::{Action, Direct, Frame, Moment, Outcome, PartyId, RequestId, Said, Span, Topic};

use super::wiring::{Bus, Place};
use super::{Engine, Event};
use crate::scenario::{FaultKind, FaultPlan};
use crate::world::WorldInput;

/// How long an operator waits for an answer before the command is given again.
const COMMAND_AGAIN: Span = Span::minutes(1);

/// What an operator is about to settle: which machine of an office serves.
#[derive(Debug)]
pub(super) struct TakeOver {
    seat: u16,
    request: RequestId,
    /// Whether somebody has answered.
    answered: bool,
}

/// The parties of a plan's second machines, in the order of its faults.
pub(super) fn duplicates(plan: &FaultPlan) -> impl Iterator<Item = PartyId> {
    let faults = plan.faults.iter();
    faults.filter_map(|fault| match fault.what {
        FaultKind::OfficeDuplicate { office, .. } => Some(office),
        _ => None,
    })
}

impl Engine {
    /// Which seat the machine that boots now is a copy of, and of what time; `None` if it is no copy.
    pub fn copied(&self, seat: u16) -> Option<(u16, Moment)> {
        let original = self.desks[usize::from(seat)].twin_of?;
        let nth = usize::from(seat) - self.setup.offices.len();
        let faults = self.setup.faults.faults.iter();
        let mut ages = faults.filter_map(|fault| match fault.what {
            FaultKind::OfficeDuplicate { image_age, .. } => Some(image_age),
            _ => None,
        });
        let age = ages.nth(nth)?;
        Some((original, Moment(self.now.0.saturating_sub(age.0))))
    }

    /// Every seat's party: the offices, then their second machines.
    pub fn seats(&self) -> impl Iterator<Item = PartyId> {
        self.desks.iter().map(|desk| desk.party)
    }

    /// The machines under an office's name that are there.
    pub(super) fn seats_of(&self, party: PartyId) -> Vec<u16> {
        let mut seats: Vec<u16> = self.by_party.get(&party).copied().into_iter().collect();
        let twins = self.twins.iter().copied();
        seats.extend(twins.filter(|seat| self.desks[usize::from(*seat)].party == party));
        seats
    }

    pub(super) fn is_twin(&self, number: u16) -> bool {
        self.desks[usize::from(number)].twin_of.is_some()
    }

    /// Whether a second machine was ever switched on.
    pub(super) fn had_twins(&self) -> bool {
        let seconds = &self.desks[self.setup.offices.len()..];
        seconds.iter().any(|desk| desk.life > 0)
    }

    /// Whether a machine is down or stands still, or an operator is about to tell it to serve.
    pub fn is_due_back(&self, seat: u16) -> bool {
        let desk = &self.desks[usize::from(seat)];
        let told = self.take_overs.iter();
        let mut told = told.filter(|it| it.seat == seat && !it.answered);
        !desk.runs || desk.stands_until(self.now).is_some() || told.next().is_some()
    }

    fn twin_of_fault(&self, index: usize) -> Option<u16> {
        let before = self.setup.faults.faults[..index].iter();
        let nth = before.filter(|fault| matches!(fault.what, FaultKind::OfficeDuplicate { .. }));
        u16::try_from(self.setup.offices.len() + nth.count()).ok()
    }

    /// The second machine is switched on: it is on the first one's buses, and on one of its own where
    /// the first has one.
    pub(super) fn begin_twin(&mut self, index: usize, reaches: Option<&BTreeSet<PartyId>>) {
        let Some(seat) = self.twin_of_fault(index) else {
            return;
        };
        let Some(original) = self.desks[usize::from(seat)].twin_of else {
            return;
        };
        if let Some(reaches) = reaches {
            self.mesh.part(usize::from(seat), reaches, true);
        }
        let mut hosts = false;
        for bus in &mut self.buses {
            if bus.host == Some(original) {
                hosts = true;
            } else if bus.members.contains(&original) {
                bus.members.push(seat);
            }
        }
        if hosts && let Ok(id) = format!("second-{seat}").parse() {
            self.buses.push(Bus::of_one(id, seat));
        }
        self.twins.push(seat);
        self.calendar.enter(self.now, Event::Boot(seat));
    }

    /// The second machine is switched off, and whoever it kept from serving is told to serve.
    pub(super) fn end_twin(&mut self, index: usize) {
        let Some(seat) = self.twin_of_fault(index) else {
            return;
        };
        let there = self.twins.len();
        self.twins.retain(|twin| *twin != seat);
        if self.twins.len() == there {
            return;
        }
        self.switch_off(seat);
        for bus in &mut self.buses {
            bus.members.retain(|member| *member != seat);
        }
        let what = &self.setup.faults.faults[index].what;
        if let FaultKind::OfficeDuplicate {
            reaches: Some(reaches),
            ..
        } = what
        {
            self.mesh.part(usize::from(seat), reaches, false);
        }
        self.settle_twins(self.desks[usize::from(seat)].party);
    }

    /// All second machines are switched off.
    pub(super) fn end_twins(&mut self) {
        for index in 0..self.setup.faults.faults.len() {
            let what = &self.setup.faults.faults[index].what;
            if matches!(what, FaultKind::OfficeDuplicate { .. }) {
                self.end_twin(index);
            }
        }
    }

    /// A machine alarms its people about another one under its name. They act as soon as it is the only
    /// one.
    pub(super) fn alarmed_of_twin(&mut self, number: u16) {
        let desk = &mut self.desks[usize::from(number)];
        desk.twin_alarm = true;
        let party = desk.party;
        self.settle_twins(party);
    }

    /// If a machine that has alarmed is the only one of its name, its operator tells it to serve.
    fn settle_twins(&mut self, party: PartyId) {
        let [seat] = self.seats_of(party)[..] else {
            return;
        };
        let desk = &mut self.desks[usize::from(seat)];
        if !std::mem::take(&mut desk.twin_alarm) {
            return;
        }
        let number = self.take_overs.len();
        let name = format!("take-over-{number}");
        let request = name.parse().expect("a short word is a request's id");
        self.take_overs.push(TakeOver {
            seat,
            request,
            answered: false,
        });
        let at = self.now + COMMAND_AGAIN;
        self.calendar.enter(at, Event::TakeOver(number));
    }

    /// An operator tells a machine to serve, again until it answers.
    pub(super) fn take_over(&mut self, number: usize) {
        let TakeOver {
            seat,
            request,
            answered,
        } = self.take_overs[number];
        if answered {
            return;
        }
        let desk = &self.desks[usize::from(seat)];
        if desk.runs {
            let machine = desk.nonce;
            let command = (desk.party, request, Action::TakeOver { machine });
            let outputs = self
                .world
                .handle(self.now, WorldInput::Operate(Box::new(command)));
            self.enact(outputs);
        }
        let again = self.now + COMMAND_AGAIN;
        self.calendar.enter(again, Event::TakeOver(number));
    }

    /// A reply: whether an operator need not ask again.
    pub(super) fn hear_reply(&mut self, frame: &Frame) {
        let (
            Topic::Reply(_),
            Said::Direct {
                body: Direct::Reply(reply),
                ..
            },
        ) = (frame.topic(), frame.said())
        else {
            return;
        };
        let done = !matches!(reply.outcome, Outcome::Refused { .. });
        let mut asked = self.take_overs.iter_mut();
        if let Some(asked) = asked.find(|asked| done && asked.request == reply.request) {
            asked.answered = true;
        }
    }

    /// A machine's process ends, and the brokers that are left speak for it.
    pub(super) fn switch_off(&mut self, number: u16) {
        let desk = &mut self.desks[usize::from(number)];
        let linked = std::mem::take(&mut desk.linked);
        if !desk.runs {
            return;
        }
        desk.die();
        let lives = |place: &Place| self.buses[*place].host != Some(number);
        let linked: Vec<Place> = linked.into_iter().filter(lives).collect();
        if !linked.is_empty() {
            self.publish_will(number, &linked);
        }
        self.relink_host(number);
    }
}
