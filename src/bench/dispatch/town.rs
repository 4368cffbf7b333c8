//! Drawn units and needs at the nodes of a region's roads, and the search that tells who is there first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::ops::{ControlFlow, RangeInclusive};

use agents::planner::{
    Approach, Certificate, Demand, Dispatch, Effort, Planned, Problem, Settled, Supply, UnitIx,
};
use protocol::{Deciseconds, Kind, NeedId, PartyId, Point, Severity};
use region::Region;

use crate::bench::draws::Draws;
use crate::failure::Failure;

/// Kinds that are drawn.
const KINDS: [Kind; 5] = [
    Kind::FireRescue,
    Kind::Medical,
    Kind::Pump,
    Kind::Engineering,
    Kind::Power,
];

/// Severities that are drawn: the grave ones are rare.
const SEVERITIES: [Severity; 6] = [
    Severity::Critical,
    Severity::Serious,
    Severity::Moderate,
    Severity::Moderate,
    Severity::Minor,
    Severity::Minor,
];

/// A dispatch with the ground that it plans over.
pub(super) struct Town {
    dispatch: Dispatch,
    roads: RoadSearch,
    draws: Draws,
    offices: Vec<PartyId>,
    supplies: Vec<(Supply, u32)>,
    asked: u32,
    slots: u32,
}

/// A search over roads, from where units are wanted to where they stand.
struct RoadSearch {
    nodes: Vec<Node>,
    /// By edge: how long it takes; `None` while it is closed.
    edges: Vec<Option<u32>>,
    /// The road that was closed, and how long it took before.
    closed: Option<(usize, Option<u32>)>,
    /// Which node a place is.
    places: BTreeMap<Point, u32>,
    /// By unit: its node.
    stands: Vec<u32>,
    /// By node: in which search it was reached last, and how soon.
    reached: Vec<(u64, u32)>,
    searches: u64,
    waiting: BinaryHeap<Reverse<(u32, u32)>>,
}

struct Node {
    place: Point,
    /// Whose ground it lies on.
    office: PartyId,
    /// Neighbours, and the edges to them.
    arcs: Vec<(u32, u32)>,
    units: BTreeMap<Kind, Vec<UnitIx>>,
}

impl Town {
    /// Nobody and nothing yet.
    pub(super) fn over(region: &Region, seed: u64) -> Self {
        Self {
            dispatch: Dispatch::default(),
            roads: RoadSearch::over(region),
            draws: Draws(seed),
            offices: region.cities().map(|city| city.party).collect(),
            supplies: Vec::new(),
            asked: 0,
            slots: 0,
        }
    }

    /// Draws units.
    pub(super) fn mobilise(&mut self, count: u32) -> Result<(), Failure> {
        for number in 0..count {
            let node = self.roads.draw(&mut self.draws);
            let owner = self.roads.nodes[node as usize].office;
            let resource = format!("{owner}-u-{number}");
            let supply = Supply {
                resource: resource.parse().map_err(Failure::bug)?,
                owner,
                kind: *self.draws.one(&KINDS),
                also: Vec::new(),
            };
            self.supplies.push((supply.clone(), node));
            self.stand(supply, node)?;
        }
        Ok(())
    }

    fn stand(&mut self, supply: Supply, node: u32) -> Result<(), Failure> {
        let kind = supply.kind;
        let unit = self.dispatch.offer(supply).map_err(Failure::bug)?;
        self.roads.stand(unit, kind, node);
        Ok(())
    }

    /// Draws needs of so many units each.
    pub(super) fn draw_needs(&mut self, count: u32, quantity: RangeInclusive<u32>) -> Vec<Demand> {
        let draws = &mut self.draws;
        let needs = (0..count).map(|_| {
            self.asked += 1;
            let node = self.roads.draw(draws);
            let office = self.roads.nodes[node as usize].office;
            let need = format!("{office}-1-{}", self.asked);
            let (least, most) = (*quantity.start(), *quantity.end());
            Demand {
                need: need.parse().expect("an office, a life and a number"),
                office,
                kind: *draws.one(&KINDS),
                quantity: least + draws.below(most - least + 1),
                severity: *draws.one(&SEVERITIES),
                waited: Deciseconds(600 * draws.below(30)),
                to: self.roads.nodes[node as usize].place,
            }
        });
        needs.collect()
    }

    /// Asks for drawn needs.
    pub(super) fn burst(&mut self, count: u32, quantity: RangeInclusive<u32>) {
        for need in self.draw_needs(count, quantity) {
            self.slots += need.quantity;
            self.ask(need);
        }
    }

    /// How many units the burst asked for.
    pub(super) const fn slots(&self) -> u32 {
        self.slots
    }

    pub(super) fn ask(&mut self, need: Demand) {
        self.dispatch.ask(need);
    }

    pub(super) fn withdraw(&mut self, need: NeedId) {
        self.dispatch.withdraw(need);
    }

    /// One of the units that the plan sends somewhere.
    pub(super) fn one_that_serves(&mut self) -> (Supply, u32) {
        let (_, proof) = self.dispatch.proof();
        let (_, unit) = *self.draws.one(&proof.pairs);
        let node = self.roads.stands[unit as usize];
        let supplies = self.supplies.iter();
        let at_node = supplies.filter(|(_, stands)| *stands == node);
        let mut known = at_node.filter(|(supply, _)| {
            let number = self.dispatch.unit(supply.resource);
            number.is_some_and(|number| number.0 == unit)
        });
        let found = known.next().cloned();
        found.expect("a unit that serves is one of those that were drawn")
    }

