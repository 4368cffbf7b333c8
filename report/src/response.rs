//! Response times: from the call to the first unit at the scene, case by case and in groups.

mod recorded;

use std::collections::BTreeMap;

use protocol::{
    AreaCode, Body, IncidentId, Kind, Moment, PartyId, Point, RequestId, ResourceId, Severity,
    Span, Truth,
};
use serde::Serialize;

use crate::bilingual::clean;
use crate::distribution::Distribution;
use crate::evidence::Evidence;

/// Response times of the whole account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Response {
    /// What the times rest on.
    pub basis: Basis,
    /// Every case, in the order in which they began.
    pub cases: Vec<Case>,
    /// The region, then each severity, then each city with its severities.
    pub groups: Vec<Group>,
}

/// What response times rest on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// What truly happened in the simulated world.
    Truth,
    /// What offices recorded: from the time received to the first recorded arrival.
    Recorded,
}

/// One incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Case {
    /// The call in a drill, the incident otherwise.
    pub id: String,
    /// The incident that an office opened for it, if one did.
    pub incident: Option<IncidentId>,
    /// Whose ground.
    pub office: PartyId,
    /// The district or city.
    pub area: AreaCode,
    /// What happened, as a code.
    pub event: String,
    /// How urgent.
    pub severity: Severity,
    /// When the call came, drill time.
    pub began: Moment,
    /// Where.
    pub point: Option<Point>,
    /// How many units it takes.
    pub units: u32,
    /// The first unit there; `None` if none came within the record.
    pub arrival: Option<Arrival>,
    /// When the work was done, since the call.
    pub served: Option<Span>,
}

/// The first unit at a scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Arrival {
    /// Time since the call.
    pub after: Span,
    /// The unit.
    pub unit: ResourceId,
    /// What it is.
    pub kind: Kind,
    /// Its home office.
    pub owner: PartyId,
}

/// Cases of one city, one severity, or both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Group {
    /// The city; `None` for the whole region.
    pub office: Option<PartyId>,
    /// The severity; `None` for all.
    pub severity: Option<Severity>,
    /// Cases.
    pub incidents: usize,
    /// Cases that a unit reached.
    pub reached: usize,
    /// Cases whose work is done.
    pub served: usize,
    /// Times to the first unit, of the cases reached.
    pub times: Option<Distribution>,
}

impl Response {
    pub(crate) fn of(evidence: &Evidence) -> Self {
        let told = |event: &Truth| matches!(event, Truth::Began { .. } | Truth::Reached { .. });
        let basis = if evidence.truth.iter().any(|(_, event)| told(event)) {
            Basis::Truth
        } else {
            Basis::Recorded
        };
        let mut cases = match basis {
            Basis::Truth => true_cases(evidence),
            Basis::Recorded => recorded::cases(evidence),
        };
        cases.sort_by(|a, b| (a.began, &a.id).cmp(&(b.began, &b.id)));
        let groups = groups(&cases);
        Self {
            basis,
            cases,
            groups,
        }
    }

    /// The group of a city (`None`: the region) and a severity (`None`: all), if it has a case.
    pub fn group(&self, office: Option<PartyId>, severity: Option<Severity>) -> Option<&Group> {
        self.groups
            .iter()
            .find(|group| group.office == office && group.severity == severity)
    }

    /// Incidents of a drill that its scenario does not know; of a real event every one is a case.
    pub(crate) fn by_hand(&self, evidence: &Evidence) -> u64 {
        if self.basis == Basis::Recorded {
            return 0;
        }
        let known = |call: &RequestId| self.cases.iter().any(|case| case.id == call.as_str());
        let opened = opened(evidence);
        opened.keys().filter(|call| !known(call)).count() as u64
    }

    /// The cities that have a case, in the order of their ids.
    pub fn offices(&self) -> impl Iterator<Item = PartyId> + '_ {
        let of_city = |group: &Group| group.severity.is_none().then_some(group.office)?;
        self.groups.iter().filter_map(of_city)
    }
}

fn groups(cases: &[Case]) -> Vec<Group> {
    let mut offices: Vec<PartyId> = cases.iter().map(|case| case.office).collect();
    offices.sort_unstable();
    offices.dedup();
    let severities = || std::iter::once(None).chain(Severity::ALL.iter().copied().map(Some));
    std::iter::once(None)
        .chain(offices.into_iter().map(Some))
        .flat_map(|office| severities().map(move |severity| (office, severity)))
        .map(|(office, severity)| group(cases, office, severity))
        .filter(|group| group.incidents > 0)
        .collect()
}

fn group(cases: &[Case], office: Option<PartyId>, severity: Option<Severity>) -> Group {
    let within = |case: &&Case| {
        office.is_none_or(|office| case.office == office)
            && severity.is_none_or(|severity| case.severity == severity)
    };
    let within: Vec<&Case> = cases.iter().filter(within).collect();
    let times = within
        .iter()
        .filter_map(|case| case.arrival.map(|arrival| arrival.after));
    Group {
        office,
        severity,
        incidents: within.len(),
        reached: within.iter().filter(|case| case.arrival.is_some()).count(),
        served: within.iter().filter(|case| case.served.is_some()).count(),
        times: Distribution::of(times),
    }
}

/// Cases as they truly were, each joined with the incident that an office opened for its call.
fn true_cases(evidence: &Evidence) -> Vec<Case> {
    let opened = opened(evidence);
    let mut cases: BTreeMap<RequestId, Case> = BTreeMap::new();
    for (at, event) in &evidence.truth {
        match event {
            Truth::Began {
                call,
                office,
                area,
                event,
                severity,
                point,
                units,
            } => {
                let case = Case {
                    id: call.to_string(),
                    incident: opened.get(call).copied(),
                    office: *office,
                    area: *area,
                    event: clean(event),
                    severity: *severity,
                    began: *at,
                    point: Some(*point),
                    units: *units,
                    arrival: None,
                    served: None,
                };
                cases.entry(*call).or_insert(case);
            }
            Truth::Reached {
                call,
                unit,
                kind,
                owner,
                office,
                severity,
                after,
                first,
            } => {
                let incident = opened.get(call).copied();
                let case = cases
                    .entry(*call)
                    .or_insert_with(|| unseen(*call, incident, (*office, *severity), *at - *after));
                if *first {
                    case.arrival.get_or_insert(Arrival {
                        after: *after,
                        unit: *unit,
                        kind: *kind,
                        owner: *owner,
                    });
                }
            }
            Truth::Served { call, after } => {
                if let Some(case) = cases.get_mut(call) {
                    case.served.get_or_insert(*after);
                }
            }
            _ => {}
        }
    }
    cases.into_values().collect()
}

/// A case whose beginning the record lost.
fn unseen(
    call: RequestId,
    incident: Option<IncidentId>,
    (office, severity): (PartyId, Severity),
    began: Moment,
) -> Case {
    Case {
        id: call.to_string(),
        incident,
        office,
        area: AreaCode(0),
        event: String::new(),
        severity,
        began,
        point: None,
        units: 0,
        arrival: None,
        served: None,
    }
}

/// The incident that was opened for each call: the one with the lowest id, if several were.
fn opened(evidence: &Evidence) -> BTreeMap<RequestId, IncidentId> {
    let mut opened: BTreeMap<RequestId, IncidentId> = BTreeMap::new();
    for entry in &evidence.entries {
        if let Some(Body::Incident(report)) = entry.body()
            && report.report_no == 0
            && let Some(call) = report.request
        {
            let known = opened.entry(call).or_insert(report.incident);
            *known = (*known).min(report.incident);
        }
    }
    opened
}
