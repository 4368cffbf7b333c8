//! The arcs that a plan considers: a few of the cheapest for each slot, and more where the plan's own
//! prices prove that one which was left out could help.
//!
//! A unit that was left out asks no price below nothing, so it helps a slot only if its arc is cheaper
//! than what serving the slot is worth. Where the cheapest that was left out costs as much, the plan is
//! the cheapest over all arcs, and its certificate says so.

use super::assignment::{Assignment, Effort, Settled};
use super::certificate::Problem;
use super::cost::{Cost, SlotIx, UnitIx};

/// How many arcs a slot of a dispatch begins with.
///
/// With 20 of the nearest, a plan for 10,000 slots and 100,000 units grows for a slot in a hundred, and
/// losing a unit mostly leaves enough others.
pub const ARCS_FIRST: usize = 20;

/// How many times as many are looked for where those do not suffice.
const GROWTH: usize = 4;

/// Tells which units could serve a slot.
pub trait Reach {
    /// Adds the cheapest for a slot, at least `count` if there are so many, to an empty list, in no order.
    /// What every unit that is not among them costs at least; `None` if there is no other.
    fn cheapest(
        &mut self,
        slot: SlotIx,
        count: usize,
        arcs: &mut Vec<(UnitIx, Cost)>,
    ) -> Option<Cost>;
}

/// How far each slot's arcs are known.
#[derive(Clone, Debug)]
pub struct Candidates {
    /// How many arcs a slot begins with.
    first: usize,
    wanted: Wanted,
    /// By slot.
    known: Vec<Known>,
}

/// Which plans the arcs must suffice for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// One that nothing is cheaper than.
    ACheapest,
    /// Every one that is as cheap, so that ties are settled the same whatever was looked for before.
    EveryCheapest,
}

/// How far one slot's arcs are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    /// Nobody has looked.
    Not,
    /// Beyond the cheapest so many, every arc costs at least so much.
    Upto { count: usize, omitted_from: Cost },
    /// There is no other.
    All,
}

impl Candidates {
    /// Nothing is known yet; a slot begins with so many arcs.
    pub const fn new(first: usize, wanted: Wanted) -> Self {
        Self {
            first,
            wanted,
            known: Vec::new(),
        }
    }

    /// How many arcs to look for when a slot's are stated anew: as many as it took the last time.
    pub fn count(&self, slot: SlotIx) -> usize {
        match self.known.get(slot.place()) {
            Some(Known::Upto { count, .. }) => *count,
            _ => self.first,
        }
    }

    /// Whether anybody has looked for a slot's arcs.
    pub fn is_known(&self, slot: SlotIx) -> bool {
        let known = self.known.get(slot.place());
        known.is_some_and(|known| *known != Known::Not)
    }

    /// What a new arc of a slot must cost less than to be told of; dearer ones are as those that were
    /// left out.
    pub fn told_below(&self, slot: SlotIx) -> Cost {
        match self.known.get(slot.place()) {
            Some(Known::Upto { omitted_from, .. }) => *omitted_from,
            Some(Known::All) => Cost::MAX,
            Some(Known::Not) | None => Cost::ZERO,
        }
    }

    /// Notes what was found for a slot.
    pub fn note(&mut self, slot: SlotIx, count: usize, omitted_from: Option<Cost>) {
        if self.known.len() <= slot.place() {
            self.known.resize(slot.place() + 1, Known::Not);
        }
        self.known[slot.place()] = match omitted_from {
            None => Known::All,
            Some(omitted_from) => Known::Upto {
                count,
                omitted_from,
            },
        };
    }

    /// Forgets a slot, whose number another may get.
    pub fn forget(&mut self, slot: SlotIx) {
        if let Some(known) = self.known.get_mut(slot.place()) {
            *known = Known::Not;
        }
    }

    /// Makes a plan optimal over all arcs that there are, those that nobody has looked for included.
    pub fn settle(
        &mut self,
        plan: &mut Assignment,
        slots: &[SlotIx],
        reach: &mut impl Reach,
        effort: &mut Effort,
    ) -> Settled {
        let mut arcs = Vec::new();
        loop {
            let settled = plan.settle(effort);
            if settled != Settled::Optimal {
                return settled;
            }
            // What slots are worth has changed, so that arcs which were left out may help now.
            let mut grown = false;
            for slot in slots {
                let Some(count) = self.too_few(plan, *slot) else {
                    continue;
                };
                arcs.clear();
                let omitted_from = reach.cheapest(*slot, count, &mut arcs);
                if effort.spend(arcs.len()).is_none() {
                    return Settled::Overrun { waiting: 1 };
                }
                self.note(*slot, count, omitted_from);
                plan.add_arcs(*slot, &arcs);
                grown = true;
            }
            if !grown {
                return Settled::Optimal;
            }
        }
    }

    /// How many arcs to look for, if those that are known may not suffice.
    fn too_few(&self, plan: &Assignment, slot: SlotIx) -> Option<usize> {
        match self.known.get(slot.place()) {
            Some(Known::All) => None,
            Some(Known::Upto {
                count,
                omitted_from,
            }) => {
                let worth = plan.worth(slot)?;
                let suffice = match self.wanted {
                    Wanted::ACheapest => *omitted_from >= worth,
                    Wanted::EveryCheapest => *omitted_from > worth,
                };
                (!suffice).then(|| count.saturating_mul(GROWTH))
            }
            Some(Known::Not) | None => plan.worth(slot).map(|_| self.first),
        }
    }

    /// Tells a checker what was left out of each slot's arcs.
    pub fn state(&self, problem: &mut Problem) {
        for (slot, stated) in &mut problem.slots {
            stated.omitted_from = match self.known.get(SlotIx(*slot).place()) {
                Some(Known::All) => None,
                Some(Known::Upto { omitted_from, .. }) => Some(omitted_from.value()),
                Some(Known::Not) | None => Some(0),
            };
        }
    }
}
