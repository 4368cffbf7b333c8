//! How long crews truly travel, as roads truly are.

use std::fmt::Debug;

use protocol::{Deciseconds, Kind, Point};

use crate::scenario::Ground;

/// The true state of the roads.
pub trait Terrain: Debug + Send {
    /// Roads change: travel takes this percentage of the free time; `None` closes them.
    fn change(&mut self, roads: Ground, percent: Option<u16>);

    /// How long a unit of this kind travels now; `None` if there is no way.
    fn time(&mut self, kind: Kind, from: Point, to: Point) -> Option<Deciseconds>;

    /// How long that way is, in metres.
    fn length(&mut self, kind: Kind, from: Point, to: Point) -> u64;
}

/// Straight lines at one speed: for tests, and where a region has no roads.
#[derive(Clone, Copy, Debug)]
pub struct StraightLines {
    /// Speed in metres a second.
    pub speed_ms: u32,
}

impl Terrain for StraightLines {
    fn change(&mut self, _roads: Ground, _percent: Option<u16>) {}

    fn time(&mut self, _kind: Kind, from: Point, to: Point) -> Option<Deciseconds> {
        let time = metres(from, to) * 10 / u64::from(self.speed_ms.max(1));
        Some(Deciseconds(u32::try_from(time).unwrap_or(u32::MAX)))
    }

    fn length(&mut self, _kind: Kind, from: Point, to: Point) -> u64 {
        metres(from, to)
    }
}

/// Metres between two points of a region, on a plane: a millionth of a degree of latitude is
/// 0.111 m, of longitude at 22.5° north 0.103 m.
pub(crate) fn metres(from: Point, to: Point) -> u64 {
    let east = u64::from(from.0.abs_diff(to.0)) * 103 / 1_000;
    let north = u64::from(from.1.abs_diff(to.1)) * 111 / 1_000;
    (east * east + north * north).isqrt()
}
