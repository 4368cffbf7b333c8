//! Needs that nobody can serve are told with the reason, however odd they are.

use agents::planner::{Demand, Reason, Supply};
use protocol::{Deciseconds, Kind, Point, Severity};

use crate::world::{River, World, office};

fn unit(number: u64, kind: Kind) -> Supply {
    Supply {
        resource: format!("{}-u-{number}", office(1)).parse().unwrap(),
        owner: office(1),
        kind,
        also: Vec::new(),
        doing: agents::planner::Doing::default(),
    }
}

fn need(number: u64, quantity: u32) -> Demand {
    Demand {
        need: format!("{}-1-{number}", office(2)).parse().unwrap(),
        office: office(2),
        kind: Kind::Pump,
        quantity,
        severity: Severity::Serious,
        waited: Deciseconds(0),
        to: Point(900, 100),
    }
}

/// How many nobody serves, and why, with two pumps on the other side of the river.
fn reasons(quantity: u32, change: impl Fn(&mut World)) -> Vec<(u32, Reason)> {
    let mut world = World::new();
    world.offer(unit(1, Kind::Pump), Point(100, 100));
    world.offer(unit(2, Kind::Pump), Point(200, 100));
    world.ask(need(1, quantity));
    change(&mut world);
    let unserved = world.plan().unserved;
    let reasons = unserved.iter().map(|one| (one.quantity, one.reason));
    reasons.collect()
}

#[test]
fn each_reason_is_told() {
    assert_eq!(reasons(2, |_| ()), []);
    let nobody = reasons(3, |world| {
        world.offer(unit(1, Kind::Medical), Point(0, 0));
        world.offer(unit(2, Kind::Medical), Point(0, 0));
    });
    assert_eq!(nobody, [(3, Reason::NobodyHas)]);
    assert_eq!(reasons(5, |_| ()), [(3, Reason::TooFew { owned: 2 })]);
    let island = reasons(2, |world| world.river(River::Closed));
    assert_eq!(island, [(2, Reason::NoWay)]);
    let kept = reasons(2, |world| world.dispatch.keep(office(1), Kind::Pump, 9));
    assert_eq!(kept, [(2, Reason::KeptHome)]);
    let refused = reasons(1, |world| {
        for number in [1, 2] {
            let unit = unit(number, Kind::Pump).resource;
            world.dispatch.forbid(need(1, 1).need, unit);
        }
    });
    assert_eq!(refused, [(1, Reason::Forbidden)]);
    let elsewhere = reasons(1, |world| {
        let mut other = need(2, 2);
        other.severity = Severity::Critical;
        world.ask(other);
    });
    assert_eq!(elsewhere, [(1, Reason::Elsewhere)]);
}

#[test]
fn absurd_quantities_are_told_and_planned_as_far_as_there_are_units() {
    let absurd = reasons(u32::MAX, |world| {
        world.ask(need(2, 0));
        let mut old = need(3, u32::MAX);
        old.waited = Deciseconds(u32::MAX);
        world.ask(old);
    });
    let beyond = (u32::MAX - 2, Reason::TooFew { owned: 2 });
    assert_eq!(absurd[0], beyond);
    let elsewhere = absurd.iter().filter(|(_, why)| *why == Reason::Elsewhere);
    let elsewhere: u32 = elsewhere.map(|(quantity, _)| quantity).sum();
    assert_eq!(elsewhere, 2, "{absurd:?}");
}

#[test]
fn a_need_is_served_once_the_road_is_open_again() {
    let mut world = World::new();
    world.offer(unit(1, Kind::Pump), Point(100, 100));
    world.ask(need(1, 1));
    world.river(River::Closed);
    assert_eq!(world.plan().postings, []);
    world.river(River::Slow);
    assert_eq!(world.plan().postings.len(), 1);
}
