//! What happened on paper is entered afterwards, and keeps its own times.

use protocol::{Action, Body, Call, Kind, Moment, ReportKind, Span, StockCount, UnitState};

use crate::bus::Region;
use crate::cast::{FIRST, unit_id};
use crate::command::{busy, follow_up};
use crate::people::{call, request};

fn dark(name: &str, region: &Region, minutes: (u64, u64)) -> Action {
    let known = region.now - Span::minutes(minutes.1);
    let mut told = call(FIRST, name, 1, known);
    told.occurred_at = region.now - Span::minutes(minutes.0);
    told.received_at = known;
    Action::Report(Box::new(told))
}

/// The first city's last entry that a choice finds something in.
fn last<T>(region: &Region, choose: impl Fn(&Body) -> Option<T>) -> T {
    let own = region.own(FIRST);
    let mut bodies = own.iter().rev().filter_map(|entry| entry.body());
    bodies.find_map(choose).unwrap()
}

#[test]
fn a_session_on_paper_is_entered_with_its_own_times_and_signed_now() {
    let mut region = busy();
    region.run(Span::hours(2));
    let now = region.now;
    let ago = |minutes| now - Span::minutes(minutes);
    let about = region.done(FIRST, "p-1", dark("p-1", &region, (90, 85)));
    let report = last(&region, |body| match body {
        Body::Incident(report) => Some(report.clone()),
        _ => None,
    });
    assert_eq!((report.occurred_at, report.known_at), (ago(90), ago(85)));
    assert!(report.reported_at >= now);
    assert_eq!(report.incident.to_string(), about);

    for (name, kind, minutes) in [
        ("p-2", ReportKind::FollowUp, 70),
        ("p-3", ReportKind::Final, 20),
    ] {
        let mut next = follow_up(&region, kind);
        next.incident = report.incident;
        next.at = Some(ago(minutes));
        region.done(FIRST, name, Action::FollowUp(next));
    }
    let incident = region.office(FIRST).picture().incident(report.incident);
    let chain: Vec<Moment> = incident.unwrap().chain.iter().map(|it| it.at).collect();
    assert_eq!(chain, [report.reported_at, ago(70), ago(20)]);
    let ended = last(&region, |body| match body {
        Body::Incident(report) => Some(report.clone()),
        _ => None,
    });
    assert_eq!(ended.as_of, Some(ago(20)));
    assert!(ended.reported_at > ago(1));
    assert_eq!(ended.known_at, ago(85));

    let sand = unit_id(FIRST, Kind::Sandbag, 1);
    let stock = StockCount {
        request: request("ignored"),
        resource: sand,
        on_hand: 70,
        at: ago(15),
        reason: "counted on paper".into(),
    };
    region.done(FIRST, "p-4", Action::Stock(stock.clone()));
    let note = Action::Note {
        incident: None,
        text: "tide gauge read by torch".into(),
        at: Some(ago(40)),
    };
    region.done(FIRST, "p-5", note);
    let noted = last(&region, |body| match body {
        Body::DutyNote(note) => Some(note.at),
        _ => None,
    });
    assert_eq!(noted, ago(40));
    let older = StockCount {
        at: ago(30),
        ..stock
    };
    let refused = region.refused(FIRST, "p-6", Action::Stock(older));
    assert!(refused.contains("the later count stands"), "{refused}");
    region.is_sound();
}

#[test]
fn a_time_that_cannot_be_is_refused() {
    let mut region = busy();
    region.run(Span::hours(2));
    let ahead = region.now + Span::minutes(30);
    let mut from_the_future: Call = call(FIRST, "f-1", 1, region.now);
    from_the_future.received_at = ahead;
    let mut early = follow_up(&region, ReportKind::FollowUp);
    early.at = Some(region.now - Span::hours(48));
    let mut late = follow_up(&region, ReportKind::FollowUp);
    late.at = Some(ahead);
    let stock = StockCount {
        request: request("ignored"),
        resource: unit_id(FIRST, Kind::Sandbag, 1),
        on_hand: 70,
        at: ahead,
        reason: "counted".into(),
    };
    let unit = Action::UnitStatus {
        unit: unit_id(FIRST, Kind::Pump, 1),
        state: UnitState::OutOfService,
        caller: "depot".into(),
        called_at: Some(ahead),
    };
    let note = Action::Note {
        incident: None,
        text: "x".into(),
        at: Some(ahead),
    };
    let wrong = [
        (Action::Report(Box::new(from_the_future)), "in the future"),
        (dark("f-2", &region, (10, 20)), "after the call came"),
        (Action::FollowUp(early), "older than the incident"),
        (Action::FollowUp(late), "lies in the future"),
        (Action::Stock(stock), "lies in the future"),
        (unit, "lies in the future"),
        (note, "lies in the future"),
    ];
    for (number, (action, why)) in wrong.into_iter().enumerate() {
        let refused = region.refused(FIRST, &format!("f-{number}"), action);
        assert!(refused.contains(why), "{refused}");
    }
    region.is_sound();
}
