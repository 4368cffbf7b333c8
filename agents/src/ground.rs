//! What an office knows of the ground: how long the way is, over roads as it was told of them.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

use protocol::{Deciseconds, Kind, Point, RoadId, RoadStatus};
use region::{Region, RoadConditions, Travel};

/// Travel times as an office believes them.
pub trait Ground: Debug + Send {
    /// How long a unit of the kind takes from one place to another; `None` if there is no way.
    fn travel(&mut self, kind: Kind, from: Point, to: Point) -> Option<Deciseconds>;

    /// The roads are now as told.
    fn hear_roads(&mut self, roads: &BTreeMap<RoadId, &RoadStatus>);
}

/// The roads of a region as they usually are, and as told since.
#[derive(Debug)]
pub struct RegionGround {
    region: Arc<Region>,
    travel: Travel,
    usual: RoadConditions,
    told: RoadConditions,
}

impl RegionGround {
    /// The roads as they usually are.
    pub fn new(region: Arc<Region>, usual: RoadConditions) -> Self {
        let travel = region.travel();
        Self {
            region,
            travel,
            told: usual.clone(),
            usual,
        }
    }
}

impl Ground for RegionGround {
    fn travel(&mut self, kind: Kind, from: Point, to: Point) -> Option<Deciseconds> {
        self.travel.time_of(kind, &self.told, from, to)
    }

    fn hear_roads(&mut self, roads: &BTreeMap<RoadId, &RoadStatus>) {
        self.told = self.usual.clone();
        let known = self.region.roads();
        for status in roads.values() {
            // A road that this pack does not have cannot change a way over those that it has.
            known.apply(&mut self.told, status).ok();
        }
    }
}
