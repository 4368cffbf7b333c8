//! Resource inventory 应急资源: units, stocks and capacities, each changed by its home office alone.

use serde::{Deserialize, Serialize};

use crate::authority::CommandAuthority;
use crate::id::{AidId, FacilityId, RequestId, ResourceId};
use crate::quantity::{Deciseconds, Moment, Point, Span};
use crate::words::{Form, Kind, UnitState};

/// An entry of the inventory: what a resource is. Its state travels in [`UnitStatus`] and [`StockStatus`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// The resource; its home office is the author, for ever.
    pub resource: ResourceId,
    /// What it is.
    pub kind: Kind,
    /// What people call it.
    pub name: String,
    /// Further kinds whose work it can do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Kind>,
    /// Type I (most capable) to IV within its kind.
    pub grade: u8,
    /// Depot, station or hospital where it lives.
    pub home: FacilityId,
    /// Where that is.
    pub point: Point,
    /// Time from order to wheels rolling.
    pub readiness: Span,
    /// How long its crew may be out at a stretch before another relieves it at home; no limit if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shift: Option<Span>,
    /// For stock and capacity: how many there are in all. 1 for a unit.
    pub quantity: u32,
    /// For stock and capacity: what is counted (吨, 套, 床). Empty for a unit.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub measure: String,
    /// Who commands it.
    #[serde(default, skip_serializing_if = "CommandAuthority::is_own")]
    pub command_authority: CommandAuthority,
    /// True for invented inventories 演示数据, which say so wherever they are shown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub demo: bool,
}

/// The least that an office keeps of a kind for itself 自保底线.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HomeFloor {
    /// The kind.
    pub kind: Kind,
    /// Units of it that are never lent; committing below it needs an override on record (I16).
    pub keep: u32,
}

/// What a unit does now, as its office knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitStatus {
    /// The unit.
    pub unit: ResourceId,
    /// Its state.
    pub state: UnitState,
    /// When that was true, drill time.
    pub as_of: Moment,
    /// The commitment that it serves, while it serves one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aid: Option<AidId>,
    /// Where it was then, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub point: Option<Point>,
    /// How long it still travels, while it travels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eta: Option<Deciseconds>,
    /// True once its work at the scene is done and it could be released.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub work_done: bool,
    /// Who says so.
    pub source: StatusSource,
}

/// Who reported a unit's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StatusSource {
    /// The office itself, from its own decision or inventory.
    Office,
    /// The unit's terminal, which has obeyed commands up to this number.
    Terminal {
        /// The last command that the terminal obeyed.
        last_command: u32,
    },
    /// 代报: an operator, for a unit without a terminal.
    Proxy {
        /// Who phoned, as a post, not a name.
        caller: String,
        /// When, drill time.
        called_at: Moment,
        /// The dispatcher who read the order back and heard it confirmed.
        dispatcher: String,
        /// The request, so that an entry made twice counts once.
        request: RequestId,
    },
}

/// How much there is of a stock or a capacity after a count or a correction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockStatus {
    /// The stock or capacity.
    pub resource: ResourceId,
    /// Counted amount on hand, or free room.
    pub on_hand: u32,
    /// When it was counted, drill time.
    pub as_of: Moment,
    /// Why the number changed: a delivery, a count, use.
    pub reason: String,
    /// The request, so that an adjustment made twice counts once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestId>,
}

impl Resource {
    /// Whether this is one thing, an amount or room.
    pub fn form(&self) -> Form {
        self.kind.form()
    }

    /// Whether it can do work of the kind.
    pub fn serves(&self, kind: Kind) -> bool {
        self.kind == kind || self.also.contains(&kind)
    }
}
