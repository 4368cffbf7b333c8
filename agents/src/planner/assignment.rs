//! Which unit serves which slot at the least cost in all, exactly, and after every change again.
//!
//! A slot takes one unit or stays unserved at a cost of its own; a unit serves one slot. Every slot has
//! a worth and every unit a price: no arc is cheaper than its slot's worth less its unit's price, and
//! whatever serves costs just that. Changes leave slots that look for a unit and units that ask a price
//! for nothing; [`Assignment::settle`] leads both along cheapest paths until none is left, which proves
//! the plan optimal. No randomness, no clock: equal calls give equal plans.

mod bidding;

mod change;

mod even;
use even::Even;

mod release;

mod scratch;
use scratch::Scratch;

mod search;

mod ties;
use ties::Chain;

use std::collections::BTreeSet;

use super::certificate::{Certificate, Problem, StatedSlot};
use super::cost::{Cost, LimitError, SLOTS_MAX, SlotIx, UNITS_MAX, UnitIx};

/// Stands in the tables of this module for nobody; readers see `None`.
const NOBODY: u32 = u32::MAX;

/// Slots, units, what each would cost the other, and who serves whom.
#[derive(Clone, Debug, Default)]
pub struct Assignment {
    slots: Vec<Slot>,
    units: Vec<Unit>,
    /// By unit: what taking it costs beside its arc. Apart from the rest, for searches read it most.
    prices: Vec<i64>,
    /// By unit: the slot that it serves.
    serves: Vec<u32>,
    /// Slots that are unserved and worth less than that costs: they look for a unit.
    looking: BTreeSet<u32>,
    /// Units that serve nobody and have a price all the same.
    dear: BTreeSet<u32>,
    /// Numbers whose slot is gone.
    empty_slots: Vec<u32>,
    /// Numbers whose unit is gone.
    empty_units: Vec<u32>,
    backs: Backs,
    scratch: Scratch,
    chain: Chain,
    even: Even,
    /// Arcs on their way into a slot, kept so that none has to make room anew.
    new: Vec<Arc>,
}

/// One slot.
#[derive(Clone, Debug)]
struct Slot {
    /// What it costs to leave it unserved.
    unmet: i64,
    /// What serving it is worth: at most `unmet`, and at most what any arc costs with its unit's price.
    worth: i64,
    unit: u32,
    /// Cheapest first, so that searches stop where nothing cheap can follow.
    arcs: Vec<Arc>,
    state: State,
}

/// One unit.
#[derive(Clone, Debug)]
struct Unit {
    /// The slots that it could serve, in no order; while `backs` are kept.
    arcs: Vec<BackArc>,
    state: State,
}

/// Whether units know the slots that they could serve. A plan that is made once never asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Backs {
    #[default]
    NotYet,
    Kept,
}

/// Whether a number is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Here,
    Gone,
}

/// What it costs a slot to take a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Arc {
    cost: i64,
    unit: u32,
}

/// The same, seen from the unit.
#[derive(Clone, Copy, Debug)]
struct BackArc {
    cost: i64,
    slot: u32,
}

/// How much work a plan may take, counted in arcs looked at: equal on every machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// What is left of it.
    left: u64,
    /// What was spent.
    spent: u64,
}

/// How far [`Assignment::settle`] came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Nothing costs less.
    Optimal,
    /// The effort was spent before; going on with more of it goes on where it stopped.
    Overrun {
        /// Slots and units that still wait.
        waiting: usize,
    },
}

impl Effort {
    /// As much as it takes.
    pub const fn unbounded() -> Self {
        Self::arcs(u64::MAX)
    }

    /// So many arcs.
    pub const fn arcs(count: u64) -> Self {
        Self {
            left: count,
            spent: 0,
        }
    }

    /// How many arcs were looked at.
    pub const fn spent(&self) -> u64 {
        self.spent
    }

