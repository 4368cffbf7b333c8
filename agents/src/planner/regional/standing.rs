//! The problem of the region as it stood last, brought up to date with what changed since.
//!
//! What a plan comes to does not depend on what went before: it could be made from nothing each time.
//! Only that would take a hundred times as long.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use protocol::{Deciseconds, Kind, Moment, NeedId, PartyId, Point, ResourceId};

use super::reached::{Reached, Stand};
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
    /// By id.
    known: Vec<Known>,
    asked: BTreeSet<NeedId>,
    refused: Refused,
    roads: u64,
    /// The moment that was planned for last.
    as_of: Moment,
    round: u64,
    /// Counts what units stood at.
    stands: u64,
    /// By a unit's number: which of the units has it this time, and where that stands.
    by_number: Vec<(usize, Stand)>,
    reached: Reached,
}

/// How much of what was told is to be told anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Anew {
    /// What has changed.
    Some,
    /// All ways of all units, for time has passed or roads have changed.
    All,
}

/// A unit as it was last told of.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    resource: ResourceId,
    owner: PartyId,
    kind: Kind,
    also: Vec<Kind>,
    readiness: Deciseconds,
    point: Point,
    when: When,
    doing: Doing,
    unit: UnitIx,
    stand: Stand,
    /// The last round that had it.
    round: u64,
}

impl Standing {
    /// Brings units up to date, and what is known of the ways.
    pub(in crate::planner) fn muster(&mut self, whole: &Whole<'_>) {
        self.round += 1;
        let mut anew = Anew::Some;
        if self.as_of != whole.as_of {
            self.as_of = whole.as_of;
            self.dispatch.time_passed();
            anew = Anew::All;
        }
        if self.roads != whole.roads {
            self.roads = whole.roads;
            self.reached.clear();
            self.dispatch.roads_changed();
            anew = Anew::All;
        }
        let wanted = whole.slots.iter().map(|slot| slot.to).collect();
        self.reached.keep(&wanted);
        let mut known = std::mem::take(&mut self.known);
        let (mut arrived, mut next) = (Vec::new(), 0);
        for (place, reserve) in whole.units.iter().enumerate() {
            let id = reserve.unit.resource.resource;
            // Mostly they come in the order in which they are known.
            let found = match known.get(next) {
                Some(known) if known.resource == id => Ok(next),
                _ => known.binary_search_by_key(&id, |known| known.resource),
            };
            let enlisted = match found {
                Ok(at) => {
                    next = at + 1;
                    self.enlist_again(&mut known[at], reserve, anew)
                }
                Err(_) => self.enlist(reserve).map(|new| {
                    let told = (new.unit, new.stand);
                    arrived.push(new);
                    told
                }),
            };
            let Some((unit, stand)) = enlisted else {
                // What a plan has no room for stays where it is.
                continue;
            };
            if self.by_number.len() <= unit.place() {
                let nobody = (usize::MAX, Stand::default());
                self.by_number.resize(unit.place() + 1, nobody);
            }
            self.by_number[unit.place()] = (place, stand);
        }
        let round = self.round;
        for gone in known.iter().filter(|it| it.round != round) {
            self.strike(gone.resource);
        }
        known.retain(|it| it.round == round);
        if !arrived.is_empty() {
            known.append(&mut arrived);
            known.sort_unstable_by_key(|it| it.resource);
        }
        self.known = known;
    }

    /// How soon the units are there that were mustered last, and which of them serve each kind.
    pub(in crate::planner) fn arriving<'a, 'b>(
        &'a mut self,
        whole: &'a Whole<'b>,
        ways: &'a mut dyn Ways,
    ) -> (Arriving<'a, 'b>, &'a Serving) {
        let arriving = Arriving {
            whole,
            by_number: &self.by_number,
            ways: RefCell::new((&mut self.reached, ways)),
        };
        (arriving, &self.serving)
    }

    /// How many plans ran out of effort.
    pub(in crate::planner) const fn overruns(&self) -> u64 {
        self.dispatch.overruns()
    }

