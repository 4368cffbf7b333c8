//! Which unit serves which need: every office plans, and acts on the part that it owns.
//!
//! A policy is a pure function of the board. Own-first is today's practice made honest: nearest capable
//! unit by severity; own city, then circle, then region; the home floor kept. A freed unit serves its
//! own city's oldest call first, for otherwise aid feeds on itself and every city's units end up far
//! from home. The others plan for the region, and are in `regional`.

mod cost;
pub use cost::{COST_MAX, Cost, LimitError, SLOTS_MAX, SlotIx, UNITS_MAX, UnitIx};

mod assignment;
pub use assignment::{Assignment, Effort, Settled};

mod certificate;
pub use certificate::{Certificate, Flaw, Problem, StatedSlot};

mod candidates;
pub use candidates::{ARCS_FIRST, Candidates, Reach, Wanted};

mod table;
pub use table::{Table, TableError};

mod harm;
pub use harm::{HORIZON, HarmCurve};

mod dispatch;
pub use dispatch::{
    Approach, ByLeast, Demand, Dispatch, Doing, Planned, Posting, Reason, Serving, Supply, Unserved,
};

mod allotment;
pub use allotment::{
    Allotment, AllotmentFlaw, AllotmentProof, Given, StatedAllotment, StatedWish, StoreIx, WishIx,
};

mod stocks;
pub use stocks::{Allotted, Share, Stock, Stocks};

mod nearest;

mod regional;

use std::collections::BTreeMap;
use std::fmt::Debug;

use protocol::{Audience, Deciseconds, DeclineReason, Kind, NeedId, Planning, ResourceId};

use self::regional::Regional;
use crate::arrivals::Arrivals;
use crate::barred::Bar;
use crate::board::{Board, Move, Slot};

/// A way of planning.
pub trait Policy: Debug + Send {
    /// Its name in files and on screens.
    fn name(&self) -> Planning;

    /// How far it looks.
    fn sees(&self) -> Sees {
        Sees::Own
    }

    /// How many of its plans ran out of effort and were the best so far.
    fn overruns(&self) -> u64 {
        0
    }

    /// Which unit its last plan gave to which need of the region, and when it is there; nothing under a
    /// policy that looks no further than its own office.
    fn postings(&self) -> &BTreeMap<(NeedId, ResourceId), Deciseconds> {
        &NOTHING
    }

    /// How much of which stock its last plan gave to which need of the region; nothing under a policy that
    /// leaves stocks to their owners.
    fn shares(&self) -> &BTreeMap<(NeedId, ResourceId), Share> {
        &NO_SHARES
    }

    /// What to do about this board, best first. What it remembers from one board to the next makes it
    /// quicker and changes nothing.
    fn plan(&mut self, board: &mut Board<'_>) -> Vec<Move>;
}

/// No postings.
static NOTHING: BTreeMap<(NeedId, ResourceId), Deciseconds> = BTreeMap::new();

/// No shares.
static NO_SHARES: BTreeMap<(NeedId, ResourceId), Share> = BTreeMap::new();

/// The policy of this name.
pub fn policy(planning: Planning) -> Box<dyn Policy> {
    match planning {
        Planning::OwnFirst => Box::new(OwnFirst),
        Planning::Nearest | Planning::Batch | Planning::LookAhead | Planning::Replan => {
            Box::new(Regional::new(planning))
        }
    }
}

/// How far a policy looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sees {
    /// Needs that ask this office, and its own units.
    Own,
    /// Every office's needs and units besides.
    Region,
    /// Units that will be free besides.
    Ahead,
    /// And those that drive and could be turned.
    Turning,
}

/// Nearest capable unit by severity; own city, then circle, then region.
#[derive(Debug, Clone, Copy, Default)]
pub struct OwnFirst;

impl Policy for OwnFirst {
    fn name(&self) -> Planning {
        Planning::OwnFirst
    }

    fn plan(&mut self, board: &mut Board<'_>) -> Vec<Move> {
        let mut moves = Vec::new();
        serve_oldest_with_freed(board, &mut moves);
        for index in by_urgency(&board.own) {
            serve_own(board, index, &mut moves);
        }
        for index in by_urgency(&board.asked) {
            serve_asked(board, index, &mut moves);
        }
        moves
    }
}

