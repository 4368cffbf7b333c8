//! Operators: each action once, answered when it is on the disk; refused with the reason.

use protocol::{
    Action, Audience, Call, Colour, DeclineReason, Direct, FollowUp, Kind, LeadAct, Level, Moment,
    OperatorCommand, Outcome, ReportKind, ResponseLevel, ResponseOrder, Span, Stage, StockCount,
    Topic, UnitState, WarningOrder,
};

use crate::bus::Region;
use crate::cast::{DIRECTOR, FIRST, SECOND, Setting, operator, party, unit_id};
use crate::people::{call, request};

fn warning(colour: Option<Colour>) -> WarningOrder {
    WarningOrder {
        hazard: "rainstorm".into(),
        colour,
        from: Moment(1),
        until: None,
        areas: vec![protocol::AreaCode(990_100)],
        matters: "low streets flood".into(),
        measures: "stay at home".into(),
    }
}

fn response(level: Option<ResponseLevel>) -> ResponseOrder {
    ResponseOrder {
        matter: "flood".into(),
        level,
        expected: Span::hours(6),
        measures: "duty doubled".into(),
    }
}

pub(crate) fn follow_up(region: &Region, kind: ReportKind) -> FollowUp {
    FollowUp {
        incident: region.incident(FIRST, "call-1"),
        kind,
        stage: None,
        level: None,
        severity: None,
        counts: None,
        summary: "news".into(),
        at: None,
    }
}

/// Everything that an operator can ask of a busy first city, in an order that makes sense.
fn actions(region: &Region) -> Vec<(&'static str, Action)> {
    let need = region.needs(FIRST)[0];
    let sand = unit_id(FIRST, Kind::Sandbag, 1);
    let log = region.own(SECOND)[0].header().log;
    let incident = region.incident(FIRST, "call-1");
    let second = Call {
        request: request("ignored"),
        ..call(FIRST, "x", 1, region.now)
    };
    let unit = |state| Action::UnitStatus {
        unit: unit_id(FIRST, Kind::Pump, 1),
        state,
        caller: "depot".into(),
        called_at: Some(region.now),
    };
    vec![
        ("incident", Action::Report(Box::new(second))),
        (
            "incident",
            Action::FollowUp(follow_up(region, ReportKind::FollowUp)),
        ),
        ("unit-status", unit(UnitState::OutOfService)),
        (
            "stock-status",
            Action::Stock(StockCount {
                request: request("ignored"),
                resource: sand,
                on_hand: 70,
                at: region.now,
                reason: "counted".into(),
            }),
        ),
        ("acknowledge", Action::Acknowledge { log, seq: 1 }),
        (
            "aid-request",
            Action::Request {
                stands_by: false,
                incident,
                kind: Kind::Ladder,
                quantity: 1,
                audience: Audience::Own,
                duration: Span::hours(1),
            },
        ),
        (
            "aid-decline",
            Action::Decline {
                need,
                reason: DeclineReason::ByOperator,
            },
        ),
        ("aid-withdraw", Action::WithdrawNeed { need }),
    ]
}

/// What an operator announces, in an order that makes sense.
fn notices(region: &Region) -> Vec<(&'static str, Action)> {
    let incident = region.incident(FIRST, "call-1");
    vec![
        ("warning", Action::Warning(warning(Some(Colour::Yellow)))),
        ("warning", Action::Warning(warning(Some(Colour::Red)))),
        ("warning-lift", Action::Warning(warning(None))),
        (
            "response",
            Action::Response(response(Some(ResponseLevel::Three))),
        ),
        ("response", Action::Response(response(None))),
        (
            "lead",
            Action::Lead {
                incident,
                lead: party(FIRST),
                act: LeadAct::Offer,
            },
        ),
        (
            "duty-note",
            Action::Note {
                incident: Some(incident),
                text: "relief at eight".into(),
                at: None,
            },
        ),
    ]
}

pub(crate) fn busy() -> Region {
    let mut setting = Setting::crews(1, 1, 0);
    setting.units.push((FIRST, Kind::Pump, 1));
    setting.stocks.push((FIRST, Kind::Sandbag, 100));
    let mut region = Region::up(setting);
    region.call(FIRST, "call-1", 1);
    region.run(Span::seconds(5));
    region
}

#[test]
fn each_action_is_done_once_and_answered_as_often_as_it_is_asked() {
    let mut region = busy();
    let all = [actions(&region), notices(&region)].concat();
    for (number, (kind, action)) in all.into_iter().enumerate() {
        let name = format!("act-{number}");
        let before = region.count(FIRST, kind);
        let first = region.act(FIRST, &name, action.clone());
        assert!(matches!(first, Outcome::Done { .. }), "{kind}: {first:?}");
        assert_eq!(region.count(FIRST, kind), before + 1, "{kind}");
        let written = region.own(FIRST).len();
        let again = region.act(FIRST, &name, action);
        let (
            Outcome::Done { seq, about, .. },
            Outcome::Done {
                seq: same,
                about: told,
                ..
            },
        ) = (&first, &again)
        else {
            unreachable!("{kind}: {again:?}")
        };
        assert_eq!((seq, about), (same, told), "{kind}");
        assert_eq!(region.own(FIRST).len(), written, "{kind} was done again");
    }
    region.is_sound();
}

#[test]
fn what_a_log_has_room_to_record_is_not_done_again_after_a_reboot_either() {
    let mut region = busy();
    let all = actions(&region);
    let recorded = ["incident", "unit-status", "stock-status", "aid-request"];
    let named: Vec<(usize, Action)> = all
        .into_iter()
        .enumerate()
        .filter(|(_, (kind, _))| recorded.contains(kind))
        .map(|(number, (_, action))| (number, action))
        .collect();
    for (number, action) in &named {
        region.done(FIRST, &format!("act-{number}"), action.clone());
    }
    let first = Region::index(FIRST);
    region.crash(first);
    region.boot(first);
    region.run(Span::seconds(10));
    let count = |region: &Region| recorded.map(|kind| region.count(FIRST, kind));
    let before = count(&region);
    for (number, action) in named {
        region.done(FIRST, &format!("act-{number}"), action);
    }
    assert_eq!(count(&region), before);
}

