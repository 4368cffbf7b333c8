//! Whether a plan is optimal, told from its proof by one who did not make it.
//!
//! This file shares no code with the solver and takes nothing from it on trust: problem and proof are
//! plain numbers. If every arc costs at least its slot's worth less its unit's price, no plan can cost
//! less than all worths less all prices; a plan that costs just that is optimal. Sums are taken in 128
//! bits, so that no number that somebody made up overflows.

use std::collections::{BTreeMap, BTreeSet};

/// The problem that a plan claims to solve.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problem {
    /// Every slot by its number.
    pub slots: BTreeMap<u32, StatedSlot>,
    /// Every unit's number.
    pub units: BTreeSet<u32>,
}

/// One slot of a problem.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatedSlot {
    /// What it costs to leave it unserved.
    pub unmet: i64,
    /// The units that could serve it, with what each costs.
    pub arcs: Vec<(u32, i64)>,
    /// What every arc that was left out costs at least; `None` if none was left out.
    pub omitted_from: Option<i64>,
}

/// A plan and why nothing costs less.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificate {
    /// Slots with the unit that serves each.
    pub pairs: Vec<(u32, u32)>,
    /// What serving each slot is worth.
    pub worths: Vec<(u32, i64)>,
    /// What taking each unit costs beside its arc.
    pub prices: Vec<(u32, i64)>,
    /// What the plan costs, slots that nobody serves included.
    pub total: i64,
}

/// Why a certificate proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// A number that the problem does not have.
    #[error("slot {0} is not in the problem")]
    UnknownSlot(u32),
    /// A number that the problem does not have.
    #[error("unit {0} is not in the problem")]
    UnknownUnit(u32),
    /// Two of what there is one of.
    #[error("slot {0} stands twice")]
    SlotTwice(u32),
    /// Two of what there is one of.
    #[error("unit {0} stands twice")]
    UnitTwice(u32),
    /// A slot whose worth is not told.
    #[error("nothing is said of what slot {0} is worth")]
    WorthMissing(u32),
    /// A unit whose price is not told.
    #[error("nothing is said of what unit {0} costs")]
    PriceMissing(u32),
    /// A unit that cannot do it.
    #[error("unit {unit} has no arc to slot {slot}")]
    NoArc {
        /// The slot.
        slot: u32,
        /// The unit.
        unit: u32,
    },
    /// More than leaving it unserved costs.
    #[error("slot {0} is worth more than it costs unserved")]
    WorthAboveUnmet(u32),
    /// An arc is cheaper than the proof allows.
    #[error("unit {unit} costs slot {slot} less than worth and price allow")]
    ArcTooCheap {
        /// The slot.
        slot: u32,
        /// The unit.
        unit: u32,
    },
    /// An arc that was left out could be cheaper than the proof allows.
    #[error("a unit that was left out could help slot {0}")]
    OmittedCouldHelp(u32),
    /// A price below nothing.
    #[error("unit {0} has a price below nothing")]
    NegativePrice(u32),
    /// Two numbers that an optimal plan makes equal.
    #[error("the plan costs {cost}, its worths and prices prove {proven}")]
    Gap {
        /// What the plan costs.
        cost: i128,
        /// What every plan costs at least.
        proven: i128,
    },
    /// The plan costs something else than it says.
    #[error("the plan costs {cost}, not {total}")]
    Total {
        /// What it costs.
        cost: i128,
        /// What it says.
        total: i64,
    },
}

