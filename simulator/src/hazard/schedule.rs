//! What the wind does to roads, and who is told of it when: worked out before the run.
//!
//! Wind is sampled at fixed steps. The world changes at once; the author who would know is told a
//! little later, and tells the others over the bus like everybody else. Of a slow area only the main
//! roads are told: nobody lists every street.

use protocol::{
    AreaCode, FieldReport, HazardReport, HazardShape, Meters, Moment, RoadId, RoadState,
    RoadStatus, Span, limit,
};
use region::{Region, RoadClass};

use super::{Doing, Effect, Hazard, Wind};
use crate::scenario::{Ground, PlannedReport, Schedule, TravelChange, Window};

/// Winds whose radii a typhoon bulletin gives, metres a second: the lower bounds of Beaufort 7, 10
/// and 12 (GB/T 28591), as Chinese bulletins announce them.
const BULLETIN_WINDS: [(f64, u16); 3] = [(13.9, 14), (24.5, 25), (32.7, 33)];

/// Forecast positions of a bulletin: every 3 hours, 12 hours ahead. The forecast is the true track
/// (model): this drill does not exercise forecast errors.
const FORECAST_HOURS: [u64; 4] = [3, 6, 9, 12];

/// Everything that the hazards of a drill change and have told, in order of time.
pub fn schedule(hazards: &[Hazard], region: &Region, window: Window) -> Schedule {
    let mut schedule = Schedule::default();
    for hazard in hazards {
        announce(hazard, window, &mut schedule);
        for effect in &hazard.effects {
            apply(hazard, effect, region, window, &mut schedule);
        }
    }
    schedule.reports.sort_by_key(|report| report.at);
    schedule.travel.sort_by_key(|change| change.at);
    schedule
}

/// The bulletins of one hazard, the last of them saying that it is over.
fn announce(hazard: &Hazard, window: Window, schedule: &mut Schedule) {
    let mut last = None;
    for at in steps(window, hazard.announce_every) {
        let Some(shape) = bulletin(hazard, at) else {
            let over = last.take().map(|shape| report(hazard, at, shape, true));
            schedule.reports.extend(over);
            continue;
        };
        last = Some(shape.clone());
        schedule.reports.push(report(hazard, at, shape, false));
    }
}

fn report(hazard: &Hazard, at: Moment, shape: HazardShape, over: bool) -> PlannedReport {
    let report = HazardReport {
        hazard: hazard.hazard.clone(),
        name: hazard.name.clone(),
        as_of: at,
        shape,
        over,
    };
    PlannedReport {
        at,
        to: hazard.announced_by,
        report: FieldReport::Hazard(report),
    }
}

fn bulletin(hazard: &Hazard, at: Moment) -> Option<HazardShape> {
    let field = &hazard.field;
    let centre = field.centre(at)?;
    let radii = BULLETIN_WINDS.iter().filter_map(|(wind, shown)| {
        field
            .radius(*wind, at)
            .map(|radius| (*shown, Meters(radius.0)))
    });
    let forecast = FORECAST_HOURS.iter().filter_map(|hours| {
        let then = at + Span::hours(*hours);
        field.centre(then).map(|centre| (then, centre))
    });
    Some(HazardShape::Track {
        centre,
        wind_ms: u16::try_from(field.greatest(at).0.div_ceil(10)).unwrap_or(u16::MAX),
        radii: radii.collect(),
        forecast: forecast.collect(),
    })
}

/// One effect through the whole drill: it begins at its threshold and ends below the lower one.
fn apply(
    hazard: &Hazard,
    effect: &Effect,
    region: &Region,
    window: Window,
    schedule: &mut Schedule,
) {
    let mut acts = false;
    for at in steps(window, hazard.sample_every) {
        let wind = match effect.does {
            Doing::Close(_) => hazard.field.wind_at(effect.point, at),
            Doing::Slow(..) => hazard.land_wind(effect.point, at),
        };
        let now = if acts {
            wind >= effect.until_below
        } else {
            wind >= effect.from
        };
        if now == acts {
            continue;
        }
        acts = now;
        let (roads, percent) = match effect.does {
            Doing::Close(road) => (Ground::Crossing(road), (!now).then_some(100)),
            Doing::Slow(area, percent) => {
                (Ground::Area(area), Some(if now { percent } else { 100 }))
            }
        };
        schedule.travel.push(TravelChange { at, roads, percent });
        for status in told(effect, region, at, wind, percent) {
            schedule.reports.push(PlannedReport {
                at: at + effect.told_after,
                to: effect.told_by,
                report: FieldReport::Road(status),
            });
        }
    }
}

/// What is told of a change, in messages no longer than the limit on lists.
fn told(
    effect: &Effect,
    region: &Region,
    as_of: Moment,
    wind: Wind,
    percent: Option<u16>,
) -> Vec<RoadStatus> {
    let roads = match effect.does {
        Doing::Close(road) => vec![road],
        Doing::Slow(area, _) => main_roads(region, area),
    };
    let (state, travel_percent) = match percent {
        None => (RoadState::Closed, None),
        Some(100) => (RoadState::Open, None),
        slow => (RoadState::Slow, slow),
    };
    let verb = if state == RoadState::Open {
        "风力减弱至"
    } else {
        "风力达"
    };
    let reason = format!("【演练】{verb} {}.{} m/s", wind.0 / 10, wind.0 % 10);
    let status = |roads: &[RoadId]| RoadStatus {
        roads: roads.to_vec(),
        state,
        travel_percent,
        as_of,
        reason: reason.clone(),
    };
    roads.chunks(limit::LIST_ITEMS).map(status).collect()
}

/// Motorways, trunk and primary roads that begin in a city or district, without crossings.
fn main_roads(region: &Region, area: AreaCode) -> Vec<RoadId> {
    let roads = region.roads();
    let here = |at| {
        region
            .locate(at)
            .is_some_and(|(city, district)| city == area || district == area)
    };
    let main = |class| {
        matches!(
            class,
            RoadClass::Motorway | RoadClass::Trunk | RoadClass::Primary
        )
    };
    let named = roads.edges().filter(|(_, edge)| {
        main(edge.class) && edge.crossing.is_none() && here(roads.node(edge.from).point)
    });
    named.map(|(ix, _)| roads.road_id(ix)).collect()
}

fn steps(window: Window, every: Span) -> impl Iterator<Item = Moment> {
    let every = Span(every.0.max(1_000_000));
    core::iter::successors(Some(window.from), move |at| Some(*at + every))
        .take_while(move |at| *at < window.until)
}
