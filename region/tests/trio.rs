//! The invented region of three cities: travel, faults and fleets on a scale that can be counted.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its pack has failed"
)]

use std::collections::BTreeMap;

use protocol::{
    AreaCode, Deciseconds, Form, Kind, Moment, PartyId, Point, RoadId, RoadState, RoadStatus,
};
use region::{Condition, Pack, Region, demo_fleet, home_floors};

fn trio() -> Region {
    Region::built_in("trio").unwrap()
}

fn faults_with(file: &str, change: impl Fn(&str) -> String) -> Vec<String> {
    let mut pack = Pack::built_in("trio").unwrap();
    let text = change(pack.text(file).unwrap());
    pack.put(file, text);
    Region::load(&pack)
        .unwrap_err()
        .iter()
        .map(ToString::to_string)
        .collect()
}

fn seat(region: &Region, party: &str) -> Point {
    region.office(party.parse().unwrap()).unwrap().seat
}

fn bridge() -> RoadId {
    "longbay".parse().unwrap()
}

#[test]
fn closing_the_bridge_sends_everybody_round_the_bay() {
    let region = trio();
    let mut travel = region.travel();
    let (east, west) = (seat(&region, "990100"), seat(&region, "990200"));
    let mut conditions = region.roads().usual();
    let open = travel.travel_time(&conditions, west, east).unwrap();
    let route = travel.route(&conditions, west, east).unwrap();
    assert!(
        route.roads.contains(&"Longbay Bridge".to_owned()),
        "{:?}",
        route.roads
    );
    region
        .roads()
        .set(&mut conditions, bridge(), Some(Condition::Closed))
        .unwrap();
    let round = travel.travel_time(&conditions, west, east).unwrap();
    let route = travel.route(&conditions, west, east).unwrap();
    assert!(round > open, "{open:?} {round:?}");
    assert!(
        route.roads.contains(&"Bay head road".to_owned()),
        "{:?}",
        route.roads
    );
}

#[test]
fn a_route_takes_as_long_as_its_travel_time_and_ends_where_it_should() {
    let region = trio();
    let mut travel = region.travel();
    let usual = region.roads().usual();
    for from in region.places() {
        for to in region.places() {
            let time = travel.travel_time(&usual, from.point, to.point).unwrap();
            let route = travel.route(&usual, from.point, to.point).unwrap();
            assert_eq!(route.time, time, "{} to {}", from.name, to.name);
            assert_eq!(route.place_at(from.point, time), to.point);
            assert_eq!(route.place_at(from.point, Deciseconds(0)), from.point);
        }
    }
}

#[test]
fn every_table_agrees_with_a_table_made_the_slow_way() {
    let region = trio();
    let roads = region.roads();
    let mut conditions = roads.usual();
    roads
        .set(&mut conditions, bridge(), Some(Condition::slow(300)))
        .unwrap();
    for (end, _) in roads.nodes() {
        let mut slow: BTreeMap<_, u32> = BTreeMap::from([(end, 0)]);
        for _ in 0..roads.nodes().len() {
            for (ix, edge) in roads.edges() {
                let time = roads.edge_time(&conditions, ix).unwrap().0;
                for (a, b) in [(edge.from, edge.to), (edge.to, edge.from)] {
                    if let Some(known) = slow.get(&b).copied() {
                        let there = slow.entry(a).or_insert(u32::MAX);
                        *there = (*there).min(known + time);
                    }
                }
            }
        }
        let table = roads.times_to(&conditions, end);
        for (node, _) in roads.nodes() {
            assert_eq!(
                table.from(node),
                slow.get(&node).map(|time| Deciseconds(*time))
            );
        }
    }
}

#[test]
fn no_road_leads_to_ground_that_is_cut_off() {
    let region = trio();
    let roads = region.roads();
    let mut conditions = roads.usual();
    for (ix, edge) in roads.edges() {
        let name = |node| roads.node(node).name.as_str();
        if name(edge.from) == "E22" || name(edge.to) == "E22" {
            conditions.set(ix, Some(Condition::Closed));
        }
    }
    let (cut, _) = roads.nodes().find(|(_, node)| node.name == "E22").unwrap();
    let there = roads.node(cut).point;
    let mut travel = region.travel();
    assert_eq!(
        travel.travel_time(&conditions, seat(&region, "990200"), there),
        None
    );
    assert!(
        travel
            .time_of(
                Kind::Helicopter,
                &conditions,
                seat(&region, "990200"),
                there
            )
            .is_some()
    );
}