impl Certificate {
    /// Checks the plan against a problem: feasible, proven, and as cheap as the proof.
    ///
    /// That both sums agree implies that who serves costs just what it is worth, that who is unserved is
    /// worth what that costs, and that whoever is free is free for nothing.
    pub fn check(&self, problem: &Problem) -> Result<(), Flaw> {
        let served = self.feasible(problem)?;
        let worths = self.told_worths(problem)?;
        let prices = self.told_prices(problem)?;
        for (number, slot) in &problem.slots {
            allowed(*number, slot, worths[number], &prices)?;
        }
        let mut cost = 0_i128;
        for (number, slot) in &problem.slots {
            let unmet = i128::from(slot.unmet);
            cost += served.get(number).copied().unwrap_or(unmet);
        }
        let sum =
            |told: &BTreeMap<u32, i64>| told.values().map(|one| i128::from(*one)).sum::<i128>();
        let proven = sum(&worths) - sum(&prices);
        if cost != proven {
            return Err(Flaw::Gap { cost, proven });
        }
        if cost != i128::from(self.total) {
            let total = self.total;
            return Err(Flaw::Total { cost, total });
        }
        Ok(())
    }

    /// What each served slot's arc costs.
    fn feasible(&self, problem: &Problem) -> Result<BTreeMap<u32, i128>, Flaw> {
        let mut served = BTreeMap::new();
        let mut busy = BTreeSet::new();
        for (number, unit) in &self.pairs {
            let (number, unit) = (*number, *unit);
            let slot = problem.slots.get(&number);
            let slot = slot.ok_or(Flaw::UnknownSlot(number))?;
            if !problem.units.contains(&unit) {
                return Err(Flaw::UnknownUnit(unit));
            }
            if !busy.insert(unit) {
                return Err(Flaw::UnitTwice(unit));
            }
            let arcs = slot.arcs.iter().filter(|(to, _)| *to == unit);
            let cost = arcs.map(|(_, cost)| i128::from(*cost)).min();
            let cost = cost.ok_or(Flaw::NoArc { slot: number, unit })?;
            if served.insert(number, cost).is_some() {
                return Err(Flaw::SlotTwice(number));
            }
        }
        Ok(served)
    }

    fn told_worths(&self, problem: &Problem) -> Result<BTreeMap<u32, i64>, Flaw> {
        let mut told = BTreeMap::new();
        for (slot, worth) in &self.worths {
            if !problem.slots.contains_key(slot) {
                return Err(Flaw::UnknownSlot(*slot));
            }
            if told.insert(*slot, *worth).is_some() {
                return Err(Flaw::SlotTwice(*slot));
            }
        }
        let silent = problem.slots.keys().find(|slot| !told.contains_key(slot));
        silent.map_or(Ok(told), |slot| Err(Flaw::WorthMissing(*slot)))
    }

    fn told_prices(&self, problem: &Problem) -> Result<BTreeMap<u32, i64>, Flaw> {
        let mut told = BTreeMap::new();
        for (unit, price) in &self.prices {
            if !problem.units.contains(unit) {
                return Err(Flaw::UnknownUnit(*unit));
            }
            if *price < 0 {
                return Err(Flaw::NegativePrice(*unit));
            }
            if told.insert(*unit, *price).is_some() {
                return Err(Flaw::UnitTwice(*unit));
            }
        }
        let silent = problem.units.iter().find(|unit| !told.contains_key(unit));
        silent.map_or(Ok(told), |unit| Err(Flaw::PriceMissing(*unit)))
    }
}

/// Whether nothing that a slot could do costs less than its worth.
fn allowed(
    number: u32,
    slot: &StatedSlot,
    worth: i64,
    prices: &BTreeMap<u32, i64>,
) -> Result<(), Flaw> {
    if worth > slot.unmet {
        return Err(Flaw::WorthAboveUnmet(number));
    }
    // Prices are never below nothing, so what an arc that was left out costs is bound enough.
    if slot.omitted_from.is_some_and(|least| worth > least) {
        return Err(Flaw::OmittedCouldHelp(number));
    }
    for (unit, cost) in &slot.arcs {
        let price = prices.get(unit).ok_or(Flaw::UnknownUnit(*unit))?;
        if i128::from(worth) > i128::from(*cost) + i128::from(*price) {
            let (slot, unit) = (number, *unit);
            return Err(Flaw::ArcTooCheap { slot, unit });
        }
    }
    Ok(())
}
