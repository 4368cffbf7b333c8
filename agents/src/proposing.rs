//! Advising: the plan as a ranked proposal that people accept, change or decline, with the outcome in
//! the log.
//!
//! A proposal is made anew when it is asked for and when it is decided, so that nobody can accept what
//! the planner would not do any more. What is accepted goes the way of a command by hand, and what
//! such a command may not do no proposal does either.

use std::collections::BTreeMap;

use protocol::{
    AidPass, Body, Deciseconds, Decision, IncidentId, Moment, NeedId, OperatorCommand, Proposal,
    ProposalDecision, ProposalId, ProposedStep, ResourceId, Severity, limit, sanitise,
};

use crate::answer::{NOT_SERVING, Recorded, Undone, remark};
use crate::board::Move;
use crate::explaining::{Scene, Sent};
use crate::fleet::Decided;
use crate::lending::Standing;
use crate::office::{Office, Turn};
use crate::operator::{done, is_said, recorded};

/// Why a unit is called home whose need another reaches sooner.
pub(crate) const RELIEVED: &str = "another unit is there sooner";

impl Office {
    /// What the planner would do now, the most urgent and oldest needs first; what was declined is not
    /// proposed again. Of an incident, what serves it alone. At most [`limit::LISTED`], each with its
    /// reasons, and how many more there are.
    pub(crate) fn proposals(
        &mut self,
        turn: &Turn,
        incident: Option<IncidentId>,
    ) -> (Vec<Proposal>, usize) {
        let proposals = self.ranked(turn);
        let barred = self.barred(Self::planned_for(turn.now.drill));
        let mut given: BTreeMap<ResourceId, BTreeMap<NeedId, u32>> = BTreeMap::new();
        let units = self.policy.postings().keys().map(|pair| (*pair, 1));
        let amounts = self.policy.shares().iter();
        let amounts = amounts.map(|(pair, share)| (*pair, share.quantity));
        let own = proposals.iter().map(|proposal| &proposal.step);
        let own = own.filter_map(|step| Some((step.pair()?, step.quantity())));
        for ((need, resource), quantity) in units.chain(amounts).chain(own) {
            given.entry(resource).or_default().insert(need, quantity);
        }
        let mut scene = Scene {
            us: self.party(),
            picture: &self.picture,
            as_of: Self::planned_for(turn.now.drill),
            sees: self.policy.sees(),
            given,
            barred: &barred,
            doubted: &|unit| self.agenda.doubts.contains_key(&unit),
            leaves: &|need, owner| self.absent.leaves(&self.keeping, need, owner),
            gone: BTreeMap::new(),
            able: BTreeMap::new(),
        };
        let (mut listed, mut more) = (Vec::new(), 0);
        for mut proposal in proposals {
            let sent = Sent::of(&proposal);
            if let Some(sent) = &sent {
                scene.leaves_home(sent);
            }
            if incident.is_some() && incident != self.incident_of(&proposal.step) {
                continue;
            }
            if listed.len() == limit::LISTED {
                more += 1;
                continue;
            }
            proposal.why = sent.and_then(|sent| scene.why(sent, self.ground.as_mut()));
            listed.push(proposal);
        }
        (listed, more)
    }

    /// The incident that a step serves.
    fn incident_of(&self, step: &ProposedStep) -> Option<IncidentId> {
        let need = self.picture.need(self.need_of(step)?)?;
        Some(need.request.incident)
    }

    /// The need that a step serves.
    fn need_of(&self, step: &ProposedStep) -> Option<NeedId> {
        match step {
            ProposedStep::Recall { aid } | ProposedStep::Release { aid } => {
                self.picture.aid(*aid).map(|known| known.commit.need)
            }
            other => other.need(),
        }
    }

    /// The steps of the plan in their order.
    fn ranked(&mut self, turn: &Turn) -> Vec<Proposal> {
        self.watch.touch_pending();
        let moves = self.plan(turn);
        let mut steps = self.acceptances(turn.now.drill);
        let mut spoken_for = BTreeMap::new();
        for (step, _, quantity) in &steps {
            *spoken_for.entry(step.need()).or_insert(0_u32) += quantity;
        }
        for (step, eta, quantity) in moves.iter().map(step_of) {
            // What an offer that waits would cover is not to be covered twice.
            let covered = spoken_for.entry(step.need()).or_default();
            let adds = matches!(
                step,
                ProposedStep::Dispatch { .. } | ProposedStep::Turn { .. }
            );
            if adds && *covered >= quantity {
                *covered -= quantity;
            } else if *covered == 0 || !matches!(step, ProposedStep::Widen { .. }) {
                steps.push((step, eta, quantity));
            }
        }
        let done = self.watch.done.iter();
        steps.extend(done.map(|aid| (ProposedStep::Release { aid: *aid }, None, 0)));
        steps.sort_by_key(|(step, ..)| self.rank(step));
        let declined = self.declined_steps();
        let proposals = steps.into_iter().map(|(step, eta, _)| Proposal {
            id: step.id(),
            step,
            eta,
            why: None,
        });
        proposals
            .filter(|proposal| !declined.contains(&proposal.id))
            .collect()
    }

