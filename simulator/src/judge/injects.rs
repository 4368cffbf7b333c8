//! What became of the injects of a drill, counted.

use std::collections::BTreeMap;

use protocol::{Expects, Span};
use serde::Serialize;

/// How many injects there were, and what was seen of what is expected after them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Injects {
    /// Given.
    pub given: u64,
    /// Not given, for what they are to make up for was seen.
    pub spared: u64,
    /// Expected actions that the drill itself looks for.
    pub expected: u64,
    /// Those of them that were seen in time.
    pub in_time: u64,
    /// Those that were seen later.
    pub late: u64,
}

/// Counts them while the drill runs.
#[derive(Clone, Debug, Default)]
pub(super) struct Watched {
    counts: Injects,
    /// How soon what is expected after an inject is in time, by its number.
    within: BTreeMap<String, Span>,
}

impl Watched {
    pub(super) fn given(&mut self, number: &str, expects: Option<&Expects>) {
        self.counts.given += 1;
        if let Some(expects) = expects.filter(|it| it.watched) {
            self.counts.expected += 1;
            self.within.insert(number.to_owned(), expects.within);
        }
    }

    pub(super) fn spared(&mut self) {
        self.counts.spared += 1;
    }

    pub(super) fn observed(&mut self, number: &str, after: Span) {
        match self.within.get(number) {
            Some(within) if after <= *within => self.counts.in_time += 1,
            Some(_) => self.counts.late += 1,
            None => {}
        }
    }

    pub(super) fn counts(&self) -> Injects {
        self.counts
    }
}
