//! The true roads of a region: its graph under everything that hazards and closures do to it.

use std::collections::BTreeMap;
use std::sync::Arc;

use protocol::{AreaCode, Deciseconds, Kind, Point, RoadId};
use region::{Condition, EdgeIx, Region, Ring, RoadConditions, SharedTravel};

use super::terrain::{Terrain, metres};
use crate::scenario::Ground;

/// Travel over the roads of a region as they truly are.
#[derive(Debug)]
pub struct RegionTerrain {
    region: Arc<Region>,
    travel: SharedTravel,
    usual: RoadConditions,
    now: RoadConditions,
    /// What is changed, as a percentage of the free time; `None` is closed.
    changed: BTreeMap<Ground, Option<u16>>,
    /// The edges of each district and of each city, once a change asks for them.
    edges: BTreeMap<AreaCode, Vec<EdgeIx>>,
    /// The edges on each piece of ground that hazards cover.
    zones: Vec<Vec<EdgeIx>>,
}

impl RegionTerrain {
    /// The roads as they usually are.
    pub fn new(region: Arc<Region>, travel: SharedTravel, usual: RoadConditions) -> Self {
        Self {
            travel,
            region,
            now: usual.clone(),
            usual,
            changed: BTreeMap::new(),
            edges: BTreeMap::new(),
            zones: Vec::new(),
        }
    }

    /// With the pieces of ground that hazards cover.
    #[must_use]
    pub fn with_zones(mut self, rings: &[Vec<Point>]) -> Self {
        let roads = self.region.roads();
        let edges = |ring: &Vec<Point>| roads.over(&Ring::new(ring)).map(|(ix, _)| ix).collect();
        self.zones = rings.iter().map(edges).collect();
        self
    }

    fn survey(&mut self) {
        if !self.edges.is_empty() {
            return;
        }
        let roads = self.region.roads();
        for (ix, edge) in roads.edges() {
            let at = roads.node(edge.from).point;
            if let Some((district, city)) = self.region.ground().locate(at) {
                self.edges.entry(district).or_default().push(ix);
                if city != district {
                    self.edges.entry(city).or_default().push(ix);
                }
            }
        }
    }

    fn edges_of(&self, roads: Ground) -> Vec<EdgeIx> {
        match roads {
            Ground::Crossing(road) => self.crossing(road),
            Ground::Area(area) => self.edges.get(&area).cloned().unwrap_or_default(),
            Ground::Zone(place) => self
                .zones
                .get(usize::from(place))
                .cloned()
                .unwrap_or_default(),
        }
    }

    /// The scenario named only roads that the region has.
    fn crossing(&self, road: RoadId) -> Vec<EdgeIx> {
        self.region.roads().edges_of(road).unwrap_or_default()
    }
}

impl Terrain for RegionTerrain {
    fn change(&mut self, roads: Ground, percent: Option<u16>) {
        if matches!(roads, Ground::Area(_)) {
            self.survey();
        }
        if percent == Some(100) {
            self.changed.remove(&roads);
        } else {
            self.changed.insert(roads, percent);
        }
        let mut worst: BTreeMap<EdgeIx, Option<u16>> = BTreeMap::new();
        for (ground, percent) in &self.changed {
            for edge in self.edges_of(*ground) {
                let known = worst.entry(edge).or_insert(*percent);
                *known = known.zip(*percent).map(|(known, here)| known.max(here));
            }
        }
        self.now = self.usual.clone();
        for (edge, percent) in worst {
            let condition = percent.map_or(Condition::Closed, Condition::slow);
            self.now.set(edge, Some(condition));
        }
    }

    fn time(&mut self, kind: Kind, from: Point, to: Point) -> Option<Deciseconds> {
        self.travel.time_of(kind, &self.now, from, to)
    }

    fn length(&mut self, kind: Kind, from: Point, to: Point) -> u64 {
        let length = self.travel.length_of(kind, &self.now, from, to);
        length.map_or_else(|| metres(from, to), |length| u64::from(length.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terrain() -> RegionTerrain {
        let region = Region::built_in("trio").unwrap();
        let usual = region.roads().usual();
        let travel = SharedTravel::new(region.travel());
        RegionTerrain::new(Arc::new(region), travel, usual)
    }

    #[test]
    fn a_slow_area_makes_its_journeys_longer_until_it_is_over() {
        let mut terrain = terrain();
        let cities: Vec<_> = terrain
            .region
            .offices()
            .iter()
            .filter(|o| o.is_city())
            .cloned()
            .collect();
        let (from, to) = (cities[0].seat, cities[1].seat);
        let free = terrain.time(Kind::FireRescue, from, to).unwrap();
        terrain.change(Ground::Area(cities[0].area), Some(200));
        let slow = terrain.time(Kind::FireRescue, from, to).unwrap();
        assert!(slow > free, "{slow:?} is not longer than {free:?}");
        terrain.change(Ground::Area(cities[0].area), Some(100));
        assert_eq!(terrain.time(Kind::FireRescue, from, to), Some(free));
    }
    #[test]
    fn a_way_by_road_is_no_shorter_than_the_straight_line() {
        let mut terrain = terrain();
        let offices = terrain.region.offices();
        let seats: Vec<Point> = offices.iter().map(|office| office.seat).collect();
        let (from, to) = (seats[0], seats[1]);
        let straight = metres(from, to);
        let driven = terrain.length(Kind::FireRescue, from, to);
        // The two are measured on planes that differ a little.
        assert!(driven * 100 >= straight * 98, "{driven} m for {straight} m");
        let flown = terrain.length(Kind::Helicopter, from, to);
        assert!(flown <= driven && flown * 100 >= straight * 95, "{flown} m");
    }
}
