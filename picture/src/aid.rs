//! Needs, offers and commitments as one author's log tells them.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{
    AidAccept, AidCommit, AidId, AidOffer, AidRequest, AidRequestUpdate, AidWithdraw, Audience,
    Moment, NeedEnd, NeedId, OfferId, PartyId, ResourceId, UnitState, limit,
};
use serde::Serialize;

use crate::author::AuthorState;
use crate::holding::{self, Holding, Standing};
use crate::unit;
use crate::void::Void;

/// A need, as its asker states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
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

/// An offer, as its owner made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Offer {
    /// What was offered.
    pub offer: AidOffer,
    /// Whether it still holds, and if not why.
    pub state: OfferState,
}

/// What became of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OfferState {
    /// The resources are held.
    Open,
    /// Committed, in whole or in part.
    Committed,
    /// Refused after it was accepted.
    Refused,
    /// Lapsed or taken back.
    Ended,
}

/// A commitment, as its owner made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Aid {
    /// What was committed.
    pub commit: AidCommit,
    /// Where it stands.
    pub state: AidState,
    /// When the resource first arrived, drill time.
    pub arrived_at: Option<Moment>,
    /// When its work at the scene was done, drill time: it may be released.
    pub done_at: Option<Moment>,
    /// Until when it was extended.
    pub until: Option<Moment>,
}

/// Where a commitment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AidState {
    /// The resource is bound.
    Live,
    /// Ordered home, by release.
    Released,
    /// Ordered home, by the owner's recall.
    Recalled,
    /// Back, or used up; counted.
    Returned,
    /// Turned to another commitment under a greater fence.
    Redirected,
    /// The unit was lost or damaged on it.
    Lost,
}

impl Aid {
    /// Whether it still binds its resource (I1): only an end that the owner recorded frees it.
    pub fn binds(&self) -> bool {
        matches!(
            self.state,
            AidState::Live | AidState::Released | AidState::Recalled
        )
    }

