//! Units under another authority than their office's: asked for, granted or refused, by its owner's
//! word.

use protocol::{AuthorityAnswer, AuthorityAnswered, AuthorityAsked, ResourceId, UnitState, limit};
use serde::{Deserialize, Serialize};

use crate::author::AuthorState;
use crate::holding::{self, Standing};
use crate::void::Void;

/// What a unit's authority was asked, and whether it has granted it. It is forgotten once the unit is
/// committed, refused or lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authority {
    /// What was asked.
    pub asked: AuthorityAsked,
    /// The post that granted it; while there is none the unit waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted_by: Option<String>,
}

pub(crate) fn ask(state: &mut AuthorState, asked: &AuthorityAsked) -> Result<(), Void> {
    is_post("by", &asked.by)?;
    let holding = holding::of_owner(&mut state.holdings, asked.unit)?;
    let what = asked.unit.to_string();
    let to = UnitState::AwaitingAuthority;
    match &mut holding.standing {
        Standing::Unit(unit) if unit.state == UnitState::Available => unit.state = to,
        Standing::Unit(unit) => {
            let (from, to) = (unit.state.to_string(), to.to_string());
            return Err(Void::Step { what, from, to });
        }
        Standing::Stock(_) => {
            let (from, to) = ("stock".into(), to.to_string());
            return Err(Void::Step { what, from, to });
        }
    }
    holding.as_of = asked.at;
    let asked = asked.clone();
    let granted_by = None;
    state
        .authorities
        .insert(asked.unit, Authority { asked, granted_by });
    Ok(())
}

pub(crate) fn answer(state: &mut AuthorState, answer: &AuthorityAnswered) -> Result<(), Void> {
    is_post("by", &answer.by)?;
    is_post("post", &answer.post)?;
    let what = answer.unit.to_string();
    let waits = state.authorities.get_mut(&answer.unit);
    let waits = waits.filter(|it| it.granted_by.is_none() && it.asked.need == answer.need);
    let waits = waits.ok_or(Void::Unknown { what })?;
    if answer.answer == AuthorityAnswer::Granted {
        waits.granted_by = Some(answer.post.clone());
    } else {
        state.authorities.remove(&answer.unit);
    }
    let holding = holding::of_owner(&mut state.holdings, answer.unit)?;
    if let Standing::Unit(unit) = &mut holding.standing {
        unit.state = UnitState::Available;
    }
    holding.as_of = answer.at;
    Ok(())
}

fn is_post(field: &'static str, post: &str) -> Result<(), Void> {
    if post.trim().is_empty() {
        return Err(Void::Legal { field });
    }
    if post.chars().count() > limit::POST_CHARS {
        return Err(Void::TooLong { field });
    }
    Ok(())
}

impl AuthorState {
    /// Whether each that waits for its authority is one that was asked for.
    pub(crate) fn authorities_are_sound(&self) -> bool {
        let waits = |unit: &ResourceId| {
            let standing = self.holdings.get(unit).and_then(|it| it.unit());
            standing.map(|it| it.state == UnitState::AwaitingAuthority)
        };
        let asked = self.authorities.iter();
        let all = asked.map(|(unit, it)| (unit, it.granted_by.is_none()));
        let mut all = all.map(|(unit, asks)| waits(unit).is_some_and(|waits| waits == asks));
        all.all(|sound| sound)
    }
}