#[test]
fn a_point_at_sea_has_no_road_but_one_on_the_bridge_has() {
    let region = trio();
    let mut travel = region.travel();
    let usual = region.roads().usual();
    let east = seat(&region, "990100");
    let on_bridge = Point::degrees(150.47, 10.6);
    let beside = Point::degrees(150.47, 10.7);
    assert!(travel.travel_time(&usual, on_bridge, east).is_some());
    assert_eq!(travel.travel_time(&usual, beside, east), None);
    assert_eq!(region.locate(beside), None);
    assert_eq!(region.office_for(beside).unwrap().party.as_str(), "990200");
}

#[test]
fn a_vehicle_on_a_closed_bridge_may_still_leave_it() {
    let region = trio();
    let mut travel = region.travel();
    let mut conditions = region.roads().usual();
    region
        .roads()
        .set(&mut conditions, bridge(), Some(Condition::Closed))
        .unwrap();
    let on_bridge = Point::degrees(150.47, 10.6);
    assert!(
        travel
            .travel_time(&conditions, on_bridge, seat(&region, "990100"))
            .is_some()
    );
}

#[test]
fn a_road_message_slows_a_road_and_a_later_one_opens_it() {
    let region = trio();
    let roads = region.roads();
    let mut status = RoadStatus {
        roads: vec![bridge()],
        state: RoadState::Slow,
        travel_percent: Some(250),
        as_of: Moment(0),
        reason: "wind".to_owned(),
    };
    let mut conditions = roads.usual();
    roads.apply(&mut conditions, &status).unwrap();
    let edge = roads.edges_of(bridge()).unwrap()[0];
    let free = roads.edge(edge).free_time().0;
    assert_eq!(
        roads.edge_time(&conditions, edge),
        Some(Deciseconds(free * 250 / 100))
    );
    status.state = RoadState::Open;
    status.travel_percent = None;
    roads.apply(&mut conditions, &status).unwrap();
    assert_eq!(conditions, roads.usual());
    status.roads = vec!["longbai".parse().unwrap()];
    let error = roads
        .apply(&mut conditions, &status)
        .unwrap_err()
        .to_string();
    assert!(error.contains("did you mean \"longbay\"?"), "{error}");
}

#[test]
fn answers_do_not_depend_on_what_was_asked_before() {
    let region = trio();
    let usual = region.roads().usual();
    let mut asked = region.travel();
    for place in region.places() {
        asked.travel_time(&usual, place.point, seat(&region, "990300"));
    }
    let mut fresh = region.travel();
    let from = region.places()[4].point;
    for office in region.cities() {
        let one = asked.travel_time(&usual, from, office.seat);
        assert_eq!(one, fresh.travel_time(&usual, from, office.seat));
    }
}

#[test]
fn a_spot_lies_in_its_district_and_comes_again_for_the_same_number() {
    let region = trio();
    for district in region.districts() {
        let mut spots = Vec::new();
        for draw in 0..200 {
            let spot = region.spot(district.code, draw).unwrap();
            assert!(district.contains(spot), "{} {spot}", district.name);
            assert_eq!(region.spot(district.code, draw), Some(spot));
            spots.push(spot);
        }
        spots.sort_unstable();
        spots.dedup();
        assert!(spots.len() > 190, "{}", district.name);
    }
}

#[test]
fn districts_are_drawn_by_their_people() {
    let region = trio();
    let mut counts = BTreeMap::<AreaCode, u32>::new();
    for draw in 0..13_500 {
        *counts
            .entry(region.district_by_people(None, draw).unwrap().code)
            .or_default() += 1;
    }
    // 390,000 of 1,350,000 people: 3,900 of 13,500 draws.
    assert!(
        counts[&AreaCode(990_101)].abs_diff(3_900) < 200,
        "{counts:?}"
    );
    let city = Some(AreaCode(990_300));
    assert!(
        (0..50)
            .all(|draw| region.district_by_people(city, draw).unwrap().city == AreaCode(990_300))
    );
}

#[test]
fn a_pack_with_an_unknown_key_is_refused_and_the_key_named() {
    let faults = faults_with("region.json", |text| {
        text.replace("\"disclaimer\"", "\"disclamer\"")
    });
    let shown = faults.join("\n");
    assert!(shown.contains("key \"disclaimer\" is missing"), "{shown}");
    assert!(
        shown.contains("unknown key \"disclamer\"; did you mean \"disclaimer\"?"),
        "{shown}"
    );
}