fn by_urgency(slots: &[Slot]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..slots.len()).collect();
    order.sort_by_key(|i| (slots[*i].severity, slots[*i].asked_at, slots[*i].need));
    order
}

fn serve_oldest_with_freed(board: &mut Board<'_>, moves: &mut Vec<Move>) {
    let barred = board.barred;
    for unit in board.idle.iter_mut().filter(|unit| unit.freed) {
        let oldest = board
            .own
            .iter_mut()
            .filter(|slot| slot.open > 0 && unit.could(slot.kind))
            .filter(|slot| barred.get(slot.need, unit.resource.resource).is_none())
            .min_by_key(|slot| (slot.asked_at, slot.need));
        if let Some(slot) = oldest
            && let Some(eta) = board.ways.eta(unit, slot.to)
        {
            let (resource, free) = unit.take();
            let quantity = free.min(slot.open);
            slot.open -= quantity;
            moves.push(Move::Commit {
                need: slot.need,
                resource,
                quantity,
                eta,
            });
        }
    }
}

fn serve_own(board: &mut Board<'_>, index: usize, moves: &mut Vec<Move>) {
    let slot = board.own[index].clone();
    if slot.open == 0 {
        return;
    }
    let mut open = slot.open;
    let mut coming = Arrivals::at(board, &slot);
    while open > 0
        && let Some((eta, unit)) = coming.next(board)
    {
        let (resource, free) = board.idle[unit].take();
        let quantity = free.min(open);
        open -= quantity;
        moves.push(Move::Commit {
            need: slot.need,
            resource,
            quantity,
            eta,
        });
    }
    board.own[index].open = open;
    if open == 0 {
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

fn serve_asked(board: &mut Board<'_>, index: usize, moves: &mut Vec<Move>) {
    let slot = board.asked[index].clone();
    let need = slot.need;
    // Own calls that wait for this kind come first, however urgent the neighbour's.
    let waits = |own: &Slot| own.open > 0 && own.kind == slot.kind;
    if board.own.iter().any(waits) {
        let reason = DeclineReason::Busy;
        return moves.push(Move::Decline { need, reason });
    }
    let mut open = slot.open;
    let mut coming = Arrivals::at(board, &slot);
    let mut spare = BTreeMap::new();
    let mut kept_home = false;
    while open > 0 {
        let Some((eta, unit)) = coming.next(board) else {
            let reason = why_not(board, &slot, kept_home);
            return moves.push(Move::Decline { need, reason });
        };
        let kind = board.idle[unit].resource.kind;
        let left = if board.idle[unit].stands_by {
            open
        } else {
            *spare
                .entry(kind)
                .or_insert_with(|| above_floor(board, kind))
        };
        if left == 0 {
            kept_home = true;
            coming.leave_home(board, kind);
            continue;
        }
        let (resource, free) = board.idle[unit].take();
        let quantity = free.min(left).min(open);
        spare.remove(&kind);
        open -= quantity;
        moves.push(Move::Offer {
            need,
            resource,
            quantity,
            eta,
        });
    }
}

/// Why nothing more can be lent, once everything that has a way there was thought of.
fn why_not(board: &Board<'_>, slot: &Slot, kept_home: bool) -> DeclineReason {
    if kept_home {
        return DeclineReason::KeepHome;
    }
    if board.idle.iter().any(|unit| board.could(unit, slot)) {
        return DeclineReason::Unreachable;
    }
    let able = board.idle.iter().filter(|unit| unit.could(slot.kind));
    let bars = able.filter_map(|unit| board.barred.get(slot.need, unit.resource.resource));
    bars.max().map_or(DeclineReason::Busy, Bar::reason)
}

/// How much of a kind is free at home beyond what is never lent.
fn above_floor(board: &Board<'_>, kind: Kind) -> u32 {
    let left = board
        .idle
        .iter()
        .filter(|unit| unit.resource.kind == kind && !unit.stands_by)
        .fold(0_u32, |sum, unit| sum.saturating_add(unit.quantity));
    left.saturating_sub(board.floors.get(&kind).copied().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use protocol::{Moment, Point, Resource, Severity, Span};

    use super::*;
    use crate::board::{Idle, Ways};

    /// A resource whose way to anywhere takes so long; `None` if there is none.
    fn resource(id: &str, kind: Kind, also: &[Kind], way: Option<i32>) -> Resource {
        let body = serde_json::json!({
            "resource": id, "kind": kind, "name": id, "also": also, "grade": 2, "readiness": 0,
            "home": "station-1", "point": Point(way.unwrap_or(-1), 0), "quantity": 1,
        });
        serde_json::from_value(body).unwrap()
    }

    /// Ways that take what a unit's longitude says; none if that is negative.
    struct Told;

    impl Ways for Told {
        fn eta(&mut self, unit: &Idle<'_>, _: Point) -> Option<Deciseconds> {
            u32::try_from(unit.point.0).ok().map(Deciseconds)
        }

        fn least(&self, unit: &Idle<'_>, _: Point) -> Deciseconds {
            // As low as it may be for some, exact for others.
            let half = u32::try_from(unit.point.0 / 2).unwrap_or(0);
            Deciseconds(half * (1 + u32::from(half.is_multiple_of(3))))
        }
    }

    /// What is answered to a neighbour who asks for so many fire crews.
    fn asked(open: u32, keep: u32, resources: &[Resource]) -> (Vec<String>, Option<DeclineReason>) {
        let idle = resources.iter().map(|resource| Idle {
            resource,
            point: resource.point,
            quantity: resource.quantity,
            freed: false,
            stands_by: false,
        });
        let mut board = Board {
            now: Moment(0),
            own: Vec::new(),
            asked: vec![Slot {
                need: "440200-1-1".parse().unwrap(),
                kind: Kind::FireRescue,
                open,
                severity: Severity::Serious,
                asked_at: Moment(0),
                to: Point(0, 0),
                stands_by: false,
                audience: Audience::Circle,
                widened_at: Moment(0),
            }],
            idle: idle.collect(),
            floors: &BTreeMap::from([(Kind::FireRescue, keep), (Kind::Medical, keep)]),
            window: Span::minutes(1),
            ways: &mut Told,
            barred: &crate::barred::Barred::default(),
            whole: None,
        };
        let (mut offered, mut declined) = (Vec::new(), None);
        for step in OwnFirst.plan(&mut board) {
            match step {
                Move::Offer { resource, .. } => offered.push(resource.to_string()),
                Move::Decline { reason, .. } => declined = Some(reason),
                other => panic!("{other:?} is no answer"),
            }
        }
        (offered, declined)
    }

    #[test]
    fn what_is_lent_is_the_nearest_and_of_equals_the_lower_id() {
        let crew = |id, way| resource(id, Kind::FireRescue, &[], Some(way));
        let crews = [crew("a", 7), crew("b", 5), crew("c", 9), crew("d", 5)];
        let (offered, declined) = asked(3, 0, &crews);
        assert_eq!((offered.join(" "), declined), ("b d a".into(), None));
    }

    #[test]
    fn whoever_lends_too_little_says_why() {
        let crew = |id, way| resource(id, Kind::FireRescue, &[], way);
        let crews = [crew("a", Some(7)), crew("b", None)];
        let (busy, far, home) = (
            DeclineReason::Busy,
            DeclineReason::Unreachable,
            DeclineReason::KeepHome,
        );
        assert_eq!(asked(1, 0, &[]).1, Some(busy));
        assert_eq!(asked(2, 0, &crews[..1]), (vec!["a".into()], Some(busy)));
        assert_eq!(asked(2, 0, &crews), (vec!["a".into()], Some(far)));
        assert_eq!(asked(1, 2, &crews).1, Some(home));
    }

    #[test]
    fn the_floor_counts_a_unit_by_its_main_kind() {
        let medic = |id, also| resource(id, Kind::Medical, also, Some(5));
        let both = [medic("a", &[Kind::FireRescue]), medic("b", &[])];
        assert_eq!(asked(1, 1, &both), (vec!["a".into()], None));
        assert_eq!(asked(1, 1, &both[..1]).1, Some(DeclineReason::KeepHome));
    }
}
