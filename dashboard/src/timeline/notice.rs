//! From an envelope that the fold has read to the row that it is worth, if any.

use std::collections::BTreeMap;

use picture::Picture;
use protocol::{
    Advisory, AdvisoryId, AidId, Audience, Body, Envelope, HazardShape, IncidentId, IncidentReport,
    Level, Moment, NeedId, PartyId, Point, Stage, UnitState, UnitStatus,
};

use super::{Entry, Happening, Lent, Over};
use crate::width::clean;

/// Points of a hazard's way that are kept: one an hour over more days than a typhoon lives.
const TRAIL_POINTS: usize = 512;

/// Remembers what was last said of each incident and hazard, so that only changes make a row.
#[derive(Clone, Debug, Default)]
pub(crate) struct Noticer {
    incidents: BTreeMap<IncidentId, (Level, Stage)>,
    audiences: BTreeMap<NeedId, Audience>,
    hazards: BTreeMap<AdvisoryId, Over>,
    trails: BTreeMap<AdvisoryId, Vec<Point>>,
}

impl Noticer {
    /// The row for an envelope that the picture has just folded and found sound.
    pub(crate) fn notice(&mut self, picture: &Picture, envelope: &Envelope) -> Option<Entry> {
        let by = envelope.header().log.author;
        match envelope.body()? {
            Body::Incident(report) => self.incident(report),
            Body::AidRequest(ask) => {
                self.audiences.insert(ask.need, ask.audience);
                asked(by, picture, ask.need, ask.asked_at)
            }
            Body::AidRequestUpdate(change) => {
                let before = self.audiences.insert(change.need, change.audience);
                let widened = before.is_none_or(|before| change.audience > before);
                widened.then(|| asked(by, picture, change.need, change.at))?
            }
            Body::AidOffer(offer) => across(by, offer.need.author).then_some(Entry {
                at: offer.at,
                what: Happening::Offered {
                    by,
                    to: offer.need.author,
                    count: offer.lines.len(),
                },
            }),
            Body::AidCommitRefused(no) => across(by, no.need.author).then_some(Entry {
                at: no.at,
                what: Happening::NotCommitted {
                    by,
                    to: no.need.author,
                },
            }),
            Body::AidCommit(_) | Body::Recall(_) | Body::Returned(_) | Body::UnitStatus(_) => {
                lending(by, picture, envelope.body()?)
            }
            Body::Advisory(advisory) => self.hazard(by, advisory),
            body => announced(by, picture, body),
        }
    }

    fn incident(&mut self, report: &IncidentReport) -> Option<Entry> {
        let incident = report.incident;
        let now = (report.level, report.stage);
        let before = self.incidents.insert(incident, now);
        let what = match before {
            None => Happening::Opened {
                incident,
                event: report.event.clone(),
                place: clean(&report.place),
            },
            Some((level, _)) if level != report.level => Happening::Levelled {
                incident,
                from: level,
                to: report.level,
            },
            Some((_, stage)) if stage != report.stage => Happening::Staged {
                incident,
                stage: report.stage,
            },
            Some(_) => return None,
        };
        Some(Entry {
            at: report.reported_at,
            what,
        })
    }

    /// Where a hazard's centre was so far, oldest first.
    pub(crate) fn trail(&self, advisory: AdvisoryId) -> &[Point] {
        self.trails.get(&advisory).map_or(&[], Vec::as_slice)
    }

    fn hazard(&mut self, by: PartyId, advisory: &Advisory) -> Option<Entry> {
        if let HazardShape::Track { centre, .. } = advisory.shape {
            let trail = self.trails.entry(advisory.advisory).or_default();
            if trail.len() < TRAIL_POINTS {
                trail.push(centre);
            }
        }
        let over = if advisory.over { Over::Yes } else { Over::Not };
        let before = self.hazards.insert(advisory.advisory, over);
        (before != Some(over)).then(|| Entry {
            at: advisory.as_of,
            what: Happening::Hazard {
                by,
                name: clean(&advisory.name),
                over,
            },
        })
    }
}

fn across(by: PartyId, to: PartyId) -> bool {
    by != to
}

fn asked(by: PartyId, picture: &Picture, need: NeedId, at: Moment) -> Option<Entry> {
    let request = &picture.need(need)?.request;
    (request.audience > Audience::Own).then_some(Entry {
        at,
        what: Happening::Asked {
            by,
            kind: request.kind,
            quantity: request.quantity,
            audience: request.audience,
        },
    })
}

/// What is lent over a border on its way: within one city it is everyday work and makes no row.
fn lending(by: PartyId, picture: &Picture, body: &Body) -> Option<Entry> {
    let (at, aid) = match body {
        Body::AidCommit(it) => (it.at, it.aid),
        Body::Recall(it) => (it.at, it.aid),
        Body::Returned(it) => (it.at, it.aid),
        Body::UnitStatus(status) => (status.as_of, arriving(picture, status)?),
        _ => return None,
    };
    let commit = &picture.aid(aid)?.commit;
    let other = commit.incident.author;
    if !across(by, other) {
        return None;
    }
    let holding = picture.state(by)?.holdings.get(&commit.resource);
    let what = Lent {
        resource: commit.resource,
        kind: holding.map(|holding| holding.resource.kind),
        quantity: commit.quantity,
    };
    let what = match body {
        Body::AidCommit(_) => Happening::Committed {
            by,
            to: other,
            what,
        },
        Body::Recall(_) => Happening::Recalled {
            by,
            from: other,
            what,
        },
        Body::Returned(_) => Happening::Returned {
            by,
            from: other,
            what,
        },
        _ => Happening::Arrived {
            by,
            to: other,
            what,
        },
    };
    Some(Entry { at, what })
}

/// The commitment that a unit has just reached by this report.
fn arriving(picture: &Picture, status: &UnitStatus) -> Option<AidId> {
    let aid = status.aid?;
    let there = matches!(status.state, UnitState::Staged | UnitState::Working);
    let first = picture.aid(aid)?.arrived_at == Some(status.as_of);
    (there && first).then_some(aid)
}

fn announced(by: PartyId, picture: &Picture, body: &Body) -> Option<Entry> {
    let (at, what) = match body {
        Body::Warning(warning) => (
            warning.issued_at,
            Happening::Warned {
                by,
                hazard: warning.hazard.clone(),
                colour: warning.colour,
            },
        ),
        Body::WarningLift(lift) => {
            let warning = &picture.state(by)?.warnings.get(&lift.warning)?.warning;
            let hazard = warning.hazard.clone();
            (lift.at, Happening::Lifted { by, hazard })
        }
        Body::Response(response) => (
            response.at,
            Happening::Responds {
                by,
                matter: clean(&response.matter),
                level: response.level,
            },
        ),
        Body::RoadStatus(status) => (
            status.as_of,
            Happening::Roads {
                by,
                roads: status.roads.clone(),
                state: status.state,
            },
        ),
        _ => return None,
    };
    Some(Entry { at, what })
}
