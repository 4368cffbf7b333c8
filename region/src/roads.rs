//! The road graph: nodes, edges and crossings in integers, never changed after loading.
//!
//! What changes, closures and slow roads, lies over it in [`RoadConditions`]. Every edge may be
//! driven both ways; junctions cost nothing; speeds are free-flow unless the data says otherwise.

mod conditions;
pub use conditions::{Condition, RoadConditions};

mod file;
pub(crate) use file::{ROAD_EDGES, ROAD_NODES, read_roads};

mod search;
pub(crate) use search::EdgeTimes;
pub use search::TimesTo;

mod access;
pub use access::{Access, Door};
pub(crate) use access::{off_road_time, share, water};

use std::collections::BTreeMap;

use protocol::{Deciseconds, Meters, Point, RoadId, RoadStatus, nearest_word};

use crate::manifest::{Crossing, Usual};
use crate::month::Month;
use crate::projection::Projection;
use crate::ring::Ring;

/// A node of the graph, by its place in the nodes' file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeIx(pub u32);

/// An edge of the graph, by its place in the edges' file: the first is 0 and its road id `e0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EdgeIx(pub u32);

/// A node: where edges meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Where it is.
    pub point: Point,
    /// What it is called; mostly empty.
    pub name: String,
}

/// An edge between two nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// One end.
    pub from: NodeIx,
    /// The other end.
    pub to: NodeIx,
    /// Its length along the road.
    pub length: Meters,
    /// Free-flow speed: a guess by class unless the pack's sources say otherwise.
    pub speed_kmh: u16,
    /// What kind of road it is.
    pub class: RoadClass,
    /// Whose data this is; `curated` and `synthetic…` are approximations.
    pub source: String,
    /// What it is called; mostly empty.
    pub name: String,
    /// The crossing that it belongs to.
    pub crossing: Option<RoadId>,
    /// When it opened to traffic; `None` means not known, not old.
    pub opened: Option<Month>,
}

impl Edge {
    /// The time to drive it at free flow.
    pub fn free_time(&self) -> Deciseconds {
        let time = u64::from(self.length.0) * 36 / u64::from(self.speed_kmh.max(1));
        Deciseconds(u32::try_from(time.max(1)).unwrap_or(u32::MAX))
    }

    /// The other end.
    pub fn beyond(&self, node: NodeIx) -> NodeIx {
        if node == self.from {
            self.to
        } else {
            self.from
        }
    }
}

/// What kind of road an edge is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RoadClass {
    /// 高速公路.
    Motorway,
    /// 快速路.
    Trunk,
    /// 主干路.
    Primary,
    /// Local streets, drawn straight between places.
    Local,
    /// From a place to the nearest main road.
    Connector,
    /// Fills a gap between main roads that meet in reality.
    Join,
}

impl RoadClass {
    /// Every class, from fast to slow.
    pub const ALL: [Self; 6] = [
        Self::Motorway,
        Self::Trunk,
        Self::Primary,
        Self::Local,
        Self::Connector,
        Self::Join,
    ];

    /// The class as files write it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Motorway => "motorway",
            Self::Trunk => "trunk",
            Self::Primary => "primary",
            Self::Local => "local",
            Self::Connector => "connector",
            Self::Join => "join",
        }
    }
}

/// A road id that the region does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown road \"{road}\"; {remedy}")]
pub struct UnknownRoad {
    /// The id as given.
    pub road: RoadId,
    /// What was probably meant.
    pub remedy: String,
}

/// The graph in compressed rows: the arcs of a node lie side by side.
#[derive(Debug)]
pub struct Roads {
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    crossings: BTreeMap<RoadId, Vec<EdgeIx>>,
    closed_by_default: Vec<EdgeIx>,
    /// Where the arcs of a node begin; one more than there are nodes.
    rows: Vec<u32>,
    /// Other end and edge of each arc.
    arcs: Vec<(NodeIx, EdgeIx)>,
    /// Free-flow time of each edge.
    free: Vec<u32>,
    index: access::Index,
}

impl Roads {
    pub(crate) fn new(
        nodes: Vec<Node>,
        edges: Vec<Edge>,
        listed: &[Crossing],
        projection: Projection,
    ) -> Self {
        let mut crossings = BTreeMap::<RoadId, Vec<EdgeIx>>::new();
        let mut around = vec![Vec::new(); nodes.len()];
        for (ix, edge) in (0..).map(EdgeIx).zip(&edges) {
            around[edge.from.0 as usize].push((edge.to, ix));
            around[edge.to.0 as usize].push((edge.from, ix));
            if let Some(slug) = edge.crossing {
                crossings.entry(slug).or_default().push(ix);
            }
        }
        let mut rows = vec![0];
        let mut arcs = Vec::with_capacity(edges.len() * 2);
        for arcs_of_node in around {
            arcs.extend(arcs_of_node);
            rows.push(u32::try_from(arcs.len()).expect("a table has fewer rows than u32 counts"));
        }
        let closed = listed
            .iter()
            .filter(|crossing| crossing.usual == Usual::Closed);
        let closed_by_default = closed
            .filter_map(|crossing| crossings.get(&crossing.slug))
            .flatten()
            .copied()
            .collect();
        let free = edges.iter().map(|edge| edge.free_time().0).collect();
        let index = access::Index::new(&nodes, &edges, projection);
        Self {
            nodes,
            edges,
            crossings,
            closed_by_default,
            rows,
            arcs,
            free,
            index,
        }
    }

