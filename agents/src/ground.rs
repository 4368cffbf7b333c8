//! What an office knows of the ground: how long the way is, over roads as it was told of them.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

use protocol::{Deciseconds, Kind, Point, RoadId, RoadStatus};
use region::{Condition, RoadConditions, Roads, SharedTravel};

/// Travel times as an office believes them.
pub trait Ground: Debug + Send {
    /// How long a unit of the kind takes from one place to another; `None` if there is no way.
    fn travel(&mut self, kind: Kind, from: Point, to: Point) -> Option<Deciseconds>;

    /// As [`Ground::travel`], of a way that will be asked about again: a unit at work will drive home.
    fn travel_home(&mut self, kind: Kind, from: Point, to: Point) -> Option<Deciseconds> {
        self.travel(kind, from, to)
    }

    /// A time that [`Ground::travel`] never goes below, quicker to tell; zero says nothing.
    fn least(&self, kind: Kind, from: Point, to: Point) -> Deciseconds;

    /// The roads on the way that have a name, in order; none over water, through the air, or where no
    /// way leads.
    fn roads(&mut self, kind: Kind, from: Point, to: Point) -> Vec<String>;

    /// The roads are now as told.
    fn hear_roads(&mut self, roads: &BTreeMap<RoadId, &RoadStatus>);
}

/// How many ways home are remembered: some for each unit of a large region.
const HOMES_MAX: usize = 16_384;

/// The roads of a region as they usually are, and as told since.
#[derive(Debug)]
pub struct BelievedRoads {
    travel: SharedTravel,
    roads: Arc<Roads>,
    usual: RoadConditions,
    told: RoadConditions,
    /// Ways home that were asked about since roads last changed.
    homes: BTreeMap<(Kind, Point, Point), Option<Deciseconds>>,
}

impl BelievedRoads {
    /// The roads as they usually are, until somebody says otherwise.
    pub fn new(travel: SharedTravel, roads: Arc<Roads>, usual: RoadConditions) -> Self {
        Self {
            travel,
            roads,
            told: usual.clone(),
            usual,
            homes: BTreeMap::new(),
        }
    }
}

impl Ground for BelievedRoads {
    fn travel(&mut self, kind: Kind, from: Point, to: Point) -> Option<Deciseconds> {
        self.travel.time_of(kind, &self.told, from, to)
    }

    fn travel_home(&mut self, kind: Kind, from: Point, to: Point) -> Option<Deciseconds> {
        let way = (kind, from, to);
        if let Some(known) = self.homes.get(&way) {
            return *known;
        }
        if self.homes.len() >= HOMES_MAX {
            self.homes.clear();
        }
        let time = self.travel(kind, from, to);
        self.homes.insert(way, time);
        time
    }

    fn least(&self, kind: Kind, from: Point, to: Point) -> Deciseconds {
        self.travel.least(kind, from, to)
    }

    fn roads(&mut self, kind: Kind, from: Point, to: Point) -> Vec<String> {
        self.travel.roads_of(kind, &self.told, from, to)
    }

    fn hear_roads(&mut self, told: &BTreeMap<RoadId, &RoadStatus>) {
        self.told = self.usual.clone();
        self.homes.clear();
        for (road, status) in told {
            // One word may tell of several roads, and another may be later about some of them.
            let condition = Condition::told(status);
            // A road that this region does not have is somebody else's; it changes nothing here.
            let _unknown = self.roads.set(&mut self.told, *road, condition);
        }
    }
}
