//! Whole small regions in virtual time: real offices, real codec, every invariant watched.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use std::fmt::Write as _;

use protocol::{Planning, Record, Span, Suite, Truth};
use simulator::scenario::Brokers;
use simulator::{Chaos, Outcome, Recording, Scenario, SimulateOptions, simulate};

const QUIET: &str = r#"
schema = "liandong-scenario/1"
id = "three-towns"
title = { zh = "演练·虚构：三镇", en = "Three towns, fictional" }
region = "trio"
start = 2026-07-01T08:00:00+08:00
duration = "3h"
seed = 42

[[incident_stream]]
id = "daily"
event = "building-fire"
category = "accident"
rate_per_100k_per_day = 15.0
severity = { critical = 0.1, serious = 0.3, moderate = 0.6 }
needs = [ { kind = "fire-rescue", quantity = [1, 3], minutes = 30 }, { kind = "ambulance", quantity = 1, minutes = 20, chance = 0.5 } ]
texts = ["【演练】{place}一处建筑起火"]
worsens = 0.2
max = 400

[fleet]
scale = 4.0
"#;

fn run(scenario: &str, options: &SimulateOptions) -> Outcome {
    let (scenario, region) = Scenario::parse("test.toml", scenario, &|_| None).unwrap();
    simulate(&scenario, &region, options, |_| {})
}

fn with(faults: &str) -> String {
    format!("{QUIET}\n{faults}")
}

fn offices() -> Vec<String> {
    let region = region::Region::built_in("trio").unwrap();
    region.cities().map(|city| city.party.to_string()).collect()
}

fn check_clean(outcome: &Outcome) {
    let mut text = format!("{:#?}\n", outcome.summary);
    for violation in outcome.violations.iter().take(20) {
        let (at, invariant) = (violation.at.0 / 1_000_000, violation.invariant);
        let _ = writeln!(text, "{at} {invariant}: {}", violation.text);
    }
    for void in outcome.voids.1.iter().take(10) {
        let _ = writeln!(text, "void: {void}");
    }
    for alarm in outcome.alarms.iter().take(20) {
        let _ = writeln!(text, "alarm: {alarm}");
    }
    assert!(outcome.is_clean(), "{text}");
}

#[test]
fn a_quiet_region_serves_its_calls_and_all_offices_end_with_one_picture() {
    let outcome = run(QUIET, &SimulateOptions::default());
    check_clean(&outcome);
    let summary = &outcome.summary;
    assert!(summary.incidents > 20, "{summary:#?}");
    // Work that the end found under way is not done.
    assert!(summary.served * 3 > summary.incidents, "{summary:#?}");
    assert!(summary.response_s.p50 > 60, "{summary:#?}");
}

#[test]
fn a_run_is_its_scenario_and_its_seed_under_every_suite() {
    let digest = |seed, suite| {
        let options = SimulateOptions {
            seed: Some(seed),
            suite,
            ..SimulateOptions::default()
        };
        run(QUIET, &options).summary.digest
    };
    let one = digest(7, Suite::Virtual);
    assert_eq!(one, digest(7, Suite::Virtual));
    assert_eq!(one, digest(7, Suite::Ed25519));
    assert_ne!(one, digest(8, Suite::Virtual));
}

/// R8, J15. What is decided is the same; only what is told of clocks is not.
#[test]
fn wall_clocks_that_are_wrong_by_months_change_no_decision() {
    let shifted = |seconds: &dyn Fn(usize) -> i64| {
        let faults: Vec<String> = (0..)
            .zip(offices())
            .map(|(place, office)| {
                let offset = seconds(place);
                format!(
                    r#"
[[fault]]
kind = "office-clock"
office = "{office}"
at = "0m"
for = "3h"
offset_s = {offset}
"#
                )
            })
            .collect();
        run(&with(&faults.concat()), &SimulateOptions::default())
    };
    let right = shifted(&|_| 0);
    let months = 92 * 86_400;
    let wrong = [
        shifted(&|_| months),
        shifted(&|_| -months),
        shifted(&|place| if place == 0 { months } else { -months }),
    ];
    assert!(right.summary.served > 5, "{:#?}", right.summary);
    for run in wrong {
        assert_eq!(run.summary.digest, right.summary.digest);
        assert!(run.violations.is_empty(), "{:?}", run.violations);
    }
}

#[test]
fn after_an_isolation_and_a_crash_nothing_is_lost_and_nothing_is_promised_twice() {
    let offices = offices();
    let faults = format!(
        r#"
[[fault]]
kind = "isolate"
office = "{}"
at = "30m"
for = "50m"
[[fault]]
kind = "office-crash"
office = "{}"
at = "1h"
for = "10m"
[[fault]]
kind = "link-degrade"
between = [["{}"], ["*"]]
at = "20m"
for = "2h"
loss = 0.1
duplicate = 0.05
reorder = 0.1
"#,
        offices[0], offices[1], offices[2]
    );
    let outcome = run(&with(&faults), &SimulateOptions::default());
    check_clean(&outcome);
    assert_eq!(outcome.summary.double_commits, 0);
}

