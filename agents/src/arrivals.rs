//! Which resource would be where it is wanted first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use protocol::{Deciseconds, Kind, Point};

use crate::board::{Board, Idle, Slot};

/// The capable resources by the time of their arrival, soonest first; equal times go to the lower id.
///
/// Ways are what planning spends its time on, so one is looked for only when the least that it could
/// take is less than all that is known.
pub(crate) struct Arrivals {
    to: Point,
    waiting: BinaryHeap<Reverse<(Deciseconds, Known, usize)>>,
}

/// What is known of an arrival. At equal times the least comes first, for it may turn out to be equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Known {
    Least,
    Exactly,
}

impl Arrivals {
    pub(crate) fn at(board: &Board<'_>, slot: &Slot) -> Self {
        let could = board.idle.iter().enumerate();
        let could = could.filter(|(_, unit)| board.could(unit, slot));
        let least = could.map(|(place, unit)| {
            let least = board.ways.least(unit, slot.to);
            Reverse((least, Known::Least, place))
        });
        Self {
            to: slot.to,
            waiting: least.collect(),
        }
    }

    /// No resource of this kind leaves home any more.
    pub(crate) fn leave_home(&mut self, board: &Board<'_>, kind: Kind) {
        let at_home = |unit: &Idle<'_>| unit.resource.kind == kind && !unit.stands_by;
        let stays = |place: usize| at_home(&board.idle[place]);
        self.waiting.retain(|Reverse((_, _, place))| !stays(*place));
    }

    /// The next arrival: when, and of which resource by its place in the list.
    pub(crate) fn next(&mut self, board: &mut Board<'_>) -> Option<(Deciseconds, usize)> {
        loop {
            let Reverse((time, known, place)) = self.waiting.pop()?;
            if known == Known::Exactly {
                return Some((time, place));
            }
            if let Some(eta) = board.ways.eta(&board.idle[place], self.to) {
                self.waiting.push(Reverse((eta, Known::Exactly, place)));
            }
        }
    }
}
