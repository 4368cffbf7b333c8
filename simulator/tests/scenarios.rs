//! The shipped scenarios read without a fault and hold what their first lines promise.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what it expects by failing"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use protocol::{FieldReport, HazardShape, Kind, Meters, PartyId, Span};
use region::Region;
use simulator::scenario::{Given, Ground, PlannedIncident};
use simulator::{Chaos, FaultKind, Scenario, SimulateOptions, played, simulate};

const SHIPPED: [&str; 11] = [
    "small/quiet-day.toml",
    "small/lossy.toml",
    "small/chaos-6h.toml",
    "small/landfall.toml",
    "prd/beijiang-flood.toml",
    "prd/burst.toml",
    "prd/crowd.toml",
    "prd/first-look.toml",
    "prd/landslide.toml",
    "prd/petrochemical-fire.toml",
    "prd/typhoon-mangkhut.toml",
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios")
}

fn text(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap()
}

fn parsed(name: &str, text: &str) -> (Scenario, Arc<Region>) {
    let beside = folder().join(name).parent().unwrap().to_path_buf();
    let load = move |file: &str| std::fs::read_to_string(beside.join(file)).ok();
    Scenario::parse(name, text, &load).unwrap_or_else(|faults| panic!("\n{faults}"))
}

fn shipped(name: &str) -> (Scenario, Arc<Region>) {
    parsed(name, &text(name))
}

fn party(code: &str) -> PartyId {
    code.parse().unwrap()
}

#[test]
fn every_shipped_scenario_says_that_it_is_fiction_and_marks_every_line() {
    for name in SHIPPED {
        let (scenario, region) = shipped(name);
        assert!(scenario.title_zh.contains("演练·虚构"), "{name}");
        assert!(!scenario.assumptions.is_empty(), "{name}");
        let incidents = scenario.incidents(&region, scenario.seed);
        let news = incidents.iter().flat_map(|incident| &incident.news);
        let lines = incidents.iter().map(|incident| &incident.summary);
        for line in lines.chain(news.map(|news| &news.summary)) {
            assert!(line.starts_with("【演练】"), "{name}: {line}");
            assert!(!line.contains('{'), "{name}: {line}");
        }
    }
}

#[test]
fn incidents_are_in_order_on_their_own_ground_and_called_once() {
    for name in SHIPPED {
        let (scenario, region) = shipped(name);
        let incidents = scenario.incidents(&region, 99);
        let calls: BTreeSet<_> = incidents.iter().map(|incident| incident.call).collect();
        assert_eq!(calls.len(), incidents.len(), "{name}");
        assert!(
            incidents.is_sorted_by_key(|incident| incident.received_at),
            "{name}"
        );
        for incident in &incidents {
            let office = region.office_for(incident.point).unwrap().party;
            assert_eq!(office, incident.office, "{name}: {incident:?}");
            assert!(incident.occurred_at < incident.received_at, "{name}");
            assert!(!incident.requires.is_empty(), "{name}: {incident:?}");
        }
    }
}

#[test]
fn a_fault_more_and_a_stream_more_move_no_incident_of_another_stream() {
    let name = "small/quiet-day.toml";
    let (scenario, region) = shipped(name);
    let more = text(name)
        + "\n[[fault]]\nkind = \"isolate\"\nat = \"1h\"\nfor = \"1h\"\noffice = \"990100\"\n"
        + "\n[[incident_stream]]\nid = \"new\"\nevent = \"x\"\ncategory = \"social\"\nrate_per_100k_per_day = 9.0\n"
        + "severity = { minor = 1 }\nneeds = [{ kind = \"uav\", quantity = 1, minutes = 5 }]\ntexts = [\"{place}\"]\nmax = 50\n";
    let (changed, _) = parsed(name, &more);
    assert_eq!(changed.faults.faults.len(), 1);
    let before = scenario.incidents(&region, 5);
    let after = changed.incidents(&region, 5);
    let old: Vec<PlannedIncident> = after
        .iter()
        .filter(|incident| incident.event != "x")
        .cloned()
        .collect();
    assert!(after.len() > before.len());
    assert_eq!(before, old);
    assert_ne!(scenario.digest, changed.digest);
}

#[test]
fn the_quiet_day_has_about_forty_calls_and_one_fire_with_too_little_water() {
    let (scenario, region) = shipped("small/quiet-day.toml");
    let incidents = scenario.incidents(&region, scenario.seed);
    assert!((30..=50).contains(&incidents.len()), "{}", incidents.len());
    let fire = incidents
        .iter()
        .find(|incident| incident.event == "warehouse-fire")
        .unwrap();
    let water = fire
        .requires
        .iter()
        .find(|need| need.kind == Kind::WaterSupply)
        .unwrap();
    let fleet = region::demo_fleet(&region);
    let own = fleet
        .iter()
        .filter(|(owner, unit)| *owner == fire.office && unit.kind == water.kind);
    let scaled = own.count() * scenario.fleet.scale(fire.office) as usize;
    assert!(scaled.div_ceil(100) < water.quantity as usize);
}