#[test]
fn a_pack_lists_all_its_faults_at_once() {
    let faults = faults_with("places.csv", |text| {
        text.replace("10.62,150.6", "10.62,15x")
            .replace("990202", "990209")
            .replace("12,南屿", "11,南屿")
    });
    let shown = faults.join("\n");
    assert!(
        shown.contains("places.csv:2:5: lon \"15x\" is not a longitude"),
        "{shown}"
    );
    assert_eq!(
        shown.matches("unknown district \"990209\"").count(),
        2,
        "{shown}"
    );
    assert!(
        shown.contains("place 11 stands in line 12 already"),
        "{shown}"
    );
}

#[test]
fn a_graph_in_pieces_a_crossing_without_edges_and_unknown_nodes_are_faults() {
    let faults = faults_with("roads_edges.csv", |text| {
        text.lines()
            .filter(|line| !line.contains("Longbay") && !line.contains("road"))
            .fold(String::new(), |kept, line| kept + line + "\n")
            + "0,777,1.0,motorwy,45,invented,,,\n"
    });
    let shown = faults.join("\n");
    assert!(
        shown.contains("crossing \"longbay\" has no edge"),
        "{shown}"
    );
    assert!(shown.contains("the graph is in pieces"), "{shown}");
    assert!(shown.contains("unknown node 777"), "{shown}");
    assert!(
        shown.contains("unknown class \"motorwy\"; did you mean \"motorway\"?"),
        "{shown}"
    );
}

#[test]
fn a_node_outside_the_frame_and_a_missing_file_are_faults() {
    let faults = faults_with("roads_nodes.csv", |text| {
        text.replace("27,10.6,", "27,20.6,")
    });
    assert!(
        faults
            .iter()
            .any(|fault| fault.contains("outside the frame")),
        "{faults:?}"
    );
    let pack = Pack::from_files(|name| {
        Pack::built_in("trio")
            .unwrap()
            .text(name)
            .filter(|_| name != "places.csv")
            .map(str::to_owned)
    });
    let faults = Region::load(&pack).unwrap_err();
    assert_eq!(
        faults[0].to_string(),
        "places.csv: the file is missing; add it to the pack"
    );
}

#[test]
fn a_demo_fleet_says_that_it_is_one_and_every_unit_stands_on_its_own_ground() {
    for id in region::BUILT_IN {
        let region = Region::built_in(id).unwrap();
        let fleet = demo_fleet(&region);
        assert_eq!(
            fleet,
            demo_fleet(&region),
            "the same region has the same fleet"
        );
        let mut ids: Vec<_> = fleet
            .iter()
            .map(|(_, resource)| resource.resource)
            .collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), fleet.len(), "no id stands twice");
        for (office, resource) in &fleet {
            assert!(resource.demo, "{}", resource.resource);
            let home = region.office_for(resource.point).unwrap();
            assert_eq!(home.party, *office, "{}", resource.resource);
        }
    }
}

#[test]
fn the_delta_has_between_eleven_and_fourteen_hundred_demo_units() {
    let fleet = demo_fleet(&Region::built_in("prd").unwrap());
    let units = fleet
        .iter()
        .filter(|(_, resource)| resource.form() == Form::Unit)
        .count();
    assert!((1_100..=1_400).contains(&units), "{units}");
}

#[test]
fn every_unit_reaches_every_seat_by_road_or_needs_none() {
    let region = Region::built_in("prd").unwrap();
    let mut travel = region.travel();
    let usual = region.roads().usual();
    let seats: Vec<Point> = region.cities().map(|office| office.seat).collect();
    for (_, resource) in demo_fleet(&region) {
        for seat in &seats {
            let time = travel.time_of(resource.kind, &usual, resource.point, *seat);
            assert!(
                time.is_some(),
                "{} at {}",
                resource.resource,
                resource.point
            );
        }
    }
}

#[test]
fn a_city_keeps_two_fifths_of_its_crews_and_never_a_last_one_by_rule() {
    let region = trio();
    let fleet = demo_fleet(&region);
    let floors = home_floors(&fleet);
    let party: PartyId = "990100".parse().unwrap();
    let count = |kind| {
        fleet
            .iter()
            .filter(|(office, one)| *office == party && one.kind == kind)
            .count()
    };
    for floor in &floors[&party] {
        assert!(floor.keep as usize <= count(floor.kind), "{floor:?}");
    }
    let keep = |kind| {
        floors[&party]
            .iter()
            .find(|floor| floor.kind == kind)
            .map(|floor| floor.keep)
    };
    let crews = u32::try_from(count(Kind::FireRescue)).unwrap();
    assert_eq!(keep(Kind::FireRescue), Some((crews * 2).div_ceil(5)));
    assert_eq!(count(Kind::Telecom), 1);
    assert_eq!(keep(Kind::Telecom), Some(0));
}
