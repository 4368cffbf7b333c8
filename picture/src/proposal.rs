//! What people made of proposals: the latest of each author, and what is therefore not to be planned.

use std::collections::BTreeSet;

use protocol::{Decision, NeedId, PartyId, ProposalDecision, ProposedStep, ResourceId, limit};

use crate::author::{AuthorState, REMEMBERED};
use crate::picture::Picture;
use crate::void::Void;

/// An author decides about its own part of a plan alone: its needs, its resources, its commitments.
pub(crate) fn decide(
    state: &mut AuthorState,
    author: PartyId,
    said: &ProposalDecision,
) -> Result<(), Void> {
    if said.by.chars().count() > limit::POST_CHARS {
        return Err(Void::TooLong { field: "by" });
    }
    if let Decision::Decline { reason } = &said.decision
        && reason.chars().count() > limit::TEXT_CHARS
    {
        return Err(Void::TooLong { field: "reason" });
    }
    is_own(state, author, &said.proposed)?;
    if let Decision::Change { instead } = &said.decision {
        let what = instead.to_string();
        if said.proposed.pair().is_none() {
            let (from, to) = ("proposed".into(), "changed".into());
            return Err(Void::Step { what, from, to });
        }
        if !state.holdings.contains_key(instead) {
            return Err(Void::NotTheOwner { what });
        }
    }
    if state.decisions.len() == REMEMBERED {
        state.decisions.remove(0);
    }
    state.decisions.push(said.clone());
    Ok(())
}

fn is_own(state: &AuthorState, author: PartyId, step: &ProposedStep) -> Result<(), Void> {
    let own_need = |need: NeedId| {
        let what = || need.to_string();
        let own = need.author == author;
        own.then_some(())
            .ok_or_else(|| Void::NotTheAuthor { what: what() })
    };
    let own_resource = |resource: ResourceId| {
        let known = state.holdings.contains_key(&resource);
        known.then_some(()).ok_or_else(|| Void::NotTheOwner {
            what: resource.to_string(),
        })
    };
    match step {
        ProposedStep::Dispatch { need, resource, .. } | ProposedStep::Turn { need, resource } => {
            own_need(*need)?;
            own_resource(*resource)
        }
        ProposedStep::Accept { need, .. }
        | ProposedStep::GiveUp { need, .. }
        | ProposedStep::Widen { need, .. } => own_need(*need),
        ProposedStep::Offer { resource, .. } => own_resource(*resource),
        ProposedStep::Recall { aid } if aid.author != author => Err(Void::NotTheAuthor {
            what: aid.to_string(),
        }),
        ProposedStep::Recall { .. }
        | ProposedStep::Release { .. }
        | ProposedStep::Decline { .. } => Ok(()),
    }
}

impl Picture {
    /// Which resource is not to serve which open need, for people declined to send it there. Every
    /// office heeds every owner's and asker's word, so that plans stay equal.
    pub fn refused_pairs(&self) -> BTreeSet<(NeedId, ResourceId)> {
        let said = self.authors().values();
        let said = said.flat_map(|author| &author.state.decisions);
        let pairs = said.filter_map(ProposalDecision::refuses);
        let open = |need: NeedId| self.need(need).is_some_and(|known| known.ended.is_none());
        pairs.filter(|(need, _)| open(*need)).collect()
    }
}
