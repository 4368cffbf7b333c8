//! Operator commands about aid: ask, offer, accept, dispatch, release, recall.

use protocol::{
    Action, Audience, Body, Deciseconds, IncidentId, NeedEnd, NeedId, OfferId, OperatorCommand,
    Requirement, ResourceId, Severity, UnitState, limit, sanitise,
};

use picture::Need;

use crate::answer::Recorded;
use crate::desk::Asked;
use crate::fleet::Decided;
use crate::office::{Office, Turn};
use crate::operator::{done, is_askable, is_said, recorded};
use crate::planner::there_after;

impl Office {
    pub(crate) fn aid_action(
        &mut self,
        turn: &mut Turn,
        command: &OperatorCommand,
        by: String,
    ) -> Result<Recorded, String> {
        match &command.action {
            Action::Request {
                incident,
                kind,
                quantity,
                audience,
                duration,
            } => {
                let need = Requirement {
                    kind: *kind,
                    quantity: *quantity,
                    duration: *duration,
                };
                is_askable(&need)?;
                self.request(turn, command, *incident, (need, *audience))
            }
            Action::WithdrawNeed { need } => {
                let (need, reason, at) = (*need, NeedEnd::Withdrawn, turn.now.drill);
                let end = protocol::AidWithdraw { need, reason, at };
                let written = self.write_checked(turn, Body::AidWithdraw(end))?;
                Ok(recorded(written, &need))
            }
            Action::Offer {
                need,
                resource,
                quantity,
            } => self.offer_by_hand(turn, *need, *resource, *quantity),
            Action::Decline { need, reason } => {
                let (need, reason, at) = (*need, *reason, turn.now.drill);
                let decline = protocol::AidDecline { need, reason, at };
                let written = self.write_checked(turn, Body::AidDecline(decline))?;
                self.agenda.declined.insert(need);
                Ok(recorded(written, &need))
            }
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
                    offer: None,
                };
                self.dispatch(turn, *need, *resource, decided)
            }
            _ => self.ending_action(turn, command),
        }
    }

    fn ending_action(
        &mut self,
        turn: &mut Turn,
        command: &OperatorCommand,
    ) -> Result<Recorded, String> {
        match &command.action {
            Action::Release { aid } => {
                let known = self
                    .picture
                    .aid(*aid)
                    .ok_or_else(|| format!("no commitment {aid}"))?;
                if known.commit.need.author != self.party() {
                    return Err(format!(
                        "{aid} serves another office's need; that office releases it"
                    ));
                }
                let (aid, at) = (*aid, turn.now.drill);
                let release = protocol::Release {
                    aid,
                    at,
                    note: String::new(),
                };
                let written = self.write_checked(turn, Body::Release(release))?;
                Ok(recorded(written, &aid))
            }
            Action::Recall { aid, reason } => {
                let ours = aid.author == self.party();
                if !ours {
                    return Err(format!(
                        "{aid} was committed by {}; only its owner recalls it",
                        aid.author
                    ));
                }
                is_said("why the unit is taken back", reason, limit::TEXT_CHARS)?;
                let reason = sanitise(reason, limit::TEXT_CHARS);
                let written = self.order_home(turn, *aid, Some(reason))?;
                Ok(recorded(written, aid))
            }
            _ => Err("this action is not for an office".into()),
        }
    }

    fn request(
        &mut self,
        turn: &mut Turn,
        command: &OperatorCommand,
        incident: IncidentId,
        (requirement, audience): (Requirement, Audience),
    ) -> Result<Recorded, String> {
        let known = self
            .own()
            .and_then(|own| own.incidents.get(&incident))
            .filter(|incident| incident.is_open())
            .ok_or_else(|| format!("{incident} is no open incident of this office"))?;
        let severity: Severity = known.report.severity;
        let to = known.report.point.unwrap_or_else(|| self.seat());
        let asked = Asked {
            incident,
            severity,
            to,
            audience,
            request: Some(command.request),
        };
        let asked = self.ask(turn, asked, requirement);
        let (ticket, seq, need) = asked.ok_or("this office is not serving")?;
        Ok(Recorded {
            ticket,
            seq,
            about: need.to_string(),
        })
    }

    fn offer_by_hand(
        &mut self,
        turn: &mut Turn,
        need: NeedId,
        resource: ResourceId,
        quantity: u32,
    ) -> Result<Recorded, String> {
        if need.author == self.party() {
            return Err(format!(
                "{need} is this office's own; dispatch to it instead"
            ));
        }
        let eta = self.reach(turn, need, resource)?;
        let free = self
            .own()
            .and_then(|own| own.holdings.get(&resource))
            .map_or(0, picture::Holding::free);
        if quantity == 0 || quantity > free {
            return Err(format!(
                "{quantity} of {resource} are wanted and {free} are free"
            ));
        }
        self.keeps_floor(resource, quantity)?;
        let ticket = self.offer(turn, need, (resource, quantity, eta));
        done(ticket, &need.to_string(), "this office is not serving")
    }

    /// I16: what an office keeps for itself is not lent, by hand neither.
    fn keeps_floor(&self, resource: ResourceId, quantity: u32) -> Result<(), String> {
        let Some(own) = self.own() else { return Ok(()) };
        let Some(kind) = own.holdings.get(&resource).map(|it| it.resource.kind) else {
            return Ok(());
        };
        let floor = own.floors.get(&kind).copied().unwrap_or(0);
        let alike = own.holdings.values().filter(|it| it.resource.kind == kind);
        let left = alike.fold(0_u32, |sum, it| sum.saturating_add(it.free()));
        if left.saturating_sub(quantity) >= floor {
            return Ok(());
        }
        Err(format!(
            "the home floor keeps {floor} of {kind} and {left} are free; offer less, or let another \
             office offer"
        ))
    }

    fn accept_by_hand(&mut self, turn: &mut Turn, offer: OfferId) -> Result<Recorded, String> {
        let known = self
            .picture
            .offer(offer)
            .ok_or_else(|| format!("no offer {offer} is known"))?;
        let need = known.offer.need;
        if need.author != self.party() {
            return Err(format!("{offer} answers a need of {}", need.author));
        }
        if known.state != picture::OfferState::Open {
            return Err(format!("{offer} holds no longer; ask again"));
        }
        let resources = known.offer.lines.iter().map(|line| line.resource).collect();
        self.is_open(turn, self.known_need(need)?)?;
        let written = self.accept(turn, need, offer, resources);
        done(written, &offer.to_string(), "this office is not serving")
    }

    fn dispatch(
        &mut self,
        turn: &mut Turn,
        need: NeedId,
        resource: ResourceId,
        decided: Decided,
    ) -> Result<Recorded, String> {
        if need.author != self.party() {
            return Err(format!(
                "{need} is {}'s need; offer to it instead",
                need.author
            ));
        }
        let state = self
            .own()
            .and_then(|own| own.holdings.get(&resource))
            .and_then(|holding| holding.unit())
            .map(|unit| unit.state)
            .ok_or_else(|| format!("{resource} is no unit of this office"))?;
        if state != UnitState::Available {
            return Err(format!(
                "{resource} is {state}; choose one that is available"
            ));
        }
        let eta = self.reach(turn, need, resource)?;
        self.give_up_silent(turn, need);
        let written = self.commit(turn, need, (resource, 1, eta), decided);
        done(written, &resource.to_string(), "this office is not serving")
    }

    /// When a resource of ours would be there, if it can do what a need asks and the need still asks
    /// (I5). No way is no reason not to try by hand: then the way is unknown and stands as zero.
    fn reach(
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
        self.is_open(turn, asked)?;
        let way = self.ground.travel(ours.resource.kind, ours.point(), to);
        Ok(there_after(&ours.resource, way.unwrap_or_default()))
    }

    fn known_need(&self, need: NeedId) -> Result<&Need, String> {
        let known = self.picture.need(need);
        known.ok_or_else(|| format!("no need {need} is known"))
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