    pub(super) fn lose(&mut self, (supply, node): &(Supply, u32)) {
        if let Some(unit) = self.dispatch.lose(supply.resource) {
            self.roads.leave(unit, supply.kind, *node);
        }
    }

    pub(super) fn bring_back(&mut self, (supply, node): &(Supply, u32)) {
        let back = self.stand(supply.clone(), *node);
        back.expect("there is room for one that was here before");
    }

    /// Closes a drawn road.
    pub(super) fn close_one(&mut self) {
        let count = u32::try_from(self.roads.edges.len()).expect("edges are counted in u32");
        let edge = self.draws.below(count) as usize;
        self.roads.closed = Some((edge, self.roads.edges[edge].take()));
        self.dispatch.roads_changed();
    }

    /// Opens it again.
    pub(super) fn reopen(&mut self) {
        if let Some((edge, time)) = self.roads.closed.take() {
            self.roads.edges[edge] = time;
        }
        self.dispatch.roads_changed();
    }

    /// Every owner keeps so many of every kind.
    pub(super) fn keep(&mut self, count: u32) {
        for owner in &self.offices {
            for kind in KINDS {
                self.dispatch.keep(*owner, kind, count);
            }
        }
    }

    /// The optimal plan.
    pub(super) fn plan(&mut self) -> Result<Planned, Failure> {
        let planned = self
            .dispatch
            .plan(&mut self.roads, &mut Effort::unbounded());
        if planned.settled == Settled::Optimal {
            return Ok(planned);
        }
        Err(Failure::bug("a plan without a bound ran out of effort"))
    }

    /// The last plan's proof, checked.
    pub(super) fn proven(&self) -> Result<(Problem, Certificate), Failure> {
        let (problem, proof) = self.dispatch.proof();
        proof.check(&problem).map_err(Failure::bug)?;
        Ok((problem, proof))
    }
}

impl RoadSearch {
    fn over(region: &Region) -> Self {
        let roads = region.roads();
        let usual = roads.usual();
        // What lies on no office's ground is the first city's.
        let first = region.cities().next().expect("a region has cities").party;
        let whose = |point| {
            region
                .office_for(point)
                .map_or(first, |office| office.party)
        };
        let nodes = roads.nodes().map(|(_, node)| Node {
            place: node.point,
            office: whose(node.point),
            arcs: Vec::new(),
            units: BTreeMap::new(),
        });
        let mut nodes: Vec<Node> = nodes.collect();
        let mut edges = Vec::new();
        for (number, edge) in roads.edges() {
            edges.push(roads.edge_time(&usual, number).map(|time| time.0));
            for end in [edge.from, edge.to] {
                let arcs = &mut nodes[end.0 as usize].arcs;
                arcs.push((edge.beyond(end).0, number.0));
            }
        }
        Self {
            places: (0..)
                .zip(&nodes)
                .map(|(node, at)| (at.place, node))
                .collect(),
            reached: vec![(0, 0); nodes.len()],
            nodes,
            edges,
            closed: None,
            stands: Vec::new(),
            searches: 0,
            waiting: BinaryHeap::new(),
        }
    }

    fn draw(&self, draws: &mut Draws) -> u32 {
        draws.below(u32::try_from(self.nodes.len()).expect("nodes are counted in u32"))
    }

    fn stand(&mut self, unit: UnitIx, kind: Kind, node: u32) {
        if self.stands.len() <= unit.place() {
            self.stands.resize(unit.place() + 1, node);
        }
        self.stands[unit.place()] = node;
        let units = &mut self.nodes[node as usize].units;
        units.entry(kind).or_default().push(unit);
    }

    fn leave(&mut self, unit: UnitIx, kind: Kind, node: u32) {
        if let Some(units) = self.nodes[node as usize].units.get_mut(&kind) {
            units.retain(|other| *other != unit);
        }
    }

    /// Searches outwards from a place, and tells of each node how soon it is reached.
    fn search(&mut self, to: Point, mut each: impl FnMut(&Node, u32, u32) -> ControlFlow<()>) {
        let Some(start) = self.places.get(&to).copied() else {
            return;
        };
        self.searches += 1;
        self.waiting.clear();
        self.reached[start as usize] = (self.searches, 0);
        self.waiting.push(Reverse((0, start)));
        while let Some(Reverse((time, number))) = self.waiting.pop() {
            if self.reached[number as usize] != (self.searches, time) {
                continue;
            }
            let node = &self.nodes[number as usize];
            if each(node, number, time).is_break() {
                return;
            }
            for (beyond, edge) in &node.arcs {
                let Some(takes) = self.edges[*edge as usize] else {
                    continue;
                };
                let (search, before) = &mut self.reached[*beyond as usize];
                let there = time.saturating_add(takes);
                if *search != self.searches || there < *before {
                    (*search, *before) = (self.searches, there);
                    self.waiting.push(Reverse((there, *beyond)));
                }
            }
        }
    }
}

impl Approach for RoadSearch {
    fn soonest(
        &mut self,
        kind: Kind,
        to: Point,
        each: &mut dyn FnMut(UnitIx, Deciseconds) -> ControlFlow<()>,
    ) {
        self.search(to, |node, _, time| {
            let units = node.units.get(&kind).into_iter().flatten();
            for unit in units {
                each(*unit, Deciseconds(time))?;
            }
            ControlFlow::Continue(())
        });
    }

    fn eta(&mut self, unit: UnitIx, to: Point, within: Deciseconds) -> Option<Deciseconds> {
        let stands = *self.stands.get(unit.place())?;
        let mut found = None;
        self.search(to, |_, number, time| {
            if number == stands && time < within.0 {
                found = Some(Deciseconds(time));
            }
            if number == stands || time >= within.0 {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        });
        found
    }
}
