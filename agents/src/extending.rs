//! A9: an asker wants a unit for longer, and its owner says how long it stays.
//!
//! It is word between people: nothing is released or recalled by a time alone.

use protocol::{AidId, Body, Extend, ExtendReply, Moment, PartyId};

use crate::aid_command::serves_no_longer;
use crate::answer::{Recorded, Undone, remark};
use crate::office::{Office, Turn};
use crate::operator::recorded;

impl Office {
    /// The asker asks for longer, the owner answers with a time or with none.
    pub(crate) fn extend_by_hand(
        &mut self,
        turn: &mut Turn,
        aid: AidId,
        until: Option<Moment>,
    ) -> Result<Recorded, Undone> {
        let known = self.picture.aid(aid);
        let known = known.ok_or_else(|| format!("no commitment {aid}"))?;
        let (us, asker, resource) = (
            self.party(),
            known.commit.need.author,
            known.commit.resource,
        );
        if !known.binds() {
            return Err(Undone::Already(serves_no_longer(aid, resource)));
        }
        if until.is_some_and(|until| until <= turn.now.drill) {
            return Err("that time is past; say how long from now".into());
        }
        let agreed = (known.until, known.kept_short);
        let body = match (us == asker, us == aid.author) {
            (true, true) => {
                let why =
                    format!("{aid} is this office's own unit at its own need: nobody is asked");
                return Err(why.into());
            }
            (true, false) => self.longer(aid, until)?,
            (false, true) => self.answer_to_longer((aid, asker), (until, agreed))?,
            (false, false) => {
                let owner = aid.author;
                let why = format!("{aid} is between {asker}, who asks, and {owner}, who answers");
                return Err(why.into());
            }
        };
        let written = self.write_checked(turn, body)?;
        Ok(recorded(written, &aid))
    }

    fn longer(&self, aid: AidId, until: Option<Moment>) -> Result<Body, Undone> {
        let until = until.ok_or("say for how long the unit is wanted; `release` lets it go")?;
        if self.asked_until(aid) == Some(until) {
            return Err(Undone::Already(remark(
                format!("{aid} 此前已请求延长至同一时间"),
                format!("{aid} was asked to last until then already"),
            )));
        }
        Ok(Body::Extend(Extend { aid, until }))
    }

    fn answer_to_longer(
        &self,
        (aid, asker): (AidId, PartyId),
        (until, agreed): (Option<Moment>, (Option<Moment>, bool)),
    ) -> Result<Body, Undone> {
        if self.asked_until(aid).is_none() {
            let why =
                format!("{asker} has not asked for {aid} to last longer; `recall` takes it back");
            return Err(why.into());
        }
        if agreed == (until, until.is_none()) {
            return Err(Undone::Already(remark(
                format!("{aid} 此前已如此答复"),
                format!("{aid} was answered so already"),
            )));
        }
        Ok(Body::ExtendReply(ExtendReply { aid, until }))
    }

    /// Until when its asker last asked for a commitment to last.
    pub(crate) fn asked_until(&self, aid: AidId) -> Option<Moment> {
        let asker = self.picture.aid(aid)?.commit.need.author;
        self.picture.state(asker)?.extensions.get(&aid).copied()
    }
}
