//! The problem of the region as it stood last, brought up to date with what changed since.
//!
//! What a plan comes to does not depend on what went before: it could be made from nothing each time.
//! Only that would take a hundred times as long.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use protocol::{Deciseconds, Kind, Moment, NeedId, PartyId, Point, ResourceId};

use super::{Postings, Refused};
use crate::board::{Reserve, Slot, Ways, When, Whole, there_after, under_way};
use crate::planner::{Approach, ByLeast, Demand, Dispatch, Doing, Effort, Serving, Supply, UnitIx};

/// The most that a plan may look at, in arcs: some hundred times what a burst of 300 incidents takes.
const EFFORT: u64 = 20_000_000;

/// By so much a unit that drives to a need is preferred to others: a crew that is turned, and one that
/// is sent in its stead, lose time that no road table knows (ours, estimated).
const SWITCH: Deciseconds = Deciseconds(3 * 600);

/// Units and needs of the region, numbered.
#[derive(Debug, Clone, Default)]
pub(in crate::planner) struct Standing {
    dispatch: Dispatch,
    serving: Serving,
    known: BTreeMap<ResourceId, Known>,
    asked: BTreeSet<NeedId>,
    refused: Refused,
    roads: u64,
    round: u64,
}

/// A unit as it was last told of.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    owner: PartyId,
    kind: Kind,
    also: Vec<Kind>,
    readiness: Deciseconds,
    point: Point,
    when: When,
    unit: UnitIx,
    /// The last round that had it.
    round: u64,
}

impl Standing {
    /// Brings units up to date; for each number, which of the units has it.
    pub(in crate::planner) fn muster(&mut self, units: &[Reserve<'_>]) -> Vec<usize> {
        self.round += 1;
        let mut by_number = Vec::new();
        for (place, reserve) in units.iter().enumerate() {
            let Some(unit) = self.enlist(reserve) else {
                // What a plan has no room for stays where it is.
                continue;
            };
            if by_number.len() <= unit.place() {
                by_number.resize(unit.place() + 1, usize::MAX);
            }
            by_number[unit.place()] = place;
        }
        let gone = self.known.iter().filter(|it| it.1.round != self.round);
        let gone: Vec<ResourceId> = gone.map(|(resource, _)| *resource).collect();
        for resource in gone {
            self.strike(resource);
        }
        by_number
    }

    /// How many plans ran out of effort.
    pub(in crate::planner) const fn overruns(&self) -> u64 {
        self.dispatch.overruns()
    }

    /// Which units serve each kind.
    pub(in crate::planner) fn serving(&self) -> &Serving {
        &self.serving
    }

    fn enlist(&mut self, reserve: &Reserve<'_>) -> Option<UnitIx> {
        let resource = reserve.unit.resource;
        if let Some(known) = self.known.get_mut(&resource.resource) {
            let same = known.owner == reserve.owner
                && known.kind == resource.kind
                && known.also == resource.also
                && known.readiness == there_after(resource, Deciseconds(0))
                && known.point == reserve.unit.point
                && known.when == reserve.when;
            if same {
                known.round = self.round;
                return Some(known.unit);
            }
            self.strike(resource.resource);
        }
        let supply = Supply {
            resource: resource.resource,
            owner: reserve.owner,
            kind: resource.kind,
            also: resource.also.clone(),
            doing: match reserve.when {
                When::Now => Doing::Waits,
                When::Later(_) => Doing::Works,
                When::Turned(drive) => Doing::Drives(drive.need),
            },
        };
        let unit = self.dispatch.offer(supply.clone()).ok()?;
        self.serving.add(unit, &supply);
        let known = Known {
            owner: reserve.owner,
            kind: supply.kind,
            also: supply.also,
            readiness: there_after(resource, Deciseconds(0)),
            point: reserve.unit.point,
            when: reserve.when,
            unit,
            round: self.round,
        };
        self.known.insert(resource.resource, known);
        Some(unit)
    }

    fn strike(&mut self, resource: ResourceId) {
        if let Some(known) = self.known.remove(&resource) {
            self.dispatch.lose(resource);
            self.serving.remove(known.unit);
        }
    }

    /// Brings up to date what people declined.
    fn heed(&mut self, refused: &Refused) {
        for (need, resource) in self.refused.difference(refused) {
            self.dispatch.allow(*need, *resource);
        }
        for (need, resource) in refused.difference(&self.refused) {
            self.dispatch.forbid(*need, *resource);
        }
        self.refused.clone_from(refused);
    }

    /// The cheapest plan for the region.
    pub(in crate::planner) fn cheapest(
        &mut self,
        whole: &Whole<'_>,
        refused: &Refused,
        ways: &mut dyn Ways,
    ) -> Postings {
        self.heed(refused);
        let by_number = self.muster(&whole.units);
        for ((owner, kind), keep) in &whole.floors {
            self.dispatch.keep(*owner, *kind, *keep);
        }
        let open: BTreeSet<NeedId> = whole.slots.iter().map(|slot| slot.need).collect();
        for need in self.asked.difference(&open) {
            self.dispatch.withdraw(*need);
        }
        self.asked = open;
        for slot in &whole.slots {
            self.dispatch.ask(demand(slot, whole));
        }
        if self.roads != whole.roads {
            self.roads = whole.roads;
            self.dispatch.roads_changed();
        }
        let arriving = Arriving::new(whole, &by_number, ways);
        let mut approach = arriving.approach(&self.serving);
        let planned = self.dispatch.plan(&mut approach, &mut Effort::arcs(EFFORT));
        let to: BTreeMap<NeedId, Point> = whole.slots.iter().map(|it| (it.need, it.to)).collect();
        let mut postings = Postings::new();
        for posting in planned.postings {
            let unit = self.dispatch.unit(posting.resource);
            let eta = unit.and_then(|unit| arriving.eta(unit, to[&posting.need]));
            postings.extend(eta.map(|eta| ((posting.need, posting.resource), eta)));
        }
        postings
    }
}

/// When units are where they are wanted, whosever they are, from the moment that is planned for.
pub(in crate::planner) struct Arriving<'a, 'b> {
    whole: &'a Whole<'b>,
    by_number: &'a [usize],
    ways: RefCell<&'a mut dyn Ways>,
}

impl<'a, 'b> Arriving<'a, 'b> {
    pub(in crate::planner) fn new(
        whole: &'a Whole<'b>,
        by_number: &'a [usize],
        ways: &'a mut dyn Ways,
    ) -> Self {
        Self {
            whole,
            by_number,
            ways: RefCell::new(ways),
        }
    }

