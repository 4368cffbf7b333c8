//! Aid: asked in rings, offered under a hold, accepted, committed by the owner alone.

use protocol::{Action, Audience, Body, DeclineReason, Kind, Severity, Span, UnitState};

use crate::bus::Region;
use crate::cast::{FIRST, PROVINCE, SECOND, Setting, THIRD, WATCHER, party, unit_id};

fn rings(region: &Region, office: &str) -> Vec<Audience> {
    let own = region.own(office).into_iter();
    let widened = own.filter_map(|entry| match entry.body() {
        Some(Body::AidRequestUpdate(change)) => Some(change.audience),
        _ => None,
    });
    widened.collect()
}

#[test]
fn a_city_that_runs_short_asks_for_exactly_what_is_missing_its_circle_first() {
    let mut region = Region::up(Setting::crews(1, 2, 2));
    region.call(FIRST, "call-1", 3);
    region.run(Span::minutes(2));
    let need = region.needs(FIRST)[0];
    assert_eq!(rings(&region, FIRST), [Audience::Circle]);
    assert_eq!(
        region.count(SECOND, "aid-commit"),
        2,
        "the circle has what is missing"
    );
    assert_eq!(
        region.count(THIRD, "aid-offer"),
        0,
        "the other circle was not asked"
    );
    let coverage = region.coverage(FIRST, need);
    assert_eq!((coverage.quantity, coverage.covered), (3, 3));
    region.is_sound();
}

#[test]
fn what_the_circle_cannot_give_the_region_is_asked_for() {
    let mut region = Region::up(Setting::crews(0, 1, 2));
    region.call(FIRST, "call-1", 3);
    region.run(Span::seconds(25));
    assert_eq!(rings(&region, FIRST), [Audience::Circle]);
    region.run(Span::minutes(2));
    assert_eq!(rings(&region, FIRST), [Audience::Circle, Audience::Region]);
    assert_eq!(region.count(SECOND, "aid-commit"), 1);
    assert_eq!(region.count(THIRD, "aid-commit"), 2);
    region.is_sound();
}

#[test]
fn lent_units_arrive_work_and_are_released_by_the_asker() {
    let mut region = Region::up(Setting::crews(0, 1, 0));
    region.call(FIRST, "call-1", 1);
    region.run_until("the commitment", |region| {
        region.count(SECOND, "aid-commit") == 1
    });
    let need = region.needs(FIRST)[0];
    region.run_until("the arrival", |region| {
        region.coverage(FIRST, need).delivered == 1
    });
    region.run_until("the return", |region| region.count(SECOND, "returned") == 1);
    assert_eq!(region.count(FIRST, "release"), 1);
    assert_eq!(region.count(SECOND, "return-ordered"), 1);
    assert_eq!(
        region.believed(SECOND, Kind::FireRescue, 1),
        UnitState::Available
    );
    region.is_sound();
}

#[test]
fn the_nearer_offer_is_taken_and_the_other_let_go() {
    let mut region = Region::up(Setting::crews(0, 1, 1));
    // The province asks nobody in particular: the first ring beyond itself is the region.
    region.call(THIRD, "call-1", 2);
    region.run(Span::minutes(3));
    assert_eq!(region.count(SECOND, "aid-commit"), 1);
    let mut region = Region::up(Setting::crews(1, 1, 0));
    region.call(THIRD, "call-1", 1);
    region.run(Span::minutes(3));
    assert_eq!(region.count(SECOND, "aid-commit"), 1, "twenty kilometres");
    assert_eq!(region.count(FIRST, "aid-commit"), 0, "forty");
    assert_eq!(region.count(THIRD, "aid-pass"), 1);
    assert_eq!(
        region.believed(FIRST, Kind::FireRescue, 1),
        UnitState::Available
    );
    region.is_sound();
}

#[test]
fn an_offer_and_an_accept_that_arrive_twice_are_committed_once() {
    let mut region = Region::up(Setting::crews(0, 2, 0));
    region.weather.twice = 100;
    region.call(FIRST, "call-1", 1);
    region.run(Span::minutes(3));
    assert_eq!(region.count(FIRST, "aid-accept"), 1);
    assert_eq!(region.count(SECOND, "aid-commit"), 1);
    assert_eq!(
        region.believed(SECOND, Kind::FireRescue, 2),
        UnitState::Available
    );
    region.is_sound();
}

#[test]
fn the_home_floor_is_never_lent() {
    let mut setting = Setting::crews(0, 2, 0);
    setting.floors.push((SECOND, Kind::FireRescue, 1));
    let mut region = Region::up(setting);
    region.call(FIRST, "call-1", 2);
    region.run(Span::minutes(5));
    assert_eq!(region.count(SECOND, "aid-commit"), 1);
    let picture = region.office(FIRST).picture();
    let need = region.needs(FIRST)[0];
    let said = picture.state(party(SECOND)).unwrap().declined[&need];
    assert_eq!(said, DeclineReason::KeepHome);
    // At home the floor is there to be used.
    region.call(SECOND, "call-2", 1);
    region.run(Span::seconds(5));
    assert_eq!(region.count(SECOND, "aid-commit"), 2);
    region.is_sound();
}