/// Each is refused with these words, and nothing is written.
fn expect_refusals(mut region: Region, refusals: Vec<(Action, &str)>) {
    let written = region.own(FIRST).len();
    for (number, (action, words)) in refusals.into_iter().enumerate() {
        let reason = region.refused(FIRST, &format!("no-{number}"), action.clone());
        assert!(reason.contains(words), "{action:?}: {reason}");
    }
    assert_eq!(region.own(FIRST).len(), written);
    region.is_sound();
}

#[test]
fn aid_that_cannot_be_is_refused_with_the_reason_and_writes_nothing() {
    let region = busy();
    let need = region.needs(FIRST)[0];
    let pump = unit_id(FIRST, Kind::Pump, 1);
    let fire = unit_id(FIRST, Kind::FireRescue, 1);
    let theirs = unit_id(SECOND, Kind::FireRescue, 1);
    let nothing = protocol::NeedId { number: 99, ..need };
    let no_offer = protocol::OfferId {
        author: party(SECOND),
        epoch: 1,
        number: 99,
    };
    let no_aid = protocol::AidId {
        author: party(FIRST),
        epoch: 1,
        number: 99,
    };
    let recall = Action::Recall {
        aid: no_aid,
        reason: "x".into(),
    };
    let offer = Action::Offer {
        need,
        resource: pump,
        quantity: 1,
    };
    let dispatch = |need, resource| Action::Dispatch {
        need,
        resource,
        override_by: None,
    };
    let refusals = vec![
        (Action::WithdrawNeed { need: nothing }, "no need"),
        (dispatch(nothing, pump), "no need"),
        (dispatch(need, fire), "choose one that is available"),
        (dispatch(need, theirs), "no unit of this office"),
        (Action::Accept { offer: no_offer }, "no offer"),
        (Action::Release { aid: no_aid }, "no commitment"),
        (recall, "no commitment"),
        (offer, "dispatch to it instead"),
    ];
    expect_refusals(region, refusals);
}

#[test]
fn a_report_or_notice_that_cannot_be_is_refused_with_the_reason_and_writes_nothing() {
    let region = busy();
    let log = region.own(FIRST)[0].header().log;
    let mut no_measures = warning(Some(Colour::Red));
    no_measures.measures.clear();
    let mut graver = follow_up(&region, ReportKind::FollowUp);
    graver.level = Some((Level::One, None));
    let mut first_again = follow_up(&region, ReportKind::First);
    first_again.stage = Some(Stage::Controlled);
    let working = Action::UnitStatus {
        unit: unit_id(FIRST, Kind::Pump, 1),
        state: UnitState::Working,
        caller: "x".into(),
        called_at: Some(Moment(1)),
    };
    let refusals = vec![
        (Action::Acknowledge { log, seq: 9_999 }, "is not here"),
        (Action::Warning(no_measures), "\"measures\" is missing"),
        (Action::Warning(warning(None)), "nothing to change"),
        (Action::Response(response(None)), "nothing to change"),
        (Action::FollowUp(graver), "no reason"),
        (Action::FollowUp(first_again), "first report was given"),
        (Action::Clock(protocol::ClockCommand::Pause), "director"),
        (working, "R11"),
    ];
    expect_refusals(region, refusals);
}

#[test]
fn only_its_own_operators_and_the_director_command_an_office() {
    let mut region = busy();
    let note = |name: &str| OperatorCommand {
        request: request(name),
        by: "duty officer".into(),
        action: Action::Note {
            incident: None,
            text: "x".into(),
            at: None,
        },
        asked_at: None,
    };
    for (from, done) in [(operator(SECOND), false), (DIRECTOR.to_owned(), true)] {
        region.replies.clear();
        region.command(&from, FIRST, note(&from));
        region.run(Span::seconds(1));
        let outcome = &region.replies[0].outcome;
        assert_eq!(
            matches!(outcome, Outcome::Done { .. }),
            done,
            "{from}: {outcome:?}"
        );
    }
    assert_eq!(region.count(FIRST, "duty-note"), 1);
    // The operator of the first city cannot be heard on another office's topic.
    let frame = region.speak(
        &operator(FIRST),
        Topic::Command(party(SECOND)),
        Direct::Command(note("n")),
    );
    let topic = Topic::Command(party(SECOND)).on(crate::cast::network().id);
    region.hear(Region::index(SECOND), &topic, frame.text().as_bytes());
    region.run(Span::seconds(1));
    assert_eq!(region.count(SECOND, "duty-note"), 0);
}

#[test]
fn a_slip_of_the_finger_is_refused_before_it_empties_the_neighbours() {
    let mut region = Region::up(Setting::crews(1, 1, 1));
    let unit = unit_id(FIRST, Kind::FireRescue, 1);
    let tomorrow = Action::UnitStatus {
        unit,
        state: UnitState::Lost,
        caller: "police".into(),
        called_at: Some(region.now + Span::hours(15)),
    };
    let reason = region.refused(FIRST, "r-1", tomorrow);
    assert!(reason.contains("future"), "{reason}");
    let mut call = call(FIRST, "r-2", 1, region.now);
    call.requires[0].quantity = 1_000_000_000;
    let reason = region.refused(FIRST, "r-2", Action::Report(Box::new(call)));
    assert!(reason.contains("1 to 10000"), "{reason}");
}
