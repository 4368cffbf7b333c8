//! What a policy sees and what it may do: slots, resources, ways and moves.

use std::collections::BTreeMap;

use picture::Need;
use protocol::{
    AidId, Audience, Deciseconds, DeclineReason, Kind, Moment, NeedId, OfferId, PartyId, Point,
    Resource, ResourceId, Severity, Span,
};

use crate::barred::Barred;

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
    /// 前置: whether units are to stand by there.
    pub stands_by: bool,
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
            stands_by: request.stands_by,
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
    /// Whether it stands by away from home: no floor counts it.
    pub stands_by: bool,
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
    let ready = resource.readiness.deciseconds();
    Deciseconds(way.0.saturating_add(ready.0))
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
    /// Which resource is not to serve which need, and why.
    pub barred: &'a Barred,
    /// The whole region, for policies that see it.
    pub whole: Option<Whole<'a>>,
}

impl Board<'_> {
    /// Whether a resource could serve a need for work of a kind.
    pub(crate) fn could(&self, unit: &Idle<'_>, slot: &Slot) -> bool {
        let bar = || self.barred.get(slot.need, unit.resource.resource);
        unit.could(slot.kind) && bar().is_none()
    }
}

/// What is known of the whole region.
#[derive(Debug)]
pub struct Whole<'a> {
    /// This office.
    pub us: PartyId,
    /// The moment that the plan is made for: offices that know the same about one minute plan alike.
    pub as_of: Moment,
    /// What of every office's needs for units nobody speaks for, not even an offer, by need. Of a need
    /// that a unit drives to which could be turned, that unit's part too.
    pub slots: Vec<Slot>,
    /// The same of needs for what is counted by amount: stocks and room.
    pub amounts: Vec<Slot>,
    /// Every office's units that could go, by owner and id.
    pub units: Vec<Reserve<'a>>,
    /// Every office's stocks and room of which something is free, by owner and id.
    pub stores: Vec<Store<'a>>,
    /// What each owner never lends.
    pub floors: BTreeMap<(PartyId, Kind), u32>,
    /// Counts the changes of roads, as told.
    pub roads: u64,
}

/// A unit of some office that could go, now or later.
#[derive(Debug, Clone, Copy)]
pub struct Reserve<'a> {
    /// Whose it is.
    pub owner: PartyId,
    /// The unit, and the place from where it would set out.
    pub unit: Idle<'a>,
    /// When it would.
    pub when: When,
}

/// A stock or room of some office.
#[derive(Debug, Clone, Copy)]
pub struct Store<'a> {
    /// Whose it is.
    pub owner: PartyId,
    /// What it is, and how much of it is free.
    pub stock: Idle<'a>,
}

/// When a unit could set out for another need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// At once.
    Now,
    /// Then, as far as it can be told: it is at work, or on its way home.
    Later(Moment),
    /// At once, if its owner turns it: it drives.
    Turned(Drive),
}

/// A unit's drive, as far as its office knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drive {
    /// The commitment that it serves.
    pub aid: AidId,
    /// The need that it is to serve; `None` on its way home.
    pub need: Option<NeedId>,
    /// The offer that it came of, if it is lent.
    pub offer: Option<OfferId>,
    /// Where to.
    pub to: Point,
    /// When it is there.
    pub there: Moment,
}

/// How long units take to where they are wanted: readiness and travel.
pub trait Ways {
    /// When a unit would be there; `None` if there is no way.
    fn eta(&mut self, unit: &Idle<'_>, to: Point) -> Option<Deciseconds>;

    /// A time that [`Ways::eta`] never goes below, quicker to tell.
    fn least(&self, unit: &Idle<'_>, to: Point) -> Deciseconds;
}

/// Without making ready: how long a unit that drives already takes.
pub(crate) fn under_way(resource: &Resource, eta: Deciseconds) -> Deciseconds {
    let ready = there_after(resource, Deciseconds(0));
    Deciseconds(eta.0.saturating_sub(ready.0))
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
    /// Turn a unit from the need that it drives to, to another of one's own.
    Turn {
        /// The need that it is to serve.
        need: NeedId,
        /// The unit.
        resource: ResourceId,
        /// When it would be there.
        eta: Deciseconds,
    },
    /// Give up an offer that was accepted: its owner has better use of the unit, which has not arrived.
    GiveUp {
        /// The need.
        need: NeedId,
        /// The offer.
        offer: OfferId,
    },
    /// Call home a unit that drives to a need of one's own: another is there sooner.
    Recall {
        /// The commitment.
        aid: AidId,
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
