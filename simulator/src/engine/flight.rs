//! What is on its way to offices: what a line is to bring comes, or is lost with its connection, or is
//! still on its way.

use protocol::{Moment, Verified};

use super::{Engine, Event, Frame};
use crate::judge::invariant;

/// Bytes of frames that entered lines, and that left them.
#[derive(Debug, Default)]
pub(super) struct Flight {
    entered: u64,
    left: u64,
}

impl Engine {
    /// A frame is to come to the end of a line at a time.
    pub(super) fn depart(&mut self, at: Moment, arrival: Event) {
        self.flight.entered += arrival.bytes();
        self.calendar.enter(at, arrival);
    }

    /// A frame has come, or is lost with the connection that it was to come over.
    pub(super) fn land(&mut self, frame: &Verified<Frame>) {
        self.flight.left += bytes(frame);
    }

    /// J13, over all lines.
    pub(super) fn inspect_flight(&mut self) {
        let waiting = self.calendar.waiting().map(Event::bytes);
        let (entered, left) = (self.flight.entered, self.flight.left);
        let found = invariant::j13_bytes_are_conserved(entered, left, waiting.sum());
        if let Err(text) = found {
            self.judge.violate(self.now, "J13", text);
        }
    }
}

impl Event {
    /// Bytes that a line carries until this takes place.
    fn bytes(&self) -> u64 {
        match self {
            Self::Deliver(_, _, frame) | Self::Hand(_, _, frame) => bytes(frame),
            _ => 0,
        }
    }
}

fn bytes(frame: &Verified<Frame>) -> u64 {
    frame.get().text().len() as u64
}
