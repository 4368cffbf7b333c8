//! Operator commands about aid: offer, accept, dispatch, extend, release, recall.

use protocol::{
    Action, AidId, Body, Deciseconds, NeedId, OfferId, OperatorCommand, Release, Remark,
    Requirement, ResourceId, limit, sanitise,
};

use picture::{Need, OfferState};

use crate::answer::{NOT_SERVING, Recorded, Undone, remark};
use crate::barred::is_bound_to_stand_by;
use crate::board::there_after;
use crate::fleet::Decided;
use crate::office::{Office, Turn};
use crate::operator::{done, is_said, recorded};

impl Office {
    pub(crate) fn aid_action(
        &mut self,
        turn: &mut Turn,
        command: &OperatorCommand,
        by: String,
    ) -> Result<Recorded, Undone> {
        match &command.action {
            Action::Request {
                incident,
                kind,
                quantity,
                audience,
                duration,
                stands_by,
            } => {
                let need = Requirement {
                    kind: *kind,
                    quantity: *quantity,
                    duration: *duration,
                };
                let what = (need, *audience, *stands_by);
                self.request(turn, command, *incident, what)
            }
            Action::UpdateNeed {
                need,
                quantity,
                audience,
            } => self.update_need(turn, *need, (*quantity, *audience)),
            Action::WithdrawNeed { need } => self.withdraw_need(turn, *need),
            Action::Offer {
                need,
                resource,
                quantity,
            } => self.offer_by_hand(turn, (*need, *resource, *quantity), &by),
            Action::Decline { need, reason } => self.decline_by_hand(turn, *need, *reason),
            Action::Accept { offer } => self.accept_by_hand(turn, *offer),
            Action::Dispatch {
                need,
                resource,
                override_by,
            } => {
                let decided = Decided {
                    by,
                    override_by: override_by.clone(),
                    request: Some(command.request),
                    ..Decided::default()
                };
                self.dispatch(turn, *need, *resource, decided)
            }
            Action::Decide { proposal, decision } => {
                self.decide(turn, (command, by), (*proposal, decision))
            }
            _ => self.ending_action(turn, command, by),
        }
    }

    fn ending_action(
        &mut self,
        turn: &mut Turn,
        command: &OperatorCommand,
        by: String,
    ) -> Result<Recorded, Undone> {
        match &command.action {
            Action::Extend { aid, until } => self.extend_by_hand(turn, *aid, *until),
            Action::Release { aid } => self.release_by_hand(turn, *aid),
            Action::Authority { unit, answer, post } => {
                let decided = Decided {
                    by,
                    request: Some(command.request),
                    ..Decided::default()
                };
                self.authority_answered(turn, (*unit, *answer, post), decided)
            }
            Action::Recall { aid, reason } => self.recall_by_hand(turn, *aid, reason),
            _ => Err("this action is not for an office".into()),
        }
    }

    /// A11: takes a unit of this office back.
    pub(crate) fn recall_by_hand(
        &mut self,
        turn: &mut Turn,
        aid: AidId,
        reason: &str,
    ) -> Result<Recorded, Undone> {
        if aid.author != self.party() {
            let whose = aid.author;
            let why = format!("{aid} was committed by {whose}; only its owner recalls it");
            return Err(why.into());
        }
        is_said("why the unit is taken back", reason, limit::TEXT_CHARS)?;
        if let Some(known) = self.picture.aid(aid) {
            let resource = known.commit.resource;
            if known.recalled_at.is_some() {
                return Err(Undone::Already(remark(
                    format!("{resource}（{aid}）此前已抽回"),
                    format!("{resource} ({aid}) was recalled already"),
                )));
            }
            if !known.binds() {
                return Err(Undone::Already(serves_no_longer(aid, resource)));
            }
        }
        let reason = sanitise(reason, limit::TEXT_CHARS);
        let written = self.order_home(turn, aid, Some(reason))?;
        Ok(recorded(written, &aid))
    }

