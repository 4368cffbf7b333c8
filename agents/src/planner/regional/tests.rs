//! Two towns on a line.

use protocol::{Audience, Kind, Moment, PartyId, Point, Resource, Severity, Span};

use super::*;
use crate::barred::{Bar, Barred};
use crate::board::{Idle, Reserve, Store, When};

const WEST: &str = "440100";
const EAST: &str = "440300";

fn party(name: &str) -> PartyId {
    name.parse().unwrap()
}

/// A fire crew at a place on a line on which a degree takes a minute.
fn crew(id: &str, at: i32) -> Resource {
    let body = serde_json::json!({
        "resource": id, "kind": Kind::FireRescue, "name": id, "also": [], "grade": 2,
        "readiness": 0, "home": "station-1", "point": Point(at, 0), "quantity": 1,
    });
    serde_json::from_value(body).unwrap()
}

/// So much sand at a place.
fn sand(id: &str, at: i32, quantity: u32) -> Resource {
    Resource {
        kind: Kind::Sandbag,
        quantity,
        ..crew(id, at)
    }
}

/// A need for so much sand at a place.
fn for_sand(of: &str, number: u32, at: i32, open: u32) -> Slot {
    Slot {
        kind: Kind::Sandbag,
        open,
        ..need(of, number, at, 9)
    }
}

fn need(of: &str, number: u32, at: i32, minute: u64) -> Slot {
    Slot {
        need: format!("{of}-1-{number}").parse().unwrap(),
        kind: Kind::FireRescue,
        open: 1,
        severity: Severity::Serious,
        asked_at: Moment(0) + Span::minutes(minute),
        to: Point(at, 0),
        stands_by: false,
        audience: Audience::Region,
        widened_at: Moment(0),
    }
}

struct OnALine;

impl Ways for OnALine {
    fn eta(&mut self, unit: &Idle<'_>, to: Point) -> Option<Deciseconds> {
        Some(self.least(unit, to))
    }

    fn least(&self, unit: &Idle<'_>, to: Point) -> Deciseconds {
        Deciseconds(unit.point.0.abs_diff(to.0) * 600)
    }
}

/// Pairs that people declined: in these towns one.
fn barred() -> Barred {
    let mut barred = Barred::default();
    let (need, unit) = ("440100-1-99", "440100-fire-rescue-1");
    barred.pair(need.parse().unwrap(), unit.parse().unwrap(), Bar::Declined);
    barred
}

/// What is known of both towns.
fn whole<'a>(
    us: PartyId,
    all: &[(PartyId, Idle<'a>)],
    (slots, floors): (&[Slot], &BTreeMap<(PartyId, Kind), u32>),
) -> Whole<'a> {
    let is_unit = |kind: Kind| kind.form() == Form::Unit;
    let (slots, amounts) = slots.iter().cloned().partition(|it| is_unit(it.kind));
    let units = all.iter().filter(|(_, unit)| is_unit(unit.resource.kind));
    let stores = all.iter().filter(|(_, it)| !is_unit(it.resource.kind));
    Whole {
        us,
        slots,
        amounts,
        floors: floors.clone(),
        units: units
            .map(|(owner, unit)| Reserve {
                owner: *owner,
                unit: *unit,
                when: When::Now,
            })
            .collect(),
        stores: stores
            .map(|(owner, stock)| Store {
                owner: *owner,
                stock: *stock,
            })
            .collect(),
        as_of: Moment(0) + Span::minutes(10),
        roads: 0,
    }
}

