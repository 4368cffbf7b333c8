//! What a drill is to exercise, how that is measured, and which figure has which grade.

use protocol::{Figure, Graded, Measure};
use serde::Serialize;

use super::Which;

/// The grades where a scenario names none: 优、良、中、差.
pub const SCALE: [&str; 4] = ["优", "良", "中", "差"];

/// What the drill is to exercise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Objective {
    /// What injects call it.
    pub id: String,
    /// In words.
    pub title: String,
    /// How it is measured; people judge what has no measure.
    pub measured: Option<Measured>,
}

/// How an objective is measured and graded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Measured {
    /// By what.
    pub measure: Measure,
    /// Over which incidents.
    pub which: Which,
    /// The worst figure of each grade but the last, best first.
    pub bounds: Vec<Figure>,
}

impl Objective {
    /// The grade of a figure on a scale, best first: the first whose bound it reaches, or the last.
    pub fn graded(&self, figure: Option<Figure>, scale: &[String]) -> Graded {
        let bounds = self.measured.as_ref().map_or(&[][..], |it| &it.bounds);
        let graded = figure.filter(|_| !bounds.is_empty());
        let place = graded.map(|it| {
            bounds
                .iter()
                .take_while(|bound| !it.reaches(**bound))
                .count()
        });
        Graded {
            objective: self.id.clone(),
            title: self.title.clone(),
            measure: self.measured.as_ref().map(|it| it.measure),
            figure,
            grade: place.and_then(|place| scale.get(place).cloned()),
            target: bounds.first().copied(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::Span;

    fn objective(measure: Measure, bounds: Vec<Figure>) -> Objective {
        Objective {
            id: "OBJ-1".to_owned(),
            title: "及时到场".to_owned(),
            measured: Some(Measured {
                measure,
                which: Which::default(),
                bounds,
            }),
        }
    }

    #[test]
    fn a_figure_has_the_best_grade_whose_bound_it_reaches() {
        let scale = SCALE.map(str::to_owned);
        let minutes = |count| Figure::Time(Span::minutes(count));
        let timely = objective(Measure::ResponseP90, [10, 15, 25].map(minutes).into());
        let grade = |figure| timely.graded(figure, &scale).grade;
        assert_eq!(grade(Some(minutes(10))).as_deref(), Some("优"));
        assert_eq!(grade(Some(minutes(11))).as_deref(), Some("良"));
        assert_eq!(grade(Some(minutes(25))).as_deref(), Some("中"));
        assert_eq!(grade(Some(minutes(26))).as_deref(), Some("差"));
        assert_eq!(grade(None), None, "nothing was measured");
        let share = objective(Measure::ServedPercent, vec![Figure::Percent(95)]);
        let scale = ["通过".to_owned(), "不通过".to_owned()];
        let graded = share.graded(Some(Figure::Percent(94)), &scale);
        assert_eq!(graded.grade.as_deref(), Some("不通过"));
        assert_eq!(graded.target, Some(Figure::Percent(95)));
    }

    #[test]
    fn what_has_no_bounds_is_measured_and_has_no_grade() {
        let open = objective(Measure::AidP50, Vec::new());
        let graded = open.graded(Some(Figure::Time(Span::minutes(3))), &[]);
        assert_eq!((graded.grade, graded.target), (None, None));
        assert_eq!(graded.figure, Some(Figure::Time(Span::minutes(3))));
    }
}
