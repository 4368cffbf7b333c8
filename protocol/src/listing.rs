//! What an office answers an operator who asks what there is: needs with their offers and
//! commitments, and its own resources. Every line has the ids that the next command takes.

use serde::{Deserialize, Serialize};

use crate::id::{AidId, NeedId, OfferId, ResourceId};
use crate::quantity::{Deciseconds, Moment};
use crate::words::{Audience, Kind, Severity, UnitState};

/// A need that has not ended, as the office that was asked knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NeedListing {
    /// The need.
    pub need: NeedId,
    /// What is needed.
    pub kind: Kind,
    /// How much of it is asked.
    pub quantity: u32,
    /// How much of that nobody speaks for.
    pub open: u32,
    /// 前置: whether units are to stand by there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stands_by: bool,
    /// How urgent.
    pub severity: Severity,
    /// Who is asked.
    pub audience: Audience,
    /// Where it is, in words; empty if its incident is not known here.
    pub place: String,
    /// When it was asked, drill time.
    pub asked_at: Moment,
    /// Offers that hold and wait for the asker's answer.
    pub offers: Vec<OfferListing>,
    /// Commitments that bind a resource to it.
    pub aids: Vec<AidListing>,
}

/// An offer that waits for an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferListing {
    /// The offer; its author is who offers.
    pub offer: OfferId,
    /// The first resource that it holds.
    pub resource: ResourceId,
    /// How much is offered in all.
    pub quantity: u32,
    /// When the last of it would be there.
    pub eta: Deciseconds,
    /// Until when it holds, drill time.
    pub hold_until: Moment,
}

/// A commitment that binds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AidListing {
    /// The commitment; its author is the owner.
    pub aid: AidId,
    /// What is bound.
    pub resource: ResourceId,
    /// How much of it.
    pub quantity: u32,
    /// When it first arrived, drill time.
    pub arrived_at: Option<Moment>,
    /// Until when its asker last asked it to stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_until: Option<Moment>,
    /// Until when its owner agreed that it stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Moment>,
    /// Whether its owner said last that it stays no longer than was planned.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refused: bool,
}

/// A resource of the office's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceListing {
    /// The resource.
    pub resource: ResourceId,
    /// What it is.
    pub kind: Kind,
    /// Its state; `None` for a stock or capacity.
    pub state: Option<UnitState>,
    /// How much of it is free; 1 for a unit that is.
    pub free: u32,
    /// What binds it.
    pub aid: Option<AidId>,
    /// How old this knowledge is: when it was last heard of, drill time.
    pub as_of: Moment,
}
