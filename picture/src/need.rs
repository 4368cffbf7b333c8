//! Needs as their asker's log tells them: asked, widened, answered, ended.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{
    AidAccept, AidPass, AidRequest, AidRequestUpdate, AidWithdraw, Audience, Moment, NeedEnd,
    NeedId, OfferId, PartyId, ResourceId, limit,
};
use serde::{Deserialize, Serialize};

use crate::author::AuthorState;
use crate::void::Void;

/// A need, as its asker states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    /// As first asked, with the quantity and ring in force now.
    pub request: AidRequest,
    /// Offers that it accepted, with their resources.
    pub accepted: BTreeMap<OfferId, Vec<ResourceId>>,
    /// Offers that it passed over.
    pub passed: BTreeSet<OfferId>,
    /// When and why it ended.
    pub ended: Option<(NeedEnd, Moment)>,
    /// When the ring was last widened, drill time.
    pub widened_at: Moment,
}

impl Need {
    /// Whether its asker stands by an offer: it accepted it and did not give it up. What comes of any
    /// other is not for this need, though it bears its name: two machines under one name may have
    /// asked under one number, and an asker that came back from an old disk has not asked again.
    pub fn stands_by(&self, offer: OfferId) -> bool {
        self.accepted.contains_key(&offer) && !self.passed.contains(&offer)
    }
}

/// Whether the ring reaches an office.
pub fn reaches(audience: Audience, same_office: bool, same_circle: bool) -> bool {
    match audience {
        Audience::Own => same_office,
        Audience::Circle => same_circle,
        Audience::Region => true,
    }
}

pub(crate) fn ask(state: &mut AuthorState, author: PartyId, ask: &AidRequest) -> Result<(), Void> {
    let what = ask.need.to_string();
    if ask.need.author != author || ask.incident.author != author {
        return Err(Void::NotTheAuthor { what });
    }
    if !state.incidents.contains_key(&ask.incident) {
        return Err(Void::Unknown {
            what: ask.incident.to_string(),
        });
    }
    if state.needs.contains_key(&ask.need) {
        return Err(Void::Step {
            what,
            from: "asked".into(),
            to: "asked".into(),
        });
    }
    if ask.quantity == 0 {
        return Err(Void::Quantity {
            what,
            wanted: 0,
            there: 1,
        });
    }
    if !ask.report_to.is_on_earth() {
        return Err(Void::Place {
            why: "the point to report to is not on the earth",
        });
    }
    let need = Need {
        request: ask.clone(),
        accepted: BTreeMap::new(),
        passed: BTreeSet::new(),
        ended: None,
        widened_at: ask.asked_at,
    };
    state.needs.insert(ask.need, need);
    Ok(())
}

pub(crate) fn open_need(state: &mut AuthorState, need: NeedId) -> Result<&mut Need, Void> {
    let known = state.needs.get_mut(&need).ok_or_else(|| Void::Unknown {
        what: need.to_string(),
    })?;
    if known.ended.is_some() {
        let (from, to) = ("ended".into(), "changed".into());
        return Err(Void::Step {
            what: need.to_string(),
            from,
            to,
        });
    }
    Ok(known)
}

pub(crate) fn update(state: &mut AuthorState, change: &AidRequestUpdate) -> Result<(), Void> {
    let need = open_need(state, change.need)?;
    if change.quantity == 0 || change.audience < need.request.audience {
        return Err(Void::Step {
            what: change.need.to_string(),
            from: need.request.audience.to_string(),
            to: change.audience.to_string(),
        });
    }
    if change.audience > need.request.audience {
        need.widened_at = change.at;
    }
    need.request.quantity = change.quantity;
    need.request.audience = change.audience;
    Ok(())
}

pub(crate) fn withdraw(state: &mut AuthorState, end: &AidWithdraw) -> Result<(), Void> {
    open_need(state, end.need)?.ended = Some((end.reason, end.at));
    Ok(())
}

pub(crate) fn accept(state: &mut AuthorState, accept: &AidAccept) -> Result<(), Void> {
    if accept.resources.is_empty() || accept.resources.len() > limit::LIST_ITEMS {
        return Err(Void::TooLong { field: "resources" });
    }
    let need = open_need(state, accept.need)?;
    need.passed.remove(&accept.offer);
    need.accepted.insert(accept.offer, accept.resources.clone());
    Ok(())
}

/// The asker does not take an offer, or gives up one that it took and whose owner fell silent.
pub(crate) fn pass(state: &mut AuthorState, pass: &AidPass) -> Result<(), Void> {
    let need = open_need(state, pass.need)?;
    need.accepted.remove(&pass.offer);
    need.passed.insert(pass.offer);
    Ok(())
}
