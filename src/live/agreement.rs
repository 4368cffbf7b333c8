//! How far a free-running drill agrees with virtual time: who was sent where, and how soon.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{Moment, Record, RequestId, ResourceId, Truth};
use serde::Serialize;

/// Which units reached which incident.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Reached {
    units: BTreeMap<RequestId, BTreeSet<ResourceId>>,
}

/// How far two runs agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Agreement {
    /// Incidents that began in both.
    pub(crate) incidents: usize,
    /// Of these, reached by exactly the same units.
    pub(crate) same_units: usize,
    /// Of these, reached in both or in neither.
    pub(crate) same_fate: usize,
}

impl Reached {
    /// From what truly happened.
    pub(crate) fn of<'a>(truths: impl IntoIterator<Item = &'a Truth>) -> Self {
        let mut reached = Self::default();
        for truth in truths {
            match truth {
                Truth::Began { call, .. } => {
                    reached.units.entry(*call).or_default();
                }
                Truth::Reached { call, unit, .. } => {
                    reached.units.entry(*call).or_default().insert(*unit);
                }
                _ => {}
            }
        }
        reached
    }

    /// From the lines of a recording, up to a time: virtual time goes on after the end of a drill.
    pub(crate) fn of_lines(lines: &[String], until: Moment) -> Self {
        let truths: Vec<Truth> = lines
            .iter()
            .filter_map(|line| match serde_json::from_str(line) {
                Ok(Record::Truth { at, event }) if at <= until => Some(event),
                _ => None,
            })
            .collect();
        Self::of(&truths)
    }

    /// Compares two runs.
    pub(crate) fn agreement(&self, other: &Self) -> Agreement {
        let both = self
            .units
            .iter()
            .filter_map(|(call, ours)| Some((ours, other.units.get(call)?)));
        let mut agreement = Agreement {
            incidents: 0,
            same_units: 0,
            same_fate: 0,
        };
        for (ours, theirs) in both {
            agreement.incidents += 1;
            agreement.same_units += usize::from(ours == theirs);
            agreement.same_fate += usize::from(ours.is_empty() == theirs.is_empty());
        }
        agreement
    }
}

#[cfg(test)]
mod tests {
    use protocol::{Kind, Point, Severity, Span};

    use super::*;

    fn began(call: &str) -> Truth {
        Truth::Began {
            call: call.parse().unwrap(),
            office: "990100".parse().unwrap(),
            area: protocol::AreaCode(990_100),
            event: "fire".into(),
            severity: Severity::Serious,
            point: Point(0, 0),
            units: 1,
        }
    }

    fn reached(call: &str, unit: &str) -> Truth {
        Truth::Reached {
            call: call.parse().unwrap(),
            unit: unit.parse().unwrap(),
            kind: Kind::FireRescue,
            owner: "990100".parse().unwrap(),
            office: "990100".parse().unwrap(),
            severity: Severity::Serious,
            after: Span(Moment(5).0),
            first: true,
        }
    }

    #[test]
    fn agreement_counts_incidents_that_the_same_units_reached() {
        let ours = [
            began("a"),
            began("b"),
            began("c"),
            reached("a", "u1"),
            reached("b", "u2"),
        ];
        let theirs = [
            began("a"),
            began("b"),
            began("c"),
            reached("a", "u1"),
            reached("b", "u3"),
        ];
        let agreement = Reached::of(&ours).agreement(&Reached::of(&theirs));
        assert_eq!(
            agreement,
            Agreement {
                incidents: 3,
                same_units: 2,
                same_fate: 3
            }
        );
    }
}
