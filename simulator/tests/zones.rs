//! Hazards on pieces of ground: what water and gas do to the roads, and what offices hear of it.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use protocol::{FieldReport, HazardReport, HazardShape, Moment, RoadState, RoadStatus, Span};
use region::Region;
use simulator::scenario::{Ground, Schedule};
use simulator::{Scenario, SimulateOptions, simulate};

fn read(region: &str, tables: &str) -> (Scenario, std::sync::Arc<Region>) {
    let head = format!(
        r#"
schema = "liandong-scenario/1"
id = "zones"
title = {{ zh = "演练·虚构：水与气", en = "Water and gas, fictional" }}
region = "{region}"
start = 2026-07-01T08:00:00+08:00
duration = "6h"
seed = 42
{tables}"#
    );
    Scenario::parse("zones.toml", &head, &|_| None).unwrap()
}

/// What is told of a scenario's roads and hazards, each with minutes since the start.
type Told<'a> = (Vec<(u64, &'a RoadStatus)>, Vec<(u64, &'a HazardReport)>);

fn told<'a>(scenario: &Scenario, schedule: &'a Schedule) -> Told<'a> {
    let minutes = |at: Moment| at.since(scenario.start).0 / 60_000_000;
    let (mut roads, mut hazards) = (Vec::new(), Vec::new());
    for planned in &schedule.reports {
        assert_eq!(
            planned.to.as_str(),
            "440600",
            "the office of the ground tells"
        );
        match &planned.report {
            FieldReport::Road(status) => roads.push((minutes(planned.at), status)),
            FieldReport::Hazard(report) => hazards.push((minutes(planned.at), report)),
            other => unreachable!("{other:?}"),
        }
    }
    (roads, hazards)
}

/// In Foshan, where main roads cross.
const FLOOD: &str = r#"
[[flood]]
id = "polder"
name = "某围内涝（演练）"
ring = [[113.06, 23.00], [113.16, 23.00], [113.16, 23.08], [113.06, 23.08]]
depth = [
    { at = "1h", depth_m = 0 },
    { at = "2h", depth_m = 0.6 },
    { at = "4h", depth_m = 0 },
]
"#;

#[test]
fn a_flood_slows_and_closes_roads_and_whoever_is_there_tells_of_both_ends() {
    let (scenario, region) = read("prd", FLOOD);
    let schedule = scenario.schedule(&region);
    let percents: Vec<_> = schedule
        .travel
        .iter()
        .map(|change| change.percent)
        .collect();
    assert!(percents.contains(&None), "{percents:?}");
    assert_eq!(percents.last(), Some(&Some(100)));
    assert!(
        schedule
            .travel
            .iter()
            .all(|change| change.roads == Ground::Zone(0))
    );
    let (roads, hazards) = told(&scenario, &schedule);
    let closed = roads.iter().find(|(_, it)| it.state == RoadState::Closed);
    let (minute, closed) = closed.unwrap();
    assert_eq!(
        *minute, 110,
        "over 0.3 m at half past one, looked at each ten minutes, told ten later"
    );
    assert!(
        !closed.roads.is_empty() && closed.reason.contains("积水深达 0.4 米"),
        "{closed:?}"
    );
    let (minute, last) = roads.last().unwrap();
    assert_eq!((*minute, last.state), (250, RoadState::Open));
    let (first, last) = (hazards.first().unwrap(), hazards.last().unwrap());
    assert_eq!((first.0, first.1.over), (80, false));
    assert_eq!((last.0, last.1.over), (250, true));
    let HazardShape::Polygon(ring) = &first.1.shape else {
        unreachable!("a flood lies on the ground")
    };
    assert_eq!((ring.len(), ring.first()), (5, ring.last()));
}

#[test]
fn a_gas_goes_with_the_wind_and_frees_the_roads_that_it_leaves() {
    let (scenario, region) = read(
        "prd",
        r#"
[[plume]]
id = "leak"
name = "有毒气体（演练）"
point = [113.12, 23.03]
at = "1h"
duration = "2h"
rate_kg_s = 5
limit_mg_m3 = 30
slow_percent = 180
wind = [
    { at = "0h", from_deg = 90, speed_ms = 2, stability = "F" },
    { at = "2h", from_deg = 180, speed_ms = 3, stability = "F" },
]
"#,
    );
    let schedule = scenario.schedule(&region);
    let changes = schedule.travel.iter();
    let changes: Vec<_> = changes
        .map(|change| (change.roads, change.percent))
        .collect();
    let (west, north) = (Ground::Zone(0), Ground::Zone(1));
    let expected = [
        (west, Some(180)),
        (west, Some(100)),
        (north, Some(180)),
        (north, Some(100)),
    ];
    assert_eq!(changes, expected);
    let (roads, hazards) = told(&scenario, &schedule);
    assert!(roads.iter().any(|(_, it)| it.travel_percent == Some(180)));
    assert!(roads.iter().any(|(_, it)| it.state == RoadState::Open));
    assert_eq!(hazards.iter().filter(|(_, it)| it.over).count(), 1);
    assert!(
        hazards.last().unwrap().1.over,
        "the last word says that it is gone"
    );
}

