//! Which unit serves which need: every office plans, and acts on the part that it owns.
//!
//! A policy is a pure function of the board. The one built in is today's practice made honest:
//! nearest capable unit by severity; own city, then circle, then region; the home floor kept. A
//! freed unit serves its own city's oldest call first, for otherwise aid feeds on itself and every
//! city's units end up far from home.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

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
    /// How much of it is free; 1 for a unit.
    pub quantity: u32,
    /// Whether it has just come free.
    pub freed: bool,
}

impl Idle<'_> {
    fn could(&self, slot: &Slot, taken: &BTreeSet<ResourceId>) -> bool {
        self.resource.serves(slot.kind) && !taken.contains(&self.resource.resource)
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
    /// Units that could go.
    pub idle: Vec<Idle<'a>>,
    /// What is never lent.
    pub floors: &'a BTreeMap<Kind, u32>,
    /// How long a ring is asked before the next.
    pub window: Span,
    /// Readiness and road time from a unit to a place; `None` if there is no way.
    pub eta: &'a mut dyn FnMut(&Idle<'_>, Point) -> Option<Deciseconds>,
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

/// A way of planning.
pub trait Policy: Debug + Send {
    /// Its name in files and on screens.
    fn name(&self) -> &'static str;

    /// What to do about this board, best first.
    fn plan(&self, board: &mut Board<'_>) -> Vec<Move>;
}

/// Nearest capable unit by severity; own city, then circle, then region.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nearest;

impl Policy for Nearest {
    fn name(&self) -> &'static str {
        "nearest"
    }

    fn plan(&self, board: &mut Board<'_>) -> Vec<Move> {
        let mut moves = Vec::new();
        let mut taken = BTreeSet::new();
        serve_oldest_with_freed(board, &mut taken, &mut moves);
        let mut order: Vec<usize> = (0..board.own.len()).collect();
        order.sort_by_key(|i| {
            (
                board.own[*i].severity,
                board.own[*i].asked_at,
                board.own[*i].need,
            )
        });
        for index in order {
            serve_own(board, index, &mut taken, &mut moves);
        }
        let mut order: Vec<usize> = (0..board.asked.len()).collect();
        order.sort_by_key(|i| {
            (
                board.asked[*i].severity,
                board.asked[*i].asked_at,
                board.asked[*i].need,
            )
        });
        for index in order {
            serve_asked(board, index, &mut taken, &mut moves);
        }
        moves
    }
}

fn serve_oldest_with_freed(
    board: &mut Board<'_>,
    taken: &mut BTreeSet<ResourceId>,
    moves: &mut Vec<Move>,
) {
    for unit in board.idle.iter().filter(|unit| unit.freed) {
        let oldest = board
            .own
            .iter_mut()
            .filter(|slot| slot.open > 0 && unit.resource.serves(slot.kind))
            .min_by_key(|slot| (slot.asked_at, slot.need));
        if let Some(slot) = oldest
            && let Some(eta) = (board.eta)(unit, slot.to)
        {
            let quantity = unit.quantity.min(slot.open);
            slot.open -= quantity;
            taken.insert(unit.resource.resource);
            moves.push(Move::Commit {
                need: slot.need,
                resource: unit.resource.resource,
                quantity,
                eta,
            });
        }
    }
}

fn serve_own(
    board: &mut Board<'_>,
    index: usize,
    taken: &mut BTreeSet<ResourceId>,
    moves: &mut Vec<Move>,
) {
    while board.own[index].open > 0 {
        let slot = board.own[index].clone();
        let Some((unit, eta)) = nearest(board, &slot, taken) else {
            break;
        };
        let resource = unit.resource.resource;
        let quantity = unit.quantity.min(slot.open);
        board.own[index].open -= quantity;
        taken.insert(resource);
        moves.push(Move::Commit {
            need: slot.need,
            resource,
            quantity,
            eta,
        });
    }
    let slot = &board.own[index];
    if slot.open == 0 {
        return;
    }
    let waited = board.now.since(slot.widened_at) >= board.window;
    let audience = match slot.audience {
        Audience::Own => Audience::Circle,
        Audience::Circle if waited => Audience::Region,
        Audience::Circle | Audience::Region => return,
    };
    moves.push(Move::Widen {
        need: slot.need,
        audience,
    });
}

fn serve_asked(
    board: &mut Board<'_>,
    index: usize,
    taken: &mut BTreeSet<ResourceId>,
    moves: &mut Vec<Move>,
) {
    let slot = board.asked[index].clone();
    // Own calls that wait for this kind come first, however urgent the neighbour's.
    if board
        .own
        .iter()
        .any(|own| own.open > 0 && own.kind == slot.kind)
    {
        moves.push(Move::Decline {
            need: slot.need,
            reason: DeclineReason::Busy,
        });
        return;
    }
    let mut open = slot.open;
    while open > 0 {
        match lendable(board, &slot, taken) {
            Ok((resource, free, eta)) => {
                let quantity = free.min(open);
                open -= quantity;
                taken.insert(resource);
                moves.push(Move::Offer {
                    need: slot.need,
                    resource,
                    quantity,
                    eta,
                });
            }
            Err(reason) => {
                moves.push(Move::Decline {
                    need: slot.need,
                    reason,
                });
                return;
            }
        }
    }
}

/// What could be lent first, how much of it without touching the home floor, and when it would be
/// there.
fn lendable(
    board: &mut Board<'_>,
    slot: &Slot,
    taken: &BTreeSet<ResourceId>,
) -> Result<(ResourceId, u32, Deciseconds), DeclineReason> {
    if !board.idle.iter().any(|unit| unit.could(slot, taken)) {
        return Err(DeclineReason::Busy);
    }
    let mut passed_over = taken.clone();
    let mut otherwise = DeclineReason::Unreachable;
    while let Some((unit, eta)) = nearest(board, slot, &passed_over) {
        let spare = above_floor(board, unit.resource.kind, taken);
        if spare > 0 {
            return Ok((unit.resource.resource, unit.quantity.min(spare), eta));
        }
        otherwise = DeclineReason::KeepHome;
        passed_over.insert(unit.resource.resource);
    }
    Err(otherwise)
}

/// How much of a kind is free beyond what is never lent.
fn above_floor(board: &Board<'_>, kind: Kind, taken: &BTreeSet<ResourceId>) -> u32 {
    let left = board
        .idle
        .iter()
        .filter(|unit| unit.resource.kind == kind && !taken.contains(&unit.resource.resource))
        .fold(0_u32, |sum, unit| sum.saturating_add(unit.quantity));
    left.saturating_sub(board.floors.get(&kind).copied().unwrap_or(0))
}

/// The capable resource that would be there first; equal times go to the lower id.
fn nearest<'a>(
    board: &mut Board<'a>,
    slot: &Slot,
    taken: &BTreeSet<ResourceId>,
) -> Option<(Idle<'a>, Deciseconds)> {
    let mut best: Option<(Deciseconds, Idle<'a>)> = None;
    for unit in board.idle.iter().filter(|unit| unit.could(slot, taken)) {
        let Some(eta) = (board.eta)(unit, slot.to) else {
            continue;
        };
        let sooner = |(time, other): &(Deciseconds, Idle<'_>)| {
            (eta, unit.resource.resource) < (*time, other.resource.resource)
        };
        if best.as_ref().is_none_or(sooner) {
            best = Some((eta, *unit));
        }
    }
    best.map(|(eta, unit)| (unit, eta))
}