    /// Spends it; `None` once there is no more.
    pub(super) fn spend(&mut self, arcs: usize) -> Option<()> {
        let arcs = arcs as u64;
        self.spent += arcs;
        let left = self.left.checked_sub(arcs);
        self.left = left.unwrap_or(0);
        left.map(drop)
    }
}

impl Assignment {
    /// Adds a unit that serves nobody yet and has no arcs.
    pub fn add_unit(&mut self) -> Result<UnitIx, LimitError> {
        let unit = Unit {
            arcs: Vec::new(),
            state: State::Here,
        };
        if let Some(number) = self.empty_units.pop() {
            self.units[number as usize] = unit;
            return Ok(UnitIx(number));
        }
        let number = u32::try_from(self.units.len()).map_err(|_| LimitError::Units)?;
        if self.units.len() >= UNITS_MAX {
            return Err(LimitError::Units);
        }
        self.units.push(unit);
        self.prices.push(0);
        self.serves.push(NOBODY);
        self.scratch.make_room(self.units.len());
        self.chain.make_room(self.units.len());
        Ok(UnitIx(number))
    }

    /// Adds a slot with what it costs to leave it unserved and what each unit would cost it.
    ///
    /// Of several arcs to one unit the cheapest counts, and an arc to a unit that is not here for none.
    pub fn add_slot(&mut self, unmet: Cost, arcs: &[(UnitIx, Cost)]) -> Result<SlotIx, LimitError> {
        let slot = Slot {
            unmet: 0,
            worth: 0,
            unit: NOBODY,
            arcs: Vec::new(),
            state: State::Here,
        };
        let number = if let Some(number) = self.empty_slots.pop() {
            self.slots[number as usize] = slot;
            number
        } else {
            let number = u32::try_from(self.slots.len()).map_err(|_| LimitError::Slots)?;
            if self.slots.len() >= SLOTS_MAX {
                return Err(LimitError::Slots);
            }
            self.slots.push(slot);
            number
        };
        self.fill(number, unmet, arcs);
        Ok(SlotIx(number))
    }

    /// Makes the plan optimal again, or goes as far as the effort lets it.
    pub fn settle(&mut self, effort: &mut Effort) -> Settled {
        if self.make_optimal(effort).is_some() {
            return Settled::Optimal;
        }
        Settled::Overrun {
            waiting: self.looking.len() + self.dear.len(),
        }
    }

    fn make_optimal(&mut self, effort: &mut Effort) -> Option<()> {
        // A unit with a price that nobody pays comes first: searches for slots rely on there being none.
        while let Some(unit) = self.dear.first().copied() {
            self.cheapen(unit, effort)?;
        }
        self.bid(effort)?;
        while let Some(slot) = self.looking.first().copied() {
            self.serve(slot, effort)?;
        }
        Some(())
    }

    /// The unit that serves a slot in the plan.
    pub fn unit_of(&self, slot: SlotIx) -> Option<UnitIx> {
        let slot = self.slots.get(slot.place())?;
        (slot.unit != NOBODY).then_some(UnitIx(slot.unit))
    }

    /// The slot that a unit serves in the plan.
    pub fn slot_of(&self, unit: UnitIx) -> Option<SlotIx> {
        let slot = *self.serves.get(unit.place())?;
        (slot != NOBODY).then_some(SlotIx(slot))
    }

    /// What serving a slot is worth: arcs that cost as much cannot help it.
    pub fn worth(&self, slot: SlotIx) -> Option<Cost> {
        let slot = self.slots.get(slot.place())?;
        let here = slot.state == State::Here;
        here.then(|| Cost::new(slot.worth).expect("a worth lies between nothing and `unmet`"))
    }

    /// What it costs to leave a slot unserved.
    pub fn unmet(&self, slot: SlotIx) -> Option<Cost> {
        let slot = self.slots.get(slot.place())?;
        let here = slot.state == State::Here;
        here.then(|| Cost::new(slot.unmet).expect("slots are made of costs"))
    }

