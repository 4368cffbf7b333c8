//! The desk: calls, news from scenes, and the units of one's own.

use protocol::{
    Count, Counts, FieldReport, Kind, Level, Moment, Outcome, Point, ReportKind, Span, UnitState,
};

use crate::bus::Region;
use crate::cast::{FIRST, GROUND, SECOND, Setting, VAN, party};
use crate::people::{call, request};

#[test]
fn a_call_opens_one_incident_however_often_it_comes() {
    let mut region = Region::up(Setting::default());
    for _ in 0..3 {
        region.call(FIRST, "call-1", 1);
        region.run(Span::seconds(2));
    }
    assert_eq!(region.count(FIRST, "incident"), 1);
    assert_eq!(region.count(FIRST, "aid-request"), 1);
    let about = region.incident(FIRST, "call-1").to_string();
    assert_eq!(region.replies.len(), 3, "each is answered");
    for reply in &region.replies {
        assert_eq!(reply.request, request("call-1"));
        let Outcome::Done { about: told, .. } = &reply.outcome else {
            unreachable!("{reply:?}")
        };
        assert_eq!(*told, about);
    }
    region.is_sound();
}

#[test]
fn a_call_that_comes_twice_at_once_is_answered_only_when_it_is_durable() {
    let mut region = Region::up(Setting::default());
    region.call(FIRST, "call-1", 1);
    region.call(FIRST, "call-1", 1);
    // The bus asserts that nothing is said to be done before it is on the disk.
    region.run(Span::seconds(2));
    assert_eq!(region.replies.len(), 2);
    assert_eq!(region.count(FIRST, "incident"), 1);
}

#[test]
fn a_call_sends_the_nearest_free_unit_which_works_and_comes_home() {
    let mut region = Region::up(Setting::default());
    region.call(FIRST, "call-1", 1);
    region.run(Span::seconds(5));
    let need = region.needs(FIRST)[0];
    assert_eq!(region.coverage(FIRST, need).covered, 1);
    region.run(Span::minutes(5));
    assert_eq!(region.coverage(FIRST, need).delivered, 1);
    assert_eq!(
        region.believed(FIRST, Kind::FireRescue, 1),
        UnitState::Working
    );
    // Everybody else knows by now.
    assert_eq!(region.coverage(SECOND, need).delivered, 1);
    region.run(Span::minutes(25));
    assert_eq!(
        region.believed(FIRST, Kind::FireRescue, 1),
        UnitState::Available
    );
    assert_eq!(region.count(FIRST, "aid-commit"), 1);
    assert_eq!(
        region.count(FIRST, "aid-request-update"),
        0,
        "nobody else was asked"
    );
    region.is_sound();
}

#[test]
fn the_last_news_from_a_scene_ends_its_needs_and_sends_its_units_home() {
    let mut region = Region::up(Setting::default());
    region.call(FIRST, "call-1", 2);
    region.run(Span::minutes(5));
    let scene = region.coverage(FIRST, region.needs(FIRST)[0]);
    assert_eq!((scene.covered, scene.delivered), (2, 2));
    region.over(FIRST, "call-1");
    region.run(Span::minutes(5));
    let own = region.office(FIRST).picture().state(party(FIRST)).unwrap();
    assert!(own.needs.values().all(|need| need.ended.is_some()));
    assert!(own.incidents.values().all(|incident| !incident.is_open()));
    for number in [1, 2] {
        assert_eq!(
            region.believed(FIRST, Kind::FireRescue, number),
            UnitState::Available
        );
    }
    region.over(FIRST, "call-1");
    region.run(Span::seconds(5));
    assert_eq!(region.count(FIRST, "incident"), 2, "news counts once");
    region.is_sound();
}

#[test]
fn a_call_without_a_usable_place_sends_units_to_the_seat() {
    let mut region = Region::up(Setting::default());
    for (name, point) in [("call-1", None), ("call-2", Some(Point(999_000_000, 0)))] {
        let mut it = call(FIRST, name, 1, region.now);
        it.point = point;
        region.report(GROUND, FIRST, FieldReport::Call(Box::new(it)));
        region.run(Span::seconds(2));
    }
    assert_eq!(region.count(FIRST, "aid-commit"), 2);
    region.is_sound();
}