    /// Whether it counts for the need that it serves.
    pub fn covers(&self) -> bool {
        matches!(
            self.state,
            AidState::Live | AidState::Released | AidState::Returned
        )
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
    need.accepted.insert(accept.offer, accept.resources.clone());
    Ok(())
}

pub(crate) fn offer(
    state: &mut AuthorState,
    author: PartyId,
    offer: &AidOffer,
) -> Result<(), Void> {
    let what = offer.offer.to_string();
    if offer.offer.author != author {
        return Err(Void::NotTheAuthor { what });
    }
    if state.offers.contains_key(&offer.offer) || offer.lines.is_empty() {
        return Err(Void::Step {
            what,
            from: "offered".into(),
            to: "offered".into(),
        });
    }
    if offer.lines.len() > limit::LIST_ITEMS {
        return Err(Void::TooLong { field: "lines" });
    }
    for line in &offer.lines {
        let holding = holding::of_owner(&mut state.holdings, line.resource)?;
        if line.quantity == 0 || line.quantity > holding.free() {
            let (wanted, there) = (line.quantity, holding.free());
            return Err(Void::Quantity {
                what: line.resource.to_string(),
                wanted,
                there,
            });
        }
    }
    for line in &offer.lines {
        let holding = holding::of_owner(&mut state.holdings, line.resource)?;
        holding::hold(holding, (offer.offer, offer.hold_until), line.quantity)?;
    }
    let offered = Offer {
        offer: offer.clone(),
        state: OfferState::Open,
    };
    state.offers.insert(offer.offer, offered);
    Ok(())
}

/// Ends an offer that is open, freeing what it held.
pub(crate) fn end_offer(
    state: &mut AuthorState,
    offer: OfferId,
    to: OfferState,
) -> Result<(), Void> {
    let known = state.offers.get_mut(&offer).ok_or_else(|| Void::Unknown {
        what: offer.to_string(),
    })?;
    let refused_late = known.state == OfferState::Ended && to == OfferState::Refused;
    if known.state != OfferState::Open && !refused_late {
        let (from, to) = (format!("{:?}", known.state), format!("{to:?}"));
        return Err(Void::Step {
            what: offer.to_string(),
            from,
            to,
        });
    }
    known.state = to;
    for line in &known.offer.lines {
        if let Some(holding) = state.holdings.get_mut(&line.resource) {
            holding::unhold(holding, offer);
        }
    }
    Ok(())
}

pub(crate) fn commit(state: &mut AuthorState, author: PartyId, it: &AidCommit) -> Result<(), Void> {
    let what = it.resource.to_string();
    if it.aid.author != author {
        return Err(Void::NotTheAuthor {
            what: it.aid.to_string(),
        });
    }
    if state.aids.contains_key(&it.aid) {
        return Err(Void::Step {
            what,
            from: "committed".into(),
            to: "committed".into(),
        });
    }
    let holding = holding::of_owner(&mut state.holdings, it.resource)?;
    if holding.fence.is_some_and(|fence| it.fence <= fence) {
        return Err(Void::Fence { what });
    }
    let before = bind(holding, it)?;
    if let Some(before) = before.and_then(|aid| state.aids.get_mut(&aid)) {
        before.state = AidState::Redirected;
    }
    let holding = holding::of_owner(&mut state.holdings, it.resource)?;
    holding.fence = Some(it.fence);
    holding.as_of = it.at;
    if let Some(offer) = it.offer {
        finish_offer(state, offer, it.resource);
    }
    let aid = Aid {
        commit: it.clone(),
        state: AidState::Live,
        arrived_at: None,
        done_at: None,
        until: None,
    };
    state.aids.insert(it.aid, aid);
    Ok(())
}

/// Binds a resource to a commitment; tells the one that it is turned away from, if any.
fn bind(holding: &mut Holding, it: &AidCommit) -> Result<Option<AidId>, Void> {
    let what = it.resource.to_string();
    match &mut holding.standing {
        Standing::Unit(unit) => {
            let ours = unit.held.is_some_and(|(offer, _)| Some(offer) == it.offer);
            let free = unit.state == UnitState::Available
                || (unit.state == UnitState::Held && ours)
                || unit::may_divert(unit.state);
            if !free {
                let from = unit.state.to_string();
                return Err(Void::Step {
                    what,
                    from,
                    to: "committed".into(),
                });
            }
            let before = unit.aid.replace(it.aid);
            unit.state = UnitState::Committed;
            unit.held = None;
            unit.eta = Some(it.eta);
            Ok(before)
        }
        Standing::Stock(stock) => {
            let held = it
                .offer
                .and_then(|offer| stock.held.get(&offer))
                .map_or(0, |held| held.0);
            let there = stock.free() + held;
            if it.quantity == 0 || it.quantity > there {
                return Err(Void::Quantity {
                    what,
                    wanted: it.quantity,
                    there,
                });
            }
            if let Some(offer) = it.offer {
                stock.held.remove(&offer);
            }
            stock.committed.insert(it.aid, it.quantity);
            Ok(None)
        }
    }
}

/// A commitment out of an offer ends the offer's hold on everything else once it is spoken for.
fn finish_offer(state: &mut AuthorState, offer: OfferId, committed: ResourceId) {
    let Some(known) = state.offers.get_mut(&offer) else {
        return;
    };
    known.state = OfferState::Committed;
    for line in &known.offer.lines {
        if line.resource != committed
            && let Some(holding) = state.holdings.get_mut(&line.resource)
        {
            holding::unhold(holding, offer);
        }
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

pub(crate) fn live_aid(state: &mut AuthorState, aid: AidId) -> Result<&mut Aid, Void> {
    state.aids.get_mut(&aid).ok_or_else(|| Void::Unknown {
        what: aid.to_string(),
    })
}
