//! One reverse Dijkstra: the travel times from every node to one, searched as far as they are asked.
//!
//! Whoever asks about units of one city leaves the rest of the region unsearched. The answers never
//! depend on the order of the questions: a time is told once nothing that waits could shorten it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use protocol::Deciseconds;

use super::{Condition, EdgeIx, NodeIx, RoadConditions, Roads};

/// Stands in the tables of this file for "no road"; readers see `None`.
const NO_ROAD: u32 = u32::MAX;

/// The time to drive each edge, under one set of conditions.
#[derive(Clone, Debug)]
pub(crate) struct EdgeTimes(Arc<[u32]>);

/// The travel times from every node to one, under one set of conditions.
#[derive(Clone, Debug)]
pub struct TimesTo {
    destination: NodeIx,
    edges: EdgeTimes,
    /// The least known so far: final for nodes that are no farther than the first that waits.
    times: Vec<u32>,
    /// Nodes whose arcs are not searched yet, nearest first and then by number.
    waiting: BinaryHeap<Reverse<u64>>,
}

impl TimesTo {
    /// The node that the times lead to.
    pub fn destination(&self) -> NodeIx {
        self.destination
    }

    /// The time from a node of the graph that the table was made of; `None` if no road leads there.
    pub fn from(&mut self, roads: &Roads, node: NodeIx) -> Option<Deciseconds> {
        while let Some(Reverse(next)) = self.waiting.peek() {
            let (time, nearest) = unpack(*next);
            if self.times[node.0 as usize] <= time {
                break;
            }
            self.waiting.pop();
            self.leave(roads, nearest, time);
        }
        let time = self.times[node.0 as usize];
        (time != NO_ROAD).then_some(Deciseconds(time))
    }

    /// Every edge may be driven both ways, so the arcs that leave a node are those that lead to it.
    fn leave(&mut self, roads: &Roads, node: NodeIx, time: u32) {
        if time > self.times[node.0 as usize] {
            return;
        }
        for (neighbour, edge) in roads.arcs_of(node) {
            let there = time.saturating_add(self.edges.of(*edge));
            let known = &mut self.times[neighbour.0 as usize];
            if there < *known {
                *known = there;
                self.waiting.push(Reverse(pack(there, *neighbour)));
            }
        }
    }
}

impl EdgeTimes {
    fn of(&self, edge: EdgeIx) -> u32 {
        self.0[edge.0 as usize]
    }
}

impl Roads {
    /// The travel times from every node to one: one Dijkstra from the destination, which
    /// [`TimesTo::from`] takes as far as it has to go.
    pub fn times_to(&self, conditions: &RoadConditions, destination: NodeIx) -> TimesTo {
        self.times_over(self.edge_times(conditions), destination)
    }

    /// As [`Roads::times_to`], over edge times that were worked out before.
    pub(crate) fn times_over(&self, edges: EdgeTimes, destination: NodeIx) -> TimesTo {
        let mut times = vec![NO_ROAD; self.nodes.len()];
        times[destination.0 as usize] = 0;
        TimesTo {
            destination,
            edges,
            times,
            waiting: BinaryHeap::from([Reverse(pack(0, destination))]),
        }
    }

    /// The time to drive an edge now; `None` if it is closed.
    pub fn edge_time(&self, conditions: &RoadConditions, edge: EdgeIx) -> Option<Deciseconds> {
        let time = conditioned(self.free[edge.0 as usize], conditions.of(edge));
        (time != NO_ROAD).then_some(Deciseconds(time))
    }

    /// The edges that lead from a node to the destination of a table, one best way; `None` if no
    /// road leads there. Of equally good edges the one first in the file is taken.
    pub fn way(&self, from: NodeIx, to: &mut TimesTo) -> Option<Vec<EdgeIx>> {
        let mut left = to.from(self, from)?.0;
        let mut node = from;
        let mut way = Vec::new();
        while node != to.destination {
            // What is nearer than a node whose time is final has a final time too.
            let step = self.arcs_of(node).iter().find(|(neighbour, edge)| {
                let rest = to.times[neighbour.0 as usize];
                rest < left && rest.saturating_add(to.edges.of(*edge)) == left
            });
            let (neighbour, edge) = step.expect("the table was made of this graph");
            way.push(*edge);
            left = to.times[neighbour.0 as usize];
            node = *neighbour;
        }
        Some(way)
    }

    /// What each edge takes to drive now.
    pub(crate) fn edge_times(&self, conditions: &RoadConditions) -> EdgeTimes {
        let mut times = self.free.clone();
        for (edge, condition) in conditions.iter() {
            let time = &mut times[edge.0 as usize];
            *time = conditioned(*time, Some(condition));
        }
        EdgeTimes(times.into())
    }
}

/// A key of the queue: the time before the node.
fn pack(time: u32, node: NodeIx) -> u64 {
    u64::from(time) << 32 | u64::from(node.0)
}

fn unpack(key: u64) -> (u32, NodeIx) {
    let time = u32::try_from(key >> 32).expect("the upper half of u64 is a u32");
    let node = u32::try_from(key & u64::from(u32::MAX)).expect("the lower half of u64 is a u32");
    (time, NodeIx(node))
}

fn conditioned(free: u32, condition: Option<Condition>) -> u32 {
    match condition {
        None => free,
        Some(Condition::Closed | Condition::Unbuilt) => NO_ROAD,
        Some(Condition::Slow { travel_percent }) => {
            let slow = u64::from(free) * u64::from(travel_percent) / 100;
            u32::try_from(slow).unwrap_or(NO_ROAD - 1)
        }
    }
}
