//! A9: an asker wants a unit for longer, and its owner says how long it stays.

use protocol::{Action, AidId, AidListing, Body, Moment, Outcome, Span};

use crate::bus::Region;
use crate::cast::{FIRST, SECOND, Setting, THIRD};

/// A town with a unit of its neighbour's, and the commitment.
fn lent() -> (Region, AidId) {
    let mut region = Region::up(Setting::crews(0, 1, 0));
    region.call(FIRST, "call-1", 1);
    region.run_until("the commitment", |region| {
        region.count(SECOND, "aid-commit") == 1
    });
    region.run(Span::seconds(2));
    let aid = region
        .own(SECOND)
        .into_iter()
        .find_map(|it| match it.body() {
            Some(Body::AidCommit(commit)) => Some(commit.aid),
            _ => None,
        });
    (region, aid.unwrap())
}

fn extend(aid: AidId, until: Option<Moment>) -> Action {
    Action::Extend { aid, until }
}

/// The commitment as an office lists it.
fn listed(region: &mut Region, office: &str, name: &str) -> AidListing {
    let Outcome::Needs { needs, .. } = region.act(office, name, Action::Needs) else {
        unreachable!("needs are listed");
    };
    needs[0].aids[0].clone()
}

#[test]
fn an_asker_asks_and_the_owner_agrees_or_refuses_and_both_see_it() {
    let (mut region, aid) = lent();
    let until = region.now + Span::hours(2);
    region.done(FIRST, "r-1", extend(aid, Some(until)));
    region.run(Span::seconds(2));
    for (office, name) in [(FIRST, "n-1"), (SECOND, "n-2")] {
        let seen = listed(&mut region, office, name);
        assert_eq!((seen.asked_until, seen.until), (Some(until), None));
    }
    let told = region.already(FIRST, "r-2", extend(aid, Some(until)));
    assert!(
        told.contains("was asked to last until then already"),
        "{told}"
    );

    region.done(SECOND, "r-3", extend(aid, None));
    region.run(Span::seconds(2));
    let seen = listed(&mut region, FIRST, "n-3");
    assert!(seen.refused && seen.until.is_none());

    let sooner = until.0 - Span::hours(1).0;
    region.done(SECOND, "r-4", extend(aid, Some(Moment(sooner))));
    region.run(Span::seconds(2));
    let seen = listed(&mut region, FIRST, "n-4");
    assert_eq!((seen.until, seen.refused), (Some(Moment(sooner)), false));
    let told = region.already(SECOND, "r-5", extend(aid, Some(Moment(sooner))));
    assert!(told.contains("was answered so already"), "{told}");
    region.is_sound();
}

#[test]
fn whoever_is_not_asked_or_does_not_ask_is_told_so() {
    let (mut region, aid) = lent();
    let until = Some(region.now + Span::hours(2));
    let told = region.refused(SECOND, "r-1", extend(aid, until));
    assert!(told.contains("has not asked"), "{told}");
    let told = region.refused(FIRST, "r-2", extend(aid, None));
    assert!(told.contains("for how long"), "{told}");
    let told = region.refused(THIRD, "r-3", extend(aid, until));
    assert!(told.contains("is between"), "{told}");
    let past = Some(Moment(region.now.0 - Span::seconds(1).0));
    let told = region.refused(FIRST, "r-4", extend(aid, past));
    assert!(told.contains("is past"), "{told}");
    let unknown = AidId { number: 99, ..aid };
    let told = region.refused(FIRST, "r-5", extend(unknown, until));
    assert!(told.contains("no commitment"), "{told}");
}

#[test]
fn one_s_own_unit_at_one_s_own_need_is_asked_of_nobody_and_one_that_left_stays_no_longer() {
    let mut region = Region::up(Setting::crews(1, 0, 0));
    region.call(FIRST, "call-1", 1);
    region.run(Span::minutes(1));
    let aid = region
        .own(FIRST)
        .into_iter()
        .find_map(|it| match it.body() {
            Some(Body::AidCommit(commit)) => Some(commit.aid),
            _ => None,
        });
    let until = Some(region.now + Span::hours(2));
    let told = region.refused(FIRST, "r-1", extend(aid.unwrap(), until));
    assert!(told.contains("nobody is asked"), "{told}");

    let (mut region, aid) = lent();
    region.over(FIRST, "call-1");
    region.run_until("the return", |region| region.count(SECOND, "returned") == 1);
    region.run(Span::seconds(2));
    let until = Some(region.now + Span::hours(2));
    let told = region.already(FIRST, "r-1", extend(aid, until));
    assert!(told.contains("serves"), "{told}");
}
