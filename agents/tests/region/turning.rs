//! Units on the road are turned where that pays, and who wants a lent one back is let have it.

use picture::AidState;
use protocol::{FieldReport, Kind, Planning, Point, Severity, Span, UnitState};

use crate::bus::Region;
use crate::cast::{FIRST, GROUND, SECOND, Setting, THIRD, party, seat, unit_id};
use crate::people::call;

/// A region in which every office plans so.
fn planning(planning: Planning, setting: Setting) -> Region {
    Region::up(Setting {
        planning,
        ..setting
    })
}

/// Somebody calls an office for a crew at a place of its own.
fn call_to(region: &mut Region, office: &str, name: &str, (at, severity): (Point, Severity)) {
    let mut call = call(office, name, 1, region.now);
    (call.point, call.severity) = (Some(at), severity);
    region.report(GROUND, office, FieldReport::Call(Box::new(call)));
}

/// A place so many kilometres east of an office.
fn east_of(office: &str, km: i32) -> Point {
    let Point(lon, lat) = seat(office);
    Point(lon + km * 10_000, lat)
}

/// The commitments of an office, in their order: which need each serves and where it stands.
fn aids(region: &Region, office: &str) -> Vec<(u32, AidState, bool)> {
    let state = region.office(office).picture().state(party(office));
    let aids = state.unwrap().aids.values();
    let mut aids: Vec<_> = aids
        .map(|aid| {
            let commit = &aid.commit;
            (
                commit.at,
                commit.need.number,
                aid.state,
                commit.turned_from.is_some(),
            )
        })
        .collect();
    aids.sort_unstable_by_key(|(at, ..)| *at);
    aids.into_iter()
        .map(|(_, need, state, turned)| (need, state, turned))
        .collect()
}

#[test]
fn a_crew_on_its_way_is_turned_to_a_graver_call_and_serves_the_first_afterwards() {
    let mut region = planning(Planning::Replan, Setting::crews(1, 0, 0));
    call_to(
        &mut region,
        FIRST,
        "far",
        (east_of(FIRST, 30), Severity::Minor),
    );
    region.run(Span::minutes(5));
    let unit = unit_id(FIRST, Kind::FireRescue, 1);
    assert_eq!(
        region.believed(FIRST, Kind::FireRescue, 1),
        UnitState::EnRouteOut
    );
    call_to(
        &mut region,
        FIRST,
        "near",
        (east_of(FIRST, 2), Severity::Critical),
    );
    region.run(Span::seconds(10));
    let turned = aids(&region, FIRST);
    assert_eq!(turned.len(), 2, "{turned:?}");
    assert_eq!(turned[0].1, AidState::Redirected);
    assert_eq!((turned[1].1, turned[1].2), (AidState::Live, true));
    assert_eq!(region.crews[&unit].served.len(), 2, "its crew obeyed");
    let open = |region: &Region, need| region.coverage(FIRST, need).open();
    let needs = region.needs(FIRST);
    assert_eq!((open(&region, needs[0]), open(&region, needs[1])), (1, 0));
    region.run(Span::minutes(30));
    region.over(FIRST, "near");
    region.run(Span::minutes(10));
    assert_eq!(open(&region, needs[0]), 0, "{}", region.story());
    assert_eq!(region.crews[&unit].served.len(), 3);
    region.is_sound();
}

#[test]
fn a_crew_that_is_there_already_or_nearly_is_not_turned() {
    let mut region = planning(Planning::Replan, Setting::crews(1, 0, 0));
    call_to(
        &mut region,
        FIRST,
        "far",
        (east_of(FIRST, 10), Severity::Serious),
    );
    region.run(Span::minutes(9));
    call_to(
        &mut region,
        FIRST,
        "near",
        (east_of(FIRST, 1), Severity::Serious),
    );
    region.run(Span::minutes(1));
    assert_eq!(aids(&region, FIRST).len(), 1);
    region.run(Span::minutes(5));
    assert_eq!(
        region.believed(FIRST, Kind::FireRescue, 1),
        UnitState::Working
    );
    assert_eq!(aids(&region, FIRST).len(), 1);
}

#[test]
fn an_asker_gives_up_a_lent_crew_that_its_owner_needs_more_and_it_turns() {
    let mut region = planning(Planning::Replan, Setting::crews(0, 1, 0));
    call_to(
        &mut region,
        FIRST,
        "far",
        (east_of(FIRST, 0), Severity::Minor),
    );
    region.run(Span::minutes(5));
    assert_eq!(
        region.believed(SECOND, Kind::FireRescue, 1),
        UnitState::EnRouteOut
    );
    call_to(
        &mut region,
        SECOND,
        "near",
        (east_of(SECOND, 1), Severity::Critical),
    );
    region.run(Span::minutes(3));
    let turned = aids(&region, SECOND);
    assert_eq!(turned.len(), 2, "{}", region.story());
    assert_eq!(turned[1].1, AidState::Live);
    // Crews here are home at once from a way that they did not finish, and go out again from there.
    let unit = unit_id(SECOND, Kind::FireRescue, 1);
    assert_eq!(region.crews[&unit].served.len(), 2);
    let need = region.needs(FIRST)[0];
    assert_eq!(
        region.coverage(FIRST, need).open(),
        1,
        "and the first asks again"
    );
    region.is_sound();
}

#[test]
fn whoever_looks_ahead_waits_for_a_near_crew_that_is_nearly_done_and_others_do_not() {
    for (policy, lent) in [(Planning::Batch, 1), (Planning::LookAhead, 0)] {
        let mut region = planning(policy, Setting::crews(1, 0, 1));
        call_to(
            &mut region,
            FIRST,
            "first",
            (east_of(FIRST, 0), Severity::Serious),
        );
        region.run(Span::minutes(19));
        assert_eq!(
            region.believed(FIRST, Kind::FireRescue, 1),
            UnitState::Working
        );
        call_to(
            &mut region,
            FIRST,
            "second",
            (east_of(FIRST, 1), Severity::Minor),
        );
        region.run(Span::seconds(20));
        let count = aids(&region, THIRD).len();
        assert_eq!(count, lent, "{policy}: {}", region.story());
    }
}

#[test]
fn every_policy_serves_what_can_be_served_and_commits_nothing_twice() {
    for policy in Planning::ALL {
        let mut region = planning(*policy, Setting::crews(2, 2, 2));
        for (office, name, crews) in [(FIRST, "a", 3), (SECOND, "b", 2), (THIRD, "c", 1)] {
            region.call(office, name, crews);
            region.run(Span::minutes(2));
        }
        region.run(Span::minutes(60));
        for office in [FIRST, SECOND, THIRD] {
            let need = region.needs(office)[0];
            let coverage = region.coverage(office, need);
            assert_eq!(
                coverage.delivered, coverage.quantity,
                "{policy} at {office}"
            );
        }
        region.is_sound();
        assert!(region.all_are_equal(), "{policy}");
    }
}
