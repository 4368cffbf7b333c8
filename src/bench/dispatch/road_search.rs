//! Units at the nodes of a region's roads, and the search that tells who is there first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::ops::ControlFlow;

use agents::planner::{Approach, Supply, UnitIx};
use protocol::{Deciseconds, Kind, PartyId, Point};
use region::Region;

use crate::bench::draws::Draws;

/// A drawn unit.
#[derive(Clone)]
pub(super) struct Stands {
    pub(super) supply: Supply,
    pub(super) node: u32,
    /// What it takes to make ready, a tenth of a second.
    pub(super) ready: u32,
}

/// A search over roads, from where units are wanted to where they stand.
#[derive(Clone)]
pub(super) struct RoadSearch {
    nodes: Vec<Node>,
    /// By edge: how long it takes; `None` while it is closed.
    edges: Vec<Option<u32>>,
    /// The road that was closed, and how long it took before.
    closed: Option<(usize, Option<u32>)>,
    /// Which node a place is.
    places: BTreeMap<Point, u32>,
    /// By unit: its node, and what it takes to make ready.
    stands: Vec<(u32, u32)>,
    /// By node: in which search it was reached last, and how soon.
    reached: Vec<(u64, u32)>,
    searches: u64,
    /// What comes next, soonest first: a node that is reached, or a unit that stands at one.
    waiting: BinaryHeap<Reverse<(u32, Next)>>,
}

/// What a search comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Next {
    Node(u32),
    /// The so-manieth of the units of the kind at a node.
    Unit(u32, usize),
}

#[derive(Clone)]
struct Node {
    place: Point,
    /// Whose ground it lies on.
    office: PartyId,
    /// Neighbours, and the edges to them.
    arcs: Vec<(u32, u32)>,
    /// By kind, with what each takes to make ready, quickest first.
    units: BTreeMap<Kind, Vec<(u32, UnitIx)>>,
}

impl RoadSearch {
    /// Over the roads of a region as they usually are.
    pub(super) fn over(region: &Region) -> Self {
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

    /// Closes a drawn road.
    pub(super) fn close_one(&mut self, draws: &mut Draws) {
        let count = u32::try_from(self.edges.len()).expect("edges are counted in u32");
        let edge = draws.below(count) as usize;
        self.closed = Some((edge, self.edges[edge].take()));
    }

    /// Opens it again.
    pub(super) fn reopen(&mut self) {
        if let Some((edge, time)) = self.closed.take() {
            self.edges[edge] = time;
        }
    }

    /// Where a node is, and whose ground it lies on.
    pub(super) fn place(&self, node: u32) -> (Point, PartyId) {
        let node = &self.nodes[node as usize];
        (node.place, node.office)
    }

    /// A drawn node.
    pub(super) fn draw(&self, draws: &mut Draws) -> u32 {
        draws.below(u32::try_from(self.nodes.len()).expect("nodes are counted in u32"))
    }

    /// A unit comes.
    pub(super) fn stand(&mut self, unit: UnitIx, stands: &Stands) {
        let (node, ready) = (stands.node, stands.ready);
        if self.stands.len() <= unit.place() {
            self.stands.resize(unit.place() + 1, (node, ready));
        }
        self.stands[unit.place()] = (node, ready);
        let units = &mut self.nodes[node as usize].units;
        let units = units.entry(stands.supply.kind).or_default();
        let place = units.partition_point(|other| *other < (ready, unit));
        units.insert(place, (ready, unit));
    }

    /// A unit goes.
    pub(super) fn leave(&mut self, unit: UnitIx, stands: &Stands) {
        let units = &mut self.nodes[stands.node as usize].units;
        if let Some(units) = units.get_mut(&stands.supply.kind) {
            units.retain(|(_, other)| *other != unit);
        }
    }

    /// Begins a search at a place.
    fn begin(&mut self, to: Point) {
        self.searches += 1;
        self.waiting.clear();
        if let Some(start) = self.places.get(&to).copied() {
            self.reach(start, 0);
        }
    }

    fn reach(&mut self, number: u32, time: u32) {
        let (search, before) = &mut self.reached[number as usize];
        if *search != self.searches || time < *before {
            (*search, *before) = (self.searches, time);
            self.waiting.push(Reverse((time, Next::Node(number))));
        }
    }

    /// Goes on from a node, unless it was reached sooner.
    fn leave_node(&mut self, number: u32, time: u32) {
        if self.reached[number as usize] != (self.searches, time) {
            return;
        }
        for place in 0..self.nodes[number as usize].arcs.len() {
            let (beyond, edge) = self.nodes[number as usize].arcs[place];
            if let Some(takes) = self.edges[edge as usize] {
                self.reach(beyond, time.saturating_add(takes));
            }
        }
    }

    /// Lets a unit of a node come when it is ready; those behind it come after it.
    fn call(&mut self, kind: Kind, number: u32, (time, place): (u32, usize)) {
        let units = self.nodes[number as usize].units.get(&kind);
        if let Some((ready, _)) = units.and_then(|units| units.get(place)) {
            let there = time.saturating_add(*ready);
            self.waiting
                .push(Reverse((there, Next::Unit(number, place))));
        }
    }
}

impl Approach for RoadSearch {
    fn soonest(
        &mut self,
        (kind, to): (Kind, Point),
        may: &dyn Fn(UnitIx) -> bool,
        each: &mut dyn FnMut(UnitIx, Deciseconds) -> ControlFlow<()>,
    ) {
        self.begin(to);
        while let Some(Reverse((time, next))) = self.waiting.pop() {
            match next {
                Next::Node(number) => {
                    let soonest = self.reached[number as usize] == (self.searches, time);
                    self.leave_node(number, time);
                    if soonest {
                        self.call(kind, number, (time, 0));
                    }
                }
                Next::Unit(number, place) => {
                    let (ready, unit) = self.nodes[number as usize].units[&kind][place];
                    if may(unit) && each(unit, Deciseconds(time)).is_break() {
                        return;
                    }
                    self.call(kind, number, (time - ready, place + 1));
                }
            }
        }
    }

    fn eta(&mut self, unit: UnitIx, to: Point, within: Deciseconds) -> Option<Deciseconds> {
        let (stands, ready) = *self.stands.get(unit.place())?;
        self.begin(to);
        while let Some(Reverse((time, next))) = self.waiting.pop() {
            let there = time.saturating_add(ready);
            if there >= within.0 {
                return None;
            }
            if next == Next::Node(stands) {
                return Some(Deciseconds(there));
            }
            if let Next::Node(number) = next {
                self.leave_node(number, time);
            }
        }
        None
    }
}
