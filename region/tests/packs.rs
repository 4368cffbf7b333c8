//! The packs of the binary, seen as a user of the crate sees them.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read its pack has failed"
)]

use std::sync::LazyLock;

use protocol::{Deciseconds, Kind, Meters, PartyId, Point, RoadId, Role};
use region::{
    BUILT_IN, Condition, Detail, Month, Pack, Region, RoadClass, RoadConditions, SharedTravel,
    Travel,
};

static DELTA: LazyLock<Region> = LazyLock::new(|| Region::built_in("prd").unwrap());

fn seat(party: &str) -> Point {
    DELTA.office(party.parse().unwrap()).unwrap().seat
}

fn road(text: &str) -> RoadId {
    text.parse().unwrap()
}

fn closed(roads: &[&str]) -> RoadConditions {
    let mut conditions = DELTA.roads().usual();
    for text in roads {
        DELTA
            .roads()
            .set(&mut conditions, road(text), Some(Condition::Closed))
            .unwrap();
    }
    conditions
}

fn minutes(travel: &mut Travel, conditions: &RoadConditions, from: &str, to: &str) -> u32 {
    travel
        .travel_time(conditions, seat(from), seat(to))
        .unwrap()
        .0
        / 600
}

const SHENZHEN: &str = "440300";
const ZHONGSHAN: &str = "442000";

/// Every link over the estuary from Humen to the sea.
const RIVER_MOUTH: [&str; 4] = ["humen", "nansha", "shenzhong", "hzmb"];

#[test]
fn every_pack_of_the_binary_loads_without_a_fault() {
    for id in BUILT_IN {
        let pack = Pack::built_in(id).unwrap();
        let faults = Region::load(&pack).err().unwrap_or_default();
        let shown: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert!(shown.is_empty(), "{id}: {}", shown.join("\n"));
    }
}

#[test]
fn every_place_lies_on_the_ground_of_an_office() {
    for id in BUILT_IN {
        let region = Region::built_in(id).unwrap();
        for place in region.places() {
            let (city, district) = region.locate(place.point).unwrap();
            assert!(
                region
                    .office_of(city)
                    .is_some_and(|office| office.area == city)
            );
            assert_eq!(
                region.office_of(district).unwrap().area,
                city,
                "{}",
                place.name
            );
        }
    }
}

#[test]
fn every_seat_lies_on_its_own_ground_and_is_reached_from_every_other() {
    let mut travel = DELTA.travel();
    let usual = DELTA.roads().usual();
    for from in DELTA.cities() {
        assert_eq!(
            DELTA.locate(from.seat).unwrap().0,
            from.area,
            "{}",
            from.name
        );
        for to in DELTA.cities() {
            let time = travel.travel_time(&usual, from.seat, to.seat);
            assert!(time.is_some(), "{} to {}", from.name, to.name);
        }
    }
}

#[test]
fn with_the_river_mouth_closed_shenzhen_to_zhongshan_takes_forty_minutes_more() {
    let mut travel = DELTA.travel();
    let open = minutes(&mut travel, &DELTA.roads().usual(), SHENZHEN, ZHONGSHAN);
    let shut = minutes(&mut travel, &closed(&RIVER_MOUTH), SHENZHEN, ZHONGSHAN);
    assert!(shut >= open + 40, "open {open} min, closed {shut} min");
}

#[test]
fn no_way_takes_less_than_the_least_that_is_told_without_a_search() {
    let travel = SharedTravel::new(DELTA.travel());
    let usual = DELTA.roads().usual();
    let places: Vec<Point> = DELTA.places().iter().map(|place| place.point).collect();
    let (mut pairs, mut shares) = (0_u32, 0_u64);
    for (number, from) in places.iter().enumerate() {
        // Near and far, and not the same ones for every place.
        for to in places.iter().skip(number % 7).step_by(23) {
            for kind in [Kind::FireRescue, Kind::Boat] {
                let Some(time) = travel.time_of(kind, &usual, *from, *to) else {
                    continue;
                };
                let least = travel.least(kind, *from, *to);
                assert!(least <= time, "{from:?} to {to:?}: {least:?}, {time:?}");
                pairs += 1;
                shares += u64::from(least.0) * 100 / u64::from(time.0.max(1));
            }
        }
    }
    // A bound that says nothing would hold too.
    assert!(
        pairs > 1_000 && shares / u64::from(pairs) > 20,
        "{pairs} {shares}"
    );
}