#[test]
fn an_office_that_lost_its_disk_gets_its_log_back_from_the_others() {
    let office = &offices()[1];
    let faults = format!(
        "[[fault]]\nkind = \"office-crash\"\noffice = \"{office}\"\nat = \"1h\"\nfor = \"10m\"\ndisk = \"lost\"\n"
    );
    check_clean(&run(&with(&faults), &SimulateOptions::default()));
}

#[test]
fn whatever_happens_to_one_office_its_machine_and_its_broker_is_made_good() {
    let office = &offices()[1];
    let besides = [
        ("office-pause", ""),
        ("office-clock", "offset_s = -86400\ndrift_ppm = 500"),
        ("disk-full", ""),
        ("disk-unreadable", ""),
        ("lying-relay", "lie = \"replay\""),
        ("lying-relay", "lie = \"forge\""),
        ("lying-relay", "lie = \"withhold\""),
        ("office-crash", "disk = \"torn\""),
        ("office-crash", "disk = \"old\"\nimage_age = \"25m\""),
    ];
    for (kind, keys) in besides {
        let faults = format!(
            "[[fault]]\nkind = \"{kind}\"\noffice = \"{office}\"\nat = \"1h\"\nfor = \"20m\"\n{keys}\n"
        );
        check_clean(&run(&with(&faults), &SimulateOptions::default()));
    }
    for memory in ["keep", "lost"] {
        let faults = format!(
            "[[fault]]\nkind = \"broker-crash\"\nat = \"1h\"\nfor = \"5m\"\nmemory = \"{memory}\"\n"
        );
        check_clean(&run(&with(&faults), &SimulateOptions::default()));
    }
}

#[test]
fn an_entry_that_breaks_a_rule_is_held_by_all_and_what_follows_it_counts() {
    // One office is away when it is said, and gets it from those who heard it.
    let office = &offices()[1];
    let faults = format!(
        "[[fault]]\nkind = \"office-crash\"\noffice = \"{office}\"\nat = \"55m\"\nfor = \"20m\"\n\
         [[fault]]\nkind = \"void-entry\"\nat = \"1h\"\nfor = \"1m\"\n"
    );
    let outcome = run(&with(&faults), &SimulateOptions::default());
    check_clean(&outcome);
    assert_eq!(outcome.voids.0, 1, "{:?}", outcome.voids.1);
    assert_eq!(outcome.summary.faults["void-entry"], 1);
}

/// A run with a second machine of one office, and how often each kind of alarm was raised about it.
fn with_a_second(keys: &str, brokers: Brokers) -> (Outcome, [usize; 2]) {
    let office = &offices()[1];
    let faults = format!(
        "[[fault]]\nkind = \"office-duplicate\"\noffice = \"{office}\"\nat = \"1h\"\nfor = \"30m\"\n{keys}\n"
    );
    let options = SimulateOptions {
        brokers: Some(brokers),
        ..SimulateOptions::default()
    };
    let outcome = run(&with(&faults), &options);
    let count = |words: &str| {
        let named = outcome.alarms.iter();
        named.filter(|it| it.contains(words)).count()
    };
    let counts = [count(" twin: "), count(" take-over: ")];
    (outcome, counts)
}

#[test]
fn a_second_machine_among_its_peers_stands_back_and_both_alarm() {
    for keys in ["", "image_age = \"40m\""] {
        for brokers in [Brokers::One, Brokers::NEIGHBOURS] {
            let (outcome, [twin, take_over]) = with_a_second(keys, brokers);
            check_clean(&outcome);
            assert!(twin >= 2, "{keys}: {:#?}", outcome.alarms);
            assert_eq!(take_over, 0, "{keys}: the first served all the time");
        }
    }
}

#[test]
fn of_two_machines_on_both_sides_of_a_cut_one_is_left_and_no_crew_had_two_masters() {
    let third = &offices()[2];
    for keys in [
        "reaches = []".to_owned(),
        format!("reaches = [\"{third}\"]"),
        format!("reaches = [\"{third}\"]\nimage_age = \"40m\""),
    ] {
        for brokers in [Brokers::One, Brokers::NEIGHBOURS] {
            let (outcome, [twin, _]) = with_a_second(&keys, brokers);
            check_clean(&outcome);
            assert_eq!(outcome.summary.double_commits, 0);
            // Where a third office hears both, the lesser hears of the greater from it.
            assert!(
                twin >= 1 || keys == "reaches = []",
                "{keys}: {:#?}",
                outcome.alarms
            );
        }
    }
}

