//! Cases as the offices recorded them: all that there is of a real event.

use std::collections::BTreeMap;

use picture::{Aid, Incident};
use protocol::{IncidentId, Moment, Stage};

use crate::bilingual::clean;
use crate::evidence::Evidence;
use crate::response::{Arrival, Case};

/// Every incident that was not withdrawn, with the first arrival that an owner recorded.
pub(super) fn cases(evidence: &Evidence) -> Vec<Case> {
    let picture = &evidence.picture;
    let mut first: BTreeMap<IncidentId, (&Aid, Moment)> = BTreeMap::new();
    for author in picture.authors().values() {
        for aid in author.state.aids.values() {
            let Some(at) = aid.arrived_at else { continue };
            let known = first.entry(aid.commit.incident).or_insert((aid, at));
            if at < known.1 {
                *known = (aid, at);
            }
        }
    }
    let mut asked: BTreeMap<IncidentId, u32> = BTreeMap::new();
    for (_, need) in picture.needs() {
        *asked.entry(need.request.incident).or_default() += need.request.quantity;
    }
    let period = evidence.run.from..=evidence.run.to;
    picture
        .incidents()
        .filter(|(_, incident)| incident.report.stage != Stage::Withdrawn)
        .filter(|(_, incident)| period.contains(&incident.report.known_at))
        .map(|(id, incident)| {
            let report = &incident.report;
            let first = first.get(id);
            let arrival = first.and_then(|(aid, at)| arrival(evidence, aid, *at, incident));
            Case {
                id: id.to_string(),
                incident: Some(*id),
                office: id.author,
                area: report.area,
                event: clean(&report.event),
                severity: report.severity,
                began: report.known_at,
                point: report.point,
                units: asked.get(id).copied().unwrap_or(0),
                arrival,
                served: ended(incident).map(|at| at.since(report.known_at)),
            }
        })
        .collect()
}

fn arrival(evidence: &Evidence, aid: &Aid, at: Moment, incident: &Incident) -> Option<Arrival> {
    let (owner, unit) = (aid.commit.aid.author, aid.commit.resource);
    let held = evidence.picture.state(owner)?.holdings.get(&unit)?;
    Some(Arrival {
        after: at.since(incident.report.known_at),
        unit,
        kind: held.resource.kind,
        owner,
    })
}

/// When the work ended: with the final report, or with the last one of a closed incident.
fn ended(incident: &Incident) -> Option<Moment> {
    let closed = incident.report.stage == Stage::Closed;
    let last = incident.chain.last().map(|report| report.at);
    incident.ended_at.or(if closed { last } else { None })
}
