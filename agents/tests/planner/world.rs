//! A small region on a plane, cut by a river whose one bridge may be closed.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use agents::planner::{ByLeast, Demand, Dispatch, Doing, Effort, Planned, Serving, Supply, UnitIx};
use protocol::{Deciseconds, Kind, NeedId, PartyId, Point, ResourceId, Severity};

use crate::drawn::Draw;

pub(crate) const KINDS: [Kind; 3] = [Kind::FireRescue, Kind::Medical, Kind::Pump];

const SEVERITIES: [Severity; 4] = [
    Severity::Critical,
    Severity::Serious,
    Severity::Moderate,
    Severity::Minor,
];

/// The region's units and roads, told to a dispatch as they change.
pub(crate) struct World {
    pub(crate) dispatch: Dispatch,
    pub(crate) units: BTreeMap<ResourceId, (Supply, Point)>,
    pub(crate) demands: BTreeMap<NeedId, Demand>,
    pub(crate) roads: Rc<RefCell<Ground>>,
    ways: Ways,
}

type Ways = ByLeast<
    Serving,
    Box<dyn Fn(UnitIx, Point) -> Deciseconds>,
    Box<dyn FnMut(UnitIx, Point) -> Option<Deciseconds>>,
>;

/// Where units are, and how the river is.
#[derive(Debug, Default)]
pub(crate) struct Ground {
    places: BTreeMap<UnitIx, Point>,
    pub(crate) river: River,
    /// How often a way was looked up.
    pub(crate) asked: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum River {
    #[default]
    Bridged,
    Slow,
    Closed,
}

impl Ground {
    pub(crate) fn eta(&self, from: Point, to: Point) -> Option<Deciseconds> {
        let straight = least(from, to).0;
        let crosses = (from.0 < 500) != (to.0 < 500);
        match self.river {
            River::Closed if crosses => None,
            River::Slow if crosses => Some(Deciseconds(straight * 3 + 500)),
            _ => Some(Deciseconds(straight + straight / 5)),
        }
    }
}

fn least(from: Point, to: Point) -> Deciseconds {
    Deciseconds(10 * (from.0.abs_diff(to.0) + from.1.abs_diff(to.1)))
}

impl World {
    pub(crate) fn new() -> Self {
        let roads = Rc::new(RefCell::new(Ground::default()));
        let (near, far) = (Rc::clone(&roads), Rc::clone(&roads));
        let ways = ByLeast::new(
            Serving::default(),
            Box::new(move |unit, to| least(near.borrow().places[&unit], to)) as Box<_>,
            Box::new(move |unit, to| {
                let mut ground = far.borrow_mut();
                ground.asked += 1;
                ground.eta(ground.places[&unit], to)
            }) as Box<_>,
        );
        Self {
            dispatch: Dispatch::default(),
            units: BTreeMap::new(),
            demands: BTreeMap::new(),
            roads,
            ways,
        }
    }

    pub(crate) fn offer(&mut self, supply: Supply, place: Point) {
        self.lose(supply.resource);
        let unit = self.dispatch.offer(supply.clone()).unwrap();
        self.roads.borrow_mut().places.insert(unit, place);
        self.ways.serving().add(unit, &supply);
        self.units.insert(supply.resource, (supply, place));
    }

    pub(crate) fn lose(&mut self, resource: ResourceId) {
        if self.units.remove(&resource).is_some() {
            let lost = self.dispatch.lose(resource).unwrap();
            self.ways.serving().remove(lost);
        }
    }

    pub(crate) fn ask(&mut self, demand: Demand) {
        self.demands.insert(demand.need, demand.clone());
        self.dispatch.ask(demand);
    }

    pub(crate) fn withdraw(&mut self, need: NeedId) {
        self.demands.remove(&need);
        self.dispatch.withdraw(need);
    }

    pub(crate) fn river(&mut self, river: River) {
        self.roads.borrow_mut().river = river;
        self.dispatch.roads_changed();
    }

    pub(crate) fn plan(&mut self) -> Planned {
        self.plan_within(&mut Effort::unbounded())
    }

    pub(crate) fn plan_within(&mut self, effort: &mut Effort) -> Planned {
        self.dispatch.plan(&mut self.ways, effort)
    }
}

pub(crate) fn office(number: u64) -> PartyId {
    format!("44{number:02}00").parse().unwrap()
}

pub(crate) fn place(draw: &mut Draw) -> Point {
    let one = |draw: &mut Draw| i32::try_from(draw.below(1_000)).unwrap();
    Point(one(draw), one(draw))
}

pub(crate) fn supply(draw: &mut Draw, number: u64, offices: u64) -> Supply {
    let owner = draw.below(offices);
    let kind = KINDS[usize::try_from(draw.below(3)).unwrap()];
    let other = KINDS[usize::try_from(draw.below(3)).unwrap()];
    Supply {
        resource: format!("{}-u-{number}", office(owner)).parse().unwrap(),
        owner: office(owner),
        kind,
        also: if draw.below(3) == 0 {
            vec![other, other]
        } else {
            Vec::new()
        },
        doing: Doing::default(),
    }
}

pub(crate) fn demand(draw: &mut Draw, number: u64, offices: u64) -> Demand {
    let asker = office(draw.below(offices));
    Demand {
        need: format!("{asker}-1-{number}").parse().unwrap(),
        office: asker,
        kind: KINDS[usize::try_from(draw.below(3)).unwrap()],
        quantity: u32::try_from(1 + draw.below(3)).unwrap(),
        severity: SEVERITIES[usize::try_from(draw.below(4)).unwrap()],
        waited: Deciseconds(u32::try_from(draw.below(3) * 3_000).unwrap()),
        to: place(draw),
    }
}
