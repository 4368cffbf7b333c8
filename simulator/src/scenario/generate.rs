//! Which incidents will happen: those that are written, and those drawn from the streams.

use protocol::{
    AreaCode, Count, Counts, Mode, Moment, Phrase, Point, RequestId, Requirement, Severity, Span,
    Trend, limit,
};
use region::{District, Region};

use super::{IncidentStream, PlannedIncident, PlannedNews, Scenario, Window};
use crate::hazard::{Hazard, Wind};
use crate::stream::{Draws, Spread, Stream, arrivals};

/// How long people take to call (model).
const CALL_DELAY: Spread = Spread::Uniform {
    min: Span::seconds(30),
    max: Span::seconds(180),
};

/// When an incident that grows is known to have grown, after the call (model).
const GROWTH: Spread = Spread::Uniform {
    min: Span::minutes(8),
    max: Span::minutes(35),
};

/// When those who were trapped have been found, after the call (model).
const RESCUE: Spread = Spread::Uniform {
    min: Span::minutes(30),
    max: Span::minutes(90),
};

/// Every incident of the drill, in order of the calls.
pub(super) fn incidents(scenario: &Scenario, region: &Region, seed: u64) -> Vec<PlannedIncident> {
    let written = scenario.written.iter().map(|written| {
        let mut plan = written.plan.clone();
        if written.place_at_random {
            plan.point = place_in(region, plan.area, plan.call, seed).1;
        }
        plan
    });
    let mut incidents: Vec<PlannedIncident> = written.collect();
    for stream in &scenario.streams {
        incidents.extend(of_stream(stream, scenario, region, seed));
    }
    incidents.sort_by_key(|incident| (incident.received_at, incident.call));
    incidents
}

/// An arrival in a district, with its number there.
struct Arrival<'r> {
    at: Moment,
    district: &'r District,
    number: usize,
}

fn of_stream(
    stream: &IncidentStream,
    scenario: &Scenario,
    region: &Region,
    seed: u64,
) -> Vec<PlannedIncident> {
    let wanted = |district: &District| {
        let named = |area: &AreaCode| *area == district.code || *area == district.city;
        stream.areas.is_empty() || stream.areas.iter().any(named)
    };
    let mut all = Vec::new();
    for district in region.districts().filter(|district| wanted(district)) {
        let moments = moments(stream, scenario, (district, region.heart(district)), seed);
        all.extend((1..).zip(moments).map(|(number, at)| Arrival {
            at,
            district,
            number,
        }));
    }
    all.sort_by_key(|arrival| (arrival.at, arrival.district.code));
    all.truncate(stream.max);
    all.iter()
        .filter_map(|arrival| incident(stream, arrival, region, seed))
        .collect()
}

/// When the stream strikes in a district.
fn moments(
    stream: &IncidentStream,
    scenario: &Scenario,
    (district, heart): (&District, Point),
    seed: u64,
) -> Vec<Moment> {
    let base = stream.rate_per_100k_per_day * f64::from(district.population) / 100_000.0;
    let peak_wind = stream
        .by_wind
        .iter()
        .map(|(_, factor)| *factor)
        .fold(1.0, f64::max);
    let phases = || stream.by_phase.iter();
    let peak_phase = phases()
        .map(|(window, _)| phase_factor(stream, window.from))
        .fold(1.0, f64::max);
    let entity = format!("{}/{}", stream.id, district.code);
    let mut draws = Stream::Arrivals.draws(seed, &entity);
    let Window { from, until } = scenario.window();
    arrivals(
        &mut draws,
        (from, until),
        base * peak_wind * peak_phase,
        |at| {
            let wind = wind_at(&scenario.hazards, heart, at);
            base * phase_factor(stream, at) * wind_factor(stream, wind)
        },
    )
}

fn phase_factor(stream: &IncidentStream, at: Moment) -> f64 {
    let holding = stream
        .by_phase
        .iter()
        .filter(|(window, _)| window.holds(at));
    holding.map(|(_, factor)| *factor).product()
}

/// The factor of the highest step that the wind reaches.
fn wind_factor(stream: &IncidentStream, wind: Wind) -> f64 {
    let reached = stream.by_wind.iter().rev().find(|(step, _)| wind >= *step);
    reached.map_or(1.0, |(_, factor)| *factor)
}

fn wind_at(hazards: &[Hazard], point: Point, at: Moment) -> Wind {
    hazards
        .iter()
        .map(|hazard| hazard.land_wind(point, at))
        .max()
        .unwrap_or_default()
}