#[test]
fn who_is_called_from_under_water_waits_until_it_falls() {
    let incident = r#"
[[incident]]
id = "fire"
at = "65m"
area = 990200
point = [150.12, 10.45]
event = "building-fire"
category = "accident"
severity = "critical"
text = "某厂房起火"
needs = [{ kind = "fire-rescue", quantity = 1, minutes = 30 }]
"#;
    let water = r#"
[[flood]]
id = "polder"
name = "某围内涝（演练）"
ring = [[150.05, 10.40], [150.30, 10.40], [150.30, 10.70], [150.05, 10.70]]
depth = [
    { at = "50m", depth_m = 0 },
    { at = "60m", depth_m = 0.8 },
    { at = "3h", depth_m = 0.8 },
    { at = "3h5m", depth_m = 0 },
]
"#;
    let first_there = |tables: &str| {
        let (scenario, region) = read("trio", tables);
        let outcome = simulate(&scenario, &region, &SimulateOptions::default(), |_| ());
        assert_eq!(
            outcome.summary.invariant_violations, 0,
            "{:?}",
            outcome.violations
        );
        assert_eq!(outcome.summary.served, 1);
        outcome.summary.response_s.p50
    };
    let (dry, wet) = (
        first_there(incident),
        first_there(&format!("{incident}{water}")),
    );
    let hour = Span::hours(1).0 / 1_000_000;
    assert!(wet > dry + hour, "{wet:?} against {dry:?}");
}

#[test]
fn a_river_s_wave_floods_the_ground_at_each_gauge_when_it_gets_there() {
    let gauge = |name: &str, after: &str, west: f64| {
        format!(
            r#"
[[river.gauge]]
name = "{name}"
after = "{after}"
share_percent = 90
bank_m = 4.0
ring = [[{west}, 23.00], [{east}, 23.00], [{east}, 23.08], [{west}, 23.08]]
told_by = "440600"
"#,
            east = west + 0.08
        )
    };
    let river = r#"
[[river]]
id = "north"
name = "某江洪水（演练）"
wave = [
    { at = "0h", level_m = 3 },
    { at = "1h", level_m = 6 },
    { at = "2h", level_m = 3 },
]
"#;
    let tables = [
        river.to_owned(),
        gauge("甲站", "0h", 113.06),
        gauge("乙站", "90m", 113.20),
    ];
    let (scenario, region) = read("prd", &tables.concat());
    let schedule = scenario.schedule(&region);
    let (_, hazards) = told(&scenario, &schedule);
    let comes = |name: &str| {
        let mut its = hazards.iter().filter(|(_, it)| it.name.ends_with(name));
        its.next().map(|(minute, _)| *minute)
    };
    let (first, second) = (comes("甲站").unwrap(), comes("乙站").unwrap());
    assert_eq!(second - first, 90, "as long as the wave takes");
    assert!(hazards.last().unwrap().1.over);
}

#[test]
fn a_surge_floods_a_shore_at_high_water_that_the_tide_alone_leaves_dry() {
    let tide = |surge: &str| {
        format!(
            r#"
[[tide]]
id = "shore"
name = "风暴潮（演练）"
constituent = [{{ name = "M2", amplitude_m = 0.8, high_at = "2h" }}]
{surge}
bank_m = 1.5
ring = [[113.06, 23.00], [113.16, 23.00], [113.16, 23.08], [113.06, 23.08]]
"#
        )
    };
    let dry = read("prd", &tide(""));
    assert!(dry.0.schedule(&dry.1).travel.is_empty());
    let (scenario, region) = read("prd", &tide("surge = [{ at = \"0h\", level_m = 1.2 }]"));
    let schedule = scenario.schedule(&region);
    let (_, hazards) = told(&scenario, &schedule);
    let (first, last) = (hazards.first().unwrap().0, hazards.last().unwrap().0);
    assert!(
        first < 130 && last > 120,
        "around two o'clock: {first} to {last}"
    );
    assert!(
        hazards.last().unwrap().1.over,
        "it falls dry as the tide goes out"
    );
}
