//! What the map shows: incidents, closed crossings, and hazards as they were announced.

use std::collections::BTreeMap;

use protocol::{
    Advisory, AdvisoryId, Body, HazardShape, Moment, Point, RoadId, RoadState, RoadStatus, Severity,
};
use serde::Serialize;

use crate::bilingual::{Bilingual, clean};
use crate::evidence::Evidence;
use crate::ground::Ground;
use crate::response::Case;

/// Everything that the map shows beside the ground and the flows of aid.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Scene {
    /// Incidents whose place is known.
    pub incidents: Vec<Mark>,
    /// Roads that were closed at some time.
    pub closed: Vec<ClosedRoad>,
    /// Moving hazards.
    pub tracks: Vec<Track>,
    /// Hazards with an area, as last announced.
    pub areas: Vec<HazardArea>,
}

/// An incident on the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// Where.
    pub point: Point,
    /// How urgent.
    pub severity: Severity,
    /// Whether a unit reached it.
    pub reached: bool,
}

/// A road that was closed at some time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClosedRoad {
    /// Its name in messages.
    pub road: RoadId,
    /// What people call it, if the ground knows.
    pub name: Option<Bilingual>,
    /// When it was first closed, drill time.
    pub from: Moment,
    /// When it was first opened or slowed after its last closing.
    pub to: Option<Moment>,
    /// Why, in the last closing's words.
    pub reason: String,
}

/// A moving hazard as announced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Track {
    /// What it is called.
    pub name: String,
    /// Its announced centres, in order.
    pub points: Vec<TrackPoint>,
    /// The forecast of the last notice.
    pub forecast: Vec<Point>,
}

/// An announced centre.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct TrackPoint {
    /// When, drill time.
    pub at: Moment,
    /// Where.
    pub point: Point,
    /// Greatest sustained wind, metres a second.
    pub wind_ms: u16,
}

/// A hazard's area as last announced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HazardArea {
    /// What it is called.
    pub name: String,
    /// When it was true, drill time.
    pub as_of: Moment,
    /// Its ring.
    pub ring: Vec<Point>,
}

impl Scene {
    pub(crate) fn of(evidence: &Evidence, cases: &[Case], ground: &Ground) -> Self {
        let mark = |case: &Case| {
            Some(Mark {
                point: case.point?,
                severity: case.severity,
                reached: case.arrival.is_some(),
            })
        };
        let mut scene = Self {
            incidents: cases.iter().filter_map(mark).collect(),
            closed: closed(evidence, ground),
            ..Self::default()
        };
        let mut notices: BTreeMap<AdvisoryId, Vec<&Advisory>> = BTreeMap::new();
        for body in evidence.entries.iter().filter_map(|entry| entry.body()) {
            if let Body::Advisory(advisory) = body {
                notices.entry(advisory.advisory).or_default().push(advisory);
            }
        }
        for mut notices in notices.into_values() {
            notices.sort_by_key(|notice| notice.as_of);
            scene.hazard(&notices);
        }
        scene
    }

    fn hazard(&mut self, notices: &[&Advisory]) {
        let Some(last) = notices.last() else { return };
        let name = clean(&last.name);
        let mut track = Track {
            name: name.clone(),
            points: Vec::new(),
            forecast: Vec::new(),
        };
        for notice in notices {
            if let HazardShape::Track {
                centre,
                wind_ms,
                forecast,
                ..
            } = &notice.shape
            {
                track.points.push(TrackPoint {
                    at: notice.as_of,
                    point: *centre,
                    wind_ms: *wind_ms,
                });
                track.forecast = forecast.iter().map(|(_, point)| *point).collect();
            }
        }
        if !track.points.is_empty() {
            self.tracks.push(track);
        }
        if let HazardShape::Polygon(ring) = &last.shape {
            self.areas.push(HazardArea {
                name,
                as_of: last.as_of,
                ring: ring.clone(),
            });
        }
    }
}

/// Roads that were closed at some time, as told; whoever told it.
fn closed(evidence: &Evidence, ground: &Ground) -> Vec<ClosedRoad> {
    let mut told: Vec<&RoadStatus> = Vec::new();
    for body in evidence.entries.iter().filter_map(|entry| entry.body()) {
        if let Body::RoadStatus(status) = body {
            told.push(status);
        }
    }
    told.sort_by_key(|status| status.as_of);
    let mut closed: BTreeMap<RoadId, ClosedRoad> = BTreeMap::new();
    for status in told {
        for road in &status.roads {
            match (status.state, closed.get_mut(road)) {
                (RoadState::Closed, Some(known)) => {
                    known.to = None;
                    known.reason = clean(&status.reason);
                }
                (RoadState::Closed, None) => {
                    let entry = ClosedRoad {
                        road: *road,
                        name: ground.crossing(*road).map(|crossing| crossing.name.clone()),
                        from: status.as_of,
                        to: None,
                        reason: clean(&status.reason),
                    };
                    closed.insert(*road, entry);
                }
                (_, Some(known)) => {
                    known.to.get_or_insert(status.as_of);
                }
                (_, None) => {}
            }
        }
    }
    let mut closed: Vec<ClosedRoad> = closed.into_values().collect();
    closed.sort_by_key(|road| (road.from, road.road));
    closed
}
