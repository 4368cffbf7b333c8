//! Holds, accepts and commitments when links are cut, owners fall silent and units are lost.

use picture::OfferState;
use protocol::{Action, Body, Direct, Kind, RefusalReason, Span, UnitState};

use crate::bus::Region;
use crate::cast::{FIRST, SECOND, Setting, THIRD, unit_id};

#[test]
fn an_accept_after_the_hold_expired_is_refused() {
    let mut region = offered_and_cut(Setting::crews(0, 1, 0));
    region.run(Span::minutes(4));
    assert_eq!(region.count(FIRST, "aid-accept"), 1, "accepted, unheard");
    assert_eq!(region.count(SECOND, "aid-offer-end"), 1, "the hold is over");
    region.heal();
    region.run_until("the refusal", |region| {
        region.count(SECOND, "aid-commit-refused") == 1
    });
    let reason = region
        .own(SECOND)
        .into_iter()
        .find_map(|entry| match entry.body() {
            Some(Body::AidCommitRefused(refused)) => Some(refused.reason),
            _ => None,
        });
    assert_eq!(reason, Some(RefusalReason::HoldExpired));
    // The need is not forgotten: the unit is offered again, and this time it goes.
    region.run_until("the second try", |region| {
        region.count(SECOND, "aid-commit") == 1
    });
    region.is_sound();
}

#[test]
fn a_slot_whose_owner_fell_silent_is_served_by_another() {
    let mut setting = Setting::crews(0, 1, 0);
    setting.units.push((THIRD, Kind::FireRescue, 1));
    let mut region = offered_and_cut(setting);
    // Accepted, and never answered. The third city is asked once the hold must be over.
    region.run(Span::minutes(3));
    assert_eq!(region.count(THIRD, "aid-offer"), 0);
    region.run_until("the third city", |region| {
        region.count(THIRD, "aid-commit") == 1
    });
    let need = region.needs(FIRST)[0];
    assert_eq!(region.coverage(FIRST, need).covered, 1);
    assert_eq!(
        region.count(FIRST, "aid-pass"),
        1,
        "the silent one is given up"
    );
    region.heal();
    region.run(Span::minutes(3));
    assert_eq!(region.count(SECOND, "aid-commit"), 0);
    assert_eq!(region.coverage(SECOND, need).covered, 1);
    region.is_sound();
}

#[test]
fn a_unit_committed_behind_a_cut_for_a_slot_that_was_given_up_is_released() {
    let mut region = Region::up(Setting::crews(0, 1, 1));
    region.call(FIRST, "call-1", 1);
    region.run_until("the offer", |region| region.count(SECOND, "aid-offer") == 1);
    let need = region.needs(FIRST)[0];
    let second = Region::index(SECOND);
    // Nothing leaves the second city any more; it still hears.
    region.mute(second);
    region.run_until("the commitment", |region| {
        region.count(SECOND, "aid-commit") == 1
    });
    region.run_until("the third city", |region| {
        region.count(THIRD, "aid-commit") == 1
    });
    region.heal();
    region.run_until("the release", |region| region.count(FIRST, "release") >= 1);
    assert_eq!(
        region.coverage(FIRST, need).covered,
        1,
        "the surplus never counts"
    );
    region.run_until("home", |region| region.count(SECOND, "returned") == 1);
    region.is_sound();
}

#[test]
fn when_a_lent_unit_is_lost_its_need_is_open_again() {
    let mut region = Region::up(Setting::crews(0, 2, 0));
    region.call(FIRST, "call-1", 1);
    region.run_until("the commitment", |region| {
        region.count(SECOND, "aid-commit") == 1
    });
    region.run(Span::seconds(30));
    let unit = unit_id(SECOND, Kind::FireRescue, 1);
    let lost = Action::UnitStatus {
        unit,
        state: UnitState::Lost,
        caller: "police".into(),
        called_at: None,
    };
    region.done(SECOND, "r-1", lost);
    region.run_until("another", |region| region.count(SECOND, "aid-commit") == 2);
    let need = region.needs(FIRST)[0];
    region.run(Span::seconds(5));
    assert_eq!(region.coverage(FIRST, need).covered, 1);
    region.is_sound();
}