#[test]
fn in_september_2018_the_later_links_are_not_there() {
    let month: Month = "2018-09".parse().unwrap();
    let mut past = DELTA.roads().usual_in(month);
    let mut travel = DELTA.travel();
    let now = minutes(&mut travel, &DELTA.roads().usual(), SHENZHEN, ZHONGSHAN);
    let then = minutes(&mut travel, &past, SHENZHEN, ZHONGSHAN);
    assert!(then > now, "now {now} min, then {then} min");
    DELTA
        .roads()
        .set(&mut past, road("shenzhong"), None)
        .unwrap();
    assert_eq!(
        minutes(&mut travel, &past, SHENZHEN, ZHONGSHAN),
        then,
        "no order opens what is not built"
    );
}

#[test]
fn every_listed_crossing_has_edges_and_the_bridge_to_the_two_regions_is_closed_by_default() {
    for crossing in DELTA.crossings() {
        assert!(!DELTA.roads().edges_of(crossing.slug).unwrap().is_empty());
    }
    let usual = DELTA.roads().usual();
    let bridge = DELTA.roads().edges_of(road("hzmb")).unwrap()[0];
    assert_eq!(usual.of(bridge), Some(Condition::Closed));
}

#[test]
fn each_sea_crossing_is_joined_to_a_motorway_or_trunk_road_at_both_ends() {
    let roads = DELTA.roads();
    for slug in ["humen", "nansha", "shenzhong", "hzmb", "huangmaohai"] {
        let crossing = roads.edges_of(road(slug)).unwrap()[0];
        let ends = [roads.edge(crossing).from, roads.edge(crossing).to];
        let joined = |end| {
            roads.edges().any(|(ix, edge)| {
                ix != crossing
                    && (edge.from == end || edge.to == end)
                    && edge.class <= RoadClass::Trunk
            })
        };
        let count = ends.into_iter().filter(|end| joined(*end)).count();
        // The far port of the bridge to the two regions is where the pack ends.
        assert_eq!(count, if slug == "hzmb" { 1 } else { 2 }, "{slug}");
    }
}

#[test]
fn a_misspelt_crossing_is_told_which_one_was_meant() {
    let error = DELTA.roads().edges_of(road("shenzong")).unwrap_err();
    assert!(
        error.to_string().contains("did you mean \"shenzhong\"?"),
        "{error}"
    );
    assert!(DELTA.roads().edges_of(road("e0")).is_ok());
    assert!(DELTA.roads().edges_of(road("e999999")).is_err());
}

#[test]
fn the_outlines_lie_in_the_frame_and_the_fine_ones_are_finer() {
    let count = |detail| {
        DELTA
            .outline(detail)
            .iter()
            .flat_map(|outline| &outline.rings)
            .map(Vec::len)
            .sum::<usize>()
    };
    assert!(count(Detail::Fine) > 2 * count(Detail::Coarse));
    for outline in DELTA.outline(Detail::Fine) {
        for ring in &outline.rings {
            assert_eq!(ring.first(), ring.last());
            assert!(ring.iter().all(|point| DELTA.frame().contains(*point)));
        }
    }
    assert!(!DELTA.background().is_empty());
}

#[test]
fn the_offices_of_a_circle_know_each_other() {
    let party: PartyId = "440400".parse().unwrap();
    let others: Vec<&str> = DELTA
        .circle_of(party)
        .iter()
        .map(|office| office.short.en.as_str())
        .collect();
    assert_eq!(others, ["JM", "ZS"]);
    assert_eq!(
        DELTA.office_with(Role::Met).unwrap().party.as_str(),
        "440000-met"
    );
}

#[test]
fn loading_twice_gives_the_same_travel_times() {
    let again = Region::built_in("prd").unwrap();
    let usual = DELTA.roads().usual();
    for (end, _) in DELTA.roads().nodes().step_by(97) {
        let mut one = DELTA.roads().times_to(&usual, end);
        let mut other = again.roads().times_to(&usual, end);
        for (node, _) in DELTA.roads().nodes() {
            assert_eq!(
                one.from(DELTA.roads(), node),
                other.from(again.roads(), node)
            );
        }
    }
}

#[test]
fn a_seat_is_within_a_few_kilometres_of_a_road() {
    let mut travel = DELTA.travel();
    for office in DELTA.cities() {
        let access = travel.access(office.seat).unwrap();
        let node = DELTA.roads().node(access.doors()[0].node).point;
        assert!(
            DELTA.distance(office.seat, node) < Meters(5_000),
            "{}",
            office.name
        );
        assert!(
            access.doors()[0].time < Deciseconds(9_000),
            "{} {access:?}",
            office.name
        );
    }
}
