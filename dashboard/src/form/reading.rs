//! From what was typed to a call, or to the first field that is wrong and why.

use protocol::{
    Call, Category, Counts, Label, Moment, Requirement, RequirementError, TimeOfDay, limit,
};

use super::{Field, Form};
use crate::ground::Ground;
use crate::wording as say;

impl Form {
    pub(crate) fn read(
        &self,
        ground: &Ground,
        now: Moment,
        post: &str,
    ) -> Result<Call, (Field, Label)> {
        let place = self.place.text().trim().to_owned();
        if place.is_empty() {
            return Err((Field::Place, say::REQUIRED));
        }
        let event = self.event_code();
        if event.is_empty() {
            return Err((Field::Event, say::REQUIRED));
        }
        let said: Option<TimeOfDay> = self.time.text().parse().ok();
        let occurred_at = said
            .and_then(|said| said.near(now, ground.offset_min))
            .filter(|at| *at <= now)
            .ok_or((Field::Time, say::BAD_TIME))?;
        let summary = self.summary.text().trim().to_owned();
        if summary.chars().count() > limit::SUMMARY_CHARS {
            return Err((Field::Summary, say::TOO_LONG));
        }
        let requires = Requirement::list(&self.needs.text());
        let requires = requires.map_err(|fault| (Field::Needs, why(&fault)))?;
        let seat = ground.seat(self.to());
        let category = ground.events.get(&event).map(|event| event.category);
        Ok(Call {
            request: self.request,
            category: category.unwrap_or(Category::Accident),
            event,
            severity: self.severity(),
            occurred_at,
            received_at: now,
            place,
            area: seat.map(|seat| seat.area).unwrap_or_default(),
            point: None,
            source: post.to_owned(),
            summary,
            counts: Counts::default(),
            requires,
        })
    }
}

/// Why a need cannot be read, as the screen says it.
fn why(fault: &RequirementError) -> Label {
    match fault {
        RequirementError::Form(_) | RequirementError::Duration(_) => say::BAD_NEED,
        RequirementError::Kind { .. } => say::NO_SUCH_KIND,
        RequirementError::Quantity { .. } => say::BAD_QUANTITY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_screen_names_the_limit_that_holds() {
        let most = limit::NEED_QUANTITY.to_string();
        for text in [say::BAD_QUANTITY.zh, say::BAD_QUANTITY.en] {
            assert!(text.contains(&most), "{text}");
        }
    }
}
