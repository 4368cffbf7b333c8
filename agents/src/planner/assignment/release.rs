//! A unit that asks a price though it serves nobody: the chain of changes that makes the best of it.

use std::cmp::Reverse;

use super::{Assignment, Effort, NOBODY};

/// Where the chain ends.
#[derive(Clone, Copy)]
enum End {
    /// At an unserved slot, which is served.
    Slot(u32, u32),
    /// At a unit, which is free for nothing.
    Unit(u32),
}

impl Assignment {
    /// Lets a unit serve where it helps most, and prices fall to what that leaves them worth.
    ///
    /// The mirror of `serve`: a shortest path from the unit over those who would rather have it, to a
    /// slot that is served by it or a unit that is left free. `None` if the effort was spent before;
    /// then nothing has changed.
    pub(super) fn cheapen(&mut self, unit: u32, effort: &mut Effort) -> Option<()> {
        self.keep_backs();
        self.scratch.begin(self.units.len());
        let mut least = self.prices[unit as usize];
        let mut end = End::Unit(unit);
        self.scratch.meet(unit, 0, NOBODY);
        self.scratch.waiting.push(Reverse((0, unit)));
        while let Some(Reverse((distance, unit))) = self.scratch.waiting.pop() {
            if distance >= least {
                break;
            }
            if self.scratch.distance(unit) != Some(distance) {
                continue;
            }
            let free = distance + self.prices[unit as usize];
            if free < least {
                (least, end) = (free, End::Unit(unit));
            }
            let arcs = &self.units[unit as usize].arcs;
            effort.spend(arcs.len())?;
            let base = distance + self.prices[unit as usize];
            for arc in arcs {
                let slot = &self.slots[arc.slot as usize];
                let there = base + arc.cost - slot.worth;
                if there >= least || slot.unit == unit {
                    continue;
                }
                if slot.unit == NOBODY {
                    (least, end) = (there, End::Slot(arc.slot, unit));
                } else if self.scratch.meet(slot.unit, there, unit) {
                    self.scratch.waiting.push(Reverse((there, slot.unit)));
                }
            }
        }
        self.lower(least);
        self.hand_on(unit, end);
        Some(())
    }

    /// Lowers worths and prices of what lies nearer than the end.
    fn lower(&mut self, least: i64) {
        for unit in &self.scratch.seen {
            let distance = self.scratch.distance(*unit);
            let short = least - distance.expect("what was seen was met");
            if short <= 0 {
                continue;
            }
            self.prices[*unit as usize] -= short;
            let served = self.serves[*unit as usize];
            if served != NOBODY {
                self.slots[served as usize].worth -= short;
            }
        }
    }

    /// Each unit of the chain goes to the slot of the one behind it. Here a path to a unit comes from
    /// the unit that its slot would rather have.
    fn hand_on(&mut self, first: u32, end: End) {
        self.dear.remove(&first);
        let mut free = match end {
            End::Unit(unit) => unit,
            End::Slot(slot, unit) => {
                self.looking.remove(&slot);
                let left = std::mem::replace(&mut self.serves[unit as usize], slot);
                self.slots[slot as usize].unit = unit;
                if unit == first {
                    return;
                }
                // Its own slot is the next to be given one.
                return self.give(left, self.scratch.from(unit), first);
            }
        };
        if free == first {
            return;
        }
        let left = std::mem::replace(&mut self.serves[free as usize], NOBODY);
        free = self.scratch.from(free);
        self.give(left, free, first);
    }

    fn give(&mut self, mut slot: u32, mut unit: u32, first: u32) {
        loop {
            let left = std::mem::replace(&mut self.serves[unit as usize], slot);
            self.slots[slot as usize].unit = unit;
            if unit == first {
                return;
            }
            (slot, unit) = (left, self.scratch.from(unit));
        }
    }
}
