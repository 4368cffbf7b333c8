//! What the judge counts along the way: the figures of a run's summary.

use std::collections::{BTreeMap, BTreeSet};

use agents::planner::HarmCurve;
use protocol::{
    Audience, Body, Deciseconds, Graded, Moment, NeedId, PartyId, RequestId, Severity, Span, Truth,
};
use serde::{Deserialize, Serialize};

use super::injects::{Injects, Watched};
use super::rounds::{Asked, Rounds};
use crate::rank::nearest_rank;

/// How many void entries are kept in words.
const VOIDS_KEPT: usize = 50;

/// Figures of a run.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Entries in all logs.
    pub envelopes: u64,
    /// Incidents that truly began.
    pub incidents: u64,
    /// Incidents whose work is done.
    pub served: u64,
    /// Units that were bound twice, in the logs or at a terminal.
    pub double_commits: u64,
    /// Commitments to another office's need.
    pub aid_commits: u64,
    /// Commitments to one's own need.
    pub own_commits: u64,
    /// Entries that the fold passes over.
    pub voids: u64,
    /// The first of them, in words.
    pub void_texts: Vec<String>,
    asked: BTreeSet<NeedId>,
    /// Calls of what truly began, and the requests under which incidents were opened.
    calls: BTreeSet<RequestId>,
    opened: BTreeSet<RequestId>,
    responses: Vec<Span>,
    /// What truly waits or waited, by its call.
    scenes: BTreeMap<RequestId, Waiting>,
    rounds: Asked,
    injects: Watched,
    graded: Vec<Graded>,
}

/// What an incident takes, and what has come.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    severity: Severity,
    units: u32,
    /// Of those that came, no more than it takes.
    came: u32,
    /// What their ways did, in weighted tenths of a second.
    harm: i64,
}

/// Times from a call to the first unit there, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    /// Half were faster.
    pub p50: u64,
    /// Nine of ten were faster.
    pub p90: u64,
    /// All but one of a hundred were faster.
    pub p99: u64,
}

impl Tally {
    pub(super) fn said(&mut self, author: PartyId, body: &Body) {
        self.rounds.said(body);
        match body {
            Body::Incident(report) if report.report_no == 0 => self.opened.extend(report.request),
            Body::AidRequest(ask) if ask.audience != Audience::Own => {
                self.asked.insert(ask.need);
            }
            Body::AidRequestUpdate(change) if change.audience != Audience::Own => {
                self.asked.insert(change.need);
            }
            Body::AidCommit(commit) if commit.need.author == author => self.own_commits += 1,
            Body::AidCommit(_) => self.aid_commits += 1,
            _ => {}
        }
    }

    pub(super) fn happened(&mut self, at: Moment, event: &Truth) {
        match event {
            Truth::Began {
                call,
                severity,
                units,
                ..
            } => {
                self.incidents += 1;
                self.calls.insert(*call);
                let (severity, units) = (*severity, *units);
                let waiting = Waiting {
                    severity,
                    units,
                    came: 0,
                    harm: 0,
                };
                self.scenes.insert(*call, waiting);
            }
            Truth::Served { .. } => self.served += 1,
            Truth::Reached {
                call, first, after, ..
            } => {
                if *first {
                    self.responses.push(*after);
                }
                if let Some(scene) = self.scenes.get_mut(call) {
                    scene.reached(*after);
                }
            }
            Truth::Inject {
                number, expects, ..
            } => self.injects.given(at, number, expects.as_ref()),
            Truth::Observed { number, after } => self.injects.observed(number, *after),
            Truth::Spared { .. } => self.injects.spared(),
            Truth::Graded(graded) => self.graded.push(graded.clone()),
            Truth::Phase { .. } | Truth::Fault { .. } => {}
        }
    }

    pub(super) fn void(&mut self, text: String) {
        self.voids += 1;
        if self.void_texts.len() < VOIDS_KEPT {
            self.void_texts.push(text);
        }
    }

    /// Incidents that offices opened and the scenario knows nothing of: entered by hand.
    pub fn by_hand(&self) -> u64 {
        self.opened.difference(&self.calls).count() as u64
    }

    /// How many incidents there were, in words: `187 incidents`, or `187 incidents and 2 by hand`.
    pub fn incidents_told(&self) -> String {
        let incidents = self.incidents;
        match self.by_hand() {
            0 => format!("{incidents} incidents"),
            by_hand => format!("{incidents} incidents and {by_hand} by hand"),
        }
    }

    /// Needs that asked beyond their own city.
    pub fn aid_requests(&self) -> u64 {
        self.asked.len() as u64
    }

    /// In which round of offers needs were filled.
    pub fn rounds(&self) -> Rounds {
        self.rounds.rounds()
    }

    /// What became of the injects by the end of the run.
    pub fn injects(&self, end: Moment) -> Injects {
        self.injects.counts(end)
    }

    /// How well each objective was reached; empty before the drill is over.
    pub fn graded(&self) -> &[Graded] {
        &self.graded
    }

    /// What waiting did to people, in weighted minutes: the harm that planning minimises, counted over what
    /// truly happened. Who was reached late by more than the horizon counts as if then, and who was not
    /// reached too.
    pub fn harm_min(&self) -> i64 {
        let harm: i64 = self.scenes.values().map(Waiting::harm).sum();
        harm / 600
    }

    /// Units that incidents took and that never came.
    pub fn units_missing(&self) -> u64 {
        let missing = self.scenes.values().map(|it| it.units - it.came);
        missing.map(u64::from).sum()
    }

    /// How long calls waited for their first unit, those that were reached.
    pub fn response(&self) -> Response {
        let mut times = self.responses.clone();
        times.sort_unstable();
        let at = |percent: usize| {
            let time = nearest_rank(&times, percent);
            time.map_or(0, Span::whole_seconds)
        };
        Response {
            p50: at(50),
            p90: at(90),
            p99: at(99),
        }
    }
}

impl Waiting {
    fn reached(&mut self, after: Span) {
        if self.came == self.units {
            return;
        }
        self.came += 1;
        let curve = HarmCurve::of(self.severity);
        let harm = curve.harm(Deciseconds(0), after.deciseconds());
        let harm = harm.unwrap_or_else(|| curve.unmet(Deciseconds(0)));
        self.harm += harm.value();
    }

    fn harm(&self) -> i64 {
        let unmet = HarmCurve::of(self.severity).unmet(Deciseconds(0)).value();
        self.harm + i64::from(self.units - self.came) * unmet
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incident_that_the_scenario_does_not_know_was_entered_by_hand() {
        let request = |text: &str| text.parse::<RequestId>().unwrap();
        let tally = Tally {
            incidents: 2,
            calls: [request("call-1"), request("call-2")].into(),
            opened: [request("call-1"), request("cli-7")].into(),
            ..Tally::default()
        };
        assert_eq!(tally.incidents_told(), "2 incidents and 1 by hand");
        assert_eq!(Tally::default().incidents_told(), "0 incidents");
    }

    #[test]
    fn percentiles_are_taken_by_nearest_rank() {
        let tally = Tally {
            responses: (1..=10).rev().map(Span::seconds).collect(),
            ..Tally::default()
        };
        let response = tally.response();
        assert_eq!((response.p50, response.p90, response.p99), (5, 9, 10));
        assert_eq!(Tally::default().response(), Response::default());
    }
}