    /// Tells a plan how soon units are there.
    pub(in crate::planner) fn approach(&self, serving: &Serving) -> impl Approach {
        ByLeast::new(
            serving,
            |unit, to| self.least(unit, to),
            |unit, to| self.eta(unit, to),
        )
    }

    pub(in crate::planner) fn of(&self, unit: UnitIx) -> &Reserve<'b> {
        &self.whole.units[self.by_number[unit.place()]]
    }

    fn least(&self, unit: UnitIx, to: Point) -> Deciseconds {
        let reserve = self.of(unit);
        let way = || self.ways.borrow().least(&reserve.unit, to);
        self.there(reserve, to, || Some(way())).unwrap_or_default()
    }

    fn eta(&self, unit: UnitIx, to: Point) -> Option<Deciseconds> {
        let reserve = self.of(unit);
        let way = || self.ways.borrow_mut().eta(&reserve.unit, to);
        self.there(reserve, to, way)
    }

    fn there(
        &self,
        reserve: &Reserve<'_>,
        to: Point,
        way: impl FnOnce() -> Option<Deciseconds>,
    ) -> Option<Deciseconds> {
        let from_now = |at: Moment| at.since(self.whole.as_of).deciseconds();
        match reserve.when {
            When::Now => way(),
            When::Later(at) => Some(Deciseconds(way()?.0.saturating_add(from_now(at).0))),
            When::Turned(drive) if drive.to == to && drive.need.is_some() => Some(Deciseconds(
                from_now(drive.there).0.saturating_sub(SWITCH.0),
            )),
            When::Turned(_) => Some(under_way(reserve.unit.resource, way()?)),
        }
    }
}

pub(super) fn demand(slot: &Slot, whole: &Whole<'_>) -> Demand {
    Demand {
        need: slot.need,
        office: slot.need.author,
        kind: slot.kind,
        quantity: slot.open,
        severity: slot.severity,
        waited: whole.as_of.since(slot.asked_at).deciseconds(),
        to: slot.to,
    }
}