#[test]
fn whatever_a_storm_of_faults_does_every_invariant_holds_and_all_offices_agree_again() {
    for seed in 1..=12 {
        let options = SimulateOptions {
            seed: Some(seed),
            chaos: Chaos::Storm,
            ..SimulateOptions::default()
        };
        check_clean(&run(QUIET, &options));
    }
}

/// More calls than the crews of three towns can serve, so that every unit is wanted in several places.
const BUSY: [(&str, &str); 3] = [
    ("duration = \"3h\"", "duration = \"80m\""),
    (
        "rate_per_100k_per_day = 15.0",
        "rate_per_100k_per_day = 45.0",
    ),
    (
        "severity = { critical = 0.1, serious = 0.3, moderate = 0.6 }",
        "severity = { critical = 0.3, moderate = 0.3, minor = 0.4 }",
    ),
];

#[test]
fn however_offices_plan_a_storm_breaks_no_invariant_and_whoever_turns_units_does_the_least_harm() {
    let busy = BUSY
        .iter()
        .fold(QUIET.to_owned(), |scenario, (usual, busy)| {
            assert!(scenario.contains(usual), "{usual}");
            scenario.replace(usual, busy)
        });
    let mut harm = Vec::new();
    for policy in Planning::ALL {
        let options = SimulateOptions {
            policy: Some(*policy),
            foresight: true,
            ..SimulateOptions::default()
        };
        let calm = run(&busy, &options);
        check_clean(&calm);
        let foreseen = calm.summary.foreseen_harm_min.unwrap();
        assert!((1..calm.summary.harm_min).contains(&foreseen), "{foreseen}");
        harm.push((calm.summary.harm_min, *policy));
        let storm = SimulateOptions {
            chaos: Chaos::Storm,
            ..options
        };
        check_clean(&run(&busy, &storm));
    }
    harm.sort_unstable();
    assert_eq!(harm[0].1, Planning::Replan, "{harm:?}");
}

#[test]
fn a_recording_begins_with_its_header_and_ends_with_the_digest() {
    let (scenario, region) = Scenario::parse("test.toml", QUIET, &|_| None).unwrap();
    let options = SimulateOptions {
        recording: Recording::On,
        ..SimulateOptions::default()
    };
    let mut lines = Vec::new();
    let outcome = simulate(&scenario, &region, &options, |progress| {
        lines.extend(progress.lines);
    });
    let header: protocol::RecordingHeader = serde_json::from_str(&lines[0]).unwrap();
    assert_eq!(header.scenario, "three-towns");
    let records: Vec<Record> = lines[1..]
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let Some(Record::End { digest, .. }) = records.last() else {
        panic!("the last line is no end");
    };
    assert_eq!(*digest, outcome.summary.digest);
}

#[test]
fn a_run_that_ends_early_suffers_no_fault_that_was_to_come_later() {
    let faults = r#"
[[fault]]
id = "later"
kind = "isolate"
at = "40m"
for = "10m"
office = "990100"
"#;
    let scenario = with(faults);
    let (parsed, _) = Scenario::parse("test.toml", &scenario, &|_| None).unwrap();
    let options = SimulateOptions {
        until: Some(parsed.start + Span::minutes(30)),
        ..SimulateOptions::default()
    };
    check_clean(&run(&scenario, &options));
}

#[test]
fn figures_and_recording_end_with_the_drill_though_the_crews_go_on() {
    let (scenario, region) = Scenario::parse("test.toml", QUIET, &|_| None).unwrap();
    let end = scenario.start + Span::minutes(90);
    let options = SimulateOptions {
        until: Some(end),
        recording: Recording::On,
        ..SimulateOptions::default()
    };
    let mut lines = Vec::new();
    let outcome = simulate(&scenario, &region, &options, |progress| {
        lines.extend(progress.lines);
    });
    let records = lines[1..].iter().map(|line| serde_json::from_str(line));
    let records: Vec<Record> = records.collect::<Result<_, _>>().unwrap();
    let (mut began, mut served) = (0, 0);
    for record in &records {
        let (Record::Frame { at, .. }
        | Record::Truth { at, .. }
        | Record::Refused { at, .. }
        | Record::End { at, .. }) = record;
        assert!(*at <= end, "{record:?}");
        match record {
            Record::Truth {
                event: Truth::Began { .. },
                ..
            } => began += 1,
            Record::Truth {
                event: Truth::Served { .. },
                ..
            } => served += 1,
            _ => {}
        }
    }
    check_clean(&outcome);
    let summary = &outcome.summary;
    assert_eq!((summary.incidents, summary.served), (began, served));
    assert!(outcome.ended_at > end && began > 5, "{summary:#?}");
}
