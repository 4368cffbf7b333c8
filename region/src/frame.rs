//! The frame: the rectangle of the map that a region is cut to.

use protocol::Point;

/// A rectangle in millionths of a degree. Nothing of a region lies outside its frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Western edge.
    pub west: i32,
    /// Southern edge.
    pub south: i32,
    /// Eastern edge.
    pub east: i32,
    /// Northern edge.
    pub north: i32,
}

impl Frame {
    /// A frame from degrees.
    pub fn degrees(west: f64, south: f64, east: f64, north: f64) -> Self {
        let (low, high) = (Point::degrees(west, south), Point::degrees(east, north));
        Self {
            west: low.0,
            south: low.1,
            east: high.0,
            north: high.1,
        }
    }

    /// Whether a point lies within, edges included.
    pub fn contains(self, point: Point) -> bool {
        (self.west..=self.east).contains(&point.0) && (self.south..=self.north).contains(&point.1)
    }

    /// The point in the middle.
    pub fn middle(self) -> Point {
        Point(
            i32::midpoint(self.west, self.east),
            i32::midpoint(self.south, self.north),
        )
    }
}
