//! One reverse Dijkstra: the travel times from every node to one.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use protocol::Deciseconds;

use super::{Condition, EdgeIx, NodeIx, RoadConditions, Roads};

/// Stands in the tables of this file for "no road"; readers see `None`.
const NO_ROAD: u32 = u32::MAX;

/// The travel times from every node to one, under one set of conditions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimesTo {
    destination: NodeIx,
    times: Vec<u32>,
}

impl TimesTo {
    /// The node that the times lead to.
    pub fn destination(&self) -> NodeIx {
        self.destination
    }

    /// The time from a node; `None` if no road leads there.
    pub fn from(&self, node: NodeIx) -> Option<Deciseconds> {
        let time = self.times[node.0 as usize];
        (time != NO_ROAD).then_some(Deciseconds(time))
    }
}

impl Roads {
    /// The travel times from every node to one: one Dijkstra from the destination, as every edge
    /// may be driven both ways. Of nodes equally far the lower number is settled first, so that
    /// two machines settle them alike.
    pub fn times_to(&self, conditions: &RoadConditions, destination: NodeIx) -> TimesTo {
        let costs = self.edge_times(conditions);
        let mut times = vec![NO_ROAD; self.nodes.len()];
        let mut waiting = BinaryHeap::with_capacity(self.nodes.len());
        times[destination.0 as usize] = 0;
        waiting.push(Reverse(u64::from(destination.0)));
        while let Some(Reverse(next)) = waiting.pop() {
            let (time, node) = unpack(next);
            if time > times[node.0 as usize] {
                continue;
            }
            for (neighbour, edge) in self.arcs_of(node) {
                let there = time.saturating_add(costs[edge.0 as usize]);
                if there < times[neighbour.0 as usize] {
                    times[neighbour.0 as usize] = there;
                    waiting.push(Reverse(u64::from(there) << 32 | u64::from(neighbour.0)));
                }
            }
        }
        TimesTo { destination, times }
    }

    /// The time to drive an edge now; `None` if it is closed.
    pub fn edge_time(&self, conditions: &RoadConditions, edge: EdgeIx) -> Option<Deciseconds> {
        let time = conditioned(self.free[edge.0 as usize], conditions.of(edge));
        (time != NO_ROAD).then_some(Deciseconds(time))
    }

    /// The edges that lead from a node to the destination of a table, one best way; `None` if no
    /// road leads there. Of equally good edges the one first in the file is taken.
    pub fn way(
        &self,
        conditions: &RoadConditions,
        from: NodeIx,
        to: &TimesTo,
    ) -> Option<Vec<EdgeIx>> {
        let mut left = to.from(from)?.0;
        let mut node = from;
        let mut way = Vec::new();
        while node != to.destination {
            let step = self.arcs_of(node).iter().find(|(neighbour, edge)| {
                let rest = to.times[neighbour.0 as usize];
                let time = conditioned(self.free[edge.0 as usize], conditions.of(*edge));
                rest < left && rest.saturating_add(time) == left
            });
            let (neighbour, edge) = step.expect("the table was made under these conditions");
            way.push(*edge);
            left = to.times[neighbour.0 as usize];
            node = *neighbour;
        }
        Some(way)
    }

    fn edge_times(&self, conditions: &RoadConditions) -> Vec<u32> {
        let mut times = self.free.clone();
        for (edge, condition) in conditions.iter() {
            let time = &mut times[edge.0 as usize];
            *time = conditioned(*time, Some(condition));
        }
        times
    }
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