    /// What a slot could take, cheapest first.
    pub fn arcs(&self, slot: SlotIx) -> impl ExactSizeIterator<Item = (UnitIx, Cost)> + '_ {
        let slot = self.slots.get(slot.place());
        let arcs = slot.map_or(&[][..], |slot| &slot.arcs).iter();
        arcs.map(|arc| {
            let cost = Cost::new(arc.cost).expect("arcs are made of costs");
            (UnitIx(arc.unit), cost)
        })
    }

    /// What an arc costs; `None` if there is none.
    pub fn cost(&self, slot: SlotIx, unit: UnitIx) -> Option<Cost> {
        let arcs = &self.slots.get(slot.place())?.arcs;
        let arc = arcs.iter().find(|arc| arc.unit == unit.0)?;
        Some(Cost::new(arc.cost).expect("arcs are made of costs"))
    }

    /// Who serves whom.
    ///
    /// Of a plan that is not optimal, slots that still look for a unit are given what is free, dearest
    /// first: the best that is known, and feasible.
    pub fn pairs(&self) -> Vec<(SlotIx, UnitIx)> {
        let served = self.slots.iter().zip(0..);
        let served = served.filter(|(slot, _)| slot.unit != NOBODY);
        let mut pairs: Vec<(SlotIx, UnitIx)> = served
            .map(|(slot, number)| (SlotIx(number), UnitIx(slot.unit)))
            .collect();
        let mut taken = BTreeSet::new();
        let mut looking: Vec<u32> = self.looking.iter().copied().collect();
        looking.sort_by_key(|slot| std::cmp::Reverse(self.slots[*slot as usize].unmet));
        for number in looking {
            let slot = &self.slots[number as usize];
            let free = slot.arcs.iter().find(|arc| {
                let idle = self.serves[arc.unit as usize] == NOBODY;
                idle && arc.cost < slot.unmet && !taken.contains(&arc.unit)
            });
            if let Some(arc) = free {
                taken.insert(arc.unit);
                pairs.push((SlotIx(number), UnitIx(arc.unit)));
            }
        }
        pairs.sort_unstable();
        pairs
    }

    /// The problem as it stands, for a checker.
    pub fn problem(&self) -> Problem {
        let here = self.slots.iter().zip(0..);
        let here = here.filter(|(slot, _)| slot.state == State::Here);
        let slots = here.map(|(slot, number)| {
            let arcs = slot.arcs.iter().map(|arc| (arc.unit, arc.cost));
            let stated = StatedSlot {
                unmet: slot.unmet,
                arcs: arcs.collect(),
                omitted_from: None,
            };
            (number, stated)
        });
        let units = self.units.iter().zip(0..);
        let units = units.filter(|(unit, _)| unit.state == State::Here);
        Problem {
            slots: slots.collect(),
            units: units.map(|(_, number)| number).collect(),
        }
    }

    /// What the plan costs, slots that nobody serves included.
    pub fn total(&self) -> i64 {
        let here = self.slots.iter().filter(|slot| slot.state == State::Here);
        let costs = here.map(|slot| {
            let mut arcs = slot.arcs.iter();
            let arc = arcs.find(|arc| arc.unit == slot.unit && slot.unit != NOBODY);
            arc.map_or(slot.unmet, |arc| arc.cost)
        });
        costs.sum()
    }

    /// The plan with its proof.
    pub fn certificate(&self) -> Certificate {
        let mut proof = Certificate {
            total: self.total(),
            ..Certificate::default()
        };
        for (slot, number) in self.slots.iter().zip(0..) {
            if slot.state == State::Gone {
                continue;
            }
            proof.worths.push((number, slot.worth));
            if slot.unit != NOBODY {
                proof.pairs.push((number, slot.unit));
            }
        }
        for (unit, number) in self.units.iter().zip(0..) {
            if unit.state == State::Here {
                proof.prices.push((number, self.prices[number as usize]));
            }
        }
        proof
    }
}
