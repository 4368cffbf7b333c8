//! The invented region of three cities: travel and spots on a scale that can be counted.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its pack has failed"
)]

use std::collections::BTreeMap;

use protocol::{AreaCode, Deciseconds, Kind, Moment, Point, RoadId, RoadState, RoadStatus};
use region::{Condition, Region};

fn trio() -> Region {
    Region::built_in("trio").unwrap()
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
fn the_roads_of_a_way_are_named_for_what_drives_on_them() {
    let region = trio();
    let travel = region::SharedTravel::new(region.travel());
    let (east, west) = (seat(&region, "990100"), seat(&region, "990200"));
    let usual = region.roads().usual();
    let roads = travel.roads_of(Kind::Pump, &usual, west, east);
    assert!(roads.contains(&"Longbay Bridge".to_owned()), "{roads:?}");
    let flown = travel.roads_of(Kind::Helicopter, &usual, west, east);
    assert!(flown.is_empty(), "{flown:?}");
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
        let mut table = roads.times_to(&conditions, end);
        for (node, _) in roads.nodes() {
            assert_eq!(
                table.from(roads, node),
                slow.get(&node).map(|time| Deciseconds(*time))
            );
        }
    }
}

#[test]
fn a_table_tells_the_same_whoever_asks_first() {
    let region = trio();
    let roads = region.roads();
    let usual = roads.usual();
    let nodes: Vec<_> = roads.nodes().map(|(node, _)| node).collect();
    for end in &nodes {
        let mut onward = roads.times_to(&usual, *end);
        let times: Vec<_> = nodes.iter().map(|node| onward.from(roads, *node)).collect();
        let mut backward = roads.times_to(&usual, *end);
        for (node, time) in nodes.iter().zip(times).rev() {
            assert_eq!(backward.from(roads, *node), time);
            let mut alone = roads.times_to(&usual, *end);
            assert_eq!(alone.from(roads, *node), time);
            assert_eq!(roads.way(*node, &mut alone), roads.way(*node, &mut onward));
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
