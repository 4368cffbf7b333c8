//! A slot that looks for a unit: the cheapest chain of changes that serves it, or leaves one unserved.

use std::cmp::Reverse;

use super::{Assignment, Effort, NOBODY};

/// Where the cheapest chain ends.
#[derive(Clone, Copy)]
enum End {
    /// At a unit that serves nobody.
    Unit(u32),
    /// At a slot that gives up its unit, or never had one.
    Unserved(u32),
}

impl Assignment {
    /// Serves a slot, at the least that this costs all slots together.
    ///
    /// A shortest path over what arcs cost beyond worth and price. Along the way worths and prices rise
    /// just so far that every arc of the path costs nothing beyond. `None` if the effort was spent
    /// before; then nothing has changed.
    pub(super) fn serve(&mut self, slot: u32, effort: &mut Effort) -> Option<()> {
        self.scratch.begin(self.units.len());
        let looking = &self.slots[slot as usize];
        let mut least = looking.unmet - looking.worth;
        let mut end = End::Unserved(slot);
        self.look_from(slot, 0, (&mut least, &mut end), effort)?;
        while let Some(Reverse((distance, unit))) = self.scratch.waiting.pop() {
            if distance >= least {
                break;
            }
            if self.scratch.distance(unit) != Some(distance) {
                continue;
            }
            // A unit that serves nobody is an end and never waits.
            let next = self.serves[unit as usize];
            let gives_up = &self.slots[next as usize];
            let unserved = distance + gives_up.unmet - gives_up.worth;
            if unserved < least {
                (least, end) = (unserved, End::Unserved(next));
            }
            self.look_from(next, distance, (&mut least, &mut end), effort)?;
        }
        self.raise(slot, least);
        self.lead(slot, end);
        Some(())
    }

    /// Meets what a slot has arcs to, cheapest first, until nothing that follows could be the end.
    fn look_from(
        &mut self,
        number: u32,
        distance: i64,
        (least, end): (&mut i64, &mut End),
        effort: &mut Effort,
    ) -> Option<()> {
        let slot = &self.slots[number as usize];
        let base = distance - slot.worth;
        for (looked, arc) in slot.arcs.iter().enumerate() {
            if base + arc.cost >= *least {
                return effort.spend(looked);
            }
            let there = base + arc.cost + self.prices[arc.unit as usize];
            if there >= *least || !self.scratch.meet(arc.unit, there, number) {
                continue;
            }
            if self.serves[arc.unit as usize] == NOBODY {
                (*least, *end) = (there, End::Unit(arc.unit));
            } else {
                self.scratch.waiting.push(Reverse((there, arc.unit)));
            }
        }
        effort.spend(slot.arcs.len())
    }

    /// Raises worths and prices of what lies nearer than the end.
    fn raise(&mut self, slot: u32, least: i64) {
        self.slots[slot as usize].worth += least;
        for unit in &self.scratch.seen {
            let distance = self.scratch.distance(*unit);
            let short = least - distance.expect("what was seen was met");
            if short <= 0 {
                continue;
            }
            self.prices[*unit as usize] += short;
            let served = self.serves[*unit as usize];
            self.slots[served as usize].worth += short;
        }
    }

    /// Gives each slot of the chain the unit that it was led to.
    fn lead(&mut self, slot: u32, end: End) {
        self.looking.remove(&slot);
        let mut unit = match end {
            End::Unit(unit) => unit,
            End::Unserved(last) if last == slot => return,
            End::Unserved(last) => std::mem::replace(&mut self.slots[last as usize].unit, NOBODY),
        };
        loop {
            let taker = self.scratch.from(unit);
            self.serves[unit as usize] = taker;
            let given = std::mem::replace(&mut self.slots[taker as usize].unit, unit);
            if taker == slot {
                return;
            }
            unit = given;
        }
    }
}
