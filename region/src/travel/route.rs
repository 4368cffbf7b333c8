//! The way that a travel time stands for: to be drawn, and to be told in words.

use protocol::{Deciseconds, Point};

use super::Travel;
use crate::roads::{EdgeIx, RoadConditions};

/// The way from one point to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Its stages in order; the last ends at the destination.
    pub stages: Vec<Stage>,
    /// How long it takes in all.
    pub time: Deciseconds,
    /// The roads on it that have a name, each once, in order.
    pub roads: Vec<String>,
}

/// A stage of a route: up to a point, reached at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage {
    /// The edge driven; `None` over open country, and for the part of an edge at either end.
    pub edge: Option<EdgeIx>,
    /// Where the stage ends.
    pub to: Point,
    /// When it ends, counted from the start of the route.
    pub time: Deciseconds,
}

impl Route {
    /// Where a vehicle is after some time on the route: on the straight line of its stage.
    pub fn place_at(&self, from: Point, time: Deciseconds) -> Point {
        let mut start = (from, 0_u32);
        for stage in &self.stages {
            if time.0 < stage.time.0 {
                let (whole, done) = (stage.time.0 - start.1, time.0 - start.1);
                return between(start.0, stage.to, done, whole);
            }
            start = (stage.to, stage.time.0);
        }
        start.0
    }
}

impl Travel {
    /// The way by road that [`Travel::travel_time`] counts; `None` if no road leads there.
    pub fn route(&mut self, conditions: &RoadConditions, from: Point, to: Point) -> Option<Route> {
        let direct = self.direct(from, to);
        let best = self.best(conditions, from, to);
        let straight = |time: Deciseconds| Route {
            stages: vec![Stage {
                edge: None,
                to,
                time,
            }],
            time,
            roads: Vec::new(),
        };
        let Some(best) = best.filter(|best| direct.is_none_or(|direct| best.time < direct)) else {
            return direct.map(straight);
        };
        let Some((entry, exit)) = best.doors else {
            return Some(straight(best.time));
        };
        let table = self.tables.to(&self.roads, conditions, exit.node);
        let way = self.roads.way(entry.node, table)?;
        let mut node = entry.node;
        let mut time = entry.time;
        let mut stages = vec![Stage {
            edge: None,
            to: self.roads.node(node).point,
            time,
        }];
        let mut roads: Vec<String> = Vec::new();
        for edge in way {
            let road = self.roads.edge(edge);
            node = road.beyond(node);
            let step = self.roads.edge_time(conditions, edge)?;
            time = Deciseconds(time.0.saturating_add(step.0));
            stages.push(Stage {
                edge: Some(edge),
                to: self.roads.node(node).point,
                time,
            });
            if !road.name.is_empty() && roads.last() != Some(&road.name) {
                roads.push(road.name.clone());
            }
        }
        time = Deciseconds(time.0.saturating_add(exit.time.0));
        stages.push(Stage {
            edge: None,
            to,
            time,
        });
        Some(Route {
            stages,
            time,
            roads,
        })
    }
}

fn between(from: Point, to: Point, done: u32, whole: u32) -> Point {
    let part = |a: i32, b: i32| {
        let shift = (i64::from(b) - i64::from(a)) * i64::from(done) / i64::from(whole.max(1));
        i32::try_from(i64::from(a) + shift).expect("it lies between two of i32")
    };
    Point(part(from.0, to.0), part(from.1, to.1))
}
