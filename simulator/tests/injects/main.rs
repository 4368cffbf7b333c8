//! Exercise control 导调 in virtual time: injects that wait for a sign, that are spared, that follow
//! others, and what is seen of what they expect.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use protocol::{Moment, Record, Span, Truth};
use simulator::{Injects, Outcome, Recording, Scenario, SimulateOptions, simulate};

mod grading;
mod traps;

const DRILL: &str = r#"
schema = "liandong-scenario/1"
id = "controlled"
title = { zh = "演练·虚构：导调", en = "Exercise control, fictional" }
region = "trio"
start = 2026-07-01T08:00:00+08:00
duration = "3h"
seed = 42

[fleet]
scale = 4.0

[[incident]]
id = "fire"
at = "10m"
area = 990300
event = "building-fire"
category = "accident"
severity = "critical"
text = "某厂房起火"
needs = [{ kind = "fire-rescue", quantity = 2, minutes = 30 }]
"#;

/// A mountain of a task, for which every city is asked.
const MOUNTAIN: &str = r#"
[[incident]]
id = "mountain"
at = "20m"
area = 990300
event = "collapse"
category = "accident"
severity = "critical"
text = "厂房坍塌，多人被困"
needs = [{ kind = "fire-rescue", quantity = 60, minutes = 60 }]
"#;

/// A note to the southern town, with further keys.
fn note(number: &str, keys: &str) -> String {
    format!(
        r#"
[[inject]]
number = "{number}"
title = "提示"
channel = "operator"
to = ["990300"]
kind = "note"
text = "【演练】核对"
{keys}
"#
    )
}

/// The outcome, and what the exercise staff did and saw, each with minutes since the start.
fn run(tables: &str) -> (Outcome, Vec<(u64, Truth)>) {
    played(&format!("{DRILL}{tables}"), None)
}

/// The same of a whole scenario, until some time after its start.
fn played(text: &str, until: Option<Span>) -> (Outcome, Vec<(u64, Truth)>) {
    let (scenario, region) = Scenario::parse("test.toml", text, &|_| None).unwrap();
    let options = SimulateOptions {
        recording: Recording::On,
        until: until.map(|until| scenario.start + until),
        ..SimulateOptions::default()
    };
    let mut told = Vec::new();
    let outcome = simulate(&scenario, &region, &options, |progress| {
        // The first line is the recording's header.
        let records = progress.lines.iter();
        let records = records.filter_map(|line| serde_json::from_str::<Record>(line).ok());
        told.extend(records.filter_map(|record| match record {
            Record::Truth { at, event } => Some((at, event)),
            _ => None,
        }));
    });
    let minutes = |at: Moment| at.since(scenario.start).0 / Span::minutes(1).0;
    let told = told.into_iter().map(|(at, event)| (minutes(at), event));
    (outcome, told.collect())
}

/// When an inject was given, in minutes since the start.
fn given(told: &[(u64, Truth)], wanted: &str) -> Option<u64> {
    let is_it = |event: &Truth| matches!(event, Truth::Inject { number, .. } if number == wanted);
    told.iter()
        .find(|(_, event)| is_it(event))
        .map(|(at, _)| *at)
}

fn happened(told: &[(u64, Truth)], wanted: impl Fn(&Truth) -> bool) -> Option<u64> {
    told.iter()
        .find(|(_, event)| wanted(event))
        .map(|(at, _)| *at)
}

