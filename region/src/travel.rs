//! Travel times between points: one reverse Dijkstra for each destination, kept while the roads stay as they are.

mod bound;
use bound::Bound;

mod route;
pub use route::{Route, Stage};

mod tables;
use tables::Tables;

mod vehicle;
pub use vehicle::{air_or_water_time, uses_roads};

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use protocol::{Deciseconds, Kind, Meters, Point};

use crate::ground::Ground;
use crate::projection::Projection;
use crate::roads::{Access, Door, RoadConditions, Roads, off_road_time, share, water};

/// How many points keep their access to the graph: stations, incidents, units under way.
const POINTS_MAX: usize = 16_384;

/// Two points this near may be joined over open country instead of by the graph.
const DIRECT_M_MAX: u32 = 2_000;

/// The travel times of a region, with what has been worked out already.
///
/// The answers never depend on what is kept: a cache that forgets only makes them slower.
#[derive(Debug)]
pub struct Travel {
    roads: Arc<Roads>,
    ground: Arc<Ground>,
    projection: Projection,
    tables: Tables,
    points: BTreeMap<Point, Option<Access>>,
}

/// A calculator of travel times that everybody in a process may ask.
///
/// Its answers never depend on what it keeps, so sharing changes no decision; offices that were told
/// the same of the roads find each other's tables.
#[derive(Clone, Debug)]
pub struct SharedTravel {
    travel: Arc<Mutex<Travel>>,
    bound: Bound,
}

impl SharedTravel {
    /// Shares a calculator.
    pub fn new(travel: Travel) -> Self {
        Self {
            bound: Bound::of(&travel.roads, travel.projection),
            travel: Arc::new(Mutex::new(travel)),
        }
    }

    /// A time that [`SharedTravel::time_of`] never goes below, whatever the conditions: from the
    /// straight line and the quickest road of the region, without a search.
    pub fn least(&self, kind: Kind, from: Point, to: Point) -> Deciseconds {
        self.bound.least(kind, from, to)
    }

    /// As [`Travel::time_of`].
    pub fn time_of(
        &self,
        kind: Kind,
        conditions: &RoadConditions,
        from: Point,
        to: Point,
    ) -> Option<Deciseconds> {
        let mut travel = self.travel.lock().unwrap_or_else(PoisonError::into_inner);
        travel.time_of(kind, conditions, from, to)
    }
}

impl SharedTravel {
    /// The roads that have a name on the way that [`SharedTravel::time_of`] counts, in order.
    pub fn roads_of(
        &self,
        kind: Kind,
        conditions: &RoadConditions,
        from: Point,
        to: Point,
    ) -> Vec<String> {
        if !uses_roads(kind) {
            return Vec::new();
        }
        let mut travel = self.travel.lock().unwrap_or_else(PoisonError::into_inner);
        let route = travel.route(conditions, from, to);
        route.map(|route| route.roads).unwrap_or_default()
    }
}

impl SharedTravel {
    /// How long the way is that [`SharedTravel::time_of`] counts; `None` if no road leads there.
    pub fn length_of(
        &self,
        kind: Kind,
        conditions: &RoadConditions,
        from: Point,
        to: Point,
    ) -> Option<Meters> {
        let mut travel = self.travel.lock().unwrap_or_else(PoisonError::into_inner);
        if !uses_roads(kind) {
            return Some(travel.projection.distance(from, to));
        }
        let route = travel.route(conditions, from, to)?;
        let (mut at, mut length) = (from, 0_u32);
        for stage in route.stages {
            let driven = match stage.edge {
                Some(edge) => travel.roads.edge(edge).length,
                None => travel.projection.distance(at, stage.to),
            };
            length = length.saturating_add(driven.0);
            at = stage.to;
        }
        Some(Meters(length))
    }
}

impl Travel {
    pub(crate) fn new(roads: Arc<Roads>, ground: Arc<Ground>, projection: Projection) -> Self {
        Self {
            roads,
            ground,
            projection,
            tables: Tables::default(),
            points: BTreeMap::new(),
        }
    }

    /// The graph.
    pub fn roads(&self) -> &Arc<Roads> {
        &self.roads
    }

    /// How a point reaches the graph; `None` if it does not.
    pub fn access(&mut self, point: Point) -> Option<Access> {
        if let Some(known) = self.points.get(&point) {
            return known.clone();
        }
        if self.points.len() >= POINTS_MAX {
            self.points.clear();
        }
        let access = self.roads.access(point, &self.ground);
        self.points.insert(point, access.clone());
        access
    }

    /// The time by road from one point to another; `None` if no road leads there.
    pub fn travel_time(
        &mut self,
        conditions: &RoadConditions,
        from: Point,
        to: Point,
    ) -> Option<Deciseconds> {
        let direct = self.direct(from, to);
        let by_road = self.best(conditions, from, to).map(|best| best.time);
        direct.into_iter().chain(by_road).min()
    }

    /// The time that a resource of a kind takes, by road, over water or through the air.
    pub fn time_of(
        &mut self,
        kind: Kind,
        conditions: &RoadConditions,
        from: Point,
        to: Point,
    ) -> Option<Deciseconds> {
        if uses_roads(kind) {
            return self.travel_time(conditions, from, to);
        }
        Some(air_or_water_time(kind, self.projection.distance(from, to)))
    }

    /// The best pair of doors between two points.
    fn best(&mut self, conditions: &RoadConditions, from: Point, to: Point) -> Option<Best> {
        // Units ask about one place after another's end, so an end that no road reaches is told first.
        let end = self.access(to)?;
        let start = self.access(from)?;
        let mut best = self.along_one_edge(conditions, &start, &end);
        for exit in end.doors() {
            let table = self.tables.to(&self.roads, conditions, exit.node);
            for entry in start.doors() {
                let Some(between) = table.from(&self.roads, entry.node) else {
                    continue;
                };
                let time = between
                    .0
                    .saturating_add(entry.time.0)
                    .saturating_add(exit.time.0);
                if best.as_ref().is_none_or(|best| time < best.time.0) {
                    best = Some(Best {
                        time: Deciseconds(time),
                        doors: Some((*entry, *exit)),
                    });
                }
            }
        }
        best
    }

    /// The time between two points of one long edge.
    fn along_one_edge(
        &self,
        conditions: &RoadConditions,
        start: &Access,
        end: &Access,
    ) -> Option<Best> {
        let (
            Access::On { edge, part, .. },
            Access::On {
                edge: other,
                part: there,
                ..
            },
        ) = (start, end)
        else {
            return None;
        };
        if edge != other {
            return None;
        }
        let whole = self.roads.edge_time(conditions, *edge)?;
        Some(Best {
            time: share(whole, part.abs_diff(*there)),
            doors: None,
        })
    }

    fn direct(&self, from: Point, to: Point) -> Option<Deciseconds> {
        let distance = self.projection.distance(from, to).0;
        let dry = distance <= DIRECT_M_MAX && water(from, to, distance, &self.ground) == 0;
        dry.then(|| off_road_time(distance))
    }
}

/// The best way found between two points.
struct Best {
    time: Deciseconds,
    /// Where it enters the graph and where it leaves it; `None` along one edge.
    doors: Option<(Door, Door)>,
}
