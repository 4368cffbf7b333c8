//! How objectives are graded when the drill is over.

use protocol::{Figure, Span, Truth};

use crate::{MOUNTAIN, note, run};

#[test]
fn objectives_are_graded_when_the_drill_is_over_by_what_truly_happened() {
    let objectives = r#"
[[objective]]
id = "TIMELY"
title = "及时到场"
measure = "response-p90"
severity = "critical"
grades = ["40m", "50m", "60m"]

[[objective]]
id = "SLOW"
title = "及时接报"
measure = "intake-p50"
grades = ["1ms", "2ms", "3ms"]

[[objective]]
id = "NOWHERE"
title = "别处"
measure = "served-percent"
areas = [990100]
grades = [100, 90, 80]

[[objective]]
id = "ACTS"
title = "预期行动"
measure = "expected-percent"
grades = [100, 50, 20]

[[objective]]
id = "PEOPLE"
title = "人判"
"#;
    let serving = |number: &str, at: &str, seen: &str| {
        let keys = format!(
            "at = \"{at}\"\nobjective = \"ACTS\"\n\
             expected = {{ within = \"5m\", action = \"看\", seen = {{ {seen} }} }}"
        );
        note(number, &keys)
    };
    let acts = [
        serving("A", "9m", r#"said = "first-report""#),
        serving("B", "9m", r#"said = "warning""#),
        // Its time is not up at the end, so that it says nothing yet.
        serving("C", "2h58m", r#"said = "warning""#),
    ];
    let (outcome, told) = run(&format!("{objectives}{}", acts.concat()));
    let graded = &outcome.summary.objectives;
    let of = |id: &str| graded.iter().find(|it| it.objective == id).unwrap();
    let grade = |id: &str| of(id).grade.as_deref();
    let after = told.iter().find_map(|(_, event)| match event {
        Truth::Reached {
            after, first: true, ..
        } => Some(*after),
        _ => None,
    });
    assert_eq!(of("TIMELY").figure, after.map(Figure::Time));
    assert_eq!(grade("TIMELY"), Some("优"));
    assert_eq!(grade("SLOW"), Some("差"));
    assert_eq!((of("NOWHERE").figure, grade("NOWHERE")), (None, None));
    assert_eq!(of("ACTS").figure, Some(Figure::Percent(50)));
    assert_eq!(grade("ACTS"), Some("良"));
    assert_eq!((of("PEOPLE").measure, grade("PEOPLE")), (None, None));
    let last = told
        .iter()
        .rev()
        .find(|(_, it)| matches!(it, Truth::Graded(_)));
    assert_eq!(last.map(|(at, _)| *at), Some(180));
}

#[test]
fn aid_times_run_from_the_request_to_the_first_unit_of_another_office() {
    let tables = r#"
[[objective]]
id = "AID"
title = "支援落实"
measure = "aid-p90"
grades = ["10m", "20m", "30m"]
"#;
    let (outcome, _) = run(&format!("{tables}{MOUNTAIN}"));
    assert!(outcome.summary.aid_commits > 0);
    let graded = &outcome.summary.objectives[0];
    assert!(matches!(graded.figure, Some(Figure::Time(time)) if time < Span::minutes(10)));
    assert_eq!(graded.grade.as_deref(), Some("优"));
}
