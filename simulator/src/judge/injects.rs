//! What became of the injects of a drill, counted.

use std::collections::BTreeMap;

use protocol::{Expects, Moment, Span};
use serde::{Deserialize, Serialize};

/// How many injects there were, and what was seen of what is expected after them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Those that were not seen, and whose time was not up when the run ended.
    pub open: u64,
}

/// Counts them while the drill runs.
#[derive(Clone, Debug, Default)]
pub(super) struct Watched {
    counts: Injects,
    /// Of what is expected after an inject and was not seen: when it was given, and how soon is in time.
    awaited: BTreeMap<String, (Moment, Span)>,
}

impl Watched {
    pub(super) fn given(&mut self, now: Moment, number: &str, expects: Option<&Expects>) {
        self.counts.given += 1;
        if let Some(expects) = expects.filter(|it| it.watched) {
            self.counts.expected += 1;
            self.awaited
                .insert(number.to_owned(), (now, expects.within));
        }
    }

    pub(super) fn spared(&mut self) {
        self.counts.spared += 1;
    }

    pub(super) fn observed(&mut self, number: &str, after: Span) {
        match self.awaited.remove(number) {
            Some((_, within)) if after <= within => self.counts.in_time += 1,
            Some(_) => self.counts.late += 1,
            None => {}
        }
    }

    /// What came of them, as of the end of the run.
    pub(super) fn counts(&self, now: Moment) -> Injects {
        let open = self.awaited.values();
        let open = open.filter(|(given, within)| now < *given + *within);
        Injects {
            open: open.count() as u64,
            ..self.counts
        }
    }
}
