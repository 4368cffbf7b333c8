//! What a search writes down, kept from one to the next so that none has to make room anew.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The units that one search has met.
#[derive(Clone, Debug, Default)]
pub(super) struct Scratch {
    /// By unit: what it was met with, if its round is this one's.
    met: Vec<Met>,
    round: u32,
    /// Everything met, in order.
    pub(super) seen: Vec<u32>,
    /// Units whose neighbours are still to be looked at, nearest first and then by number.
    pub(super) waiting: BinaryHeap<Reverse<(i64, u32)>>,
}

/// How a unit was met.
#[derive(Clone, Copy, Debug, Default)]
struct Met {
    distance: i64,
    round: u32,
    /// The slot that a path to it comes from.
    from: u32,
}

impl Scratch {
    /// Makes room for so many units when they come, so that no search has to.
    pub(super) fn make_room(&mut self, units: usize) {
        self.met.resize(units, Met::default());
    }

    /// Forgets the last search.
    pub(super) fn begin(&mut self, units: usize) {
        if self.round == u32::MAX {
            self.met.clear();
            self.round = 0;
        }
        self.round += 1;
        self.make_room(units);
        self.seen.clear();
        self.waiting.clear();
    }

    /// How far a unit is; `None` if it was not met.
    pub(super) fn distance(&self, unit: u32) -> Option<i64> {
        let met = &self.met[unit as usize];
        (met.round == self.round).then_some(met.distance)
    }

    /// Where the path to a unit comes from.
    pub(super) fn from(&self, unit: u32) -> u32 {
        self.met[unit as usize].from
    }

    /// Notes a path if it is shorter than what is known; says whether it is.
    pub(super) fn meet(&mut self, unit: u32, distance: i64, from: u32) -> bool {
        let met = &mut self.met[unit as usize];
        let new = met.round != self.round;
        if !new && met.distance <= distance {
            return false;
        }
        *met = Met {
            distance,
            round: self.round,
            from,
        };
        if new {
            self.seen.push(unit);
        }
        true
    }
}