    /// A10: a commitment to a need of this office may end.
    pub(crate) fn release_by_hand(
        &mut self,
        turn: &mut Turn,
        aid: AidId,
    ) -> Result<Recorded, Undone> {
        let known = self.picture.aid(aid);
        let known = known.ok_or_else(|| format!("no commitment {aid}"))?;
        if known.commit.need.author != self.party() {
            let why = format!("{aid} serves another office's need; that office releases it");
            return Err(why.into());
        }
        let said = self
            .own()
            .is_some_and(|own| own.released.contains_key(&aid));
        if said || !known.binds() {
            let resource = known.commit.resource;
            return Err(Undone::Already(if known.binds() {
                remark(
                    format!("{resource}（{aid}）此前已解除任务"),
                    format!("{resource} ({aid}) was released already"),
                )
            } else {
                serves_no_longer(aid, resource)
            }));
        }
        let release = Release {
            aid,
            at: turn.now.drill,
            note: String::new(),
            ordered: self.ordered_of(turn, aid),
        };
        let written = self.write_checked(turn, Body::Release(release))?;
        Ok(recorded(written, &aid))
    }

    pub(crate) fn offer_by_hand(
        &mut self,
        turn: &mut Turn,
        (need, resource, quantity): (NeedId, ResourceId, u32),
        by: &str,
    ) -> Result<Recorded, Undone> {
        if need.author == self.party() {
            return Err(format!("{need} is this office's own; dispatch to it instead").into());
        }
        let eta = self.reach(turn, need, resource)?;
        let free = self
            .own()
            .and_then(|own| own.holdings.get(&resource))
            .map_or(0, picture::Holding::free);
        if quantity == 0 || quantity > free {
            return Err(format!("{quantity} of {resource} are wanted and {free} are free").into());
        }
        self.keeps_floor(resource, quantity)?;
        if let Some(asked) = self.ask_authority(turn, (need, resource), by)? {
            return Ok(asked);
        }
        let offered = self.offer(turn, need, (resource, quantity, eta));
        let (written, offer) = offered.ok_or(NOT_SERVING)?;
        Ok(recorded(written, &offer))
    }

    /// I16: what an office keeps for itself is not lent, by hand neither.
    fn keeps_floor(&self, resource: ResourceId, quantity: u32) -> Result<(), String> {
        let Some(own) = self.own() else { return Ok(()) };
        let holding = own
            .holdings
            .get(&resource)
            .filter(|it| !it.is_standing_by());
        let Some(kind) = holding.map(|it| it.resource.kind) else {
            return Ok(());
        };
        let (left, floor) = own.cover(kind);
        if left.saturating_sub(quantity) >= floor {
            return Ok(());
        }
        Err(format!(
            "the home floor keeps {floor} of {kind} and {left} are free; offer less, or let another \
             office offer"
        ))
    }

    pub(crate) fn accept_by_hand(
        &mut self,
        turn: &mut Turn,
        offer: OfferId,
    ) -> Result<Recorded, Undone> {
        let known = self.picture.offer(offer);
        let known = known.ok_or_else(|| format!("no offer {offer} is known"))?;
        let (need, state) = (known.offer.need, known.state);
        if need.author != self.party() {
            return Err(format!("{offer} answers a need of {}", need.author).into());
        }
        let asked = self.known_need(need)?;
        match state {
            OfferState::Committed => return Err(self.committed_already(need, offer)),
            OfferState::Open if asked.accepted.contains_key(&offer) => {
                let owner = offer.author;
                return Err(Undone::Already(remark(
                    format!("支援答复 {offer} 此前已确认接收，待 {owner} 调派"),
                    format!("{offer} is accepted already; {owner} has not committed it yet"),
                )));
            }
            OfferState::Open => {}
            OfferState::Refused | OfferState::Ended => {
                return Err(remark(
                    format!("支援答复 {offer} 已失效，请重新请求支援"),
                    format!("{offer} holds no longer; ask again"),
                )
                .into());
            }
        }
        let resources = known.offer.lines.iter().map(|line| line.resource).collect();
        self.is_open(turn, asked)?;
        let written = self.accept(turn, need, offer, resources);
        Ok(done(written, &offer.to_string(), NOT_SERVING)?)
    }

