//! Units under another authority: where people decide, one is asked for before it is promised.
//!
//! The answer comes by telephone, and is entered by whoever heard it; what was ordered goes on from
//! there. Where a planner acts it commands the whole fleet of its exercise.

use protocol::{
    AidId, AuthorityAnswer, AuthorityAnswered, AuthorityAsked, Autonomy, Body, NeedId, Ordered,
    PartyId, ResourceId, limit, sanitise,
};

use crate::answer::{Recorded, Undone, remark};
use crate::fleet::Decided;
use crate::office::{Office, Turn};
use crate::operator::{is_said, recorded};

impl Office {
    /// Who ordered what is written now about a resource; `None` where a planner acts.
    pub(crate) fn ordered(&self, turn: &Turn, resource: ResourceId) -> Option<Ordered> {
        let granted = self.own()?.authorities.get(&resource);
        let granted_by = granted.and_then(|it| it.granted_by.as_ref());
        self.ordered_by(turn, (self.party(), resource), granted_by)
    }

    /// The same about what a commitment binds.
    pub(crate) fn ordered_of(&self, turn: &Turn, aid: AidId) -> Option<Ordered> {
        let commit = &self.picture.aid(aid)?.commit;
        let granted = commit.ordered.as_ref();
        let granted_by = granted.and_then(|it| it.granted_by.as_ref());
        self.ordered_by(turn, (aid.author, commit.resource), granted_by)
    }

    fn ordered_by(
        &self,
        turn: &Turn,
        (owner, resource): (PartyId, ResourceId),
        granted_by: Option<&String>,
    ) -> Option<Ordered> {
        let known = self.picture.state(owner)?.holdings.get(&resource);
        Some(Ordered {
            by: turn.post.clone()?,
            command_authority: known
                .map_or_else(Default::default, |it| it.resource.command_authority),
            granted_by: granted_by.cloned(),
        })
    }

    /// Asks for a unit that is another's to grant; `None` if it may be promised at once.
    pub(crate) fn ask_authority(
        &mut self,
        turn: &mut Turn,
        (need, unit): (NeedId, ResourceId),
        by: &str,
    ) -> Result<Option<Recorded>, Undone> {
        let Some(own) = self
            .own()
            .filter(|_| self.config.autonomy == Autonomy::Advise)
        else {
            return Ok(None);
        };
        let Some(holding) = own.holdings.get(&unit).filter(|it| it.unit().is_some()) else {
            return Ok(None);
        };
        let command_authority = holding.resource.command_authority;
        if command_authority.is_own() {
            return Ok(None);
        }
        let (zh, en) = (command_authority.label().zh, command_authority.label().en);
        if let Some(known) = own.authorities.get(&unit) {
            let asked = known.asked.need;
            if known.granted_by.is_some() && asked == need {
                return Ok(None);
            }
            if known.granted_by.is_none() {
                return Err(Undone::Already(remark(
                    format!("{unit} 已为 {asked} 请求，等待{zh}授权"),
                    format!("{unit} was asked for {asked} already and awaits the {en}"),
                )));
            }
        }
        let asked = AuthorityAsked {
            unit,
            need,
            command_authority,
            by: by.to_owned(),
            at: turn.now.drill,
        };
        let written = self.write_checked(turn, Body::AuthorityAsked(asked))?;
        let told = remark(
            format!("{unit} 属{zh}指挥，等待授权；得到答复后请用 authority 录入"),
            format!(
                "{unit} is commanded by the {en} and awaits its authority; enter the answer with \
                 `authority`"
            ),
        );
        Ok(Some(Recorded {
            remark: Some(told),
            ..recorded(written, &unit)
        }))
    }

    /// Enters what an authority answered, and does what waited for it.
    pub(crate) fn authority_answered(
        &mut self,
        turn: &mut Turn,
        (unit, answer, post): (ResourceId, AuthorityAnswer, &str),
        decided: Decided,
    ) -> Result<Recorded, Undone> {
        is_said("who answered", post, limit::POST_CHARS)?;
        let asked = self.own().and_then(|own| own.authorities.get(&unit));
        let waits = asked.filter(|it| it.granted_by.is_none());
        let need = waits.map(|it| it.asked.need).ok_or_else(|| {
            remark(
                format!("{unit} 并未等待授权"),
                format!("{unit} awaits no authority; `resources` lists what does"),
            )
        })?;
        let said = AuthorityAnswered {
            unit,
            need,
            answer,
            post: sanitise(post, limit::POST_CHARS),
            by: decided.by.clone(),
            at: turn.now.drill,
        };
        let written = self.write_checked(turn, Body::AuthorityAnswered(said))?;
        let entered = recorded(written, &unit);
        if answer != AuthorityAnswer::Granted {
            return Ok(entered);
        }
        let done = if need.author == self.party() {
            self.dispatch(turn, need, unit, decided)
        } else {
            self.offer_by_hand(turn, (need, unit, 1), &decided.by)
        };
        // What was answered stands, whatever became of the need meanwhile.
        Ok(done.unwrap_or_else(|undone| Recorded {
            remark: Some(match undone {
                Undone::Already(remark) => remark,
                Undone::Refused(why) => remark(
                    format!("授权已录入，但未能派出：{why}"),
                    format!("the answer is entered, and the unit does not go: {why}"),
                ),
            }),
            ..entered
        }))
    }
}