fn incident(
    stream: &IncidentStream,
    arrival: &Arrival<'_>,
    region: &Region,
    seed: u64,
) -> Option<PlannedIncident> {
    let district = arrival.district;
    let name = format!("{}-{}-{}", stream.id, district.code, arrival.number);
    let call: RequestId = name.parse().ok()?;
    let office = region.office_of(district.code)?;
    let mut draws = Stream::Severity.draws(seed, &name);
    let weights: Vec<u64> = stream.severity.iter().map(|(_, share)| *share).collect();
    let severity = stream.severity.get(draws.pick(&weights)?)?.0;
    let text = stream.texts.get(draws.place(stream.texts.len()))?;
    let grows = draws.happens(stream.worsens);
    let (place, point) = place_in(region, district.code, call, seed);
    let mut draws = Stream::Service.draws(seed, &name);
    let received_at = arrival.at + CALL_DELAY.draw(&mut draws);
    let requires = requirements(stream, severity, &mut draws);
    let (counts, news) = course(
        severity,
        grows.then(|| requires.first().copied()).flatten(),
        received_at,
        &mut draws,
    );
    Some(PlannedIncident {
        call,
        office: office.party,
        also_told: Vec::new(),
        area: district.code,
        point,
        summary: text
            .replace("{place}", &place)
            .chars()
            .take(limit::SUMMARY_CHARS)
            .collect(),
        place,
        event: stream.event.clone(),
        category: stream.category,
        severity,
        occurred_at: arrival.at,
        received_at,
        source: "来电".to_owned(),
        counts,
        requires,
        news,
    })
}

/// What the incident takes. Every need takes its draws, so that one more at the end of the list
/// changes none before it.
fn requirements(
    stream: &IncidentStream,
    severity: Severity,
    draws: &mut Draws,
) -> Vec<Requirement> {
    let mut requires = Vec::new();
    let mut first = None;
    for need in &stream.needs {
        let quantity = need.least + small(draws.below(u64::from(need.most - need.least) + 1));
        let duration = need.work.draw(draws);
        let taken = draws.happens(need.chance) && severity <= need.from_severity;
        let requirement = Requirement {
            kind: need.kind,
            quantity,
            duration,
        };
        first.get_or_insert(requirement);
        if taken {
            requires.push(requirement);
        }
    }
    if requires.is_empty() {
        requires.extend(first);
    }
    requires
}

/// How the incident goes on: one that grows asks for one more of its first need; of people trapped
/// some are found, so the count falls.
fn course(
    severity: Severity,
    growing: Option<Requirement>,
    received_at: Moment,
    draws: &mut Draws,
) -> (Counts, Vec<PlannedNews>) {
    let (growth, rescue) = (GROWTH.draw(draws), RESCUE.draw(draws));
    let trapped = 1 + small(draws.below(4));
    let mut counts = Counts::default();
    let mut news = Vec::new();
    if severity == Severity::Critical {
        counts.trapped = Some(Count(trapped, received_at));
    }
    if let Some(first) = growing {
        news.push(PlannedNews {
            at: received_at + growth,
            trend: Trend::Worsening,
            counts,
            requires: vec![Requirement {
                quantity: 1,
                ..first
            }],
            summary: Phrase::Worsens.say(Mode::Exercise, &[]),
        });
    }
    if severity == Severity::Critical {
        let at = received_at + rescue;
        let counts = Counts {
            trapped: Some(Count(trapped / 2, at)),
            minor: Some(Count(trapped - trapped / 2, at)),
            ..counts
        };
        let (rescued, left) = (trapped - trapped / 2, trapped / 2);
        let numbers = [rescued.to_string(), left.to_string()];
        let summary = Phrase::Rescued.say(Mode::Exercise, &numbers);
        news.push(PlannedNews {
            at,
            trend: Trend::Improving,
            counts,
            requires: Vec::new(),
            summary,
        });
    }
    news.sort_by_key(|news| news.at);
    (counts, news)
}

/// A place in a city or district: its name and a point, drawn from the call's own stream.
fn place_in(region: &Region, area: AreaCode, call: RequestId, seed: u64) -> (String, Point) {
    let mut draws = Stream::Places.draws(seed, call.as_str());
    let here = |district: &&District| district.code == area || district.city == area;
    let districts: Vec<&District> = region.districts().filter(here).collect();
    let people: Vec<u64> = districts
        .iter()
        .map(|district| u64::from(district.population))
        .collect();
    let Some(district) = draws
        .pick(&people)
        .and_then(|place| districts.get(place).copied())
    else {
        return (String::new(), Point::default());
    };
    let point = region.spot_in(district, draws.bits());
    let city = region
        .office_of(area)
        .map_or("", |office| office.name.zh.as_str());
    let whole_city = district.code == district.city;
    let ground = if whole_city {
        ""
    } else {
        district.name.zh.as_str()
    };
    let places = region
        .places()
        .iter()
        .filter(|place| place.district == district.code);
    let nearest = places.min_by_key(|place| (region.distance(place.point, point), place.geoname));
    let near = nearest
        .map(|place| format!("{}一带", place.name.zh))
        .unwrap_or_default();
    (format!("{city}{ground}{near}"), point)
}

fn small(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}