#[test]
fn the_first_look_shows_a_call_at_once_and_a_cut_link_within_the_hour() {
    let (scenario, region) = shipped("prd/first-look.toml");
    let incidents = scenario.incidents(&region, scenario.seed);
    assert!(incidents[0].received_at.since(scenario.start) <= Span::minutes(5));
    let cut = scenario.faults.faults.iter().find(|fault| {
        matches!(&fault.what, FaultKind::LinkCut { links } if links.touch(party("440400"), party("442000")))
    });
    assert!(cut.unwrap().from.since(scenario.start) <= Span::minutes(60));
    let tower = incidents
        .iter()
        .find(|incident| incident.event == "high-rise-fire")
        .unwrap();
    assert!(tower.received_at.since(scenario.start) <= Span::minutes(2));
    assert!((150..400).contains(&incidents.len()), "{}", incidents.len());
}

#[test]
fn the_typhoon_has_its_thousands_of_calls_whatever_the_seed() {
    let (scenario, region) = shipped("prd/typhoon-mangkhut.toml");
    for seed in [scenario.seed, 1, 2, 3] {
        let count = scenario.incidents(&region, seed).len();
        assert!((2_000..4_000).contains(&count), "{count}");
    }
    let units = region::demo_fleet(&region);
    let units = units
        .iter()
        .filter(|(_, resource)| resource.form() == protocol::Form::Unit);
    assert!(units.count() >= 1_000);
}

#[test]
fn the_wind_field_reaches_as_far_as_was_announced_on_the_day() {
    let (scenario, region) = shipped("prd/typhoon-mangkhut.toml");
    let schedule = scenario.schedule(&region);
    let bulletin = schedule
        .reports
        .iter()
        .find_map(|planned| match &planned.report {
            FieldReport::Hazard(report) => Some((planned.to, report)),
            _ => None,
        });
    let (author, report) = bulletin.unwrap();
    assert_eq!(author, party("440000-met"));
    let HazardShape::Track {
        radii, forecast, ..
    } = &report.shape
    else {
        panic!("a typhoon moves")
    };
    let announced = [(14, 250..=400), (25, 100..=200), (33, 60..=80)];
    for (wind, km) in announced {
        let (_, Meters(radius)) = radii.iter().find(|(level, _)| *level == wind).unwrap();
        assert!(
            km.contains(&(radius / 1_000)),
            "{wind} m/s reaches {radius} m"
        );
    }
    assert_eq!(forecast.len(), 4);
}

#[test]
fn bridges_close_with_the_wind_open_again_and_somebody_who_would_know_tells() {
    let (scenario, region) = shipped("prd/typhoon-mangkhut.toml");
    let schedule = scenario.schedule(&region);
    for slug in ["humen", "nansha", "shenzhong", "huangmaohai", "zhuhai"] {
        let ground = Ground::Crossing(slug.parse().unwrap());
        let changes: Vec<_> = schedule
            .travel
            .iter()
            .filter(|change| change.roads == ground)
            .collect();
        let states: Vec<_> = changes.iter().map(|change| change.percent).collect();
        assert_eq!(states, [None, Some(100)], "{slug}");
        let told = schedule.reports.iter().filter(|planned| {
            matches!(&planned.report, FieldReport::Road(road) if road.roads == [slug.parse().unwrap()])
        });
        let told: Vec<_> = told.map(|planned| (planned.at, planned.to)).collect();
        assert_eq!(told.len(), 2, "{slug}");
        assert!(told.iter().all(|(_, to)| *to == party("440000-maritime")));
        assert!(told[0].0 > changes[0].at);
    }
}

#[test]
fn the_region_falls_in_two_while_two_cities_ask_for_the_same_pumps() {
    let (scenario, _) = shipped("prd/typhoon-mangkhut.toml");
    let asked: Vec<_> = scenario
        .injects
        .iter()
        .filter(|inject| matches!(inject.gives, Given::AidRequest { .. }))
        .collect();
    let [first, second] = asked.as_slice() else {
        panic!("{asked:?}")
    };
    let cut = scenario
        .faults
        .faults
        .iter()
        .find(|fault| fault.id == "two-sides")
        .unwrap();
    assert!(first.at < cut.from && cut.from < second.at);
    let FaultKind::LinkCut { links } = &cut.what else {
        panic!("{cut:?}")
    };
    assert!(
        links.touch(party("442000"), party("440600"))
            && links.touch(party("440600"), party("442000"))
    );
    assert!(!links.touch(party("440700"), party("440600")));
    // Nobody stands on both sides and carries a word across.
    let authors = ["440000", "440000-met", "440000-grid", "440000-maritime"];
    assert!(
        authors
            .iter()
            .all(|author| links.touch(party(author), party("441900")))
    );
}

