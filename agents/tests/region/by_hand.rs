//! What operators do by hand with units, reports and the home floor, and what comes of it.

use protocol::{
    Action, Audience, Body, Call, Direct, Kind, Level, Point, ReportKind, Span, StatusSource,
    UnitState,
};

use crate::bus::Region;
use crate::cast::{FIRST, SECOND, Setting, party, unit_id};
use crate::command::busy;
use crate::command::follow_up;
use crate::people::call;

#[test]
fn a_dispatcher_enters_by_proxy_what_a_unit_without_a_terminal_does() {
    let mut region = busy();
    let pump = unit_id(FIRST, Kind::Pump, 1);
    region.crews.remove(&pump);
    let incident = region.incident(FIRST, "call-1");
    let ask = Action::Request {
        stands_by: false,
        incident,
        kind: Kind::Pump,
        quantity: 1,
        audience: Audience::Own,
        duration: Span::hours(1),
    };
    region.done(FIRST, "r-1", ask);
    assert_eq!(region.believed(FIRST, Kind::Pump, 1), UnitState::Committed);
    let enter = |region: &mut Region, name: &str, state| {
        let called_at = Some(region.now);
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
    let twice = region.already(SECOND, "r-3", recall);
    assert!(twice.contains("recalled already"), "{twice}");
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
    assert!(reason.contains("only a correction may follow"), "{reason}");
    region.is_sound();
}

#[test]
fn an_office_that_stands_back_says_for_whom_and_what_helps() {
    let mut region = Region::up(Setting::default());
    let twin = region.boot_twin(FIRST);
    region.run(Span::seconds(5));
    region.crash(Region::index(FIRST));
    assert!(region.machines[twin].office.is_some());
    let note = Action::Note {
        incident: None,
        text: "x".into(),
        at: None,
    };
    let reason = region.refused(FIRST, "r-1", note);
    assert!(reason.contains("another machine serves"), "{reason}");
    assert!(reason.contains("take-over --machine"), "{reason}");
}

#[test]
fn by_hand_no_need_gets_what_it_did_not_ask_for_or_more_than_it_asked() {
    let mut region = Region::up(Setting::crews(3, 0, 0));
    region.call(FIRST, "call-1", 1);
    region.run(Span::seconds(5));
    let need = region.needs(FIRST)[0];
    assert_eq!(region.coverage(FIRST, need).covered, 1);
    let send = |resource| Action::Dispatch {
        need,
        resource,
        override_by: None,
    };
    let another = unit_id(FIRST, Kind::FireRescue, 3);
    let full = region.refused(FIRST, "r-1", send(another));
    assert!(full.contains("is spoken for"), "{full}");
    let foam = unit_id(FIRST, Kind::Foam, 1);
    let wrong = region.refused(FIRST, "r-2", send(foam));
    assert!(wrong.contains("foam"), "{wrong}");
    assert_eq!(region.coverage(FIRST, need).covered, 1);
    region.is_sound();
}

#[test]
fn what_a_command_leaves_out_or_says_at_too_great_length_is_refused_and_not_cut() {
    let mut region = Region::up(Setting::crews(1, 0, 0));
    let plain = call(FIRST, "call-1", 1, region.now);
    let long = "烟".repeat(161);
    let nowhere = Some(Point(i32::MAX, 0));
    for (name, told, why) in [
        (
            "r-1",
            Call {
                place: "  ".into(),
                ..plain.clone()
            },
            "the place is missing",
        ),
        (
            "r-2",
            Call {
                event: String::new(),
                ..plain.clone()
            },
            "the kind of event is missing",
        ),
        (
            "r-3",
            Call {
                summary: long,
                ..plain.clone()
            },
            "161 characters; at most 160",
        ),
        (
            "r-4",
            Call {
                point: nowhere,
                ..plain.clone()
            },
            "not on the earth",
        ),
    ] {
        let said = region.refused(FIRST, name, Action::Report(Box::new(told)));
        assert!(said.contains(why), "{name}: {said}");
    }
    let note = |text: String| Action::Note {
        incident: None,
        text,
        at: None,
    };
    assert!(
        region
            .refused(FIRST, "r-5", note("\n".into()))
            .contains("missing")
    );
    assert!(
        region
            .refused(FIRST, "r-6", note("长".repeat(10_000)))
            .contains("shorter")
    );
    assert_eq!(region.count(FIRST, "incident"), 0);
    region.is_sound();
}

#[test]
fn another_report_under_the_id_of_one_before_is_refused_and_the_same_one_is_answered_again() {
    let mut region = Region::up(Setting::crews(1, 0, 0));
    let first = call(FIRST, "call-1", 1, region.now);
    let known = region.done(FIRST, "r-1", Action::Report(Box::new(first.clone())));
    region.run(Span::seconds(5));
    let later = Call {
        occurred_at: region.now,
        ..first.clone()
    };
    let again = region.done(FIRST, "r-1", Action::Report(Box::new(later)));
    assert_eq!(again, known, "however late it is said again");
    let other = Call {
        place: "Mill Lane 9".into(),
        ..first
    };
    let refused = region.refused(FIRST, "r-1", Action::Report(Box::new(other)));
    assert!(refused.contains("an id of its own"), "{refused}");
    assert_eq!(region.count(FIRST, "incident"), 1);
    region.is_sound();
}

#[test]
fn a_state_phoned_in_is_as_old_as_its_call_and_yields_to_what_was_heard_since() {
    let mut region = busy();
    let pump = unit_id(FIRST, Kind::Pump, 1);
    region.run(Span::minutes(30));
    let phoned = |state, ago| Action::UnitStatus {
        unit: pump,
        state,
        caller: "depot".into(),
        called_at: Some(region.now - ago),
    };
    let (later, earlier) = (
        phoned(UnitState::OutOfService, Span::minutes(10)),
        phoned(UnitState::Available, Span::minutes(20)),
    );
    let called_at = region.now - Span::minutes(10);
    region.done(FIRST, "r-1", later);
    let as_of = |region: &Region| {
        let own = region.office(FIRST).picture().state(party(FIRST)).unwrap();
        own.holdings[&pump].as_of
    };
    assert_eq!(as_of(&region), called_at);
    let told = region.refused(FIRST, "r-2", earlier);
    assert!(told.contains("was heard of 10m after that call"), "{told}");
    let believed = region.believed(FIRST, Kind::Pump, 1);
    assert_eq!(
        (believed, as_of(&region)),
        (UnitState::OutOfService, called_at)
    );
    let now = Action::UnitStatus {
        unit: pump,
        state: UnitState::Available,
        caller: "depot".into(),
        called_at: None,
    };
    region.done(FIRST, "r-3", now);
    assert!(as_of(&region) > called_at);
    region.is_sound();
}
