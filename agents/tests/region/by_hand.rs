//! What operators do by hand with units, reports and the home floor, and what comes of it.

use protocol::{
    Action, Audience, Body, Direct, Kind, Level, ReportKind, Span, StatusSource, UnitState,
};

use crate::bus::Region;
use crate::cast::{FIRST, SECOND, Setting, party, unit_id};
use crate::command::busy;
use crate::command::follow_up;

#[test]
fn a_dispatcher_enters_by_proxy_what_a_unit_without_a_terminal_does() {
    let mut region = busy();
    let pump = unit_id(FIRST, Kind::Pump, 1);
    region.crews.remove(&pump);
    let incident = region.incident(FIRST, "call-1");
    let ask = Action::Request {
        incident,
        kind: Kind::Pump,
        quantity: 1,
        audience: Audience::Own,
        duration: Span::hours(1),
    };
    region.done(FIRST, "r-1", ask);
    assert_eq!(region.believed(FIRST, Kind::Pump, 1), UnitState::Committed);
    let enter = |region: &mut Region, name: &str, state| {
        let called_at = region.now;
        let action = Action::UnitStatus {
            unit: pump,
            state,
            caller: "crew leader".into(),
            called_at,
        };
        region.done(FIRST, name, action)
    };
    enter(&mut region, "r-2", UnitState::EnRouteOut);
    let orders = |region: &Region| region.said_of(FIRST, |body| matches!(body, Direct::Order(_)));
    region.run(Span::minutes(2));
    let said = orders(&region);
    region.run(Span::minutes(4));
    assert_eq!(orders(&region), said, "the read-back confirmed the order");
    enter(&mut region, "r-3", UnitState::Working);
    let by = region
        .own(FIRST)
        .into_iter()
        .rev()
        .find_map(|entry| match entry.body() {
            Some(Body::UnitStatus(status)) if status.unit == pump => Some(status.source.clone()),
            _ => None,
        });
    let Some(StatusSource::Proxy {
        caller, dispatcher, ..
    }) = by
    else {
        unreachable!("{by:?}")
    };
    assert_eq!(
        (caller.as_str(), dispatcher.as_str()),
        ("crew leader", "duty officer")
    );
    enter(&mut region, "r-4", UnitState::Available);
    assert_eq!(region.believed(FIRST, Kind::Pump, 1), UnitState::Available);
    assert_eq!(region.count(FIRST, "returned"), 1);
    region.is_sound();
}

#[test]
fn an_owner_recalls_its_unit_and_the_asker_looks_for_another() {
    let mut region = Region::up(Setting::crews(0, 2, 0));
    region.call(FIRST, "call-1", 1);
    region.run_until("the commitment", |region| {
        region.count(SECOND, "aid-commit") == 1
    });
    region.run(Span::minutes(3));
    let aid = {
        let state = region
            .office(SECOND)
            .picture()
            .state(party(SECOND))
            .unwrap();
        *state.aids.keys().next().unwrap()
    };
    let recall = Action::Recall {
        aid,
        reason: "fire at home".into(),
    };
    let elsewhere = region.refused(FIRST, "r-1", recall.clone());
    assert!(elsewhere.contains("only its owner"), "{elsewhere}");
    region.done(SECOND, "r-2", recall.clone());
    let twice = region.refused(SECOND, "r-3", recall);
    assert!(twice.contains("R11"), "{twice}");
    region.run_until("another", |region| region.count(SECOND, "aid-commit") == 2);
    region.run_until("home", |region| region.count(SECOND, "returned") >= 1);
    region.is_sound();
}

#[test]
fn an_asker_releases_a_lent_unit_and_its_owner_sends_it_home() {
    let mut region = Region::up(Setting::crews(0, 1, 0));
    region.call(FIRST, "call-1", 1);
    region.run_until("the commitment", |region| {
        region.count(SECOND, "aid-commit") == 1
    });
    region.run(Span::minutes(3));
    let aid = {
        let state = region.office(FIRST).picture().state(party(SECOND)).unwrap();
        *state.aids.keys().next().unwrap()
    };
    let refused = region.refused(SECOND, "r-0", Action::Release { aid });
    assert!(refused.contains("that office releases it"), "{refused}");
    region.done(FIRST, "r-1", Action::Release { aid });
    region.run_until("home", |region| region.count(SECOND, "returned") == 1);
    region.is_sound();
}

#[test]
fn what_the_home_floor_keeps_is_not_offered_by_hand_and_dispatched_at_home() {
    let mut setting = Setting::crews(0, 1, 0);
    setting.floors.push((SECOND, Kind::FireRescue, 1));
    let mut region = Region::up(setting);
    region.call(FIRST, "call-1", 1);
    region.run(Span::minutes(2));
    let need = region.needs(FIRST)[0];
    let resource = unit_id(SECOND, Kind::FireRescue, 1);
    let offer = Action::Offer {
        need,
        resource,
        quantity: 1,
    };
    let reason = region.refused(SECOND, "r-1", offer);
    assert!(reason.contains("home floor keeps 1"), "{reason}");
    region.is_sound();
}

#[test]
fn a_follow_up_is_graded_by_its_counts_unless_the_operator_says_otherwise() {
    let mut region = busy();
    let now = region.now;
    let counts = protocol::Counts {
        deaths: Some(protocol::Count(4, now)),
        ..protocol::Counts::default()
    };
    let mut graver = follow_up(&region, ReportKind::FollowUp);
    graver.counts = Some(counts);
    region.done(FIRST, "r-1", Action::FollowUp(graver));
    let level = |region: &Region| {
        let incident = region.incident(FIRST, "call-1");
        let known = region.office(FIRST).picture().incident(incident).unwrap();
        (known.report.level, known.report.level_reason.clone())
    };
    assert_eq!(level(&region), (Level::Three, None));
    let mut said = follow_up(&region, ReportKind::FollowUp);
    said.level = Some((Level::Two, Some("in a school".into())));
    region.done(FIRST, "r-2", Action::FollowUp(said));
    assert_eq!(level(&region), (Level::Two, Some("in a school".into())));
}

#[test]
fn a_final_report_ends_the_needs_and_sends_the_units_home() {
    let mut region = busy();
    region.run(Span::minutes(5));
    let last = follow_up(&region, ReportKind::Final);
    region.done(FIRST, "r-1", Action::FollowUp(last));
    region.run(Span::minutes(5));
    assert_eq!(region.count(FIRST, "aid-withdraw"), 1);
    assert_eq!(
        region.believed(FIRST, Kind::FireRescue, 1),
        UnitState::Available
    );
    let again = follow_up(&region, ReportKind::FollowUp);
    let reason = region.refused(FIRST, "r-2", Action::FollowUp(again));
    assert!(reason.contains("R16"), "{reason}");
    region.is_sound();
}

#[test]
fn an_office_that_does_not_serve_says_so() {
    let mut region = Region::up(Setting::default());
    let twin = region.boot_twin(FIRST);
    region.run(Span::seconds(5));
    region.crash(Region::index(FIRST));
    assert!(region.machines[twin].office.is_some());
    let note = Action::Note {
        incident: None,
        text: "x".into(),
    };
    let reason = region.refused(FIRST, "r-1", note);
    assert!(reason.contains("not serving"), "{reason}");
}
