//! What comes of an event when its time has come: a turn of an office, or something of the engine's own.

use super::desk::Desk;
use super::{Engine, Event, Hears, Turn};
use crate::world::WorldInput;

impl Engine {
    pub(super) fn meet(&mut self, event: Event) -> Option<Turn> {
        let event = self.put_off(event)?;
        match event {
            Event::Deliver(number, place, frame) => {
                self.land(&frame);
                self.deliver((number, place), frame)
            }
            Event::Hand(place, hearers, frame) => {
                self.land(&frame);
                self.pass_on((hearers, place), &frame);
                None
            }
            Event::Order(frame) => {
                if self.now <= self.standstill() {
                    let outputs = self.world.handle(self.now, WorldInput::Heard(frame));
                    self.enact(outputs);
                }
                None
            }
            Event::Synced(number, life) => {
                let now = self.now;
                let ticket = self.alive(number, life)?.flush(now)?;
                Some(self.turn(number, Hears::Durable(ticket)))
            }
            Event::Loaded(number, life, ticket) => {
                self.alive(number, life)?;
                self.reads(number)
                    .then(|| self.turn(number, Hears::Loaded(ticket)))
            }
            Event::Wake(number, life) => self.wake(number, life),
            Event::Boot(number) => self.boot(number),
            Event::Link(number, place) => self.link(number, place),
            Event::Unlink(number, place) => self.unlink(number, place),
            Event::GiveUp(number) => {
                self.give_up(number);
                None
            }
            Event::Fault(number, edge) => {
                self.fault(number, edge);
                None
            }
            Event::TakeOver(number) => {
                self.take_over(number);
                None
            }
            Event::Heal => {
                self.heal();
                None
            }
        }
    }

    /// What comes to an office that stands still waits until it goes on, what a disk has to take until
    /// it has room; what a broker has to say to somebody whom it gave up on is lost.
    fn put_off(&mut self, event: Event) -> Option<Event> {
        let now = self.now;
        let (Event::Deliver(number, ..)
        | Event::Synced(number, _)
        | Event::Loaded(number, ..)
        | Event::Wake(number, _)
        | Event::Link(number, _)) = &event
        else {
            return Some(event);
        };
        let desk = &mut self.desks[usize::from(*number)];
        let blocked = match event {
            Event::Synced(..) => desk.full,
            _ => None,
        };
        let blocked = blocked.filter(|until| *until > now);
        let Some(later) = desk.stands_until(now).max(blocked) else {
            return Some(event);
        };
        let comes = match event {
            Event::Deliver(..) => !desk.is_given_up(now),
            Event::Synced(_, life) => desk.life == life && desk.put_off_flush(now, later),
            _ => true,
        };
        if comes {
            self.calendar.enter(later, event);
        } else if let Event::Deliver(_, _, frame) = event {
            self.land(&frame);
        }
        None
    }

    pub(super) fn alive(&mut self, number: u16, life: u32) -> Option<&mut Desk> {
        let desk = &mut self.desks[usize::from(number)];
        (desk.runs && desk.life == life).then_some(desk)
    }

    pub(super) fn turn(&mut self, number: u16, hears: Hears) -> Turn {
        let desk = &mut self.desks[usize::from(number)];
        desk.steps += 1;
        Turn {
            office: desk.party,
            seat: number,
            number: desk.steps,
            at: self.now,
            hears,
        }
    }
}
