//! Objectives: how each is measured, and which figure has which grade.

use std::collections::BTreeMap;

use protocol::Figure;

use super::Reader;
use crate::scenario::file::{ObjectiveTable, ScenarioFile};
use crate::scenario::page::shown;
use crate::scenario::{Measured, Objective, SCALE, Which};

/// How many grades a scale has.
const GRADES: std::ops::RangeInclusive<usize> = 2..=6;

/// Characters of a grade.
const GRADE_CHARS: usize = 12;

impl Reader<'_, '_> {
    /// The grades, best first.
    pub(super) fn grades(&mut self, file: &ScenarioFile) -> Vec<String> {
        let Some(scale) = &file.scale else {
            return SCALE.map(str::to_owned).to_vec();
        };
        if !GRADES.contains(&scale.value.len()) {
            let reason = format!("the scale has {} grades", scale.value.len());
            let (least, most) = (GRADES.start(), GRADES.end());
            self.page.fault(
                &scale.span,
                reason,
                format!("write {least} to {most}, best first"),
            );
        }
        let mut words: Vec<String> = Vec::new();
        for word in &scale.value {
            if words.contains(&word.value) || word.value.chars().count() > GRADE_CHARS {
                let reason = format!("\"{}\" is no grade of this scale", shown(&word.value));
                let remedy = format!("write each grade once, at most {GRADE_CHARS} characters");
                self.page.fault(&word.span, reason, remedy);
            }
            words.push(word.value.clone());
        }
        words
    }

    pub(super) fn objectives(&mut self, file: &ScenarioFile, scale: &[String]) -> Vec<Objective> {
        let list = file.objectives.iter().flat_map(|list| &list.value);
        let mut seen = BTreeMap::new();
        let mut objectives = Vec::new();
        for table in list {
            let measured = self.measured(table, scale);
            let (Some(id), Some(title)) = (&table.id, &table.title) else {
                continue;
            };
            self.unique(id, "objective", &mut seen);
            objectives.push(Objective {
                id: id.value.clone(),
                title: title.value.clone(),
                measured,
            });
        }
        objectives
    }

    fn measured(&mut self, table: &ObjectiveTable, scale: &[String]) -> Option<Measured> {
        let areas = table.areas.as_ref().map(|areas| self.area_list(areas));
        let Some(measure) = table.measure.as_ref().map(|it| it.value) else {
            let without = ["severity", "areas", "grades"];
            let mut idle = table.present.iter();
            if let Some(key) = idle.find(|key| without.contains(&key.value.as_str())) {
                let reason = format!("\"{}\" has no measure to go with", key.value);
                self.page
                    .fault(&key.span, reason, "add measure = \"response-p90\"");
            }
            return None;
        };
        let mut bounds: Vec<Figure> = Vec::new();
        for bound in table.grades.iter().flat_map(|list| &list.value) {
            if matches!(bound.value, Figure::Time(_)) != measure.is_time() {
                let reason = format!("{} is no figure of {measure}", bound.value);
                let remedy = if measure.is_time() {
                    "write a time, as in \"12m\""
                } else {
                    "write a whole percentage, as in 95"
                };
                self.page.fault(&bound.span, reason, remedy);
            } else if bounds
                .last()
                .is_some_and(|better| bound.value.reaches(*better))
            {
                let reason = format!("{} is not worse than the grade before it", bound.value);
                self.page
                    .fault(&bound.span, reason, "write the bounds from best to worst");
            }
            bounds.push(bound.value);
        }
        if let Some(grades) = &table.grades
            && bounds.len() + 1 != scale.len()
        {
            let reason = format!("{} bounds for {} grades", bounds.len(), scale.len());
            let remedy = format!(
                "write {}: the worst figure of each grade but the last ({})",
                scale.len().saturating_sub(1),
                scale.join(", ")
            );
            self.page.fault(&grades.span, reason, remedy);
        }
        Some(Measured {
            measure,
            which: Which {
                severity: table.severity.as_ref().map(|it| it.value),
                areas: areas.unwrap_or_default(),
            },
            bounds,
        })
    }
}
