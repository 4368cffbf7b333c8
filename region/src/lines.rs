//! Which offices are neighbours, for whoever lays lines between them.

use protocol::{Meters, PartyId};

use crate::region::Region;

impl Region {
    /// Neighbours among the offices, each pair once, the lower id first: two of which no third one sits
    /// inside the circle that has their seats at the ends of a diameter.
    ///
    /// So it needs no number to be chosen, and every office is joined to every other by some chain of
    /// neighbours (Gabriel & Sokal 1969, \"A new statistical approach to geographic variation analysis\").
    pub fn neighbours(&self) -> Vec<(PartyId, PartyId)> {
        let offices = self.offices();
        let square = |one: usize, other: usize| {
            let Meters(meters) = self.distance(offices[one].seat, offices[other].seat);
            u64::from(meters) * u64::from(meters)
        };
        let mut pairs = Vec::new();
        for one in 0..offices.len() {
            for other in one + 1..offices.len() {
                let across = square(one, other);
                let inside = |third: usize| square(one, third) + square(third, other) < across;
                let mut thirds =
                    (0..offices.len()).filter(|third| *third != one && *third != other);
                if !thirds.any(inside) {
                    let (a, b) = (offices[one].party, offices[other].party);
                    pairs.push((a.min(b), a.max(b)));
                }
            }
        }
        pairs.sort_unstable();
        pairs
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn neighbours_join_every_office_and_are_few() {
        for id in crate::BUILT_IN {
            let region = Region::built_in(id).unwrap();
            let pairs = region.neighbours();
            let mut reached = BTreeSet::from([region.offices()[0].party]);
            for _ in region.offices() {
                for (one, other) in &pairs {
                    if reached.contains(one) || reached.contains(other) {
                        reached.extend([*one, *other]);
                    }
                }
            }
            assert_eq!(reached.len(), region.offices().len(), "{id}");
            assert!(
                pairs.len() <= 3 * region.offices().len(),
                "{id}: {}",
                pairs.len()
            );
        }
    }
}
