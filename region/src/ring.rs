//! A piece of ground that is nobody's: what water or gas covers.

use geo::{Coord, Intersects, Line, LineString, Polygon};
use protocol::Point;

/// The ground within a line that comes back to where it began.
#[derive(Clone, Debug)]
pub struct Ring(Polygon<f64>);

impl Ring {
    /// The ground within these corners, three or more; the last is joined to the first.
    pub fn new(corners: &[Point]) -> Self {
        let line = corners.iter().copied().map(coordinate);
        Self(Polygon::new(LineString(line.collect()), Vec::new()))
    }

    /// Whether the straight way between two points touches it.
    pub fn touches(&self, from: Point, to: Point) -> bool {
        self.0
            .intersects(&Line::new(coordinate(from), coordinate(to)))
    }
}

/// A point as coordinates: whole numbers, which f64 holds exactly.
fn coordinate(point: Point) -> Coord<f64> {
    Coord {
        x: f64::from(point.0),
        y: f64::from(point.1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_within_or_across_a_ring_touches_it_and_one_beside_it_does_not() {
        let corner = |x, y| Point::degrees(x, y);
        let ring = Ring::new(&[
            corner(113.0, 22.0),
            corner(114.0, 22.0),
            corner(113.5, 23.0),
        ]);
        let touches = |from: (f64, f64), to: (f64, f64)| {
            ring.touches(corner(from.0, from.1), corner(to.0, to.1))
        };
        assert!(touches((113.4, 22.2), (113.5, 22.3)), "within");
        assert!(
            touches((112.0, 22.3), (115.0, 22.3)),
            "across, with both ends outside"
        );
        assert!(touches((113.5, 22.0), (113.5, 21.0)), "on the edge");
        assert!(!touches((113.0, 22.9), (113.3, 22.9)), "beside");
    }
}
