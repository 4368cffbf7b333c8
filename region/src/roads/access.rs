//! How a point reaches the graph: over open country to the nearest node, or along the long edge it is on.

use protocol::{Deciseconds, Point};
use rstar::RTree;
use rstar::primitives::{GeomWithData, Line};

use super::{Edge, EdgeIx, Node, NodeIx, Roads, number};
use crate::ground::Ground;
use crate::projection::{Projection, Sheet};

/// Speed between a point and the node that stands for its road, as the crow flies: narrow streets
/// at 25 km/h, made longer by a detour of a quarter. A guess.
const OFF_ROAD_SPEED_KMH: u64 = 20;

/// A point farther than this from every node has no road. The widest gaps of a region's graph, in
/// its mountains, are about half of it.
const ACCESS_M_MAX: u32 = 20_000;

/// How much water a straight way to a node may cross: rivers and docks have bridges that the graph
/// does not show, straits have none.
const WATER_M_MAX: u32 = 1_500;

/// The step at which a straight way is tried for water.
const WATER_STEP_M: u32 = 250;

/// With a node this near a point needs no edge to stand on.
const NODE_NEAR_M: u32 = 3_000;

/// A point this near to a long edge is on it.
const ROADSIDE_M: i64 = 400;

/// An edge this long has a place of its own for points in its middle, such as a bridge's.
const LONG_EDGE_M: u32 = 3_000;

/// How many nodes are tried, nearest first, before a point has no road.
const NODES_TRIED_MAX: usize = 8;

/// A node through which a point reaches the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Door {
    /// The node.
    pub node: NodeIx,
    /// The time between the point and the node.
    pub time: Deciseconds,
}

/// How a point reaches the graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// Over open country to a node.
    Near(Door),
    /// It lies on a long edge, so many ten-thousandths of its length from the `from` end.
    On {
        /// The edge.
        edge: EdgeIx,
        /// Ten-thousandths of the way from its `from` end to its `to` end.
        part: u32,
        /// Its two ends.
        doors: [Door; 2],
    },
}

impl Access {
    /// The doors: one or two.
    pub fn doors(&self) -> &[Door] {
        match self {
            Self::Near(door) => std::slice::from_ref(door),
            Self::On { doors, .. } => doors,
        }
    }
}

/// The time over open country for a straight distance.
pub(crate) fn off_road_time(meters: u32) -> Deciseconds {
    Deciseconds(u32::try_from(u64::from(meters) * 36 / OFF_ROAD_SPEED_KMH).unwrap_or(u32::MAX))
}

/// Finds nodes and long edges near a point.
#[derive(Debug)]
pub(super) struct Index {
    projection: Projection,
    nodes: RTree<GeomWithData<[i64; 2], NodeIx>>,
    long_edges: RTree<GeomWithData<Line<[f64; 2]>, EdgeIx>>,
}

impl Index {
    pub(super) fn new(nodes: &[Node], edges: &[Edge], projection: Projection) -> Self {
        let sheets: Vec<Sheet> = nodes
            .iter()
            .map(|node| projection.sheet(node.point))
            .collect();
        let points = sheets.iter().enumerate();
        let points =
            points.map(|(ix, at)| GeomWithData::new([at.east, at.north], NodeIx(number(ix))));
        let long = edges
            .iter()
            .enumerate()
            .filter(|(_, edge)| edge.length.0 >= LONG_EDGE_M);
        let lines = long.map(|(ix, edge)| {
            let (from, to) = (sheets[edge.from.0 as usize], sheets[edge.to.0 as usize]);
            GeomWithData::new(Line::new(exact(from), exact(to)), EdgeIx(number(ix)))
        });
        Self {
            projection,
            nodes: RTree::bulk_load(points.collect()),
            long_edges: RTree::bulk_load(lines.collect()),
        }
    }
}

impl Roads {
    /// How a point reaches the graph; `None` if it lies too far from every node, or beyond water.
    pub fn access(&self, point: Point, ground: &Ground) -> Option<Access> {
        let sheet = self.index.projection.sheet(point);
        let here = [sheet.east, sheet.north];
        let near = self
            .index
            .nodes
            .nearest_neighbor_iter(here)
            .take(NODES_TRIED_MAX);
        let door = near
            .map(|found| {
                let [east, north] = *found.geom();
                (sheet.distance(Sheet { east, north }).0, found.data)
            })
            .take_while(|(distance, _)| *distance <= ACCESS_M_MAX)
            .find(|(distance, node)| {
                water(point, self.node(*node).point, *distance, ground) <= WATER_M_MAX
            });
        match door {
            Some((distance, node)) if distance <= NODE_NEAR_M => Some(near_door(distance, node)),
            _ => self
                .on_long_edge(sheet)
                .or_else(|| door.map(|(distance, node)| near_door(distance, node))),
        }
    }

    fn on_long_edge(&self, sheet: Sheet) -> Option<Access> {
        let here = exact(sheet);
        let ix = self.index.long_edges.nearest_neighbor(here)?.data;
        let edge = self.edge(ix);
        let from = self.index.projection.sheet(self.node(edge.from).point);
        let to = self.index.projection.sheet(self.node(edge.to).point);
        let (along, across) = (vector(from, to), vector(from, sheet));
        let length2 = (along.0 * along.0 + along.1 * along.1).max(1);
        let dot = across.0 * along.0 + across.1 * along.1;
        let part = (dot * 10_000 / length2).clamp(0, 10_000);
        let foot = Sheet {
            east: from.east + along.0 * part / 10_000,
            north: from.north + along.1 * part / 10_000,
        };
        if i64::from(sheet.distance(foot).0) > ROADSIDE_M {
            return None;
        }
        let part = u32::try_from(part).expect("clamped to 0 to 10,000 above");
        let time = edge.free_time();
        let doors = [
            Door {
                node: edge.from,
                time: share(time, part),
            },
            Door {
                node: edge.to,
                time: share(time, 10_000 - part),
            },
        ];
        Some(Access::On {
            edge: ix,
            part,
            doors,
        })
    }
}

fn near_door(distance: u32, node: NodeIx) -> Access {
    Access::Near(Door {
        node,
        time: off_road_time(distance),
    })
}

/// So many ten-thousandths of a time.
pub(crate) fn share(time: Deciseconds, part: u32) -> Deciseconds {
    Deciseconds(u32::try_from(u64::from(time.0) * u64::from(part) / 10_000).unwrap_or(u32::MAX))
}

/// How many metres of a straight way lie on nobody's ground, in steps.
pub(crate) fn water(from: Point, to: Point, meters: u32, ground: &Ground) -> u32 {
    let steps = (meters / WATER_STEP_M).max(1);
    let between = |a: i32, b: i32, step: u32| {
        let shift = (i64::from(b) - i64::from(a)) * i64::from(step) / i64::from(steps);
        i32::try_from(i64::from(a) + shift).expect("it lies between two of i32")
    };
    let points =
        (1..steps).map(|step| Point(between(from.0, to.0, step), between(from.1, to.1, step)));
    let wet = points
        .filter(|point| ground.district_at(*point).is_none())
        .count();
    u32::try_from(wet)
        .unwrap_or(u32::MAX)
        .saturating_mul(WATER_STEP_M)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a sheet is some thousand kilometres wide at most"
)]
fn exact(sheet: Sheet) -> [f64; 2] {
    [sheet.east as f64, sheet.north as f64]
}

fn vector(from: Sheet, to: Sheet) -> (i64, i64) {
    (to.east - from.east, to.north - from.north)
}
