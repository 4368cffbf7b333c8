//! What an office knows of the ground: how long the way is, over roads as it was told of them.

use std::collections::BTreeMap;
use std::fmt::Debug;

use protocol::{Deciseconds, Kind, Point, RoadId, RoadStatus};

/// Travel times as an office believes them.
pub trait Ground: Debug + Send {
    /// How long a unit of the kind takes from one place to another; `None` if there is no way.
    fn travel(&mut self, kind: Kind, from: Point, to: Point) -> Option<Deciseconds>;

    /// The roads are now as told.
    fn hear_roads(&mut self, roads: &BTreeMap<RoadId, &RoadStatus>);
}
