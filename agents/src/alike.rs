//! Same picture, same plan: whether others came to the plan that this office came to.
//!
//! What is known changes within a minute, and with it the plan. So another's plan counts as alike if this
//! office came to the same one for that minute at any time of it. Nothing is decided by this; it shows
//! whether pictures are equal where it matters.

use std::collections::{BTreeMap, VecDeque};
use std::ops::AddAssign;

use protocol::{Hash, Moment, NeedId, PartyId, PlanMark, ResourceId};
use serde::Serialize;

use crate::office::Office;
use crate::planner::Sees;

/// Plans of one's own that are remembered: of some minutes, in a burst.
const REMEMBERED: usize = 64;

/// How planning went in one life of an office.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlanFigures {
    /// Plans that ran out of effort, and were the best so far.
    pub overruns: u64,
    /// Others' plans for a minute that this office planned for too.
    pub compared: u64,
    /// Those of them that this office came to as well.
    pub alike: u64,
}

impl AddAssign for PlanFigures {
    fn add_assign(&mut self, other: Self) {
        self.overruns += other.overruns;
        self.compared += other.compared;
        self.alike += other.alike;
    }
}

/// What is hashed of a plan: who goes where, and how much of what.
#[derive(Serialize)]
#[serde(untagged)]
enum Goes {
    Unit(NeedId, ResourceId),
    Amount(NeedId, ResourceId, u32),
}

/// One's own plans, and what others said of theirs.
#[derive(Debug, Default)]
pub(crate) struct Plans {
    own: VecDeque<PlanMark>,
    others: BTreeMap<PartyId, PlanMark>,
    compared: u64,
    alike: u64,
}

impl Plans {
    /// This office came to a plan.
    fn note(&mut self, mark: PlanMark) {
        if self.own.back() == Some(&mark) {
            return;
        }
        self.own.push_back(mark);
        if self.own.len() > REMEMBERED {
            self.own.pop_front();
        }
    }

    /// Another says which plan it came to last.
    pub(crate) fn heard(&mut self, from: PartyId, mark: PlanMark) {
        if self.others.insert(from, mark) == Some(mark) {
            return;
        }
        let mut same_minute = self
            .own
            .iter()
            .filter(|own| own.at() == mark.at())
            .peekable();
        if same_minute.peek().is_some() {
            self.compared += 1;
            self.alike += u64::from(same_minute.any(|own| *own == mark));
        }
    }

    pub(crate) fn last(&self) -> Option<PlanMark> {
        self.own.back().copied()
    }
}

impl Office {
    /// How planning went since it booted.
    pub fn plan_figures(&self) -> PlanFigures {
        PlanFigures {
            overruns: self.policy.overruns(),
            compared: self.plans.compared,
            alike: self.plans.alike,
        }
    }

    /// Notes the plan that was just made for a moment, where one is made for the region.
    pub(crate) fn note_plan(&mut self, as_of: Moment) {
        if self.policy.sees() < Sees::Region {
            return;
        }
        let units = self.policy.postings().keys();
        let units = units.map(|(need, unit)| Goes::Unit(*need, *unit));
        let amounts = self.policy.shares().iter();
        let amounts =
            amounts.map(|((need, stock), share)| Goes::Amount(*need, *stock, share.quantity));
        let plan: Vec<Goes> = units.chain(amounts).collect();
        self.plans.note(PlanMark::new(as_of, Hash::of_json(&plan)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(minute: u64, plan: &[u8]) -> PlanMark {
        PlanMark::new(Moment(minute * 60_000_000), Hash::of(plan))
    }

    #[test]
    fn a_plan_is_alike_if_this_office_came_to_it_at_any_time_of_its_minute() {
        let mut plans = Plans::default();
        for own in [mark(1, b"a"), mark(1, b"b"), mark(2, b"b"), mark(2, b"b")] {
            plans.note(own);
        }
        let other: PartyId = "990200".parse().unwrap();
        let said = [
            (mark(1, b"a"), (1, 1)),
            (mark(1, b"a"), (1, 1)),
            (mark(2, b"a"), (2, 1)),
            (mark(3, b"b"), (2, 1)),
            (mark(2, b"b"), (3, 2)),
        ];
        for (mark, expected) in said {
            plans.heard(other, mark);
            assert_eq!((plans.compared, plans.alike), expected);
        }
    }
}
