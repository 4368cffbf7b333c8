//! The two road files of a pack: nodes and edges, with crossings checked against the manifest.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{Meters, RoadId, known_words};

use super::{Edge, EdgeIx, Node, NodeIx, RoadClass, Roads, number};
use crate::fault::{At, Faults};
use crate::frame::Frame;
use crate::manifest::Crossing;
use crate::place::read_point;
use crate::projection::Projection;
use crate::table::{Heading, Row, Table};

/// The file of nodes inside a pack.
pub(crate) const ROAD_NODES: &str = "roads_nodes.csv";
/// The file of edges inside a pack.
pub(crate) const ROAD_EDGES: &str = "roads_edges.csv";

static NODE_HEADINGS: &[Heading] = &[
    Heading::required("id"),
    Heading::required("lat"),
    Heading::required("lon"),
    Heading::required("kind"),
    Heading::required("name"),
];

static EDGE_HEADINGS: &[Heading] = &[
    Heading::required("from"),
    Heading::required("to"),
    Heading::required("km"),
    Heading::required("class"),
    Heading::required("speed_kmh"),
    Heading::required("source"),
    Heading::required("name"),
    Heading::required("crossing"),
    Heading::required("opened"),
];

/// The fastest speed that an edge may have; more is a slip of the pen.
const SPEED_KMH_MAX: u16 = 130;
/// The longest edge; more is a slip of the pen.
const EDGE_KM_MAX: f64 = 500.0;

/// Reads the graph; `None` if a fault leaves no graph to speak of.
pub(crate) fn read_roads(
    nodes: &str,
    edges: &str,
    frame: Frame,
    crossings: &[Crossing],
    faults: &mut Faults,
) -> Option<Roads> {
    let (nodes, ids) = read_nodes(nodes, frame, faults)?;
    let edges = read_edges(edges, &ids, crossings, faults)?;
    check_crossings(&edges, crossings, faults);
    check_whole(&nodes, &edges, &ids, faults);
    Some(Roads::new(nodes, edges, crossings, Projection::over(frame)))
}

fn read_nodes(
    text: &str,
    frame: Frame,
    faults: &mut Faults,
) -> Option<(Vec<Node>, BTreeMap<u32, NodeIx>)> {
    let table = Table::read(ROAD_NODES, text, NODE_HEADINGS, faults)?;
    let mut nodes = Vec::new();
    let mut ids = BTreeMap::new();
    for row in table.rows() {
        let id: Option<u32> = row.value("id", "a whole number", faults);
        let point = read_point(row, frame, faults);
        let (Some(id), Some(point)) = (id, point) else {
            continue;
        };
        if ids.contains_key(&id) {
            faults.add(
                row.at("id"),
                format!("node {id} stands twice"),
                "give each node an id of its own",
            );
            continue;
        }
        ids.insert(id, NodeIx(number(nodes.len())));
        nodes.push(Node {
            point,
            name: row.text("name").to_owned(),
        });
    }
    if nodes.is_empty() {
        faults.add(
            At::file(ROAD_NODES),
            "there is no node".to_owned(),
            "give the graph nodes",
        );
        return None;
    }
    Some((nodes, ids))
}

fn read_edges(
    text: &str,
    ids: &BTreeMap<u32, NodeIx>,
    crossings: &[Crossing],
    faults: &mut Faults,
) -> Option<Vec<Edge>> {
    let table = Table::read(ROAD_EDGES, text, EDGE_HEADINGS, faults)?;
    let slugs: BTreeSet<RoadId> = crossings.iter().map(|crossing| crossing.slug).collect();
    let edges = table
        .rows()
        .filter_map(|row| read_edge(row, ids, &slugs, faults));
    Some(edges.collect())
}

fn read_edge(
    row: Row<'_>,
    ids: &BTreeMap<u32, NodeIx>,
    slugs: &BTreeSet<RoadId>,
    faults: &mut Faults,
) -> Option<Edge> {
    let from = read_end(row, "from", ids, faults);
    let to = read_end(row, "to", ids, faults);
    let length = read_length(row, faults);
    let class = read_class(row, faults);
    let speed = read_speed(row, faults);
    let source = row.filled("source", faults);
    let crossing = read_crossing(row, slugs, faults);
    let opened = match row.text("opened") {
        "" => None,
        _ => row.value("opened", "a month as in 2024-06", faults),
    };
    let edge = Edge {
        from: from?,
        to: to?,
        length: length?,
        speed_kmh: speed?,
        class: class?,
        source: source?,
        name: row.text("name").to_owned(),
        crossing,
        opened,
    };
    if edge.from == edge.to {
        faults.add(
            row.at("to"),
            "the edge leads back to where it began".to_owned(),
            "drop it",
        );
        return None;
    }
    Some(edge)
}

