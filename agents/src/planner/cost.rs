//! What serving costs, and the numbers that slots and units go by, each within a named limit.
//!
//! A cost is a whole number from nothing to [`COST_MAX`], so that no sum of ours can leave 64 bits;
//! whoever makes one is refused what lies outside, and nobody behind checks again.

/// The greatest cost of one arc, or of leaving one slot unserved: 2⁴⁰, far above the harm of the gravest
/// slot that nobody serves, some 2²². With at most [`SLOTS_MAX`] slots a sum stays below 2⁶¹.
pub const COST_MAX: i64 = 1 << 40;

/// How many slots one assignment has room for: a hundred times the goal of 10,000.
pub const SLOTS_MAX: usize = 1 << 20;

/// How many units one assignment has room for: ten times the goal of 100,000.
pub const UNITS_MAX: usize = 1 << 20;

/// What it costs that a unit serves a slot, or that nobody does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cost(i64);

/// The number that a slot goes by in one assignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SlotIx(pub u32);

/// The number that a unit goes by in one assignment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitIx(pub u32);

/// What an assignment does not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// A cost below nothing, or above all reason.
    #[error("cost {0} is out of range; give 0 to {COST_MAX}")]
    Cost(i64),
    /// One slot too many.
    #[error("the assignment holds {SLOTS_MAX} slots already; remove one first")]
    Slots,
    /// One unit too many.
    #[error("the assignment holds {UNITS_MAX} units already; remove one first")]
    Units,
}

impl Cost {
    /// Nothing at all.
    pub const ZERO: Self = Self(0);

    /// The greatest there is.
    pub const MAX: Self = Self(COST_MAX);

    /// A cost within the limit.
    pub const fn new(cost: i64) -> Result<Self, LimitError> {
        if cost < 0 || cost > COST_MAX {
            return Err(LimitError::Cost(cost));
        }
        Ok(Self(cost))
    }

    /// The number.
    pub const fn value(self) -> i64 {
        self.0
    }
}

impl SlotIx {
    /// Its place in a list of all slots.
    pub const fn place(self) -> usize {
        self.0 as usize
    }
}

impl UnitIx {
    /// Its place in a list of all units.
    pub const fn place(self) -> usize {
        self.0 as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_outside_its_limits_is_refused_with_both() {
        for outside in [-1, i64::MIN, COST_MAX + 1, i64::MAX] {
            let refused = Cost::new(outside).unwrap_err();
            assert_eq!(refused, LimitError::Cost(outside));
            assert!(refused.to_string().contains("1099511627776"), "{refused}");
        }
        assert_eq!(Cost::new(COST_MAX), Ok(Cost::MAX));
        assert_eq!(Cost::new(0), Ok(Cost::ZERO));
    }
}