#[test]
fn an_inject_that_waits_for_a_sign_is_given_when_it_is_seen_and_never_if_it_is_not() {
    let signs = [
        (
            "LOG",
            r#"when = { said = "first-report", incident = "fire" }"#,
        ),
        ("THERE", r#"when = { reached = "fire" }"#),
        ("DONE", r#"when = { served = "fire" }"#),
        (
            "ONE",
            r#"when = { waiting = 1, severity = "critical", areas = [990300] }"#,
        ),
        ("TWO", r"when = { waiting = 2 }"),
        ("ELSEWHERE", r"when = { waiting = 1, areas = [990100] }"),
        (
            "OTHER",
            r#"when = { said = "first-report", by = ["990100", "990300"] }"#,
        ),
        ("TWICE", r#"when = { said = "aid-commit", times = 2 }"#),
        ("LATER", "at = \"2h\"\nwhen = { reached = \"fire\" }"),
        ("STANDS", "at = \"14m\"\nwhen = { waiting = 1 }"),
        ("PASSED", "at = \"2h\"\nwhen = { waiting = 1 }"),
    ];
    let notes: Vec<String> = signs
        .iter()
        .map(|(number, keys)| note(number, keys))
        .collect();
    let (outcome, told) = run(&notes.concat());
    assert!(outcome.is_clean(), "{:?}", outcome.violations);
    let call = happened(&told, |it| matches!(it, Truth::Began { .. })).unwrap();
    let there = happened(&told, |it| matches!(it, Truth::Reached { .. })).unwrap();
    let done = happened(&told, |it| matches!(it, Truth::Served { .. })).unwrap();
    assert!(call < there && there < done, "{call} {there} {done}");
    assert_eq!(given(&told, "LOG"), Some(call));
    assert_eq!(given(&told, "ONE"), Some(call));
    assert_eq!(given(&told, "THERE"), Some(there));
    assert_eq!(given(&told, "DONE"), Some(done));
    assert_eq!(
        given(&told, "TWICE"),
        Some(call),
        "two units are committed at once"
    );
    assert_eq!(given(&told, "LATER"), Some(120), "not before its time");
    assert_eq!(given(&told, "STANDS"), Some(14), "it waits still");
    for never in ["TWO", "ELSEWHERE", "OTHER", "PASSED"] {
        assert_eq!(given(&told, never), None, "{never}");
    }
}

#[test]
fn an_expected_action_is_seen_in_time_late_or_not_at_all_and_what_was_before_does_not_count() {
    let expecting = |number: &str, at: &str, seen: &str| {
        let expected =
            format!(r#"expected = {{ within = "5m", action = "看", seen = {{ {seen} }} }}"#);
        note(number, &format!("at = \"{at}\"\n{expected}"))
    };
    let (outcome, told) = run(&[
        expecting("SOON", "9m", r#"said = "first-report""#),
        expecting("DONE", "9m", r#"served = "fire""#),
        expecting("PAST", "20m", r#"said = "first-report""#),
        expecting("OPEN", "2h56m", r#"said = "warning""#),
        note(
            "PEOPLE",
            "at = \"1m\"\nexpected = { within = \"5m\", action = \"人判\" }",
        ),
    ]
    .concat());
    let seen = |wanted: &str| {
        happened(
            &told,
            |it| matches!(it, Truth::Observed { number, .. } if number == wanted),
        )
    };
    assert_eq!(
        seen("SOON"),
        happened(&told, |it| matches!(it, Truth::Began { .. }))
    );
    assert!(seen("DONE").unwrap() > 14);
    assert_eq!((seen("PAST"), seen("PEOPLE")), (None, None));
    let counted = Injects {
        given: 5,
        spared: 0,
        expected: 4,
        in_time: 1,
        late: 1,
        open: 1,
    };
    assert_eq!(outcome.summary.injects, Some(counted));
}

#[test]
fn a_contingency_is_given_only_where_the_expected_was_not_seen_and_so_is_what_follows_it() {
    let drill = |seen: &str| {
        let first = format!(
            "at = \"9m\"\nexpected = {{ within = \"5m\", action = \"看\", seen = {{ {seen} }} }}"
        );
        let (_, told) = run(&[
            note("FIRST", &first),
            note("ELSE", "at = \"30m\"\nunless = { expected = \"FIRST\" }"),
            note("NEXT", "after = { inject = \"ELSE\", delay = \"10m\" }"),
            note("THEN", "after = { inject = \"NEXT\", delay = \"10m\" }"),
            note("THANKS", "when = { expected = \"FIRST\" }"),
        ]
        .concat());
        let spared = happened(&told, |it| matches!(it, Truth::Spared { .. }));
        let given = ["ELSE", "NEXT", "THEN", "THANKS"].map(|number| given(&told, number));
        (spared, given)
    };
    let call = Some(11);
    let seen = drill(r#"said = "first-report""#);
    assert_eq!(seen, (Some(30), [None, None, None, call]));
    let unseen = drill(r#"said = "warning""#);
    assert_eq!(unseen, (None, [Some(30), Some(40), Some(50), None]));
}

#[test]
fn a_contingency_that_waits_for_a_sign_is_spared_once() {
    let both = r#"
when = { reached = "fire" }
unless = { said = "first-report", incident = "fire" }
"#;
    // At a time after the sign, and as it comes.
    for keys in [format!("at = \"30m\"{both}"), both.to_owned()] {
        let (outcome, told) = run(&note("BOTH", &keys));
        let spared = |it: &&(u64, Truth)| matches!(it.1, Truth::Spared { .. });
        assert_eq!(told.iter().filter(spared).count(), 1);
        let injects = outcome.summary.injects.unwrap();
        assert_eq!((injects.given, injects.spared), (0, 1));
    }
}

/// The world goes on for a while, so that what is under way comes to its end.
#[test]
fn a_sign_that_comes_when_the_drill_is_over_gives_nothing() {
    let inject = note("AFTER", r#"when = { served = "fire" }"#);
    let drill = format!("{DRILL}{inject}");
    let (_, told) = played(&drill, None);
    let done = happened(&told, |it| matches!(it, Truth::Served { .. })).unwrap();
    assert_eq!(given(&told, "AFTER"), Some(done));
    let (outcome, _) = played(&drill, Some(Span::minutes(done - 5)));
    assert_eq!(outcome.summary.injects.unwrap().given, 0);
}

#[test]
fn how_things_stand_spares_a_contingency_only_as_it_is_due() {
    let stood = "unless = { waiting = 1 }";
    let (_, told) = run(&[
        note("EARLY", &format!("at = \"14m\"\n{stood}")),
        note("FIRST", "at = \"2h\""),
        note(
            "LATE",
            &format!("after = {{ inject = \"FIRST\", delay = \"10m\" }}\n{stood}"),
        ),
    ]
    .concat());
    let spared = |wanted: &str| {
        happened(
            &told,
            |it| matches!(it, Truth::Spared { number, .. } if number == wanted),
        )
    };
    assert_eq!((given(&told, "EARLY"), spared("EARLY")), (None, Some(14)));
    assert_eq!((given(&told, "LATE"), spared("LATE")), (Some(130), None));
}

#[test]
fn a_warning_and_a_call_that_wait_for_a_sign_are_of_the_moment_at_which_they_are_given() {
    let (_, told) = run(r#"
[[inject]]
number = "WARN"
title = "预警"
when = { served = "fire" }
channel = "field"
to = ["990300"]
kind = "warning"
text = "大风"
hazard = "wind"
colour = "yellow"
areas = [990300]
measures = "注意防范"
for = "2h"
expected = { within = "5m", action = "发布", seen = { said = "warning" } }

[[inject]]
number = "CALL"
title = "他市来电"
when = { reached = "fire" }
channel = "field"
to = ["990100"]
kind = "call"
incident = "fire"
text = "邻市群众来电：厂房起火"
expected = { within = "5m", action = "接报", seen = { said = "first-report" } }
"#);
    let seen = |wanted: &str| {
        told.iter().find_map(|(_, event)| match event {
            Truth::Observed { number, after } if number == wanted => Some(*after),
            _ => None,
        })
    };
    // A warning from the past would be void, a call of long ago late from its beginning.
    assert!(seen("WARN").is_some_and(|after| after < Span::minutes(1)));
    assert!(seen("CALL").is_some_and(|after| after < Span::minutes(1)));
}

#[test]
fn an_offer_counts_for_the_incident_of_the_need_that_it_answers() {
    let offered = |number: &str, incident: &str| {
        let seen = format!(r#"said = "aid-offer", by = ["990200"], incident = "{incident}""#);
        let expected =
            format!(r#"expected = {{ within = "1h", action = "答复", seen = {{ {seen} }} }}"#);
        note(number, &format!("at = \"9m\"\n{expected}"))
    };
    let notes = [offered("THIS", "mountain"), offered("OTHER", "fire")];
    let (_, told) = run(&format!("{MOUNTAIN}{}", notes.concat()));
    let seen = |wanted: &str| {
        happened(
            &told,
            |it| matches!(it, Truth::Observed { number, .. } if number == wanted),
        )
    };
    assert!(seen("THIS").is_some_and(|at| at >= 20));
    assert_eq!(seen("OTHER"), None);
}

#[test]
fn a_report_by_an_operator_s_hand_is_said_and_a_final_one_can_be_corrected() {
    let report = |number: &str, kind: &str, said: &str, at: &str| {
        format!(
            r#"
[[inject]]
number = "{number}"
title = "报告"
at = "{at}"
channel = "operator"
to = ["990300"]
kind = "report"
incident = "fire"
report = "{kind}"
counts = {{ minor = 2 }}
text = "核定伤员"
expected = {{ within = "1m", action = "发布", seen = {{ said = "{said}", incident = "fire" }} }}
"#
        )
    };
    let reports = [
        report("EARLY", "follow-up", "follow-up", "5m"),
        report("FINAL", "final", "final-report", "20m"),
        report("RIGHT", "correction", "correction", "22m"),
    ];
    let (outcome, told) = run(&reports.concat());
    assert!(outcome.is_clean(), "{:?}", outcome.violations);
    let seen = |wanted: &str| {
        happened(
            &told,
            |it| matches!(it, Truth::Observed { number, .. } if number == wanted),
        )
    };
    assert_eq!(given(&told, "EARLY"), Some(5));
    assert_eq!(seen("EARLY"), Some(12), "when the incident is open");
    assert_eq!((seen("FINAL"), seen("RIGHT")), (Some(20), Some(22)));
}
