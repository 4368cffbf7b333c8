//! The roads as one office believes them: a region's graph under what it was told.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use agents::Ground;
use protocol::{Deciseconds, Kind, Point, RoadId, RoadStatus};
use region::{RoadConditions, Roads, Travel};

/// A calculator of travel times that the offices of one process share.
///
/// Its answers never depend on what it keeps, so sharing changes no decision; offices that were
/// told the same find each other's tables.
pub type SharedTravel = Arc<Mutex<Travel>>;

/// What an office knows of the roads.
#[derive(Debug)]
pub struct BelievedRoads {
    travel: SharedTravel,
    roads: Arc<Roads>,
    usual: RoadConditions,
    now: RoadConditions,
}

impl BelievedRoads {
    /// The roads as they usually are, until somebody says otherwise.
    pub fn new(travel: SharedTravel, roads: Arc<Roads>, usual: RoadConditions) -> Self {
        Self {
            travel,
            roads,
            now: usual.clone(),
            usual,
        }
    }
}

impl Ground for BelievedRoads {
    fn travel(&mut self, kind: Kind, from: Point, to: Point) -> Option<Deciseconds> {
        let mut travel = self.travel.lock().unwrap_or_else(PoisonError::into_inner);
        travel.time_of(kind, &self.now, from, to)
    }

    fn hear_roads(&mut self, told: &BTreeMap<RoadId, &RoadStatus>) {
        self.now = self.usual.clone();
        for (road, status) in told {
            let alone = RoadStatus {
                roads: vec![*road],
                ..(*status).clone()
            };
            // A road that this region does not have is somebody else's; it changes nothing here.
            let _unknown = self.roads.apply(&mut self.now, &alone);
        }
    }
}