    /// Offers that the planner would take now.
    fn acceptances(&mut self, now: Moment) -> Vec<(ProposedStep, Option<Deciseconds>, u32)> {
        self.look(now);
        let mut steps = Vec::new();
        for need in &self.watch.offered {
            let Some(asked) = self.picture.need(*need) else {
                continue;
            };
            let mut open = self.open_now(asked, now);
            for best in self.best_offers(asked, now) {
                if open == 0 {
                    break;
                }
                let Standing {
                    eta,
                    offer,
                    quantity,
                    ..
                } = best;
                open = open.saturating_sub(quantity);
                let step = ProposedStep::Accept { need: *need, offer };
                steps.push((step, Some(eta), quantity));
            }
        }
        steps
    }

    fn rank(&self, step: &ProposedStep) -> (Severity, Moment, Option<NeedId>) {
        let need = self.need_of(step);
        let asked = need.and_then(|need| self.picture.need(need));
        asked.map_or_else(
            || (Severity::Minor, Moment::default(), need),
            |asked| (asked.request.severity, asked.request.asked_at, need),
        )
    }

    /// What people declined: of a unit, its way to a need; of anything else, that step.
    fn declined_steps(&self) -> Vec<ProposalId> {
        let said = self.own().map(|own| &own.decisions).into_iter().flatten();
        let declined = said.filter(|said| matches!(said.decision, Decision::Decline { .. }));
        declined.map(|said| said.proposed.id()).collect()
    }

    /// What becomes of a proposal.
    pub(crate) fn decide(
        &mut self,
        turn: &mut Turn,
        (command, by): (&OperatorCommand, String),
        (id, decision): (ProposalId, &Decision),
    ) -> Result<Recorded, Undone> {
        if let Decision::Decline { reason } = decision {
            is_said("why it is declined", reason, limit::TEXT_CHARS)?;
        }
        let proposals = self.ranked(turn);
        let Some(proposed) = proposals.into_iter().find(|proposal| proposal.id == id) else {
            return Err(self.proposed_no_longer(id));
        };
        let what = (command, by.clone());
        let (decision, made) = match decision {
            Decision::Accept => (
                Decision::Accept,
                Some(self.carry_out(turn, what, &proposed)?),
            ),
            Decision::Change { instead } => {
                let other = changed(&proposed, *instead)?;
                let made = self.carry_out(turn, what, &other)?;
                (decision.clone(), Some(made))
            }
            Decision::Decline { reason } => {
                let reason = sanitise(reason, limit::TEXT_CHARS);
                (Decision::Decline { reason }, None)
            }
        };
        let said = ProposalDecision {
            proposed: proposed.step,
            decision,
            by,
            at: turn.now.drill,
        };
        let written = self.write_checked(turn, Body::ProposalDecision(said))?;
        let (about, remark) =
            made.map_or_else(|| (id.to_string(), None), |made| (made.about, made.remark));
        Ok(Recorded {
            remark,
            ..recorded(written, &about)
        })
    }

    /// A unit that another commands was granted for the need that it drives to, and for no other.
    fn may_be_turned(&self, unit: ResourceId) -> Result<(), Undone> {
        let known = self.own().and_then(|own| own.holdings.get(&unit));
        let authority = known.map_or_else(Default::default, |it| it.resource.command_authority);
        if authority.is_own() {
            return Ok(());
        }
        let (zh, en) = (authority.label().zh, authority.label().en);
        Err(remark(
            format!("{unit} 属{zh}指挥，只为原任务授权；请先抽回，再请求授权"),
            format!(
                "{unit} is commanded by the {en}, which granted it for what it drives to; recall \
                     it, and ask for it anew"
            ),
        )
        .into())
    }

    fn proposed_no_longer(&self, id: ProposalId) -> Undone {
        let said = self.own().map(|own| &own.decisions).into_iter().flatten();
        let before = said.rev().find(|said| said.proposed.id() == id);
        if let Some(said) = before {
            let by = &said.by;
            return Undone::Already(remark(
                format!("建议 {id} 此前已由{by}处置"),
                format!("proposal {id} was decided before by {by}"),
            ));
        }
        remark(
            format!("现已无建议 {id}，情况已变；请用 proposals 重新查看，或直接下令"),
            format!(
                "{id} is proposed no longer, for things have changed; list `proposals` again, or order \
                 it by hand"
            ),
        )
        .into()
    }

