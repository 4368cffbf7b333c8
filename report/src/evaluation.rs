//! 评估: how well objectives were reached, and what was seen of what was expected.

use std::collections::BTreeMap;

use protocol::{Figure, Measure, Moment, Span, Truth};
use serde::Serialize;

use crate::bilingual::{Bilingual, clean};
use crate::evidence::Evidence;

/// How well objectives were reached, and what was seen of what was expected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Evaluation {
    /// Every objective, in the scenario's order; empty if the record ends before the drill does.
    pub objectives: Vec<Reached>,
    /// What is expected after injects, in the order in which they were given.
    pub expected: Vec<Expectation>,
}

/// How well an objective was reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reached {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// What it is measured by; `None` if people judge it.
    pub measure: Option<Measure>,
    /// What was measured; `None` if there was nothing to measure.
    pub figure: Option<Figure>,
    /// The worst figure that would have the best grade.
    pub target: Option<Figure>,
    /// The grade.
    pub grade: Option<String>,
}

/// What is expected after an inject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Expectation {
    /// The inject's number.
    pub number: String,
    /// The inject's title.
    pub title: String,
    /// When it was given.
    pub given: Moment,
    /// What should be seen.
    pub action: String,
    /// How soon.
    pub within: Span,
    /// The objective that it serves.
    pub objective: Option<String>,
    /// How long after the inject it was seen.
    pub after: Option<Span>,
    /// What to say of it.
    pub verdict: Verdict,
}

/// What is to be said of an expected action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Seen in time.
    InTime,
    /// Seen, later than it should have been.
    Late,
    /// Not seen by the end of the record.
    Missed,
    /// Not seen, and the record ends before its time was up.
    Open,
    /// The drill does not look for it: people judge.
    ForPeople,
}

impl Verdict {
    /// The word for people.
    pub fn label(self) -> Bilingual {
        let (zh, en) = match self {
            Self::InTime => ("按时", "in time"),
            Self::Late => ("超时", "late"),
            Self::Missed => ("未见", "not seen"),
            Self::Open => ("未到时限", "time not up"),
            Self::ForPeople => ("待评估员判定", "for an evaluator"),
        };
        Bilingual::new(zh, en)
    }
}

impl Evaluation {
    pub(crate) fn of(evidence: &Evidence) -> Self {
        let mut found = Self::default();
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        for (_, event) in &evidence.truth {
            if let Truth::Observed { number, after } = event {
                seen.entry(number).or_insert(*after);
            }
        }
        for (at, event) in &evidence.truth {
            match event {
                Truth::Inject {
                    number,
                    title,
                    expects: Some(expects),
                } => {
                    let after = seen.get(number.as_str()).copied();
                    let verdict = match after {
                        _ if !expects.watched => Verdict::ForPeople,
                        Some(after) if after <= expects.within => Verdict::InTime,
                        Some(_) => Verdict::Late,
                        None if evidence.run.to < *at + expects.within => Verdict::Open,
                        None => Verdict::Missed,
                    };
                    found.expected.push(Expectation {
                        number: clean(number),
                        title: clean(title),
                        given: *at,
                        action: clean(&expects.action),
                        within: expects.within,
                        objective: expects.objective.as_deref().map(clean),
                        after,
                        verdict,
                    });
                }
                Truth::Graded(graded) => found.objectives.push(Reached {
                    id: clean(&graded.objective),
                    title: clean(&graded.title),
                    measure: graded.measure,
                    figure: graded.figure,
                    target: graded.target,
                    grade: graded.grade.as_deref().map(clean),
                }),
                _ => {}
            }
        }
        found
    }

    /// Whether there is nothing to tell.
    pub(crate) fn is_empty(&self) -> bool {
        self.objectives.is_empty() && self.expected.is_empty()
    }
}