/// What an office does of a policy's plan, each step in short.
fn steps(
    policy: &mut dyn Policy,
    us: &str,
    units: &[(&str, Resource)],
    (slots, keep): (&[Slot], u32),
) -> Vec<String> {
    let all = units.iter().map(|(owner, resource)| {
        let idle = Idle {
            resource,
            point: resource.point,
            quantity: resource.quantity,
            freed: false,
            stands_by: false,
        };
        (party(owner), idle)
    });
    let all: Vec<_> = all.collect();
    let us = party(us);
    let ours = |slot: &&Slot| slot.need.author == us;
    let kinds = units.iter();
    let kinds = kinds.map(|(owner, resource)| ((party(owner), resource.kind), keep));
    let floors: BTreeMap<(PartyId, Kind), u32> = kinds.collect();
    let own = all.iter().filter(|(owner, _)| *owner == us);
    let own_floors = floors.iter().filter(|((owner, _), _)| *owner == us);
    let own_floors = own_floors.map(|((_, kind), keep)| (*kind, *keep)).collect();
    let mut board = Board {
        now: Moment(0) + Span::minutes(10),
        own: slots.iter().filter(ours).cloned().collect(),
        asked: slots.iter().filter(|it| !ours(it)).cloned().collect(),
        idle: own.map(|(_, idle)| *idle).collect(),
        floors: &own_floors,
        window: Span::minutes(1),
        ways: &mut OnALine,
        barred: &barred(),
        whole: Some(whole(us, &all, (slots, &floors))),
    };
    let moves = policy.plan(&mut board);
    moves.iter().map(in_short).collect()
}

fn in_short(step: &Move) -> String {
    match step {
        Move::Commit {
            need,
            resource,
            quantity,
            ..
        } => format!("{}{resource} serves {need}", amount(*quantity)),
        Move::Offer {
            need,
            resource,
            quantity,
            ..
        } => format!("{}{resource} is offered to {need}", amount(*quantity)),
        Move::Widen { need, .. } => format!("{need} asks all"),
        Move::Decline { need, reason } => format!("{need} is declined, {reason}"),
        Move::Turn { need, resource, .. } => format!("{resource} is turned to {need}"),
        Move::GiveUp { need, .. } => format!("{need} gives up what it was offered"),
        Move::Recall { aid } => format!("{aid} is called home"),
    }
}

fn amount(quantity: u32) -> String {
    match quantity {
        1 => String::new(),
        many => format!("{many} of "),
    }
}

#[test]
fn two_offices_that_know_the_same_do_two_parts_of_one_plan() {
    // The western crew is the nearest to both calls; the eastern one can only reach the eastern in time.
    let units = [(WEST, crew("w", 10)), (EAST, crew("e", 14))];
    let slots = [need(WEST, 1, 0, 9), need(EAST, 1, 11, 8)];
    let west = steps(
        &mut Regional::new(Planning::Batch),
        WEST,
        &units,
        (&slots, 0),
    );
    let east = steps(
        &mut Regional::new(Planning::Batch),
        EAST,
        &units,
        (&slots, 0),
    );
    assert_eq!(west, ["w serves 440100-1-1"]);
    assert_eq!(east, ["e serves 440300-1-1"]);
}

#[test]
fn whoever_takes_calls_as_they_come_gives_the_first_the_nearest() {
    let units = [(WEST, crew("w", 10)), (EAST, crew("e", 14))];
    let slots = [need(WEST, 1, 0, 9), need(EAST, 1, 11, 8)];
    let west = steps(
        &mut Regional::new(Planning::Nearest),
        WEST,
        &units,
        (&slots, 0),
    );
    let east = steps(
        &mut Regional::new(Planning::Nearest),
        EAST,
        &units,
        (&slots, 0),
    );
    assert_eq!(west, ["w is offered to 440300-1-1"]);
    assert_eq!(east, ["e is offered to 440100-1-1"]);
}

#[test]
fn a_need_that_a_neighbour_serves_best_asks_and_is_offered_to() {
    let units = [(WEST, crew("w", 10)), (EAST, crew("e", 1))];
    let mut asked = need(WEST, 1, 0, 9);
    asked.audience = Audience::Own;
    for policy in [
        &mut Regional::new(Planning::Batch),
        &mut Regional::new(Planning::Nearest),
    ] {
        let west = steps(policy, WEST, &units, (&[asked.clone()], 0));
        assert_eq!(west, ["440100-1-1 asks all"]);
        let east = steps(policy, EAST, &units, (&[asked.clone()], 0));
        assert_eq!(east, ["e is offered to 440100-1-1"]);
    }
}

#[test]
fn what_an_owner_never_lends_is_lent_under_no_policy() {
    let units = [(EAST, crew("e", 1))];
    let slots = [need(WEST, 1, 0, 9)];
    for policy in [
        &mut Regional::new(Planning::Batch),
        &mut Regional::new(Planning::Nearest),
    ] {
        assert!(steps(policy, EAST, &units, (&slots, 1)).is_empty());
    }
}