    /// Does what was proposed, as if an operator had ordered it.
    fn carry_out(
        &mut self,
        turn: &mut Turn,
        (command, by): (&OperatorCommand, String),
        proposed: &Proposal,
    ) -> Result<Recorded, Undone> {
        let decided = Decided {
            by,
            request: Some(command.request),
            ..Decided::default()
        };
        match proposed.step {
            ProposedStep::Accept { offer, .. } => self.accept_by_hand(turn, offer),
            ProposedStep::Dispatch {
                need,
                resource,
                quantity,
            } => {
                let own = self.own().and_then(|own| own.holdings.get(&resource));
                let free = own.map_or(0, picture::Holding::free);
                if own.is_some_and(|holding| holding.unit().is_some()) {
                    return self.dispatch(turn, need, resource, decided);
                }
                let eta = self.reach(turn, need, resource)?;
                if quantity > free {
                    let why = format!("{quantity} of {resource} are wanted and {free} are free");
                    return Err(why.into());
                }
                let written = self.commit(turn, need, (resource, quantity, eta), decided);
                Ok(done(written, &resource.to_string(), NOT_SERVING)?)
            }
            ProposedStep::Turn { need, resource } => {
                self.may_be_turned(resource)?;
                let eta = proposed.eta.unwrap_or_default();
                let written = self.commit(turn, need, (resource, 1, eta), decided);
                Ok(done(written, &resource.to_string(), NOT_SERVING)?)
            }
            ProposedStep::Recall { aid } => self.recall_by_hand(turn, aid, RELIEVED),
            ProposedStep::Release { aid } => self.release_by_hand(turn, aid),
            ProposedStep::GiveUp { need, offer } => {
                let at = turn.now.drill;
                let pass = Body::AidPass(AidPass { need, offer, at });
                let written = self.write_checked(turn, pass)?;
                Ok(recorded(written, &offer))
            }
            ProposedStep::Offer {
                need,
                resource,
                quantity,
            } => self.offer_by_hand(turn, (need, resource, quantity), &decided.by),
            ProposedStep::Widen { need, audience } => {
                self.update_need(turn, need, (None, Some(audience)))
            }
            ProposedStep::Decline { need, reason } => self.decline_by_hand(turn, need, reason),
        }
    }
}

/// The same with another resource; a unit in place of one that drives is dispatched.
fn changed(proposed: &Proposal, instead: ResourceId) -> Result<Proposal, Undone> {
    let step = match proposed.step {
        ProposedStep::Dispatch { need, quantity, .. } => ProposedStep::Dispatch {
            need,
            resource: instead,
            quantity,
        },
        ProposedStep::Turn { need, .. } => ProposedStep::Dispatch {
            need,
            resource: instead,
            quantity: 1,
        },
        ProposedStep::Offer { need, quantity, .. } => ProposedStep::Offer {
            need,
            resource: instead,
            quantity,
        },
        _ => {
            return Err(remark(
                "此建议不派力量，不能改派；请采纳或不采纳".to_owned(),
                "this proposal sends nothing that could be another; accept or decline it"
                    .to_owned(),
            )
            .into());
        }
    };
    let id = step.id();
    Ok(Proposal {
        id,
        step,
        eta: None,
        why: None,
    })
}

/// A move as it is proposed: when it is there, and how much of its need it covers.
fn step_of(step: &Move) -> (ProposedStep, Option<Deciseconds>, u32) {
    match step.clone() {
        Move::Commit {
            need,
            resource,
            quantity,
            eta,
        } => {
            let step = ProposedStep::Dispatch {
                need,
                resource,
                quantity,
            };
            (step, Some(eta), quantity)
        }
        Move::Offer {
            need,
            resource,
            quantity,
            eta,
        } => {
            let step = ProposedStep::Offer {
                need,
                resource,
                quantity,
            };
            (step, Some(eta), quantity)
        }
        Move::Turn {
            need,
            resource,
            eta,
        } => (ProposedStep::Turn { need, resource }, Some(eta), 1),
        Move::GiveUp { need, offer } => (ProposedStep::GiveUp { need, offer }, None, 0),
        Move::Recall { aid } => (ProposedStep::Recall { aid }, None, 0),
        Move::Widen { need, audience } => (ProposedStep::Widen { need, audience }, None, 0),
        Move::Decline { need, reason } => (ProposedStep::Decline { need, reason }, None, 0),
    }
}