#[test]
fn a_description_is_plain_json_that_names_every_part() {
    let (scenario, _) = shipped("prd/typhoon-mangkhut.toml");
    let json = scenario.describe();
    for key in [
        "title_zh", "phases", "hazards", "streams", "injects", "faults", "network", "digest",
    ] {
        assert!(!json[key].is_null(), "{key}");
    }
}

#[test]
fn every_key_of_the_schema_is_explained() {
    for table in simulator::scenario::file::schema() {
        for key in table.keys {
            assert!(
                key.about.trim().ends_with('.'),
                "{} {}: {}",
                table.header,
                key.key,
                key.about
            );
            assert!(!key.form.is_empty());
        }
    }
}

#[test]
fn a_track_of_another_year_is_used_as_it_is_by_moving_it() {
    let name = "prd/typhoon-mangkhut.toml";
    let (original, region) = shipped(name);
    // From 16 September 2018 to 16 September 2030 there are 4,383 days.
    let later = text(name)
        .replace("start = 2018-", "start = 2030-")
        .replace("rmax_km = 60", "rmax_km = 60\nshift_h = 105192");
    let (moved, _) = parsed(name, &later);
    let year = |scenario: &Scenario| {
        let schedule = scenario.schedule(&region);
        let changes = schedule.travel.into_iter();
        let changes = changes.map(|change| (change.at.since(scenario.start), change.roads));
        changes.collect::<Vec<_>>()
    };
    assert_eq!(year(&original), year(&moved));
    let east = text(name).replace("rmax_km = 60", "rmax_km = 60\nshift_km = [400, 0]");
    let (east, _) = parsed(name, &east);
    assert!(year(&east).len() < year(&original).len());
}

#[test]
fn what_a_storm_draws_reads_back_as_it_was_drawn_once_it_is_written_down() {
    let name = "small/chaos-6h.toml";
    let (scenario, region) = shipped(name);
    for seed in 0..40 {
        let options = SimulateOptions {
            chaos: Chaos::Storm,
            ..SimulateOptions::default()
        };
        let drawn = played(&scenario, &region, &options, seed);
        let faults = &drawn.faults.faults;
        let tables = faults.iter().map(|fault| fault.to_toml(scenario.start));
        let network = format!("[network]\nbrokers = \"{}\"", drawn.brokers.word());
        let whole = text(name).replace("[network]", &network);
        let written: Vec<String> = [whole].into_iter().chain(tables).collect();
        let (read, _) = parsed(name, &written.join("\n"));
        assert_eq!(read.faults.faults, *faults, "seed {seed}");
        assert_eq!(read.brokers, drawn.brokers);
    }
}

#[test]
fn units_that_stand_by_before_a_landfall_leave_less_harm_than_none() {
    let (with, region) = shipped("small/landfall.toml");
    let mut without = with.clone();
    without.offices.stand_by.clear();
    let harm = |scenario: &Scenario| -> i64 {
        let seeds = 11..15;
        let runs = seeds.map(|seed| {
            let options = SimulateOptions {
                seed: Some(seed),
                ..SimulateOptions::default()
            };
            let outcome = simulate(scenario, &region, &options, |_| {});
            assert!(outcome.violations.is_empty(), "{:?}", outcome.violations);
            outcome.summary.harm_min
        });
        runs.sum()
    };
    let (with, without) = (harm(&with), harm(&without));
    assert!(with < without, "{with} against {without} weighted minutes");
}

/// The wave of the flood drill is where it is said to be in turn, and each city tells of its own ground.
#[test]
fn the_wave_of_the_flood_comes_to_each_gauge_in_turn_and_closes_roads_there() {
    let (scenario, region) = shipped("prd/beijiang-flood.toml");
    let schedule = scenario.schedule(&region);
    let first = |station: &str| {
        let mut its = schedule
            .reports
            .iter()
            .filter_map(|planned| match &planned.report {
                FieldReport::Hazard(report) if report.name.ends_with(station) => {
                    Some((planned.at, planned.to))
                }
                _ => None,
            });
        its.next().unwrap()
    };
    let stations = ["北站", "汇合口站", "南支站", "水道站"].map(first);
    assert!(stations.is_sorted_by(|a, b| a.0 < b.0), "{stations:?}");
    let tellers = stations.map(|(_, teller)| teller.as_str().to_owned());
    assert_eq!(tellers, ["440600", "440600", "440600", "442000"]);
    let closes = |ground| {
        let mut its = schedule
            .travel
            .iter()
            .filter(|change| change.roads == ground);
        its.any(|change| change.percent.is_none())
    };
    assert!((0..4).all(|place| closes(Ground::Zone(place))));
}
