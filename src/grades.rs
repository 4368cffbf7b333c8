//! How a drill's objectives were reached, as lines for people.

use protocol::Graded;
use simulator::Injects;

/// A line for each objective: its grade, what was measured, and up to where the best grade goes.
pub(crate) fn lines(graded: &[Graded]) -> Vec<String> {
    let line = |it: &Graded| {
        let grade = it.grade.as_deref().unwrap_or("-");
        let figure = match (it.measure, it.figure) {
            (None, _) => "judged by people".to_owned(),
            (Some(measure), None) => format!("{measure}: nothing to measure"),
            (Some(measure), Some(figure)) => format!("{measure} {figure}"),
        };
        let best = it.target.map(|target| format!(" (best: {target})"));
        let (id, title) = (&it.objective, &it.title);
        format!(
            "objective {id}  {grade}  {figure}{}  {title}",
            best.unwrap_or_default()
        )
    };
    graded.iter().map(line).collect()
}

/// The same, behind what was seen of what is expected after injects, if there were any.
pub(crate) fn told(injects: Injects, graded: &[Graded]) -> Vec<String> {
    let given = (injects != Injects::default()).then(|| seen(injects));
    given.into_iter().chain(lines(graded)).collect()
}

fn seen(it: Injects) -> String {
    let missed = it.expected - it.in_time - it.late - it.open;
    let open = match it.open {
        0 => String::new(),
        open => format!(", {open} with time left"),
    };
    format!(
        "injects: {} given, {} not needed; of {} expected actions {} in time, {} late, {missed} not seen{open}",
        it.given, it.spared, it.expected, it.in_time, it.late
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{Figure, Measure, Span};

    #[test]
    fn an_objective_says_its_grade_and_what_was_measured_or_who_judges() {
        let mut graded = Graded {
            objective: "OBJ-1".to_owned(),
            title: "及时到场".to_owned(),
            measure: Some(Measure::ResponseP90),
            figure: Some(Figure::Time(Span::millis(754_400))),
            grade: Some("良".to_owned()),
            target: Some(Figure::Time(Span::minutes(10))),
        };
        let told = lines(std::slice::from_ref(&graded));
        assert_eq!(
            told,
            ["objective OBJ-1  良  response-p90 12m34s (best: 10m)  及时到场"]
        );
        graded.figure = None;
        assert!(lines(std::slice::from_ref(&graded))[0].contains("nothing to measure"));
        graded.measure = None;
        assert!(lines(&[graded])[0].contains("judged by people"));
    }
}
