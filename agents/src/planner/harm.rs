//! What it does to people that help takes long: by severity and time, in whole numbers.
//!
//! A slot is harmed at the rate of its weight for each tenth of a second until help is there, and at
//! three times the rate once help is overdue. Slots are harmed apart from each other: whether all units
//! of an incident are there together is told in reports and not weighed here, for only so is the
//! cheapest plan of a whole region one assignment, and known exactly.

use protocol::{Deciseconds, Severity};

use super::cost::Cost;

/// A slot whose nearest unit is farther than this is not served from there, and one that is served by
/// nobody is harmed as if help came then: 240 minutes, as dispatch.md has it.
pub const HORIZON: Deciseconds = Deciseconds(240 * 600);

/// How much faster the overdue part harms, beside the part that all time harms.
const OVERDUE: i64 = 2;

/// How a slot is harmed while it waits.
///
/// Weights and times are ours, estimated: each severity weighs twice the next, and 8 minutes are what
/// NFPA 1710 allows for advanced life support.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HarmCurve {
    /// Harm a tenth of a second.
    weight: i64,
    /// From when on help is overdue, after it was asked.
    due: Deciseconds,
}

impl HarmCurve {
    /// The curve of a severity.
    pub const fn of(severity: Severity) -> Self {
        let (weight, due_min) = match severity {
            Severity::Critical => (8, 8),
            Severity::Serious => (4, 15),
            Severity::Moderate => (2, 30),
            Severity::Minor => (1, 60),
        };
        Self {
            weight,
            due: Deciseconds(due_min * 600),
        }
    }

    /// The harm from now on of a slot that has waited so long, if help is there so long from now; `None`
    /// beyond the horizon.
    pub fn harm(self, waited: Deciseconds, eta: Deciseconds) -> Option<Cost> {
        (eta < HORIZON).then(|| self.until(waited, eta))
    }

    /// From how long on a unit's way harms a slot so much; the horizon if none does. A bisection: harm
    /// only grows with time.
    pub fn from_when(self, waited: Deciseconds, harm: Cost) -> Deciseconds {
        let (mut less, mut enough) = (0, HORIZON.0);
        while less < enough {
            let middle = less + (enough - less) / 2;
            if self.until(waited, Deciseconds(middle)) < harm {
                less = middle + 1;
            } else {
                enough = middle;
            }
        }
        Deciseconds(enough)
    }

    /// The harm from now on of a slot that nobody serves.
    pub fn unmet(self, waited: Deciseconds) -> Cost {
        self.until(waited, HORIZON)
    }

    /// What is harmed already is the same in every plan, and left out.
    fn until(self, waited: Deciseconds, eta: Deciseconds) -> Cost {
        let [waited, eta, due] = [waited, eta, self.due].map(|time| i64::from(time.0));
        let overdue = (waited + eta - due).max(0) - (waited - due).max(0);
        let harm = self.weight * (eta + OVERDUE * overdue);
        Cost::new(harm).expect("8 times 3 horizons are far below the greatest cost")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn minutes(count: u32) -> Deciseconds {
        Deciseconds(count * 600)
    }

    #[test]
    fn overdue_help_harms_three_times_as_fast() {
        let curve = HarmCurve::of(Severity::Critical);
        let harm = |eta| curve.harm(minutes(0), eta).unwrap().value();
        assert_eq!(harm(minutes(8)), 8 * 8 * 600);
        assert_eq!(harm(minutes(9)) - harm(minutes(8)), 3 * 8 * 600);
        let waited = curve.harm(minutes(8), minutes(1)).unwrap().value();
        assert_eq!(waited, 3 * 8 * 600);
    }

    #[test]
    fn what_harms_so_much_takes_so_long() {
        let curve = HarmCurve::of(Severity::Serious);
        for eta in [0, 1, 8_999, 9_000, 9_001, 143_999].map(Deciseconds) {
            let harm = curve.harm(minutes(1), eta).unwrap();
            assert_eq!(curve.from_when(minutes(1), harm), eta);
        }
        assert_eq!(curve.from_when(minutes(1), Cost::MAX), HORIZON);
    }

    #[test]
    fn nothing_is_as_bad_as_nobody() {
        for severity in [
            Severity::Critical,
            Severity::Serious,
            Severity::Moderate,
            Severity::Minor,
        ] {
            for waited in [minutes(0), minutes(45), Deciseconds(u32::MAX)] {
                let curve = HarmCurve::of(severity);
                let last = Deciseconds(HORIZON.0 - 1);
                assert!(curve.harm(waited, last).unwrap() < curve.unmet(waited));
                assert_eq!(curve.harm(waited, HORIZON), None);
            }
        }
    }
}
