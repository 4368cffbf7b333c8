//! Offers and commitments as their owner's log tells them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use protocol::{
    AidCommit, AidId, AidOffer, Moment, OfferId, PartyId, ResourceId, UnitState, limit,
};
use serde::{Deserialize, Serialize};

use crate::author::AuthorState;
use crate::holding::{self, Holding, Standing};
use crate::unit;
use crate::void::Void;

/// An offer, as its owner made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// What was offered.
    pub offer: AidOffer,
    /// Whether it still holds, and if not why.
    pub state: OfferState,
}

/// What became of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aid {
    /// What was committed, shared with the entry that says it.
    pub commit: Arc<AidCommit>,
    /// Where it stands.
    pub state: AidState,
    /// When the resource first arrived, drill time.
    pub arrived_at: Option<Moment>,
    /// When its work at the scene was done, drill time: it may be released.
    pub done_at: Option<Moment>,
    /// When its owner took it back, drill time.
    pub recalled_at: Option<Moment>,
    /// Until when it was extended.
    pub until: Option<Moment>,
    /// Whether its owner said last that it lasts no longer than was planned.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub kept_short: bool,
}

/// Where a commitment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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

    /// Whether it counts for the need that it serves: its work is done, or nobody took it away. Who stood
    /// by and left for work did what it had come for.
    pub fn covers(&self) -> bool {
        let served = self.state == AidState::Redirected && self.stood_by();
        let stays = served
            || matches!(
                self.state,
                AidState::Live | AidState::Released | AidState::Returned
            );
        self.done_at.is_some() || (stays && self.recalled_at.is_none())
    }

    fn stood_by(&self) -> bool {
        self.commit.stands_by && self.arrived_at.is_some()
    }
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
    let mut offered = BTreeSet::new();
    for line in &offer.lines {
        let holding = holding::of_owner(&mut state.holdings, line.resource)?;
        let twice = !offered.insert(line.resource);
        if line.quantity == 0 || line.quantity > holding.free() || twice {
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

pub(crate) fn commit(
    state: &mut AuthorState,
    author: PartyId,
    it: &Arc<AidCommit>,
) -> Result<(), Void> {
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
    if let Some(offer) = it.offer {
        may_commit_from(&state.offers, offer, it)?;
    }
    let is_relieved = holding.is_relieved(it.at);
    let before = bind(holding, it)?;
    holding.set_out(it.at, is_relieved);
    state.authorities.remove(&it.resource);
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
        commit: Arc::clone(it),
        state: AidState::Live,
        arrived_at: None,
        done_at: None,
        recalled_at: None,
        until: None,
        kept_short: false,
    };
    state.aids.insert(it.aid, aid);
    Ok(())
}

/// Whether an offer of this author still promises the resource to the need.
fn may_commit_from(
    offers: &BTreeMap<OfferId, Offer>,
    id: OfferId,
    it: &AidCommit,
) -> Result<(), Void> {
    let what = id.to_string();
    let Some(known) = offers.get(&id) else {
        return Err(Void::Unknown { what });
    };
    let lines = &known.offer.lines;
    let promised = known.offer.need == it.need
        && lines.iter().any(|line| line.resource == it.resource)
        && matches!(known.state, OfferState::Open | OfferState::Committed);
    if promised {
        return Ok(());
    }
    let (from, to) = (format!("{:?}", known.state), "committed".into());
    Err(Void::Step { what, from, to })
}

/// Binds a resource to a commitment; tells the one that it is turned away from, if any.
fn bind(holding: &mut Holding, it: &AidCommit) -> Result<Option<AidId>, Void> {
    let what = it.resource.to_string();
    match &mut holding.standing {
        Standing::Unit(_) if it.quantity != 1 => {
            let (wanted, there) = (it.quantity, 1);
            Err(Void::Quantity {
                what,
                wanted,
                there,
            })
        }
        Standing::Unit(unit) => {
            let ours = unit.held.is_some_and(|(offer, _)| Some(offer) == it.offer);
            let free = match unit.state {
                UnitState::Held => ours,
                state => {
                    let unheld = unit.held.is_none() || ours;
                    unheld && (state == UnitState::Available || unit::may_divert(state))
                }
            };
            // Who stands by somewhere has come for what happens there: another place is no such thing.
            let free = free && !(unit.is_standing_by() && it.stands_by);
            // Whoever turns a unit says from what: nobody does so by mistake.
            let said = unit.aid.filter(|_| unit::may_divert(unit.state)) == it.turned_from;
            if !free || !said {
                let from = unit.state.to_string();
                return Err(Void::Step {
                    what,
                    from,
                    to: "committed".into(),
                });
            }
            let before = unit.aid.replace(it.aid);
            unit.state = UnitState::Committed;
            unit.stands_by = it.stands_by;
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

pub(crate) fn live_aid(state: &mut AuthorState, aid: AidId) -> Result<&mut Aid, Void> {
    state.aids.get_mut(&aid).ok_or_else(|| Void::Unknown {
        what: aid.to_string(),
    })
}