#[test]
fn who_has_nothing_of_the_kind_says_so_and_who_is_busy_says_that() {
    let mut region = Region::up(Setting::crews(0, 1, 0));
    region.call(SECOND, "call-1", 1);
    region.run(Span::seconds(5));
    region.call(FIRST, "call-2", 1);
    region.run(Span::minutes(2));
    let picture = region.office(FIRST).picture();
    let need = region.needs(FIRST)[0];
    let said = |office| {
        picture
            .state(party(office))
            .unwrap()
            .declined
            .get(&need)
            .copied()
    };
    assert_eq!(said(SECOND), Some(DeclineReason::Busy));
    assert_eq!(said(THIRD), Some(DeclineReason::None));
    assert_eq!(said(PROVINCE), Some(DeclineReason::None));
    assert!(
        picture.state(party(WATCHER)).is_none(),
        "an observer says nothing"
    );
    // The busy one lends its unit once it is home, though it declined before.
    region.run_until("the loan", |region| region.count(SECOND, "aid-commit") == 2);
    region.is_sound();
}

#[test]
fn an_office_that_declined_offers_after_all_when_its_own_call_is_over() {
    let mut region = Region::up(Setting::crews(0, 1, 0));
    region.call(SECOND, "call-1", 2);
    region.run(Span::minutes(2));
    region.call(FIRST, "call-2", 1);
    region.run(Span::minutes(1));
    assert_eq!(
        region.count(SECOND, "aid-offer"),
        0,
        "its own call waits for one more"
    );
    region.over(SECOND, "call-1");
    region.run_until("the loan", |region| region.count(SECOND, "aid-offer") == 1);
    region.is_sound();
}

#[test]
fn a_unit_repaired_by_hand_serves_the_need_that_waited() {
    let mut region = Region::up(Setting::crews(0, 1, 0));
    let unit = unit_id(SECOND, Kind::FireRescue, 1);
    let state = |state| Action::UnitStatus {
        unit,
        state,
        caller: "garage".into(),
        called_at: None,
    };
    region.done(SECOND, "r-1", state(UnitState::OutOfService));
    region.call(FIRST, "call-1", 1);
    region.run(Span::minutes(5));
    assert_eq!(region.count(SECOND, "aid-offer"), 0);
    region.done(SECOND, "r-2", state(UnitState::Available));
    region.run_until("the loan", |region| region.count(SECOND, "aid-commit") == 1);
    region.is_sound();
}

#[test]
fn the_gravest_need_is_served_first_with_what_is_lent() {
    let mut region = Region::up(Setting::crews(0, 1, 0));
    region.cut(&Region::indexes(&[SECOND]), &Region::others(&[SECOND]));
    let mut mild = crate::people::call(FIRST, "call-1", 1, region.now);
    mild.severity = Severity::Minor;
    let mut grave = crate::people::call(FIRST, "call-2", 1, region.now);
    grave.severity = Severity::Critical;
    for call in [mild, grave] {
        let report = protocol::FieldReport::Call(Box::new(call));
        region.report(crate::cast::GROUND, FIRST, report);
        region.run(Span::seconds(5));
    }
    region.heal();
    region.run_until("the loan", |region| region.count(SECOND, "aid-commit") == 1);
    let needs = region.needs(FIRST);
    region.run(Span::seconds(5));
    let covered = needs
        .iter()
        .map(|need| region.coverage(FIRST, *need).covered);
    assert_eq!(covered.collect::<Vec<_>>(), [0, 1]);
}

#[test]
fn a_stock_serves_a_need_from_home_and_from_elsewhere() {
    let mut setting = Setting::crews(0, 0, 0);
    setting.stocks = vec![(FIRST, Kind::Sandbag, 300), (SECOND, Kind::Sandbag, 900)];
    setting.floors.push((SECOND, Kind::Sandbag, 500));
    let mut region = Region::up(setting);
    let mut flood = crate::people::call(FIRST, "call-1", 1, region.now);
    flood.requires[0].kind = Kind::Sandbag;
    flood.requires[0].quantity = 1_000;
    let report = protocol::FieldReport::Call(Box::new(flood));
    region.report(crate::cast::GROUND, FIRST, report);
    region.run(Span::minutes(2));
    let need = region.needs(FIRST)[0];
    let coverage = region.coverage(FIRST, need);
    assert_eq!(
        coverage.covered, 700,
        "300 of its own and 400 above the floor"
    );
    region.over(FIRST, "call-1");
    region.run(Span::minutes(1));
    let state = region.office(FIRST).picture().state(party(SECOND)).unwrap();
    let sand = &state.holdings[&unit_id(SECOND, Kind::Sandbag, 1)];
    assert_eq!(sand.free(), 500, "what was used is gone");
    region.is_sound();
}