fn read_end(
    row: Row<'_>,
    key: &'static str,
    ids: &BTreeMap<u32, NodeIx>,
    faults: &mut Faults,
) -> Option<NodeIx> {
    let id: u32 = row.value(key, "a whole number", faults)?;
    let node = ids.get(&id).copied();
    if node.is_none() {
        let remedy = format!("give {ROAD_NODES} a node {id} or correct the end");
        faults.add(row.at(key), format!("unknown node {id}"), remedy);
    }
    node
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "limited just above"
)]
fn read_length(row: Row<'_>, faults: &mut Faults) -> Option<Meters> {
    let km: f64 = row.value("km", "a length in kilometres", faults)?;
    if km > 0.0 && km <= EDGE_KM_MAX {
        return Some(Meters((km * 1_000.0).round() as u32));
    }
    let reason = format!("km {km} is not above 0 and up to {EDGE_KM_MAX}");
    faults.add(row.at("km"), reason, "correct the length");
    None
}

fn read_speed(row: Row<'_>, faults: &mut Faults) -> Option<u16> {
    let speed: u16 = row.value("speed_kmh", "a whole number of km/h", faults)?;
    if (1..=SPEED_KMH_MAX).contains(&speed) {
        return Some(speed);
    }
    let reason = format!("speed_kmh {speed} is not from 1 to {SPEED_KMH_MAX}");
    faults.add(row.at("speed_kmh"), reason, "correct the speed");
    None
}

fn read_class(row: Row<'_>, faults: &mut Faults) -> Option<RoadClass> {
    let text = row.text("class");
    let class = RoadClass::ALL
        .into_iter()
        .find(|class| class.code() == text);
    if class.is_none() {
        let remedy = known_words(text, RoadClass::ALL.iter().map(|class| class.code()));
        faults.add(row.at("class"), format!("unknown class \"{text}\""), remedy);
    }
    class
}

/// The crossing that a row names; one that is not in the manifest is a fault.
fn read_crossing(row: Row<'_>, slugs: &BTreeSet<RoadId>, faults: &mut Faults) -> Option<RoadId> {
    let text = row.text("crossing");
    if text.is_empty() {
        return None;
    }
    let slug = text.parse().ok().filter(|slug| slugs.contains(slug));
    if slug.is_none() {
        let remedy = known_words(text, slugs.iter().map(RoadId::as_str));
        faults.add(
            row.at("crossing"),
            format!("unknown crossing \"{text}\""),
            remedy,
        );
    }
    slug
}

fn check_crossings(edges: &[Edge], crossings: &[Crossing], faults: &mut Faults) {
    for crossing in crossings {
        if !edges
            .iter()
            .any(|edge| edge.crossing == Some(crossing.slug))
        {
            let reason = format!("crossing \"{}\" has no edge", crossing.slug);
            faults.add(
                At::file(ROAD_EDGES),
                reason,
                "name it in the column crossing, or drop it from region.json",
            );
        }
        let later =
            |edge: &&Edge| edge.crossing == Some(crossing.slug) && edge.opened != crossing.opened;
        if let Some(edge) = edges.iter().find(later) {
            let said = |month: Option<crate::month::Month>| {
                month.map_or_else(
                    || "on no known date".to_owned(),
                    |month| format!("in {month}"),
                )
            };
            let reason = format!(
                "crossing \"{}\" opened {} by region.json and {} by its edge",
                crossing.slug,
                said(crossing.opened),
                said(edge.opened)
            );
            faults.add(At::file(ROAD_EDGES), reason, "make the two agree");
        }
    }
}

/// With everything open, every node must be reached from every other.
fn check_whole(nodes: &[Node], edges: &[Edge], ids: &BTreeMap<u32, NodeIx>, faults: &mut Faults) {
    let mut leader: Vec<usize> = (0..nodes.len()).collect();
    for edge in edges {
        let (a, b) = (
            root(&mut leader, edge.from.0 as usize),
            root(&mut leader, edge.to.0 as usize),
        );
        leader[a.max(b)] = a.min(b);
    }
    let cut_off: Vec<usize> = (0..nodes.len())
        .filter(|node| root(&mut leader, *node) != 0)
        .collect();
    if let Some(first) = cut_off.first() {
        let id = ids
            .iter()
            .find(|(_, node)| node.0 as usize == *first)
            .map_or(0, |(id, _)| *id);
        let reason = format!(
            "the graph is in pieces: {} of {} nodes cannot be reached from the first, node {id} among them",
            cut_off.len(),
            nodes.len()
        );
        faults.add(
            At::file(ROAD_EDGES),
            reason,
            "add the missing edges or drop the nodes",
        );
    }
}

fn root(leader: &mut [usize], mut node: usize) -> usize {
    while leader[node] != node {
        leader[node] = leader[leader[node]];
        node = leader[node];
    }
    node
}

/// The edge id of a row count, for messages.
impl std::fmt::Display for EdgeIx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "e{}", self.0)
    }
}
