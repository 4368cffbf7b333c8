//! Of all plans that cost the least, one: so that offices with equal pictures plan the same, whatever
//! they went through before.

use super::{Assignment, Effort, NOBODY, SlotIx};

/// The arcs of an optimal plan that cost just what they are worth: every optimal plan consists of
/// those, whichever worths and prices prove it.
#[derive(Debug, Default)]
struct Even {
    /// By slot: where its units begin in the list.
    begins: Vec<usize>,
    units: Vec<u32>,
    /// Slots that the world outside the plan may come in by: they may be unserved, or may have a unit
    /// that is free for nothing and turn to another.
    open: Vec<u32>,
}

/// What one look for a chain of changes has met: slots, units, and the world outside the plan.
///
/// Kept from one time to the next, so that none has to make room anew.
#[derive(Clone, Debug, Default)]
pub(super) struct Chain {
    /// By slot: the look in which it was met, and from where.
    slots: Vec<(u32, From)>,
    /// By unit: the same.
    units: Vec<(u32, From)>,
    /// The same of the outside.
    outside: (u32, From),
    look: u32,
    /// Met, and not yet looked on from.
    open: Vec<Step>,
    /// By slot: whether it has what it keeps.
    fixed: Vec<Fixed>,
}

/// One that a chain comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Slot(u32),
    Unit(u32),
    Outside,
}

/// From where a chain came to one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum From {
    /// The slot that looks.
    #[default]
    Start,
    /// Another.
    Step(Step),
}

/// Whether a slot has what it keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fixed {
    Not,
    Already,
}

impl Assignment {
    /// Turns an optimal plan into the one of all optimal plans in which the first slot has the unit of
    /// the lowest rank that it can have, then the second, and so on.
    ///
    /// `slots` are all slots in an order that does not depend on the past, that of their ids say;
    /// `ranks` has the rank of each unit by its number. `None` if the effort was spent before; the plan
    /// is optimal all the same.
    pub fn settle_ties(
        &mut self,
        slots: &[SlotIx],
        ranks: &[u32],
        effort: &mut Effort,
    ) -> Option<()> {
        let even = self.even(effort)?;
        let mut chain = std::mem::take(&mut self.chain);
        chain.begin(self.slots.len(), self.units.len());
        let mut done = Some(());
        for slot in slots {
            done = self.settle_tie(slot.0, ranks, (&even, &mut chain), effort);
            if done.is_none() {
                break;
            }
        }
        self.chain = chain;
        done
    }

    /// Gives one slot the unit of the lowest rank that it can have, and lets it keep that.
    fn settle_tie(
        &mut self,
        slot: u32,
        ranks: &[u32],
        (even, chain): (&Even, &mut Chain),
        effort: &mut Effort,
    ) -> Option<()> {
        let mut better = self.better(slot, ranks, even);
        chain.look += 1;
        better.sort_unstable();
        for (_, unit) in better {
            if self.swap((slot, unit), even, chain, effort)? {
                break;
            }
        }
        chain.fixed[slot as usize] = Fixed::Already;
        Some(())
    }

    fn even(&self, effort: &mut Effort) -> Option<Even> {
        let mut even = Even::default();
        for (slot, number) in self.slots.iter().zip(0..) {
            even.begins.push(even.units.len());
            let mut looked = 0;
            for arc in slot.arcs.iter().take_while(|arc| arc.cost <= slot.worth) {
                looked += 1;
                if arc.cost + self.prices[arc.unit as usize] == slot.worth {
                    even.units.push(arc.unit);
                }
            }
            effort.spend(looked)?;
            let units = &even.units[even.begins[number as usize]..];
            // Of all that it may have while ties are settled, not only of what it has now.
            let unserved = slot.worth == slot.unmet && !units.is_empty();
            let mut free = units
                .iter()
                .filter(|unit| self.prices[**unit as usize] == 0);
            if unserved || (units.len() > 1 && free.next().is_some()) {
                even.open.push(number);
            }
        }
        even.begins.push(even.units.len());
        Some(even)
    }

    /// The units that a slot could have for the same, of a lower rank than its own.
    fn better(&self, number: u32, ranks: &[u32], even: &Even) -> Vec<(u32, u32)> {
        let rank = |unit: u32| ranks.get(unit as usize).copied().unwrap_or(u32::MAX);
        let own = self.slots[number as usize].unit;
        let own = (own != NOBODY).then(|| rank(own));
        let units = even.of(number).iter().map(|unit| (rank(*unit), *unit));
        let better = units.filter(|(rank, _)| own.is_none_or(|own| *rank < own));
        better.collect()
    }

