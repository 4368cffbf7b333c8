//! The broker in the middle: who gets a frame, when, and what is kept for those who come later.
//!
//! A want and a fill are delivered to their addressee alone. On a real bus every holder receives
//! them and offices pass over what is not theirs; leaving that out changes no decision. An office
//! does not get its own frames back either, except what was retained from an earlier life.

use protocol::{Frame, Topic, Verified};

use super::wiring::{Hearers, Place};
use super::{Engine, Event, Hears, Turn};
use crate::world::WorldInput;

impl Engine {
    /// An office publishes something for the first time. Its own ground hears it in any case.
    pub(super) fn publish(&mut self, number: u16, place: Place, frame: &Verified<Frame>) {
        self.record(frame);
        // What a second machine says counts when somebody else has it: it may be the only one ever.
        if !self.is_twin(number) {
            self.judge.hear(self.now, frame.get());
        }
        match frame.get().topic() {
            Topic::Reply(_) => self.hear_reply(frame.get()),
            Topic::Order(_) => {
                let way = (usize::from(number), self.mesh.world());
                let bytes = frame.get().text().len();
                for at in self.mesh.carry(way, self.now, bytes).times() {
                    self.calendar.enter(at, Event::Order(frame.clone()));
                }
            }
            Topic::Log(_) => {
                let heard = WorldInput::Heard(frame.clone());
                let outputs = self.world.handle(self.now, heard);
                self.enact(outputs);
            }
            _ => {}
        }
        self.publish_on(number, place, frame);
    }

    /// An office publishes something on a bus, which it may not reach.
    pub(super) fn publish_on(&mut self, number: u16, place: Place, frame: &Verified<Frame>) {
        if !self.desks[usize::from(number)].is_on(place) {
            return;
        }
        let topic = frame.get().topic();
        match topic {
            Topic::Log(_) | Topic::Digest(_) | Topic::Presence(_) | Topic::Clock => {
                self.spread(number, place, frame);
            }
            Topic::Want(party) | Topic::Fill(party) => {
                for receiver in self.seats_of(party) {
                    self.deliver_to(Hearers::Only(receiver), (number, place), frame);
                }
            }
            _ => {}
        }
    }

    /// The world publishes: reports and commands, each for one office.
    pub(super) fn publish_for_world(&mut self, frame: &Frame) {
        let topic = frame.topic();
        let full = topic.on(self.setup.network.id);
        let Ok(frame) = self.verify(&full, frame.text().as_bytes()) else {
            return;
        };
        self.note(&frame);
        if let Topic::Field(party) | Topic::Command(party) = topic {
            let again = self.repeated_to(&frame);
            for said in std::iter::once(&frame).chain(&again) {
                for receiver in self.seats_of(party) {
                    let own = self.own_bus(receiver);
                    self.bring(self.mesh.world(), (receiver, own), self.now, said);
                }
            }
        }
        if let Some(published) = &mut self.published {
            published.push(frame);
        }
    }

    /// What the broker is to say of an office when it dies.
    pub(super) fn keep_will(&mut self, number: u16, text: &str) {
        let desk = &self.desks[usize::from(number)];
        let topic = Topic::Presence(desk.party).on(self.setup.network.id);
        let will = self.verify(&topic, text.as_bytes()).ok();
        self.desks[usize::from(number)].will = will;
    }

    /// The brokers speak for an office that died: those that it was on and that live.
    pub(super) fn publish_will(&mut self, number: u16, buses: &[Place]) {
        if let Some(will) = self.desks[usize::from(number)].will.take() {
            self.note(&will);
            for place in buses {
                let from = self.buses[*place].host.unwrap_or(number);
                let hearers = Hearers::AllBut(number);
                self.hand_out(usize::from(from), (hearers, *place), &will);
            }
            if let Some(published) = &mut self.published {
                published.push(will);
            }
        }
    }

    /// The frame of a delivery, if the office still hears.
    pub(super) fn deliver(
        &mut self,
        (number, place): (u16, Place),
        frame: Verified<Frame>,
    ) -> Option<Turn> {
        let desk = &self.desks[usize::from(number)];
        let ground = matches!(frame.get().topic(), Topic::Field(_) | Topic::Command(_));
        if !desk.runs || !(ground || desk.is_on(place)) {
            return None;
        }
        if self.had_twins() && !self.is_twin(number) {
            self.judge.hear(self.now, frame.get());
        }
        Some(self.turn(number, Hears::Frame(self.buses[place].id, frame)))
    }

    /// An office (re)connects: what was retained comes to it, its own of an earlier life included.
    pub(super) fn catch_up(&mut self, number: u16, place: Place) {
        let bus = &self.buses[place];
        let host = bus.host.map(usize::from);
        let retained: Vec<Verified<Frame>> = bus.retained.values().cloned().collect();
        let own = self.desks[usize::from(number)].party;
        for frame in retained {
            let sender = match frame.get().topic() {
                Topic::Digest(party) | Topic::Presence(party) if party != own => {
                    self.by_party.get(&party).map(|from| usize::from(*from))
                }
                _ => None,
            };
            let from = host.or(sender).unwrap_or_else(|| self.mesh.world());
            self.bring(from, (number, place), self.now, &frame);
        }
    }

    fn spread(&mut self, from: u16, place: Place, frame: &Verified<Frame>) {
        if !self.is_withheld(from, frame) {
            self.deliver_to(Hearers::AllBut(from), (from, place), frame);
        }
        self.lie_about(from, place, frame);
    }

    /// What its receiver makes of a frame of which one byte was changed on the way: mostly nothing.
    pub(super) fn spoilt(
        &mut self,
        frame: &Verified<Frame>,
        place: u64,
    ) -> Option<Verified<Frame>> {
        let mut bytes = frame.get().text().as_bytes().to_vec();
        let length = u64::try_from(bytes.len()).expect("a frame is in memory");
        let (at, bit) = (place % length.max(1), place / length.max(1) % 8);
        if let Some(byte) = bytes.get_mut(usize::try_from(at).expect("it lies in the frame")) {
            *byte ^= 1 << bit;
        }
        let topic = frame.get().topic().on(self.setup.network.id);
        self.decoder.frame(&topic, &bytes, &self.setup.roster).ok()
    }

    /// Whoever watches the bus takes note of a frame.
    pub(super) fn note(&mut self, frame: &Verified<Frame>) {
        self.judge.hear(self.now, frame.get());
        self.record(frame);
    }

    fn record(&mut self, frame: &Verified<Frame>) {
        let now = self.now;
        if let Some(recorder) = self.recording() {
            recorder.frame(now, frame.get());
        }
    }
}
