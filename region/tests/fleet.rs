//! Demo fleets: invented, always alike, on their own ground, within reach.

use protocol::{Form, Kind, PartyId, Point};
use region::{Region, demo_fleet, home_floors};

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
    let region = Region::built_in("trio").unwrap();
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
