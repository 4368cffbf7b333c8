//! How long the way is from each unit to each need, asked once while both stay where they are.
//!
//! Most of what a region has stands at its stations, and most needs stand longer than a minute: what the
//! roads said of the two a minute ago is so still. A way is asked again once the unit is elsewhere, and
//! every way once roads have changed. What is told never depends on what is kept.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{Deciseconds, Point};

use crate::board::{Idle, Ways};

/// Says whether a unit is where it was: another number for another unit, or for the same elsewhere.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Stand(pub(super) u64);

/// Ways that were asked about.
#[derive(Debug, Clone, Default)]
pub(super) struct Reached {
    /// By destination; of each by the number of the unit.
    rows: BTreeMap<Point, Vec<Known>>,
    /// The destination that was asked about last, whose row is at hand: mostly it is the next one too.
    last: Option<(Point, Vec<Known>)>,
}

/// What is known of one way.
#[derive(Debug, Clone, Copy)]
struct Known {
    stand: Stand,
    least: Deciseconds,
    way: Way,
}

#[derive(Debug, Clone, Copy)]
enum Way {
    NotAsked,
    None,
    Takes(Deciseconds),
}

impl Reached {
    /// Forgets all ways: roads have changed.
    pub(super) fn clear(&mut self) {
        self.rows.clear();
        self.last = None;
    }

    /// Forgets ways to where nobody is wanted any more.
    pub(super) fn keep(&mut self, wanted: &BTreeSet<Point>) {
        self.lay_back();
        self.rows.retain(|to, _| wanted.contains(to));
    }

    /// A time that the way never goes below: the way's own once it is known.
    pub(super) fn least(
        &mut self,
        (number, stand): (usize, Stand),
        (unit, to): (&Idle<'_>, Point),
        ways: &dyn Ways,
    ) -> Deciseconds {
        let known = self.known((number, stand), (unit, to), ways);
        match known.way {
            Way::NotAsked => known.least,
            Way::Takes(time) => time,
            Way::None => Deciseconds(u32::MAX),
        }
    }

    /// The way; `None` if there is none.
    pub(super) fn eta(
        &mut self,
        (number, stand): (usize, Stand),
        (unit, to): (&Idle<'_>, Point),
        ways: &mut dyn Ways,
    ) -> Option<Deciseconds> {
        let known = self.known((number, stand), (unit, to), ways);
        if let Way::NotAsked = known.way {
            known.way = ways.eta(unit, to).map_or(Way::None, Way::Takes);
        }
        match known.way {
            Way::Takes(time) => Some(time),
            Way::NotAsked | Way::None => None,
        }
    }

    fn known(
        &mut self,
        (number, stand): (usize, Stand),
        (unit, to): (&Idle<'_>, Point),
        ways: &dyn Ways,
    ) -> &mut Known {
        if self.last.as_ref().is_none_or(|(last, _)| *last != to) {
            self.lay_back();
        }
        let (_, row) = self
            .last
            .get_or_insert_with(|| (to, self.rows.remove(&to).unwrap_or_default()));
        if row.len() <= number {
            row.resize(number + 1, Known::NOTHING);
        }
        let known = &mut row[number];
        if known.stand != stand {
            *known = Known {
                stand,
                least: ways.least(unit, to),
                way: Way::NotAsked,
            };
        }
        known
    }

    fn lay_back(&mut self) {
        self.rows.extend(self.last.take());
    }
}

impl Known {
    /// Stands for a unit that nobody asked about; no unit has this stand.
    const NOTHING: Self = Self {
        stand: Stand(0),
        least: Deciseconds(0),
        way: Way::NotAsked,
    };
}
