//! Incidents of one author: the chain of reports, its last one standing.

use std::collections::BTreeMap;
use std::sync::Arc;

use protocol::{
    Datum, IncidentId, IncidentReport, Level, Moment, PartyId, ReportKind, RequestId, Stage, grade,
    limit,
};
use serde::{Deserialize, Serialize};

use crate::void::Void;

/// An incident as its author last reported it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// The report that stands, shared with the entry that says it.
    pub report: Arc<IncidentReport>,
    /// The call or command that opened it.
    pub call: Option<RequestId>,
    /// When the first report was signed off, drill time.
    pub opened_at: Moment,
    /// When the final report was, if the chain has ended.
    pub ended_at: Option<Moment>,
    /// Every report in brief, in order.
    pub chain: Vec<ReportBrief>,
}

/// One report of a chain in brief.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportBrief {
    /// Its number.
    pub report_no: u32,
    /// Its kind.
    pub kind: ReportKind,
    /// When it was signed off, or was so where it was entered afterwards; drill time.
    pub at: Moment,
    /// What it says.
    pub summary: String,
}

impl Incident {
    /// Whether work on it may still be needed.
    pub fn is_open(&self) -> bool {
        self.ended_at.is_none() && !matches!(self.report.stage, Stage::Closed | Stage::Withdrawn)
    }
}

/// Adds a report to its chain, or says why it is void.
pub(crate) fn report(
    incidents: &mut BTreeMap<IncidentId, Incident>,
    author: PartyId,
    report: &Arc<IncidentReport>,
) -> Result<(), Void> {
    if report.incident.author != author {
        return Err(Void::NotTheAuthor {
            what: report.incident.to_string(),
        });
    }
    well_formed(report)?;
    let brief = ReportBrief {
        report_no: report.report_no,
        kind: report.kind,
        at: report.as_of.unwrap_or(report.reported_at),
        summary: report.summary.clone(),
    };
    let is_final = report.kind == ReportKind::Final;
    match incidents.get_mut(&report.incident) {
        None if report.report_no == 0 && report.kind == ReportKind::First => {
            let incident = Incident {
                report: Arc::clone(report),
                call: report.request,
                opened_at: report.reported_at,
                ended_at: None,
                chain: vec![brief],
            };
            incidents.insert(report.incident, incident);
            Ok(())
        }
        None => Err(Void::Chain {
            found: report.report_no,
            expected: 0,
        }),
        Some(known) => {
            let expected = known.report.report_no + 1;
            if report.report_no != expected {
                return Err(Void::Chain {
                    found: report.report_no,
                    expected,
                });
            }
            if report.kind == ReportKind::First {
                return Err(Void::FirstAgain);
            }
            if known.ended_at.is_some() && report.kind != ReportKind::Correction {
                return Err(Void::ReportEnded);
            }
            if is_final {
                known.ended_at = Some(report.reported_at);
            }
            known.report = Arc::clone(report);
            known.chain.push(brief);
            Ok(())
        }
    }
}

fn well_formed(report: &IncidentReport) -> Result<(), Void> {
    let long = |text: &str, limit: usize| text.chars().count() > limit;
    if long(&report.summary, limit::SUMMARY_CHARS) {
        return Err(Void::TooLong { field: "summary" });
    }
    if long(&report.place, limit::TEXT_CHARS) || long(&report.source, limit::TEXT_CHARS) {
        return Err(Void::TooLong {
            field: "place or source",
        });
    }
    if report.links.len() + report.threatens.len() + report.measures.len() > limit::LIST_ITEMS {
        return Err(Void::TooLong {
            field: "links, threatens and measures",
        });
    }
    if report.occurred_at > report.known_at {
        return Err(Void::Times {
            earlier: "occurred_at",
            later: "known_at",
        });
    }
    if report.known_at > report.reported_at {
        return Err(Void::Times {
            earlier: "known_at",
            later: "reported_at",
        });
    }
    if report.as_of.is_some_and(|as_of| as_of > report.reported_at) {
        return Err(Void::Times {
            earlier: "as_of",
            later: "reported_at",
        });
    }
    if report.datum == Datum::Gcj02 {
        return Err(Void::Place {
            why: "GCJ-02 must be converted to WGS 84 first",
        });
    }
    if report.point.is_some_and(|point| !point.is_on_earth()) {
        return Err(Void::Place {
            why: "the point is not on the earth",
        });
    }
    let people = |count: Option<protocol::Count>| count.map_or(0, |count| count.0);
    let graded = grade(
        people(report.counts.deaths),
        people(report.counts.serious),
        report.loss_cny.unwrap_or(0),
    );
    let agrees = report.level == graded || report.level == Level::Undecided;
    if agrees || report.level_reason.is_some() {
        Ok(())
    } else {
        Err(Void::Level)
    }
}
