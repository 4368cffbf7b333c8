//! Utilisation: how much of the time a city's units of a kind were bound to incidents.
//!
//! From commitment to return, clipped to the period; readiness, road and work together. Rough on
//! purpose: shifts, rest and repair are not told apart. Stock and room are bound in amounts and not
//! in time: their commitments are counted in [`crate::AidAccount::stock`].

use std::collections::BTreeMap;

use protocol::{Form, Kind, Moment, PartyId, Span};
use serde::Serialize;

use crate::aid::{Marks, Promise, promises};
use crate::evidence::Evidence;

/// Units of one city and kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Usage {
    /// Whose they are.
    pub office: PartyId,
    /// What they are.
    pub kind: Kind,
    /// How many the inventory holds.
    pub units: u64,
    /// Whether any entry of that inventory is invented 演示数据.
    pub demo: bool,
    /// Commitments of them.
    pub commits: u64,
    /// Unit time bound.
    pub busy: Span,
    /// Unit time bound, in thousandths of all unit time.
    pub share_permille: u64,
    /// The most that were bound at one time.
    pub peak: u64,
}

/// Utilisation by city, then kind.
pub(crate) fn of(evidence: &Evidence) -> Vec<Usage> {
    let (from, to) = (evidence.run.from, evidence.run.to);
    let mut rows: BTreeMap<(PartyId, Kind), Usage> = BTreeMap::new();
    let mut steps: BTreeMap<(PartyId, Kind), Vec<(Moment, i64)>> = BTreeMap::new();
    let bound = promises(evidence, &Marks::of(evidence));
    for (office, author) in evidence.picture.authors() {
        for (id, holding) in &author.state.holdings {
            let resource = &holding.resource;
            if resource.form() != Form::Unit {
                continue;
            }
            let key = (*office, resource.kind);
            let row = rows
                .entry(key)
                .or_insert_with(|| blank(*office, resource.kind));
            row.units += 1;
            row.demo |= resource.demo;
            for promise in bound.get(&(*office, *id)).into_iter().flatten() {
                row.commits += 1;
                let (begin, end) = clip(promise, from, to);
                row.busy = row.busy + end.since(begin);
                if begin < end {
                    steps
                        .entry(key)
                        .or_default()
                        .extend([(begin, 1), (end, -1)]);
                }
            }
        }
    }
    for (key, row) in &mut rows {
        let whole = to.since(from).0.saturating_mul(row.units).max(1);
        let share = u128::from(row.busy.0) * 1_000 / u128::from(whole);
        row.share_permille = u64::try_from(share).unwrap_or(u64::MAX);
        row.peak = steps.get_mut(key).map_or(0, |steps| peak(steps));
    }
    rows.into_values().collect()
}

fn blank(office: PartyId, kind: Kind) -> Usage {
    Usage {
        office,
        kind,
        units: 0,
        demo: false,
        commits: 0,
        busy: Span::ZERO,
        share_permille: 0,
        peak: 0,
    }
}

fn clip(promise: &Promise, from: Moment, to: Moment) -> (Moment, Moment) {
    let begin = promise.from.clamp(from, to);
    (begin, promise.to.unwrap_or(to).clamp(begin, to))
}

/// The greatest number bound at once; an end at the moment of a beginning comes first.
fn peak(steps: &mut [(Moment, i64)]) -> u64 {
    steps.sort_unstable();
    let mut now = 0;
    let mut most = 0;
    for (_, step) in steps.iter() {
        now += step;
        most = most.max(now);
    }
    u64::try_from(most).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_and_a_beginning_at_one_moment_are_not_two_at_once() {
        let at = |minute| Moment(Span::minutes(minute).0);
        let mut steps = vec![(at(1), 1), (at(5), -1), (at(5), 1), (at(9), -1), (at(6), 1)];
        assert_eq!(peak(&mut steps), 2);
    }
}