#[test]
fn a_unit_that_people_declined_for_a_need_serves_it_under_no_policy() {
    let units = [
        (WEST, crew("440100-fire-rescue-1", 10)),
        (WEST, crew("440100-fire-rescue-2", 14)),
    ];
    let slots = [need(WEST, 99, 9, 9)];
    for planning in [Planning::OwnFirst, Planning::Nearest, Planning::Batch] {
        let mut policy = crate::planner::policy(planning);
        // Twice: what is declined stays so in a problem that stands.
        for _ in 0..2 {
            let west = steps(policy.as_mut(), WEST, &units, (&slots, 0));
            assert_eq!(
                west,
                ["440100-fire-rescue-2 serves 440100-1-99"],
                "{planning}"
            );
        }
    }
}

#[test]
fn stocks_are_divided_as_it_spares_most_harm_and_each_office_gives_its_own() {
    // The western need is nearer to both stocks; only the western stock is near to the eastern one.
    let units = [(WEST, sand("w", 20, 400)), (EAST, sand("e", -21, 400))];
    let slots = [for_sand(WEST, 1, 0, 500), for_sand(EAST, 1, 30, 200)];
    for planning in [Planning::Batch, Planning::LookAhead, Planning::Replan] {
        let part = |us| steps(&mut Regional::new(planning), us, &units, (&slots, 0));
        assert_eq!(
            part(WEST),
            [
                "200 of w serves 440100-1-1",
                "200 of w is offered to 440300-1-1"
            ]
        );
        assert_eq!(part(EAST), ["300 of e is offered to 440100-1-1"]);
    }
    let own_first = steps(
        &mut Regional::new(Planning::Nearest),
        WEST,
        &units,
        (&slots, 0),
    );
    assert_eq!(own_first[0], "400 of w serves 440100-1-1");
}

#[test]
fn a_need_that_the_plan_serves_from_elsewhere_asks_at_once() {
    let units = [(EAST, sand("e", 10, 400))];
    let mut asked = for_sand(WEST, 1, 0, 500);
    asked.audience = Audience::Own;
    let policy = &mut Regional::new(Planning::Batch);
    let west = steps(policy, WEST, &units, (&[asked.clone()], 0));
    assert_eq!(west, ["440100-1-1 asks all"]);
    let east = steps(policy, EAST, &units, (&[asked], 0));
    assert_eq!(east, ["400 of e is offered to 440100-1-1"]);
}

#[test]
fn who_can_give_nothing_of_a_stock_says_why() {
    let slots = [for_sand(WEST, 1, 0, 500)];
    let told = |units: &[(&'static str, Resource)], keep| {
        let policy = &mut Regional::new(Planning::Batch);
        steps(policy, EAST, units, (&slots, keep))
    };
    assert_eq!(told(&[], 0), ["440100-1-1 is declined, busy"]);
    let some = [(EAST, sand("e", 10, 400))];
    assert_eq!(
        told(&some, 100),
        ["300 of e is offered to 440100-1-1"],
        "above the floor"
    );
    assert_eq!(told(&some, 400), ["440100-1-1 is declined, keep-home"]);
    let far = [(EAST, sand("e", 1_000, 400))];
    assert_eq!(told(&far, 0), ["440100-1-1 is declined, unreachable"]);
    // What others serve is not declined by whoever is not needed.
    let enough = [(WEST, sand("w", 0, 500)), (EAST, sand("e", 10, 400))];
    assert_eq!(told(&enough, 0), Vec::<String>::new());
}

#[test]
fn a_stock_that_people_declined_for_a_need_does_not_serve_it() {
    let units = [
        (WEST, sand("440100-fire-rescue-1", 10, 90)),
        (WEST, sand("440100-fire-rescue-2", 14, 90)),
    ];
    let slots = [for_sand(WEST, 99, 9, 90)];
    let policy = &mut Regional::new(Planning::Replan);
    let west = steps(policy, WEST, &units, (&slots, 0));
    assert_eq!(west, ["90 of 440100-fire-rescue-2 serves 440100-1-99"]);
}
