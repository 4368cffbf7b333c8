//! What hazards do to roads, and who is told of it when: worked out before the run.
//!
//! Wind is sampled at fixed steps. The world changes at once; the author who would know is told a
//! little later, and tells the others over the bus like everybody else. Of a slow area only the main
//! roads are told: nobody lists every street.

use std::collections::BTreeMap;

use protocol::{
    AreaCode, FieldReport, HazardReport, HazardShape, Meters, Mode, Moment, Phrase, RoadId,
    RoadState, RoadStatus, Span, limit,
};
use region::{Region, RoadClass, Usual};

use super::{Doing, Effect, Hazard, Wind, Zone, zone};
use crate::scenario::{Ground, PlannedReport, Schedule, TravelChange, Window};

/// Winds whose radii a typhoon bulletin gives, metres a second: the lower bounds of Beaufort 7, 10
/// and 12 (GB/T 28591), as Chinese bulletins announce them.
const BULLETIN_WINDS: [(f64, u16); 3] = [(13.9, 14), (24.5, 25), (32.7, 33)];

/// Travel time of a free road, as a percentage of itself.
pub(super) const FREE: u16 = 100;

/// Forecast positions of a bulletin: every 3 hours, 12 hours ahead. The forecast is the true track
/// (model): this drill does not exercise forecast errors.
const FORECAST_HOURS: [u64; 4] = [3, 6, 9, 12];

/// Everything that the hazards of a drill change and have told, in order of time.
pub fn schedule(
    (hazards, zones): (&[Hazard], &[Zone]),
    region: &Region,
    window: Window,
) -> Schedule {
    let mut schedule = Schedule::default();
    let mut grounds: BTreeMap<Ground, Vec<Acting<'_>>> = BTreeMap::new();
    for hazard in hazards {
        announce(hazard, window, &mut schedule);
        for effect in &hazard.effects {
            let ground = match effect.does {
                Doing::Close(road) => Ground::Crossing(road),
                Doing::Slow(area, _) => Ground::Area(area),
            };
            let acting = Acting {
                hazard,
                effect,
                acts: false,
            };
            grounds.entry(ground).or_default().push(acting);
        }
    }
    // What is closed anyway is neither closed nor opened by wind.
    let closed = region
        .crossings()
        .iter()
        .filter(|crossing| crossing.usual == Usual::Closed);
    for crossing in closed {
        grounds.remove(&Ground::Crossing(crossing.slug));
    }
    for (ground, acting) in grounds {
        apply(ground, acting, region, window, &mut schedule);
    }
    for zone in zones {
        zone::schedule(zone, region, window, &mut schedule);
    }
    schedule.reports.sort_by_key(|report| report.at);
    schedule.travel.sort_by_key(|change| change.at);
    schedule
}

/// An effect while the drill is walked through.
struct Acting<'h> {
    hazard: &'h Hazard,
    effect: &'h Effect,
    acts: bool,
}

impl Acting<'_> {
    fn wind(&self, at: Moment) -> Wind {
        match self.effect.does {
            Doing::Close(_) => self.hazard.field.wind_at(self.effect.point, at),
            Doing::Slow(..) => self.hazard.land_wind(self.effect.point, at),
        }
    }

    /// What it makes of the roads; 100 % while it does not act.
    fn percent(&self) -> Option<u16> {
        match self.effect.does {
            _ if !self.acts => Some(FREE),
            Doing::Close(_) => None,
            Doing::Slow(_, percent) => Some(percent),
        }
    }
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

/// All effects on one piece of ground through the whole drill: each begins at its threshold and
/// ends below its lower one, and the worst of those that act counts.
fn apply(
    ground: Ground,
    mut acting: Vec<Acting<'_>>,
    region: &Region,
    window: Window,
    schedule: &mut Schedule,
) {
    let every = acting.iter().map(|acting| acting.hazard.sample_every).min();
    let mut before = Some(FREE);
    for at in steps(window, every.unwrap_or(Span::minutes(10))) {
        let mut strongest = Wind(0);
        for acting in &mut acting {
            let (wind, effect) = (acting.wind(at), acting.effect);
            let threshold = if acting.acts {
                effect.until_below
            } else {
                effect.from
            };
            acting.acts = wind >= threshold;
            strongest = strongest.max(wind);
        }
        let mut percents = acting.iter().map(Acting::percent);
        // A closed road is worse than any slow one.
        let percent = percents.try_fold(FREE, |worst, here| Some(worst.max(here?)));
        if percent == before {
            continue;
        }
        before = percent;
        schedule.travel.push(TravelChange {
            at,
            roads: ground,
            percent,
        });
        let teller = acting[0].effect;
        for status in told(ground, region, at, strongest, percent) {
            schedule.reports.push(PlannedReport {
                at: at + teller.told_after,
                to: teller.told_by,
                report: FieldReport::Road(status),
            });
        }
    }
}

/// What is told of a change, in messages no longer than the limit on lists.
fn told(
    ground: Ground,
    region: &Region,
    as_of: Moment,
    wind: Wind,
    percent: Option<u16>,
) -> Vec<RoadStatus> {
    let roads = match ground {
        Ground::Crossing(road) => vec![road],
        Ground::Area(area) => main_roads(region, area),
        // Zones tell of their roads themselves.
        Ground::Zone(_) => Vec::new(),
    };
    let phrase = if percent == Some(FREE) {
        Phrase::WindFalls
    } else {
        Phrase::WindRises
    };
    let reason = phrase.say(
        Mode::Exercise,
        &[format!("{}.{}", wind.0 / 10, wind.0 % 10)],
    );
    statuses(&roads, as_of, percent, &reason)
}

/// What is told of roads that take this percentage of the free time, or are closed.
pub(super) fn statuses(
    roads: &[RoadId],
    as_of: Moment,
    percent: Option<u16>,
    reason: &str,
) -> Vec<RoadStatus> {
    let (state, travel_percent) = match percent {
        None => (RoadState::Closed, None),
        Some(FREE) => (RoadState::Open, None),
        slow => (RoadState::Slow, slow),
    };
    let status = |roads: &[RoadId]| RoadStatus {
        roads: roads.to_vec(),
        state,
        travel_percent,
        as_of,
        reason: reason.to_owned(),
    };
    roads.chunks(limit::LIST_ITEMS).map(status).collect()
}

/// Whether a road is one of those that are told of.
pub(super) fn is_main(class: RoadClass) -> bool {
    matches!(
        class,
        RoadClass::Motorway | RoadClass::Trunk | RoadClass::Primary
    )
}

/// Motorways, trunk and primary roads that begin in a city or district, without crossings.
fn main_roads(region: &Region, area: AreaCode) -> Vec<RoadId> {
    let roads = region.roads();
    let here = |at| {
        region
            .locate(at)
            .is_some_and(|(city, district)| city == area || district == area)
    };
    let named = roads.edges().filter(|(_, edge)| {
        is_main(edge.class) && edge.crossing.is_none() && here(roads.node(edge.from).point)
    });
    named.map(|(ix, _)| roads.road_id(ix)).collect()
}

pub(super) fn steps(window: Window, every: Span) -> impl Iterator<Item = Moment> {
    let every = Span(every.0.max(1_000_000));
    core::iter::successors(Some(window.from), move |at| Some(*at + every))
        .take_while(move |at| *at < window.until)
}
