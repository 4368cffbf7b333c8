//! Warnings, responses, roads and hazards of one author.

use std::collections::BTreeMap;

use protocol::{
    Advisory, AdvisoryId, HazardShape, Moment, PartyId, Response, ResponseId, RoadId, RoadState,
    RoadStatus, Warning, WarningId, WarningLift, limit,
};
use serde::{Deserialize, Serialize};

use crate::void::Void;

/// A warning as its issuer last revised it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WarningState {
    /// The revision that stands.
    pub warning: Warning,
    /// When it was lifted.
    pub lifted_at: Option<Moment>,
}

impl WarningState {
    /// Whether it is in force at a drill time (I18).
    pub fn is_active(&self, now: Moment) -> bool {
        self.lifted_at.is_none() && self.warning.until.is_none_or(|until| now < until)
    }
}

pub(crate) fn warn(
    warnings: &mut BTreeMap<WarningId, WarningState>,
    author: PartyId,
    warning: &Warning,
) -> Result<(), Void> {
    if warning.warning.author != author {
        return Err(Void::NotTheAuthor {
            what: warning.warning.to_string(),
        });
    }
    let legal = [
        ("hazard", warning.hazard.is_empty()),
        ("areas", warning.areas.is_empty()),
        ("matters", warning.matters.is_empty()),
        ("measures", warning.measures.is_empty()),
        ("issuer", warning.issuer.is_empty()),
    ];
    if let Some((field, _)) = legal.into_iter().find(|(_, missing)| *missing) {
        return Err(Void::Legal { field });
    }
    if warning.areas.len() > limit::LIST_ITEMS {
        return Err(Void::TooLong { field: "areas" });
    }
    let known = warnings.get(&warning.warning);
    let lifted = known.is_some_and(|known| known.lifted_at.is_some());
    revision(known.map(|known| known.warning.revision), warning.revision)?;
    if lifted {
        let (what, to) = (warning.warning.to_string(), "updated".into());
        return Err(Void::Step {
            what,
            from: "lifted".into(),
            to,
        });
    }
    let state = WarningState {
        warning: warning.clone(),
        lifted_at: None,
    };
    warnings.insert(warning.warning, state);
    Ok(())
}

pub(crate) fn lift(
    warnings: &mut BTreeMap<WarningId, WarningState>,
    author: PartyId,
    lift: &WarningLift,
) -> Result<(), Void> {
    let what = lift.warning.to_string();
    if lift.warning.author != author {
        return Err(Void::NotTheAuthor { what });
    }
    let known = warnings
        .get_mut(&lift.warning)
        .ok_or(Void::Unknown { what })?;
    known.lifted_at.get_or_insert(lift.at);
    Ok(())
}

pub(crate) fn respond(
    responses: &mut BTreeMap<ResponseId, Response>,
    author: PartyId,
    response: &Response,
) -> Result<(), Void> {
    if response.response.author != author {
        return Err(Void::NotTheAuthor {
            what: response.response.to_string(),
        });
    }
    for (field, missing) in [
        ("matter", response.matter.is_empty()),
        ("measures", response.measures.is_empty()),
    ] {
        if missing {
            return Err(Void::Legal { field });
        }
    }
    let known = responses.get(&response.response);
    revision(known.map(|known| known.revision), response.revision)?;
    responses.insert(response.response, response.clone());
    Ok(())
}

fn revision(known: Option<u32>, found: u32) -> Result<(), Void> {
    let expected = known.map_or(0, |known| known + 1);
    if found == expected {
        Ok(())
    } else {
        Err(Void::Revision { found, expected })
    }
}

pub(crate) fn roads(
    roads: &mut BTreeMap<RoadId, RoadStatus>,
    status: &RoadStatus,
) -> Result<(), Void> {
    if status.roads.is_empty() || status.roads.len() > limit::LIST_ITEMS {
        return Err(Void::TooLong { field: "roads" });
    }
    let percent_fits = match status.state {
        RoadState::Slow => status
            .travel_percent
            .is_some_and(|p| (101..=1000).contains(&p)),
        RoadState::Open | RoadState::Closed => status.travel_percent.is_none(),
    };
    if !percent_fits {
        return Err(Void::Place {
            why: "travel_percent is 101 to 1000 for slow roads alone",
        });
    }
    for road in &status.roads {
        let newer = roads
            .get(road)
            .is_none_or(|known| known.as_of <= status.as_of);
        if newer {
            roads.insert(
                *road,
                RoadStatus {
                    roads: vec![*road],
                    ..status.clone()
                },
            );
        }
    }
    Ok(())
}

pub(crate) fn advise(
    advisories: &mut BTreeMap<AdvisoryId, Advisory>,
    author: PartyId,
    advisory: &Advisory,
) -> Result<(), Void> {
    if advisory.advisory.author != author {
        return Err(Void::NotTheAuthor {
            what: advisory.advisory.to_string(),
        });
    }
    shape(&advisory.shape)?;
    // A forecast that arrives late never overwrites a newer one.
    let newer = advisories
        .get(&advisory.advisory)
        .is_none_or(|known| known.as_of <= advisory.as_of);
    if newer {
        advisories.insert(advisory.advisory, advisory.clone());
    }
    Ok(())
}

fn shape(shape: &HazardShape) -> Result<(), Void> {
    match shape {
        HazardShape::Polygon(ring) => {
            if ring.len() > limit::POLYGON_POINTS {
                return Err(Void::TooLong { field: "polygon" });
            }
            if ring.len() < 4 || ring.first() != ring.last() {
                return Err(Void::Place {
                    why: "a ring has four corners at least and is closed",
                });
            }
            if ring.iter().any(|point| !point.is_on_earth()) {
                return Err(Void::Place {
                    why: "a corner is not on the earth",
                });
            }
            Ok(())
        }
        HazardShape::Track {
            centre,
            forecast,
            radii,
            ..
        } => {
            if forecast.len() > limit::LIST_ITEMS || radii.len() > limit::LIST_ITEMS {
                return Err(Void::TooLong { field: "track" });
            }
            if !centre.is_on_earth() {
                return Err(Void::Place {
                    why: "the centre is not on the earth",
                });
            }
            Ok(())
        }
    }
}
