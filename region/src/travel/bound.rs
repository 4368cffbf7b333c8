//! What no way between two places beats: told from the straight line, without a search.

use protocol::{Deciseconds, Kind, Point};

use super::vehicle::{air_or_water_time, uses_roads};
use crate::projection::Projection;
use crate::roads::Roads;

/// Lengths are whole metres and times whole tenths of a second, so that a way of many short edges may
/// seem a little shorter than the line: the bound stays this far below it, per cent.
const MARGIN_PERCENT: u64 = 3;

/// The least travel times of a region.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound {
    projection: Projection,
    /// Metres of straight line that the quickest edge covers in 1,000 tenths of a second.
    quickest: u64,
}

impl Bound {
    /// The bound of a graph at free flow; conditions only slow it.
    pub(super) fn of(roads: &Roads, projection: Projection) -> Self {
        let straight = |from, to| {
            let (from, to) = (roads.node(from).point, roads.node(to).point);
            u64::from(projection.distance(from, to).0)
        };
        let speeds = roads.edges().map(|(_, edge)| {
            let time = u64::from(edge.free_time().0).max(1);
            (straight(edge.from, edge.to) * 1_000).div_ceil(time)
        });
        Self {
            projection,
            quickest: speeds.max().unwrap_or(1).max(1),
        }
    }

    /// A time that no way takes less than.
    pub(super) fn least(&self, kind: Kind, from: Point, to: Point) -> Deciseconds {
        let distance = self.projection.distance(from, to);
        if !uses_roads(kind) {
            return air_or_water_time(kind, distance);
        }
        let line = u64::from(distance.0) * 1_000 / self.quickest;
        let time = line * (100 - MARGIN_PERCENT) / 100;
        Deciseconds(u32::try_from(time).unwrap_or(u32::MAX))
    }
}
