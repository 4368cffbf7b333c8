//! What a policy sees and what it may do: slots, resources, ways and moves.

use std::collections::BTreeMap;

use picture::Need;
use protocol::{
    Audience, Deciseconds, DeclineReason, Kind, Moment, NeedId, Point, Resource, ResourceId,
    Severity, Span,
};

/// A part of a need that nobody has committed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// The need.
    pub need: NeedId,
    /// What is needed.
    pub kind: Kind,
    /// How many are missing.
    pub open: u32,
    /// How urgent.
    pub severity: Severity,
    /// When it was asked.
    pub asked_at: Moment,
    /// Where to.
    pub to: Point,
    /// Who is asked now.
    pub audience: Audience,
    /// When the ring was last widened.
    pub widened_at: Moment,
}

impl Slot {
    /// The open part of a need.
    pub(crate) fn of(asked: &Need, open: u32) -> Self {
        let request = &asked.request;
        Self {
            need: request.need,
            kind: request.kind,
            open,
            severity: request.severity,
            asked_at: request.asked_at,
            to: request.report_to,
            audience: request.audience,
            widened_at: asked.widened_at,
        }
    }
}

/// A unit of one's own that could go, or a stock of which something is free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Idle<'a> {
    /// What it is. It travels as its main kind, and the home floor counts that.
    pub resource: &'a Resource,
    /// Where it is.
    pub point: Point,
    /// How much of it is free; 1 for a unit. None is left once the plan has decided about it.
    pub quantity: u32,
    /// Whether it has just come free.
    pub freed: bool,
}

impl Idle<'_> {
    pub(crate) fn could(&self, kind: Kind) -> bool {
        self.quantity > 0 && self.resource.serves(kind)
    }

    /// Takes it out of the plan. One plan decides about a resource once: what a slot leaves of a
    /// stock waits for the next plan.
    pub(crate) fn take(&mut self) -> (ResourceId, u32) {
        (self.resource.resource, std::mem::take(&mut self.quantity))
    }
}

/// When a resource is there whose way takes so long: it makes ready first.
pub(crate) fn there_after(resource: &Resource, way: Deciseconds) -> Deciseconds {
    let ready = u32::try_from(resource.readiness.0 / 100_000).unwrap_or(u32::MAX);
    Deciseconds(way.0.saturating_add(ready))
}

/// All that a policy sees.
pub struct Board<'a> {
    /// Drill time.
    pub now: Moment,
    /// One's own needs.
    pub own: Vec<Slot>,
    /// Needs of others that ask this office, without those it has offers out for.
    pub asked: Vec<Slot>,
    /// Units that could go, by id: all of every kind of which one could serve a slot.
    pub idle: Vec<Idle<'a>>,
    /// What is never lent.
    pub floors: &'a BTreeMap<Kind, u32>,
    /// How long a ring is asked before the next.
    pub window: Span,
    /// How long units take to where they are wanted.
    pub ways: &'a mut dyn Ways,
}

/// How long units take to where they are wanted: readiness and travel.
pub trait Ways {
    /// When a unit would be there; `None` if there is no way.
    fn eta(&mut self, unit: &Idle<'_>, to: Point) -> Option<Deciseconds>;

    /// A time that [`Ways::eta`] never goes below, quicker to tell.
    fn least(&self, unit: &Idle<'_>, to: Point) -> Deciseconds;
}

/// What a policy would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Move {
    /// Commit a unit to one's own need.
    Commit {
        /// The need.
        need: NeedId,
        /// The unit or stock.
        resource: ResourceId,
        /// How much of it; 1 for a unit.
        quantity: u32,
        /// When it would be there.
        eta: Deciseconds,
    },
    /// Hold a unit for another's need.
    Offer {
        /// The need.
        need: NeedId,
        /// The unit or stock.
        resource: ResourceId,
        /// How much of it; 1 for a unit.
        quantity: u32,
        /// When it would be there.
        eta: Deciseconds,
    },
    /// Ask a wider ring.
    Widen {
        /// The need.
        need: NeedId,
        /// The ring.
        audience: Audience,
    },
    /// Tell the asker that nothing can be lent.
    Decline {
        /// The need.
        need: NeedId,
        /// Why.
        reason: DeclineReason,
    },
}