    /// That an offer became a commitment, and which.
    fn committed_already(&self, need: NeedId, offer: OfferId) -> Undone {
        let aids = self.picture.aids_for(need);
        let aids = aids.filter(|aid| aid.commit.offer == Some(offer));
        let aids: Vec<String> = aids.map(|aid| aid.commit.aid.to_string()).collect();
        let aids = aids.join(", ");
        Undone::Already(remark(
            format!("支援答复 {offer} 此前已确认接收，并已调派（{aids}）"),
            format!("{offer} is accepted already and committed as {aids}"),
        ))
    }

    pub(crate) fn dispatch(
        &mut self,
        turn: &mut Turn,
        need: NeedId,
        resource: ResourceId,
        decided: Decided,
    ) -> Result<Recorded, Undone> {
        if need.author != self.party() {
            return Err(format!("{need} is {}'s need; offer to it instead", need.author).into());
        }
        let unit = self
            .own()
            .and_then(|own| own.holdings.get(&resource))
            .and_then(|holding| holding.unit())
            .ok_or_else(|| format!("{resource} is no unit of this office"))?;
        if !unit.is_free() {
            let state = unit.state;
            return Err(format!("{resource} is {state}; choose one that is available").into());
        }
        if !self.is_sure_of(resource) {
            return Err(format!(
                "nothing was heard of {resource} since this office booted; wait for its terminal, or \
                 have its state read back and enter it"
            )
            .into());
        }
        let eta = self.reach(turn, need, resource)?;
        if let Some(asked) = self.ask_authority(turn, (need, resource), &decided.by)? {
            return Ok(asked);
        }
        self.give_up_silent(turn, need);
        let written = self.commit(turn, need, (resource, 1, eta), decided);
        Ok(done(written, &resource.to_string(), NOT_SERVING)?)
    }

    /// When a resource of ours would be there, if it can do what a need asks and the need still asks
    /// (I5). No way is no reason not to try by hand: then the way is unknown and stands as zero.
    pub(crate) fn reach(
        &mut self,
        turn: &Turn,
        need: NeedId,
        resource: ResourceId,
    ) -> Result<Deciseconds, String> {
        let asked = self.known_need(need)?;
        let (wanted, to) = (asked.request.kind, asked.request.report_to);
        let own = self.picture.state(self.config.member.party);
        let ours = own
            .and_then(|own| own.holdings.get(&resource))
            .ok_or_else(|| format!("{resource} is no resource of this office"))?;
        if !ours.resource.serves(wanted) {
            return Err(format!(
                "{need} asks for {wanted} and {resource} is {}; choose one of that kind",
                ours.resource.kind
            ));
        }
        if asked.request.stands_by && is_bound_to_stand_by(ours) {
            return Err(format!(
                "{resource} stands by already; release it there first, or choose another"
            ));
        }
        self.is_open(turn, asked)?;
        let way = self.ground.travel(ours.resource.kind, ours.point(), to);
        Ok(there_after(&ours.resource, way.unwrap_or_default()))
    }

    fn is_open(&self, turn: &Turn, asked: &Need) -> Result<(), String> {
        let need = asked.request.need;
        if asked.ended.is_some() {
            return Err(format!("{need} has ended"));
        }
        if self.open_now(asked, turn.now.drill) == 0 {
            return Err(format!(
                "{need} asks for {} and that is spoken for; request more for its incident",
                asked.request.quantity
            ));
        }
        Ok(())
    }
}

/// That a commitment binds its resource no more, however it ended.
pub(crate) fn serves_no_longer(aid: AidId, resource: ResourceId) -> Remark {
    remark(
        format!("{resource} 已不在任务 {aid} 中"),
        format!("{resource} serves {aid} no longer"),
    )
}
