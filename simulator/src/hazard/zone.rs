//! A hazard that lies on a piece of ground and not around a centre: water, gas. What it does to the roads
//! within, and who is told of it when.

use protocol::{FieldReport, HazardReport, HazardShape, Moment, PartyId, Point, RoadId, Span};
use region::{Region, Ring};
use serde::Serialize;

use super::schedule::{FREE, is_main, statuses, steps};
use crate::scenario::{Ground, PlannedReport, Schedule, TravelChange, Window};

/// A hazard on a piece of ground.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Zone {
    /// What the scenario calls it.
    pub id: String,
    /// The word for it in announcements, `flood`.
    pub hazard: String,
    /// What announcements call it.
    pub name: String,
    /// What it is like from when on, in order of time.
    pub steps: Vec<Step>,
    /// Who announces it and tells of the roads.
    pub told_by: PartyId,
    /// How long after it is true.
    pub told_after: Span,
    /// How often it is announced while it lasts, beside each change.
    pub announce_every: Span,
}

/// What a hazard on a piece of ground is like from a moment on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// From when.
    pub at: Moment,
    /// The ground that it covers; `None` if there is none.
    pub ring: Option<Vec<Point>>,
    /// Travel within as a percentage of the free time; `None` closes the roads.
    pub percent: Option<u16>,
    /// Why, as the word about the roads says it.
    pub reason: String,
}

/// Everything that a zone changes and has told.
pub(super) fn schedule(zone: &Zone, region: &Region, window: Window, schedule: &mut Schedule) {
    let mut covered: Option<Covered> = None;
    for step in zone.steps.iter().filter(|step| step.at < window.until) {
        let same = covered
            .as_ref()
            .is_some_and(|covered| Some(&covered.ring) == step.ring.as_ref());
        if !same {
            if let Some(left) = covered.take() {
                change(zone, step, &left, Some(FREE), schedule);
            }
            covered = step.ring.clone().map(|ring| {
                let place = u16::try_from(schedule.rings.len()).unwrap_or(u16::MAX);
                schedule.rings.push(ring.clone());
                Covered {
                    roads: main_roads(region, &ring),
                    ground: Ground::Zone(place),
                    ring,
                    percent: Some(FREE),
                }
            });
        }
        if let Some(covered) = covered.as_mut().filter(|it| it.percent != step.percent) {
            covered.percent = step.percent;
            change(zone, step, covered, step.percent, schedule);
        }
    }
    announce(zone, window, schedule);
}

/// Ground that is covered now.
struct Covered {
    ring: Vec<Point>,
    ground: Ground,
    roads: Vec<RoadId>,
    percent: Option<u16>,
}

fn change(
    zone: &Zone,
    step: &Step,
    covered: &Covered,
    percent: Option<u16>,
    schedule: &mut Schedule,
) {
    schedule.travel.push(TravelChange {
        at: step.at,
        roads: covered.ground,
        percent,
    });
    let told = statuses(&covered.roads, step.at, percent, &step.reason);
    schedule
        .reports
        .extend(told.into_iter().map(|status| PlannedReport {
            at: step.at + zone.told_after,
            to: zone.told_by,
            report: FieldReport::Road(status),
        }));
}

/// It is announced where it is when it comes, moves or goes, and again every so often while it lasts.
fn announce(zone: &Zone, window: Window, schedule: &mut Schedule) {
    let changes = zone.steps.iter().map(|step| step.at);
    let changes = changes.filter(|at| *at < window.until);
    let mut moments: Vec<Moment> = steps(window, zone.announce_every).chain(changes).collect();
    moments.sort_unstable();
    moments.dedup();
    let mut told: Option<&Vec<Point>> = None;
    for at in moments {
        let step = zone.steps.iter().rfind(|step| step.at <= at);
        let ring = step.and_then(|step| step.ring.as_ref());
        let over = ring.is_none();
        if let Some(shown) = ring.or(told) {
            let report = HazardReport {
                hazard: zone.hazard.clone(),
                name: zone.name.clone(),
                as_of: at,
                shape: HazardShape::Polygon(closed(shown)),
                over,
            };
            schedule.reports.push(PlannedReport {
                at: at + zone.told_after,
                to: zone.told_by,
                report: FieldReport::Hazard(report),
            });
        }
        told = ring;
    }
}

/// A ring whose last corner is its first.
fn closed(ring: &[Point]) -> Vec<Point> {
    let first = ring.first().filter(|first| ring.last() != Some(first));
    ring.iter().chain(first).copied().collect()
}

/// Motorways, trunk and primary roads that touch a piece of ground.
fn main_roads(region: &Region, ring: &[Point]) -> Vec<RoadId> {
    let (roads, ring) = (region.roads(), Ring::new(ring));
    let main = roads.over(&ring).filter(|(_, edge)| is_main(edge.class));
    main.map(|(ix, _)| roads.road_id(ix)).collect()
}
