//! The broker in the middle: who gets a frame, when, and what is kept for those who come later.
//!
//! A want and a fill are delivered to their addressee alone. On a real bus every holder receives
//! them and offices pass over what is not theirs; leaving that out changes no decision. An office
//! does not get its own frames back either, except what was retained from an earlier life.

use protocol::{Frame, Topic, Verified};

use super::{Engine, Event, Hears, Turn};
use crate::network::Arrivals;
use crate::world::WorldInput;

impl Engine {
    /// An office publishes. What a cut-off office says reaches its own ground alone.
    pub(super) fn publish(&mut self, number: u16, frame: &Verified<Frame>) {
        let topic = frame.get().topic();
        let linked = self.desks[usize::from(number)].linked;
        self.note(frame);
        match topic {
            Topic::Order(_) => {
                let world = self.mesh.world();
                let arrivals = self.carried(usize::from(number), world, frame);
                for at in arrivals.times() {
                    self.calendar.enter(at, Event::Order(frame.clone()));
                }
            }
            Topic::Log(_) => {
                let heard = WorldInput::Heard(frame.clone());
                let outputs = self.world.handle(self.now, heard);
                self.enact(outputs);
                if linked {
                    self.spread(number, frame);
                }
            }
            Topic::Digest(_) | Topic::Presence(_) | Topic::Clock if linked => {
                self.retained.insert(topic, frame.clone());
                self.spread(number, frame);
            }
            Topic::Want(party) | Topic::Fill(party) if linked => {
                if let Some(receiver) = self.by_party.get(&party).copied() {
                    self.send(usize::from(number), receiver, frame);
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
        if let Topic::Field(party) | Topic::Command(party) = topic
            && let Some(receiver) = self.by_party.get(&party).copied()
        {
            self.send(self.mesh.world(), receiver, &frame);
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

    /// The broker speaks for an office that died.
    pub(super) fn publish_will(&mut self, number: u16) {
        if let Some(will) = self.desks[usize::from(number)].will.take() {
            self.note(&will);
            self.retained.insert(will.get().topic(), will.clone());
            self.spread(number, &will);
            if let Some(published) = &mut self.published {
                published.push(will);
            }
        }
    }

    /// The frame of a delivery, if the office still hears.
    pub(super) fn deliver(&mut self, number: u16, frame: Verified<Frame>) -> Option<Turn> {
        let desk = &self.desks[usize::from(number)];
        let ground = matches!(frame.get().topic(), Topic::Field(_) | Topic::Command(_));
        if !desk.runs || !(desk.linked || ground) {
            return None;
        }
        Some(self.turn(number, Hears::Frame(self.bus, frame)))
    }

    /// An office (re)connects: what was retained comes to it, its own of an earlier life included.
    pub(super) fn catch_up(&mut self, number: u16) {
        let retained: Vec<Verified<Frame>> = self.retained.values().cloned().collect();
        let own = self.desks[usize::from(number)].party;
        for frame in retained {
            let sender = match frame.get().topic() {
                Topic::Digest(party) | Topic::Presence(party) if party != own => {
                    self.by_party.get(&party).map(|from| usize::from(*from))
                }
                _ => None,
            };
            let from = sender.unwrap_or_else(|| self.mesh.world());
            self.send(from, number, &frame);
        }
    }

    fn spread(&mut self, from: u16, frame: &Verified<Frame>) {
        if !self.is_withheld(from, frame) {
            self.deliver_to_all(from, frame);
        }
        self.lie_about(from, frame);
    }

    /// Sends a frame to everybody but the office that it comes from.
    pub(super) fn deliver_to_all(&mut self, from: u16, frame: &Verified<Frame>) {
        for receiver in 0..self.desks.len() {
            if receiver != usize::from(from) {
                let receiver = u16::try_from(receiver).expect("offices are numbered in u16");
                self.send(usize::from(from), receiver, frame);
            }
        }
    }

    fn send(&mut self, from: usize, receiver: u16, frame: &Verified<Frame>) {
        let arrivals = self.carried(from, usize::from(receiver), frame);
        let came = match arrivals.spoilt {
            Some(place) => self.spoilt(frame, place),
            None => Some(frame.clone()),
        };
        let Some(frame) = came else { return };
        for at in arrivals.times() {
            self.calendar
                .enter(at, Event::Deliver(receiver, frame.clone()));
        }
    }

    fn carried(&mut self, from: usize, to: usize, frame: &Verified<Frame>) -> Arrivals {
        let bytes = frame.get().text().len();
        self.mesh.carry((from, to), self.now, bytes)
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
    fn note(&mut self, frame: &Verified<Frame>) {
        self.judge.hear(self.now, frame.get());
        let now = self.now;
        if let Some(recorder) = self.recording() {
            recorder.frame(now, frame.get());
        }
    }
}
