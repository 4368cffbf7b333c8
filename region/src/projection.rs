//! From degrees to whole metres, once, on a flat sheet laid over the middle of the frame.
//!
//! Local equirectangular: true to 1 per cent in length within a region some 400 km wide, which is
//! far below what roads add to a straight line. Exact arithmetic after one cosine of `libm`.

use protocol::{Meters, Point};

use crate::frame::Frame;

/// Metres in a millionth of a degree of latitude: the mean earth radius of 6,371,008.8 m (IUGG).
const METERS_PER_MICRODEGREE: f64 = 0.111_195_08;

/// A flat sheet over a region.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Projection {
    middle: Point,
    /// Metres in a millionth of a degree of longitude at the middle latitude.
    meters_per_microdegree_east: f64,
}

/// A place on the sheet: metres east and north of the frame's middle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sheet {
    /// Metres east.
    pub east: i64,
    /// Metres north.
    pub north: i64,
}

impl Projection {
    /// The sheet for a frame.
    pub fn over(frame: Frame) -> Self {
        let middle = frame.middle();
        let shrink = libm::cos(middle.latitude().to_radians());
        Self {
            middle,
            meters_per_microdegree_east: METERS_PER_MICRODEGREE * shrink,
        }
    }

    /// A point on the sheet.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "no point on earth is more than 40,000 km away"
    )]
    pub fn sheet(&self, point: Point) -> Sheet {
        let east = f64::from(point.0 - self.middle.0) * self.meters_per_microdegree_east;
        let north = f64::from(point.1 - self.middle.1) * METERS_PER_MICRODEGREE;
        Sheet {
            east: east.round() as i64,
            north: north.round() as i64,
        }
    }

    /// The point that lies some metres east and north of another.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "shifts are a few kilometres"
    )]
    pub fn shifted(&self, point: Point, east: i32, north: i32) -> Point {
        let longitude = f64::from(east) / self.meters_per_microdegree_east;
        let latitude = f64::from(north) / METERS_PER_MICRODEGREE;
        Point(
            point.0.saturating_add(longitude.round() as i32),
            point.1.saturating_add(latitude.round() as i32),
        )
    }

    /// The straight distance between two points.
    pub fn distance(&self, from: Point, to: Point) -> Meters {
        self.sheet(from).distance(self.sheet(to))
    }
}

impl Sheet {
    /// The straight distance to another place on the sheet, rounded down.
    pub fn distance(self, other: Self) -> Meters {
        let east = self.east.abs_diff(other.east);
        let north = self.north.abs_diff(other.north);
        let square = east
            .saturating_mul(east)
            .saturating_add(north.saturating_mul(north));
        Meters(u32::try_from(square.isqrt()).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_degree_north_and_a_degree_east_have_their_lengths() {
        let frame = Frame::degrees(113.0, 22.0, 114.0, 23.0);
        let sheet = Projection::over(frame);
        let home = Point::degrees(113.0, 22.5);
        assert_eq!(
            sheet.distance(home, Point::degrees(113.0, 23.5)),
            Meters(111_195)
        );
        let east = sheet.distance(home, Point::degrees(114.0, 22.5)).0;
        assert!(east.abs_diff(102_731) < 5, "{east}");
    }

    #[test]
    fn a_shift_is_undone_by_the_opposite_shift() {
        let sheet = Projection::over(Frame::degrees(113.0, 22.0, 114.0, 23.0));
        let home = Point::degrees(113.4, 22.4);
        let there = sheet.shifted(home, 1_500, -700);
        assert!(sheet.distance(home, there).0.abs_diff(1_655) < 3);
        assert_eq!(sheet.shifted(there, -1_500, 700), home);
    }
}