#[test]
fn a_call_out_of_the_future_is_refused_and_one_without_needs_takes_its_template() {
    let mut region = Region::up(Setting::default());
    let mut late = call(FIRST, "call-1", 1, region.now);
    late.occurred_at = region.now + Span::hours(1);
    region.report(GROUND, FIRST, FieldReport::Call(Box::new(late)));
    region.run(Span::seconds(1));
    assert!(matches!(region.replies[0].outcome, Outcome::Refused { .. }));
    let mut bare = call(FIRST, "call-2", 1, region.now);
    bare.requires.clear();
    region.report(GROUND, FIRST, FieldReport::Call(Box::new(bare)));
    region.run(Span::seconds(1));
    assert_eq!(region.count(FIRST, "aid-request"), 1);
}

#[test]
fn counts_from_the_scene_grade_the_incident_and_may_fall() {
    let mut region = Region::up(Setting::default());
    region.call(FIRST, "call-1", 1);
    region.run(Span::seconds(2));
    for (name, deaths, level) in [("n-1", 3, Level::Three), ("n-2", 1, Level::Four)] {
        let now = region.now;
        let counts = Counts {
            deaths: Some(Count(deaths, now)),
            ..Counts::default()
        };
        let news = protocol::SceneReport {
            request: request(name),
            call: request("call-1"),
            at: now,
            trend: protocol::Trend::Stable,
            counts,
            requires: Vec::new(),
            summary: "counted".into(),
            done: false,
        };
        region.report(GROUND, FIRST, FieldReport::Scene(news));
        region.run(Span::seconds(2));
        let incident = region.incident(FIRST, "call-1");
        let report = &region
            .office(FIRST)
            .picture()
            .incident(incident)
            .unwrap()
            .report;
        assert_eq!((report.level, report.kind), (level, ReportKind::FollowUp));
        let signed = report.signed_off_by.is_some();
        assert_eq!(
            signed,
            level == Level::Three,
            "signed off from level III up"
        );
    }
    region.is_sound();
}

#[test]
fn a_terminal_of_another_office_says_nothing_here() {
    let mut region = Region::up(Setting::default());
    let it = call(FIRST, "call-1", 1, region.now);
    region.report(VAN, FIRST, FieldReport::Call(Box::new(it.clone())));
    region.run(Span::seconds(2));
    assert_eq!(region.count(FIRST, "incident"), 0);
    assert_eq!(region.office(FIRST).hearing().refused()["role"], 1);
    region.report(VAN, SECOND, FieldReport::Call(Box::new(it)));
    region.run(Span::seconds(2));
    assert_eq!(
        region.count(SECOND, "incident"),
        1,
        "at its own office it does"
    );
}

#[test]
fn a_freed_unit_serves_its_own_citys_oldest_call_first() {
    let mut region = Region::up(Setting::crews(1, 0, 0));
    region.call(FIRST, "call-1", 1);
    region.run(Span::minutes(3));
    // Both wait; the younger one is graver.
    region.call(FIRST, "call-2", 1);
    region.run(Span::minutes(1));
    let mut grave = call(FIRST, "call-3", 1, region.now);
    grave.severity = protocol::Severity::Critical;
    region.report(GROUND, FIRST, FieldReport::Call(Box::new(grave)));
    region.run(Span::minutes(1));
    let needs = region.needs(FIRST);
    region.run_until("the freed unit", |region| {
        region.count(FIRST, "aid-commit") == 2
    });
    assert_eq!(region.coverage(FIRST, needs[1]).covered, 1, "the oldest");
    assert_eq!(region.coverage(FIRST, needs[2]).covered, 0);
    region.run_until("the third", |region| region.count(FIRST, "aid-commit") == 3);
    region.is_sound();
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let run = || {
        let mut region = Region::up(Setting::default());
        region.call(FIRST, "call-1", 4);
        region.run(Span::minutes(40));
        (
            region.turns,
            region.office(FIRST).picture().hash(),
            region.now,
        )
    };
    assert_eq!(run(), run());
    assert!(run().2 > Moment(0));
}