    /// A node.
    pub fn node(&self, node: NodeIx) -> &Node {
        &self.nodes[node.0 as usize]
    }

    /// An edge.
    pub fn edge(&self, edge: EdgeIx) -> &Edge {
        &self.edges[edge.0 as usize]
    }

    /// Every node, in the order of the file.
    pub fn nodes(&self) -> impl ExactSizeIterator<Item = (NodeIx, &Node)> {
        self.nodes
            .iter()
            .enumerate()
            .map(|(ix, node)| (NodeIx(number(ix)), node))
    }

    /// Every edge, in the order of the file.
    pub fn edges(&self) -> impl ExactSizeIterator<Item = (EdgeIx, &Edge)> {
        self.edges
            .iter()
            .enumerate()
            .map(|(ix, edge)| (EdgeIx(number(ix)), edge))
    }

    /// Edges whose straight line touches a piece of ground; crossings stand above what covers it.
    pub fn over(&self, ring: &Ring) -> impl Iterator<Item = (EdgeIx, &Edge)> {
        let touches = |edge: &Edge| {
            let [from, to] = [edge.from, edge.to].map(|node| self.node(node).point);
            ring.touches(from, to)
        };
        let edges = self.edges();
        edges.filter(move |(_, edge)| edge.crossing.is_none() && touches(edge))
    }

    /// The edges of a crossing's name or of an edge's id such as `e123`.
    ///
    /// # Errors
    /// If the region has no road of that id.
    pub fn edges_of(&self, road: RoadId) -> Result<Vec<EdgeIx>, UnknownRoad> {
        if let Some(edges) = self.crossings.get(&road) {
            return Ok(edges.clone());
        }
        let text = road.as_str();
        let edge = text
            .strip_prefix('e')
            .and_then(|digits| digits.parse().ok());
        if let Some(edge) = edge.filter(|edge: &u32| (*edge as usize) < self.edges.len()) {
            return Ok(vec![EdgeIx(edge)]);
        }
        let crossings = self.crossings.keys().map(RoadId::as_str);
        let listed = crossings.clone().collect::<Vec<_>>().join(", ");
        let last = self.edges.len().saturating_sub(1);
        let meant = nearest_word(text, crossings).map(|slug| format!("did you mean \"{slug}\"? "));
        let meant = meant.unwrap_or_default();
        let remedy = format!("{meant}roads are {listed} and e0 to e{last}");
        Err(UnknownRoad { road, remedy })
    }

    /// How an edge is named in road messages: by its crossing, else by its number.
    pub fn road_id(&self, edge: EdgeIx) -> RoadId {
        let numbered = || {
            format!("e{}", edge.0)
                .parse()
                .expect("a letter and digits make a road id")
        };
        self.edge(edge).crossing.unwrap_or_else(numbered)
    }

    /// The crossings that have edges, by name.
    pub fn crossings(&self) -> impl Iterator<Item = RoadId> + '_ {
        self.crossings.keys().copied()
    }

    /// How the roads stand if nobody says anything: crossings that are closed by default are closed.
    pub fn usual(&self) -> RoadConditions {
        let mut conditions = RoadConditions::default();
        for edge in &self.closed_by_default {
            conditions.set(*edge, Some(Condition::Closed));
        }
        conditions
    }

    /// How the roads stood in a month of the past: edges that opened later are not there.
    pub fn usual_in(&self, month: Month) -> RoadConditions {
        let mut conditions = self.usual();
        for (ix, edge) in self.edges() {
            if edge.opened.is_some_and(|opened| opened > month) {
                conditions.set(ix, Some(Condition::Unbuilt));
            }
        }
        conditions
    }

    /// Enters what an author says of some roads.
    ///
    /// # Errors
    /// If one of the roads is unknown; those before it have been entered.
    pub fn apply(
        &self,
        conditions: &mut RoadConditions,
        status: &RoadStatus,
    ) -> Result<(), UnknownRoad> {
        let condition = Condition::told(status);
        for road in &status.roads {
            self.set(conditions, *road, condition)?;
        }
        Ok(())
    }

    /// Sets the condition of a road by its id; `None` opens it.
    ///
    /// # Errors
    /// If the region has no road of that id.
    pub fn set(
        &self,
        conditions: &mut RoadConditions,
        road: RoadId,
        condition: Option<Condition>,
    ) -> Result<(), UnknownRoad> {
        for edge in self.edges_of(road)? {
            conditions.set(edge, condition);
        }
        Ok(())
    }

    fn arcs_of(&self, node: NodeIx) -> &[(NodeIx, EdgeIx)] {
        let row = node.0 as usize;
        &self.arcs[self.rows[row] as usize..self.rows[row + 1] as usize]
    }
}

fn number(ix: usize) -> u32 {
    u32::try_from(ix).expect("a table has fewer rows than u32 counts")
}