#[test]
fn a_held_unit_that_is_lost_is_refused_and_not_promised() {
    let mut region = offered_and_cut(Setting::crews(0, 1, 0));
    let unit = unit_id(SECOND, Kind::FireRescue, 1);
    let lost = Action::UnitStatus {
        unit,
        state: UnitState::Lost,
        caller: "police".into(),
        called_at: None,
    };
    region.done(SECOND, "r-1", lost);
    region.run(Span::minutes(1));
    region.heal();
    region.run_until("the refusal", |region| {
        region.count(SECOND, "aid-commit-refused") == 1
    });
    assert_eq!(region.count(SECOND, "aid-commit"), 0);
    region.is_sound();
}

#[test]
fn after_a_partition_heals_no_unit_serves_two_incidents() {
    // Two askers on two sides of a cut, and one unit that both want: the owner stands on one side.
    let mut region = Region::up(Setting::crews(0, 1, 0));
    region.call(FIRST, "call-1", 1);
    region.call(THIRD, "call-2", 1);
    region.run(Span::seconds(40));
    region.cut(&Region::indexes(&[THIRD]), &Region::others(&[THIRD]));
    region.run(Span::minutes(30));
    region.heal();
    region.run(Span::minutes(90));
    let crew = &region.crews[&unit_id(SECOND, Kind::FireRescue, 1)];
    assert_eq!(crew.served.len(), 2, "one after the other");
    assert_eq!(region.count(SECOND, "aid-commit"), 2);
    let both = [FIRST, THIRD].map(|office| region.coverage(office, region.needs(office)[0]));
    assert!(
        both.iter().all(|coverage| coverage.covered == 1),
        "{both:?}"
    );
    assert!(region.all_are_equal());
    region.is_sound();
}

#[test]
fn a_lost_order_is_repeated_until_the_terminal_echoes_it() {
    let mut region = Region::up(Setting::crews(1, 0, 0));
    let is_order = |body: &Direct| matches!(body, Direct::Order(_));
    region.weather.loss = 100;
    let call = crate::people::call(FIRST, "call-1", 1, region.now);
    let report = protocol::FieldReport::Call(Box::new(call));
    region.weather.loss = 0;
    region.report(crate::cast::GROUND, FIRST, report);
    region.run(Span::millis(21));
    region.weather.loss = 100;
    region.run(Span::minutes(3));
    assert_eq!(region.count(FIRST, "aid-commit"), 1);
    let sent = region.said_of(FIRST, is_order);
    assert!((3..=4).contains(&sent), "{sent} orders in three minutes");
    assert_eq!(region.crews[&unit_id(FIRST, Kind::FireRescue, 1)].orders, 0);
    region.weather.loss = 0;
    region.run(Span::minutes(2));
    let sent = region.said_of(FIRST, is_order);
    region.run(Span::minutes(4));
    assert_eq!(
        region.said_of(FIRST, is_order),
        sent,
        "echoed and not said again"
    );
    assert_eq!(
        region.believed(FIRST, Kind::FireRescue, 1),
        UnitState::Working
    );
    region.is_sound();
}

#[test]
fn an_operator_may_take_an_offer_before_the_window_is_over() {
    let mut region = offered_and_cut(Setting::crews(0, 1, 0));
    region.heal();
    let need = region.needs(FIRST)[0];
    let offer = region
        .office(FIRST)
        .picture()
        .offers_for(need)
        .next()
        .unwrap()
        .offer
        .offer;
    region.done(FIRST, "r-1", Action::Accept { offer });
    region.run(Span::seconds(2));
    let known = region.office(FIRST).picture().offer(offer).unwrap();
    assert_eq!(known.state, OfferState::Committed);
    region.is_sound();
}

/// The first city has asked and the second has offered; then they are cut from each other.
fn offered_and_cut(setting: Setting) -> Region {
    let mut region = Region::up(setting);
    region.call(FIRST, "call-1", 1);
    region.run_until("the offer", |region| {
        let need = region.needs(FIRST).first().copied();
        need.is_some_and(|need| {
            region
                .office(FIRST)
                .picture()
                .offers_for(need)
                .next()
                .is_some()
        })
    });
    region.cut(&Region::indexes(&[SECOND]), &Region::others(&[SECOND]));
    region
}
