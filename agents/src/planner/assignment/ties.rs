//! Of all plans that cost the least, one: so that offices with equal pictures plan the same, whatever
//! they went through before.

use super::even::Even;
use super::{Assignment, Effort, NOBODY, SlotIx};

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
    /// By unit: the look in which it was met on the way back from the slot's own, and which slot would
    /// then take which unit.
    backs: Vec<(u32, Taking)>,
    /// What a slot could have instead of its own, by rank.
    better: Vec<(u32, u32)>,
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

/// A slot that takes a unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Taking {
    slot: u32,
    unit: u32,
}

/// What comes in from the outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    /// A unit is left free.
    Free(u32),
    /// A slot that was unserved is served.
    Served(Taking),
    /// Nothing can.
    Nobody,
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
        let mut even = std::mem::take(&mut self.even);
        let mut chain = std::mem::take(&mut self.chain);
        chain.begin(self.slots.len(), self.units.len());
        let mut done = even.list(self, effort);
        for slot in slots {
            done =
                done.and_then(|()| self.settle_tie(slot.0, ranks, (&mut even, &mut chain), effort));
        }
        (self.even, self.chain) = (even, chain);
        done
    }

    /// Gives one slot the unit of the lowest rank that it can have, and lets it keep that.
    fn settle_tie(
        &mut self,
        slot: u32,
        ranks: &[u32],
        (even, chain): (&mut Even, &mut Chain),
        effort: &mut Effort,
    ) -> Option<()> {
        self.better(slot, ranks, even, chain);
        let better = std::mem::take(&mut chain.better);
        chain.look += 1;
        // Mostly the first can be had, and nobody asks for the order of the others.
        let mut next = better.iter().min().copied();
        while let Some((rank, unit)) = next {
            if self.swap((slot, unit), even, chain, effort)? {
                break;
            }
            let others = better.iter().filter(|(other, _)| *other > rank);
            next = others.min().copied();
        }
        chain.better = better;
        chain.fixed[slot as usize] = Fixed::Already;
        Some(())
    }

    /// The units that a slot could have for the same, of a lower rank than its own, and that no slot
    /// keeps; each with its rank.
    fn better(&self, number: u32, ranks: &[u32], even: &Even, chain: &mut Chain) {
        chain.better.clear();
        let rank = |unit: u32| ranks.get(unit as usize).copied().unwrap_or(u32::MAX);
        let own = self.slots[number as usize].unit;
        let own = (own != NOBODY).then(|| rank(own));
        for unit in even.of(number).iter().copied() {
            let served = self.serves[unit as usize];
            let kept = served != NOBODY && chain.fixed[served as usize] == Fixed::Already;
            let rank = rank(unit);
            if !kept && own.is_none_or(|own| rank < own) {
                chain.better.push((rank, unit));
            }
        }
    }

    /// Gives the slot the unit if a chain that costs nothing leads from it back to the slot; says
    /// whether one does.
    ///
    /// What was met for an earlier unit of the same slot leads nowhere and is not met again.
    fn swap(
        &mut self,
        (slot, wanted): (u32, u32),
        even: &mut Even,
        chain: &mut Chain,
        effort: &mut Effort,
    ) -> Option<bool> {
        let own = match self.slots[slot as usize].unit {
            NOBODY => Step::Outside,
            unit => Step::Unit(unit),
        };
        if let Step::Unit(own) = own
            && self.serves[wanted as usize] == NOBODY
            && self.prices[own as usize] == 0
        {
            // Mostly both are free for nothing.
            self.serves[own as usize] = NOBODY;
            self.hand(Taking { slot, unit: wanted });
            return Some(true);
        }
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
                // From there it goes on below, where less is to be looked at.
                Step::Outside => {}
            }
        }
        let Step::Unit(own) = own else {
            return Some(false);
        };
        if chain.outside.0 != chain.look {
            return Some(false);
        }
        let last = self.way_out((slot, own), even, chain, effort)?;
        if last == Last::Nobody {
            return Some(false);
        }
        self.turn(slot, Step::Outside, chain);
        self.turn_back(own, last, chain);
        Some(true)
    }

    /// Who could come in instead of one that goes out, so that a slot's own unit is taken, or may be
    /// free: looked for from that unit backwards, over slots that could take it.
    ///
    /// What was met from the wanted unit on is not met here, for it would have led to the own one.
    fn way_out(
        &self,
        (slot, own): (u32, u32),
        even: &mut Even,
        chain: &mut Chain,
        effort: &mut Effort,
    ) -> Option<Last> {
        effort.spend(even.turn_round(self.units.len()))?;
        let mut open = vec![own];
        chain.backs[own as usize] = (chain.look, Taking::default());
        while let Some(unit) = open.pop() {
            if self.prices[unit as usize] == 0 {
                return Some(Last::Free(unit));
            }
            let takers = even.takers(unit);
            effort.spend(takers.len())?;
            for taker in takers.iter().copied() {
                if taker == slot || chain.fixed[taker as usize] == Fixed::Already {
                    continue;
                }
                let taking = Taking { slot: taker, unit };
                let gives = self.slots[taker as usize].unit;
                if gives == NOBODY {
                    return Some(Last::Served(taking));
                }
                let back = &mut chain.backs[gives as usize];
                if back.0 != chain.look {
                    *back = (chain.look, taking);
                    open.push(gives);
                }
            }
        }
        Some(Last::Nobody)
    }

    /// Carries out what was found on the way back from a slot's own unit.
    fn turn_back(&mut self, own: u32, last: Last, chain: &Chain) {
        let mut at = match last {
            Last::Free(unit) => {
                self.serves[unit as usize] = NOBODY;
                unit
            }
            Last::Served(taking) => {
                self.hand(taking);
                taking.unit
            }
            Last::Nobody => return,
        };
        while at != own {
            let taking = chain.backs[at as usize].1;
            self.hand(taking);
            at = taking.unit;
        }
    }

    fn hand(&mut self, taking: Taking) {
        self.slots[taking.slot as usize].unit = taking.unit;
        self.serves[taking.unit as usize] = taking.slot;
    }

    /// Carries a chain out, from its end back to where it began.
    fn turn(&mut self, slot: u32, end: Step, chain: &Chain) {
        let mut given = Vec::new();
        let mut at = end;
        loop {
            let from = match at {
                Step::Slot(number) => chain.slots[number as usize].1,
                Step::Unit(unit) => chain.units[unit as usize].1,
                Step::Outside => chain.outside.1,
            };
            match (from, at) {
                (From::Start, Step::Unit(unit)) => given.push(Taking { slot, unit }),
                (From::Step(Step::Slot(slot)), Step::Unit(unit)) => {
                    given.push(Taking { slot, unit });
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
        for taking in given {
            self.hand(taking);
        }
    }
}

impl Chain {
    fn begin(&mut self, slots: usize, units: usize) {
        // The looks of each time go on counting, so that what was met before is not met.
        if self.look > u32::MAX / 2 {
            *self = Self::default();
        }
        self.make_room(units);
        self.slots.resize(slots, (0, From::Start));
        self.fixed.clear();
        self.fixed.resize(slots, Fixed::Not);
    }

    /// Makes room for so many units when they come, so that no plan has to.
    pub(super) fn make_room(&mut self, units: usize) {
        self.units.resize(units, (0, From::Start));
        self.backs.resize(units, (0, Taking::default()));
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