    /// A unit that is known. Where all ways are told anew it keeps its number wherever it is by now.
    fn enlist_again(
        &mut self,
        known: &mut Known,
        reserve: &Reserve<'_>,
        anew: Anew,
    ) -> Option<(UnitIx, Stand)> {
        let resource = reserve.unit.resource;
        let readiness = there_after(resource, Deciseconds(0));
        let stays = known.readiness == readiness && known.point == reserve.unit.point;
        let same = known.owner == reserve.owner
            && known.kind == resource.kind
            && known.also == resource.also
            && known.doing == doing(reserve);
        if same && (anew == Anew::All || (stays && known.when == reserve.when)) {
            known.round = self.round;
            known.when = reserve.when;
            if !stays {
                known.readiness = readiness;
                known.point = reserve.unit.point;
                known.stand = self.stand();
            }
        } else {
            self.strike(known.resource);
            *known = self.enlist(reserve)?;
        }
        Some((known.unit, known.stand))
    }

    fn enlist(&mut self, reserve: &Reserve<'_>) -> Option<Known> {
        let resource = reserve.unit.resource;
        let supply = Supply {
            resource: resource.resource,
            owner: reserve.owner,
            kind: resource.kind,
            also: resource.also.clone(),
            doing: doing(reserve),
        };
        let unit = self.dispatch.offer(supply.clone()).ok()?;
        self.serving.add(unit, &supply);
        Some(Known {
            resource: resource.resource,
            owner: reserve.owner,
            kind: supply.kind,
            also: supply.also,
            readiness: there_after(resource, Deciseconds(0)),
            point: reserve.unit.point,
            when: reserve.when,
            doing: doing(reserve),
            unit,
            stand: self.stand(),
            round: self.round,
        })
    }

    fn stand(&mut self) -> Stand {
        self.stands += 1;
        Stand(self.stands)
    }

    fn strike(&mut self, resource: ResourceId) {
        if let Some(unit) = self.dispatch.lose(resource) {
            self.serving.remove(unit);
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
        self.muster(whole);
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
        let arriving = Arriving {
            whole,
            by_number: &self.by_number,
            ways: RefCell::new((&mut self.reached, ways)),
        };
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
    by_number: &'a [(usize, Stand)],
    ways: RefCell<(&'a mut Reached, &'a mut dyn Ways)>,
}

impl<'b> Arriving<'_, 'b> {
    /// Tells a plan how soon units are there.
    pub(in crate::planner) fn approach(&self, serving: &Serving) -> impl Approach {
        ByLeast::new(
            serving,
            |unit, to| self.least(unit, to),
            |unit, to| self.eta(unit, to),
        )
    }

    pub(in crate::planner) fn of(&self, unit: UnitIx) -> &Reserve<'b> {
        &self.whole.units[self.by_number[unit.place()].0]
    }

    fn least(&self, unit: UnitIx, to: Point) -> Deciseconds {
        let reserve = self.of(unit);
        let (number, (_, stand)) = (unit.place(), self.by_number[unit.place()]);
        let way = || {
            let (reached, ways) = &mut *self.ways.borrow_mut();
            reached.least((number, stand), (&reserve.unit, to), *ways)
        };
        self.there(reserve, to, || Some(way())).unwrap_or_default()
    }

    fn eta(&self, unit: UnitIx, to: Point) -> Option<Deciseconds> {
        let reserve = self.of(unit);
        let (number, (_, stand)) = (unit.place(), self.by_number[unit.place()]);
        let way = || {
            let (reached, ways) = &mut *self.ways.borrow_mut();
            reached.eta((number, stand), (&reserve.unit, to), *ways)
        };
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

const fn doing(reserve: &Reserve<'_>) -> Doing {
    match reserve.when {
        When::Now if reserve.unit.stands_by => Doing::StandsBy,
        When::Now => Doing::Waits,
        When::Later(_) => Doing::Works,
        When::Turned(drive) => Doing::Drives(drive.need),
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

#[cfg(test)]
mod tests;