    /// Gives the slot the unit if a chain that costs nothing leads from it back to the slot; says
    /// whether one does.
    ///
    /// What was met for an earlier unit of the same slot leads nowhere and is not met again.
    fn swap(
        &mut self,
        (slot, wanted): (u32, u32),
        even: &Even,
        chain: &mut Chain,
        effort: &mut Effort,
    ) -> Option<bool> {
        let own = match self.slots[slot as usize].unit {
            NOBODY => Step::Outside,
            unit => Step::Unit(unit),
        };
        chain.open.clear();
        chain.meet(Step::Unit(wanted), From::Start);
        while let Some(step) = chain.open.pop() {
            effort.spend(1)?;
            if step == own {
                self.turn(slot, own, chain);
                return Some(true);
            }
            let from = From::Step(step);
            match step {
                Step::Unit(unit) => match self.serves[unit as usize] {
                    NOBODY => chain.meet(Step::Outside, from),
                    served => chain.meet(Step::Slot(served), from),
                },
                Step::Slot(number) => {
                    let slot = &self.slots[number as usize];
                    if slot.worth == slot.unmet {
                        chain.meet(Step::Outside, from);
                    }
                    for unit in even.of(number) {
                        chain.meet(Step::Unit(*unit), from);
                    }
                }
                Step::Outside => {
                    if let Step::Unit(unit) = own
                        && self.prices[unit as usize] == 0
                    {
                        chain.meet(own, from);
                        continue;
                    }
                    effort.spend(even.open.len())?;
                    for number in &even.open {
                        self.let_in(*number, chain);
                    }
                }
            }
        }
        Some(false)
    }

    /// The outside takes a slot's unit, or gives an unserved slot its turn.
    fn let_in(&self, number: u32, chain: &mut Chain) {
        let step = match self.slots[number as usize].unit {
            NOBODY => Step::Slot(number),
            // Since the plan was made another unit may have come to it.
            unit if self.prices[unit as usize] > 0 => return,
            unit => Step::Unit(unit),
        };
        if chain.fixed[number as usize] == Fixed::Not {
            chain.meet(step, From::Step(Step::Outside));
        }
    }

    /// Carries a chain out, from its end at the slot's own unit back to where it began.
    fn turn(&mut self, slot: u32, own: Step, chain: &Chain) {
        let mut given = Vec::new();
        let mut at = own;
        loop {
            let from = match at {
                Step::Slot(number) => chain.slots[number as usize].1,
                Step::Unit(unit) => chain.units[unit as usize].1,
                Step::Outside => chain.outside.1,
            };
            match (from, at) {
                (From::Start, Step::Unit(unit)) => given.push((slot, unit)),
                (From::Step(Step::Slot(taker)), Step::Unit(unit)) => given.push((taker, unit)),
                (From::Step(Step::Outside), Step::Unit(unit)) => {
                    self.serves[unit as usize] = NOBODY;
                }
                (From::Step(Step::Slot(number)), Step::Outside) => {
                    self.slots[number as usize].unit = NOBODY;
                }
                _ => {}
            }
            match from {
                From::Start => break,
                From::Step(step) => at = step,
            }
        }
        for (number, unit) in given {
            self.slots[number as usize].unit = unit;
            self.serves[unit as usize] = number;
        }
    }
}

impl Even {
    fn of(&self, slot: u32) -> &[u32] {
        let place = slot as usize;
        &self.units[self.begins[place]..self.begins[place + 1]]
    }
}

impl Chain {
    fn begin(&mut self, slots: usize, units: usize) {
        // The looks of each time go on counting, so that what was met before is not met.
        if self.look > u32::MAX / 2 {
            *self = Self::default();
        }
        self.slots.resize(slots, (0, From::Start));
        self.units.resize(units, (0, From::Start));
        self.fixed.clear();
        self.fixed.resize(slots, Fixed::Not);
    }

    /// Comes to one, if the look has not been there and it is not fixed.
    fn meet(&mut self, step: Step, from: From) {
        let met = match step {
            Step::Slot(number) if self.fixed[number as usize] == Fixed::Already => return,
            Step::Slot(number) => &mut self.slots[number as usize],
            Step::Unit(unit) => &mut self.units[unit as usize],
            Step::Outside => &mut self.outside,
        };
        if met.0 != self.look {
            *met = (self.look, from);
            self.open.push(step);
        }
    }
}
