//! What roads are like now: a small overlay on the graph, with a fingerprint that caches go by.

use std::collections::BTreeMap;

use protocol::{RoadState, RoadStatus};

use super::EdgeIx;
use crate::mix::mix;

/// Travel time on a road that is called slow without a figure, in per cent of the free one. A guess.
const SLOW_PERCENT: u16 = 200;

/// What an edge is like if not as the graph says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Condition {
    /// No vehicle enters.
    Closed,
    /// Driving takes longer, by this percentage of the free time.
    Slow {
        /// 101 to 1000, as in road messages; use [`Condition::slow`].
        travel_percent: u16,
    },
    /// It is not there yet in the calendar of the drill; no message opens it.
    Unbuilt,
}

impl Condition {
    /// A slow road; the percentage is brought within 101 to 1000.
    pub const fn slow(travel_percent: u16) -> Self {
        let travel_percent = if travel_percent < 101 {
            101
        } else if travel_percent > 1_000 {
            1_000
        } else {
            travel_percent
        };
        Self::Slow { travel_percent }
    }

    /// What a road is like by an author's word; `None` if it is open.
    pub fn told(status: &RoadStatus) -> Option<Self> {
        match status.state {
            RoadState::Open => None,
            RoadState::Closed => Some(Self::Closed),
            RoadState::Slow => Some(Self::slow(status.travel_percent.unwrap_or(SLOW_PERCENT))),
        }
    }
}

/// The condition of every edge that is not simply open.
///
/// Equal conditions have equal fingerprints however they came about; unequal ones differ but for
/// an accident of one in 2⁶⁴.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoadConditions {
    edges: BTreeMap<EdgeIx, Condition>,
    fingerprint: u64,
}

impl RoadConditions {
    /// Sets the condition of an edge; `None` opens it. An unbuilt edge stays unbuilt.
    pub fn set(&mut self, edge: EdgeIx, condition: Option<Condition>) {
        let before = self.edges.get(&edge).copied();
        if before == Some(Condition::Unbuilt) || before == condition {
            return;
        }
        if let Some(before) = before {
            self.fingerprint ^= stamp(edge, before);
        }
        match condition {
            Some(condition) => {
                self.fingerprint ^= stamp(edge, condition);
                self.edges.insert(edge, condition);
            }
            None => {
                self.edges.remove(&edge);
            }
        }
    }

    /// The condition of an edge; `None` if it is open.
    pub fn of(&self, edge: EdgeIx) -> Option<Condition> {
        self.edges.get(&edge).copied()
    }

    /// Every edge that is not simply open, in order.
    pub fn iter(&self) -> impl Iterator<Item = (EdgeIx, Condition)> + '_ {
        self.edges
            .iter()
            .map(|(edge, condition)| (*edge, *condition))
    }

    /// A number that changes with the conditions, for caches to go by.
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }
}

fn stamp(edge: EdgeIx, condition: Condition) -> u64 {
    let word = match condition {
        Condition::Closed => 1,
        Condition::Unbuilt => 2,
        Condition::Slow { travel_percent } => 0x1_0000 | u64::from(travel_percent),
    };
    mix(u64::from(edge.0) << 32 | word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_tells_states_not_histories() {
        let mut one = RoadConditions::default();
        one.set(EdgeIx(4), Some(Condition::Closed));
        one.set(EdgeIx(9), Some(Condition::slow(150)));
        one.set(EdgeIx(4), None);
        let mut other = RoadConditions::default();
        other.set(EdgeIx(9), Some(Condition::Closed));
        assert_ne!(one.fingerprint(), other.fingerprint());
        other.set(EdgeIx(9), Some(Condition::slow(150)));
        assert_eq!(one, other);
        other.set(EdgeIx(9), None);
        assert_eq!(other.fingerprint(), RoadConditions::default().fingerprint());
    }

    #[test]
    fn a_road_that_is_not_built_is_opened_by_no_message() {
        let mut conditions = RoadConditions::default();
        conditions.set(EdgeIx(1), Some(Condition::Unbuilt));
        conditions.set(EdgeIx(1), None);
        assert_eq!(conditions.of(EdgeIx(1)), Some(Condition::Unbuilt));
    }
}
