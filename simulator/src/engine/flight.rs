//! What is on its way to offices: what a line is to bring comes, or is lost with its connection, or is
//! still on its way.

use protocol::{Moment, Verified};

use super::wiring::Place;
use super::{Engine, Event, Frame};
use crate::judge::invariant;

/// Bytes of frames that entered lines, and that left them.
#[derive(Debug, Default)]
pub(super) struct Flight {
    entered: u64,
    left: u64,
}

impl Engine {
    /// A frame is to come to an office at a time.
    pub(super) fn depart(&mut self, at: Moment, (to, place): (u16, Place), frame: Verified<Frame>) {
        self.flight.entered += bytes(&frame);
        self.calendar.enter(at, Event::Deliver(to, place, frame));
    }

    /// A frame has come, or is lost with the connection that it was to come over.
    pub(super) fn land(&mut self, frame: &Verified<Frame>) {
        self.flight.left += bytes(frame);
    }

    /// J13, over all lines.
    pub(super) fn inspect_flight(&mut self) {
        let waiting = self.calendar.waiting().map(|event| match event {
            Event::Deliver(_, _, frame) => bytes(frame),
            _ => 0,
        });
        let (entered, left) = (self.flight.entered, self.flight.left);
        let found = invariant::j13_bytes_are_conserved(entered, left, waiting.sum());
        if let Err(text) = found {
            self.judge.violate(self.now, "J13", text);
        }
    }
}

fn bytes(frame: &Verified<Frame>) -> u64 {
    frame.get().text().len() as u64
}
