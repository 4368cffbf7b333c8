//! A full table of costs, in which every slot must be served: the problems of the OR-Library.
//!
//! Few arcs of a full table matter. Each slot begins with some of its cheapest, and the growth of
//! candidates proves that no other helps.

use super::assignment::{Assignment, Effort, Settled};
use super::candidates::{Candidates, Reach, Wanted};
use super::certificate::{Problem, StatedSlot};
use super::cost::{COST_MAX, Cost, LimitError, SlotIx, UnitIx};

/// How many arcs a slot begins with: of 6 to 40, what solves the problems of the OR-Library soonest.
const ARCS_FIRST: usize = 8;

/// What each of the units would cost each of the slots.
#[derive(Clone, Debug)]
pub struct Table {
    slots: u32,
    units: u32,
    /// Slot by slot.
    costs: Vec<i32>,
    /// More than any plan that serves everybody: to leave a slot unserved.
    unmet: Cost,
    /// What about as many arcs as were asked for cost less than, in the row asked about last.
    limit: i32,
}

/// Why a table is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// A row or a part of one is missing, or too many.
    #[error("{found} costs are no table of {slots} slots and {units} units")]
    Shape {
        /// Slots.
        slots: u32,
        /// Units.
        units: u32,
        /// Costs.
        found: usize,
    },
    /// Not everybody can be served.
    #[error("{slots} slots cannot all be served by {units} units")]
    TooFewUnits {
        /// Slots.
        slots: u32,
        /// Units.
        units: u32,
    },
    /// A cost below nothing.
    #[error("cost {0} is below nothing")]
    Negative(i32),
    /// A table that a plan cannot be told of.
    #[error(transparent)]
    Limit(#[from] LimitError),
}

impl Table {
    /// A table, slot by slot.
    pub fn new(slots: u32, units: u32, costs: Vec<i32>) -> Result<Self, TableError> {
        let found = costs.len();
        if u64::from(slots) * u64::from(units) != found as u64 {
            return Err(TableError::Shape {
                slots,
                units,
                found,
            });
        }
        if slots > units {
            return Err(TableError::TooFewUnits { slots, units });
        }
        if let Some(below) = costs.iter().find(|cost| **cost < 0) {
            return Err(TableError::Negative(*below));
        }
        let most = costs.iter().max().copied().unwrap_or(0);
        let unmet = i64::from(most).saturating_mul(i64::from(slots));
        let unmet = Cost::new(unmet.saturating_add(1).min(COST_MAX + 1))?;
        Ok(Self {
            slots,
            units,
            costs,
            unmet,
            limit: most / 8 + 1,
        })
    }

    /// The plan that serves every slot at the least cost.
    pub fn solve(&mut self) -> Result<Assignment, LimitError> {
        let mut plan = Assignment::default();
        for _ in 0..self.units {
            plan.add_unit()?;
        }
        let mut slots = Vec::new();
        for _ in 0..self.slots {
            slots.push(plan.add_slot(self.unmet, &[])?);
        }
        let mut candidates = Candidates::new(ARCS_FIRST, Wanted::ACheapest);
        let settled = candidates.settle(&mut plan, &slots, self, &mut Effort::unbounded());
        debug_assert_eq!(settled, Settled::Optimal, "nothing bounds the effort");
        Ok(plan)
    }

    /// The problem with every arc, for a checker.
    pub fn problem(&self) -> Problem {
        let slots = (0..self.slots).map(|slot| {
            let arcs = (0..).zip(self.row(slot).iter().copied().map(i64::from));
            let stated = StatedSlot {
                unmet: self.unmet.value(),
                arcs: arcs.collect(),
                omitted_from: None,
            };
            (slot, stated)
        });
        Problem {
            slots: slots.collect(),
            units: (0..self.units).collect(),
        }
    }

    fn row(&self, slot: u32) -> &[i32] {
        let units = self.units as usize;
        &self.costs[slot as usize * units..][..units]
    }
}

impl Reach for Table {
    fn cheapest(
        &mut self,
        slot: SlotIx,
        count: usize,
        arcs: &mut Vec<(UnitIx, Cost)>,
    ) -> Option<Cost> {
        let limit = limit(self.row(slot.0), count, self.limit);
        self.limit = limit.unwrap_or(self.limit);
        for (unit, cost) in (0..).zip(self.row(slot.0)) {
            if limit.is_none_or(|limit| *cost < limit) {
                arcs.push((UnitIx(unit), as_cost(*cost)));
            }
        }
        limit.map(as_cost)
    }
}

fn as_cost(cost: i32) -> Cost {
    Cost::new(cost.into()).expect("a table holds nothing below nothing")
}

/// A cost that at least `count` of a row stay below, and hardly more than twice as many if costs do not
/// agree too much; `None` if the whole row is wanted. Halved from a guess: the row before is much alike,
/// and counting is quicker than sorting.
fn limit(row: &[i32], count: usize, guess: i32) -> Option<i32> {
    if count >= row.len() {
        return None;
    }
    let below = |limit: i32| row.iter().filter(|cost| **cost < limit).count();
    // Too few stay below the one, enough below the other.
    let (mut low, mut high) = (0, None);
    let mut limit = guess.max(1);
    loop {
        let found = below(limit);
        if found < count {
            low = limit;
        } else if found <= 2 * count {
            return Some(limit);
        } else {
            high = Some(limit);
        }
        limit = match high {
            // One more lets too many in.
            Some(high) if high - low <= 1 => return Some(high),
            Some(high) => low + (high - low) / 2,
            None if low == i32::MAX => return None,
            None => low.saturating_mul(2),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_solved_and_the_proof_holds_over_every_arc() {
        let costs: Vec<i32> = (0..40 * 50).map(|place| (place * 7_919) % 1_009).collect();
        let mut table = Table::new(40, 50, costs).unwrap();
        let plan = table.solve().unwrap();
        assert_eq!(plan.certificate().check(&table.problem()), Ok(()));
        assert_eq!(plan.pairs().len(), 40);
    }

    #[test]
    fn slots_that_all_want_the_same_unit_are_all_served() {
        let costs: Vec<i32> = (0..60 * 60).map(|place| place % 60).collect();
        let mut table = Table::new(60, 60, costs).unwrap();
        let certificate = table.solve().unwrap().certificate();
        assert_eq!(certificate.check(&table.problem()), Ok(()));
        assert_eq!(certificate.total, 59 * 60 / 2);
    }

    #[test]
    fn what_is_no_table_is_refused_with_the_reason() {
        let refused = |slots, units, costs| Table::new(slots, units, costs).unwrap_err();
        assert!(matches!(
            refused(2, 2, vec![1; 3]),
            TableError::Shape { found: 3, .. }
        ));
        assert!(matches!(
            refused(2, 1, vec![1; 2]),
            TableError::TooFewUnits { .. }
        ));
        assert_eq!(refused(1, 1, vec![-3]), TableError::Negative(-3));
        let far = refused(600, 600, vec![i32::MAX; 360_000]);
        assert!(matches!(far, TableError::Limit(LimitError::Cost(_))));
    }
}
