//! Which unit serves which need: every office plans, and acts on the part that it owns.
//!
//! A policy is a pure function of the board. The one built in is today's practice made honest:
//! nearest capable unit by severity; own city, then circle, then region; the home floor kept. A
//! freed unit serves its own city's oldest call first, for otherwise aid feeds on itself and every
//! city's units end up far from home.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
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
    /// How much of it is free; 1 for a unit. None is left once the plan has decided about it.
    pub quantity: u32,
    /// Whether it has just come free.
    pub freed: bool,
}

impl Idle<'_> {
    fn could(&self, kind: Kind) -> bool {
        self.quantity > 0 && self.resource.serves(kind)
    }

    /// Takes it out of the plan. One plan decides about a resource once: what a slot leaves of a
    /// stock waits for the next plan.
    fn take(&mut self) -> (ResourceId, u32) {
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
    for unit in board.idle.iter_mut().filter(|unit| unit.freed) {
        let oldest = board
            .own
            .iter_mut()
            .filter(|slot| slot.open > 0 && unit.could(slot.kind))
            .min_by_key(|slot| (slot.asked_at, slot.need));
        if let Some(slot) = oldest
            && let Some(eta) = (board.eta)(unit, slot.to)
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
    let mut coming = arrivals(board, &slot);
    while open > 0
        && let Some(Reverse((eta, unit))) = coming.pop()
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
    if !could(board, slot.kind).any(|unit| above_floor(board, unit.resource.kind) > 0) {
        let reason = why_none(board, &slot);
        return moves.push(Move::Decline { need, reason });
    }
    let mut open = slot.open;
    let mut coming = arrivals(board, &slot);
    let mut spare = BTreeMap::new();
    let mut kept_home = false;
    while open > 0 {
        let Some(Reverse((eta, unit))) = coming.pop() else {
            let reason = why_not(board, slot.kind, kept_home);
            return moves.push(Move::Decline { need, reason });
        };
        let kind = board.idle[unit].resource.kind;
        let left = spare
            .entry(kind)
            .or_insert_with(|| above_floor(board, kind));
        if *left == 0 {
            kept_home = true;
            continue;
        }
        let (resource, free) = board.idle[unit].take();
        let quantity = free.min(*left).min(open);
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

/// What could serve a kind.
fn could<'a>(board: &'a Board<'_>, kind: Kind) -> impl Iterator<Item = &'a Idle<'a>> {
    board.idle.iter().filter(move |unit| unit.could(kind))
}

/// Why nothing can be lent, when nothing is above its floor. One way there is enough to know: most
/// needs of others end here, and ways are what planning spends its time on.
fn why_none(board: &mut Board<'_>, slot: &Slot) -> DeclineReason {
    let mut could = board.idle.iter().filter(|unit| unit.could(slot.kind));
    let kept_home = could.any(|unit| (board.eta)(unit, slot.to).is_some());
    why_not(board, slot.kind, kept_home)
}

/// Why nothing more can be lent, once everything that has a way there was thought of.
fn why_not(board: &Board<'_>, kind: Kind, kept_home: bool) -> DeclineReason {
    if kept_home {
        return DeclineReason::KeepHome;
    }
    if board.idle.iter().any(|unit| unit.could(kind)) {
        return DeclineReason::Unreachable;
    }
    DeclineReason::Busy
}

/// How much of a kind is free beyond what is never lent.
fn above_floor(board: &Board<'_>, kind: Kind) -> u32 {
    let left = board
        .idle
        .iter()
        .filter(|unit| unit.resource.kind == kind)
        .fold(0_u32, |sum, unit| sum.saturating_add(unit.quantity));
    left.saturating_sub(board.floors.get(&kind).copied().unwrap_or(0))
}

/// When each capable resource would be there, by its place in the list, soonest first; equal times
/// go to the lower id.
fn arrivals(board: &mut Board<'_>, slot: &Slot) -> BinaryHeap<Reverse<(Deciseconds, usize)>> {
    let could = board.idle.iter().enumerate();
    let could = could.filter(|(_, unit)| unit.could(slot.kind));
    could
        .filter_map(|(index, unit)| Some(Reverse(((board.eta)(unit, slot.to)?, index))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A resource whose way to anywhere takes so long; `None` if there is none.
    fn resource(id: &str, kind: Kind, also: &[Kind], way: Option<i32>) -> Resource {
        let body = serde_json::json!({
            "resource": id, "kind": kind, "name": id, "also": also, "grade": 2, "readiness": 0,
            "home": "station-1", "point": Point(way.unwrap_or(-1), 0), "quantity": 1,
        });
        serde_json::from_value(body).unwrap()
    }

    /// What is answered to a neighbour who asks for so many fire crews.
    fn asked(open: u32, keep: u32, resources: &[Resource]) -> (Vec<String>, Option<DeclineReason>) {
        let idle = resources.iter().map(|resource| Idle {
            resource,
            point: resource.point,
            quantity: resource.quantity,
            freed: false,
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
                audience: Audience::Circle,
                widened_at: Moment(0),
            }],
            idle: idle.collect(),
            floors: &BTreeMap::from([(Kind::FireRescue, keep), (Kind::Medical, keep)]),
            window: Span::minutes(1),
            eta: &mut |unit, _| u32::try_from(unit.point.0).ok().map(Deciseconds),
        };
        let (mut offered, mut declined) = (Vec::new(), None);
        for step in Nearest.plan(&mut board) {
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
