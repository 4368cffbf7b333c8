//! The course of events: phases, injects, faults, and how incidents and aid came over time.

use std::collections::BTreeMap;

use protocol::{Moment, Span, Truth};
use serde::Serialize;

use crate::bilingual::{Bilingual, clean};
use crate::evidence::Evidence;
use crate::names::Names;
use crate::response::Case;
use crate::wording;

/// Columns of the chart over time.
const COLUMNS: u64 = 48;

/// What happened when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Course {
    /// Phases and injects, in order.
    pub milestones: Vec<Milestone>,
    /// Faults of the coordination system.
    pub outages: Vec<Outage>,
    /// How long a column of [`Course::incidents`] is.
    pub column: Span,
    /// Incidents that began, by column from the start of the run.
    pub incidents: Vec<u32>,
}

/// A phase or an inject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Milestone {
    /// When, drill time.
    pub at: Moment,
    /// Which of the two.
    pub kind: MilestoneKind,
    /// Its number; empty for a phase.
    pub number: String,
    /// Its title.
    pub title: String,
}

/// What a milestone is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MilestoneKind {
    /// 阶段.
    Phase,
    /// 情景注入.
    Inject,
    /// 情景注入 that was not given, for it was not needed.
    Spared,
}

/// A fault from its beginning to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outage {
    /// What the scenario calls it.
    pub detail: String,
    /// What fails; `None` if an older recording does not tell.
    pub kind: Option<Bilingual>,
    /// Whose: an office, or the two ends of links.
    pub whom: Option<Bilingual>,
    /// When it began.
    pub from: Moment,
    /// When it ended; `None` if it lasted beyond the record.
    pub to: Option<Moment>,
}

impl Course {
    pub(crate) fn of(evidence: &Evidence, cases: &[Case], names: &Names) -> Self {
        let (from, to) = (evidence.run.from, evidence.run.to);
        let column = column(to.since(from));
        let columns = usize::try_from(to.since(from).0 / column.0 + 1).unwrap_or(1);
        let mut incidents = vec![0; columns];
        for case in cases {
            let index = usize::try_from(case.began.since(from).0 / column.0).unwrap_or(0);
            if let Some(count) = incidents.get_mut(index) {
                *count += 1;
            }
        }
        Self {
            milestones: evidence.truth.iter().filter_map(milestone).collect(),
            outages: outages(&evidence.truth, names),
            column,
            incidents,
        }
    }
}

/// A round length of column that gives at most [`COLUMNS`] of them.
fn column(period: Span) -> Span {
    let round = [1, 5, 10, 15, 30, 60, 120, 180, 360, 720].map(Span::minutes);
    let fits = |span: &Span| period.0 / span.0 < COLUMNS;
    round
        .into_iter()
        .find(fits)
        .unwrap_or_else(|| Span(Span::hours(24).0 * (period.0 / Span::hours(24).0 / COLUMNS + 1)))
}

fn milestone((at, event): &(Moment, Truth)) -> Option<Milestone> {
    let (kind, number, title) = match event {
        Truth::Phase { title } => (MilestoneKind::Phase, String::new(), clean(title)),
        Truth::Inject { number, title, .. } => (MilestoneKind::Inject, clean(number), clean(title)),
        Truth::Spared { number, title } => (MilestoneKind::Spared, clean(number), clean(title)),
        _ => return None,
    };
    Some(Milestone {
        at: *at,
        kind,
        number,
        title,
    })
}

/// Beginnings joined with the next end of the same words.
fn outages(truth: &[(Moment, Truth)], names: &Names) -> Vec<Outage> {
    let mut all: Vec<Outage> = Vec::new();
    let mut open: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, event) in truth {
        let Truth::Fault {
            detail,
            begins,
            breakdown,
        } = event
        else {
            continue;
        };
        let detail = clean(detail);
        let waiting = open.entry(detail.clone()).or_default();
        if *begins {
            let struck = breakdown.as_ref();
            let struck = struck.map(|breakdown| wording::struck(breakdown, names));
            let (kind, whom) = struck.map(|struck| (struck.kind, struck.whom)).unzip();
            waiting.push(all.len());
            all.push(Outage {
                detail,
                kind,
                whom,
                from: *at,
                to: None,
            });
        } else if !waiting.is_empty() {
            all[waiting.remove(0)].to = Some(*at);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_joined_with_its_own_end_and_an_end_without_beginning_is_passed_over() {
        let fault = |at, detail: &str, begins| {
            let detail = detail.to_owned();
            let breakdown = None;
            let fault = Truth::Fault {
                detail,
                begins,
                breakdown,
            };
            (Moment(at), fault)
        };
        let truth = [
            fault(1, "a", true),
            fault(2, "b", true),
            fault(3, "c", false),
            fault(4, "a", false),
        ];
        let found = outages(&truth, &Names::default());
        assert_eq!((found[0].from, found[0].to), (Moment(1), Some(Moment(4))));
        assert_eq!((found[1].from, found[1].to), (Moment(2), None));
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn columns_are_round_and_few() {
        assert_eq!(column(Span::hours(18)), Span::minutes(30));
        assert_eq!(column(Span::minutes(20)), Span::minutes(1));
        assert_eq!(column(Span::hours(24 * 100)), Span::hours(72));
    }
}
