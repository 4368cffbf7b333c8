//! From degrees to the drawing: a flat sheet over the frame, true to scale at its middle latitude.

use std::fmt::Write;

use protocol::Point;

use crate::ground::Ground;

/// Width of the drawing in its own units.
const WIDTH: f64 = 1_080.0;

/// Points nearer than this to the one before are not drawn.
const STEP: f64 = 0.6;

/// A projection into the drawing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sheet {
    low: Point,
    high: Point,
    across: f64,
    up: f64,
}

impl Sheet {
    pub(super) fn over(ground: &Ground) -> Self {
        let (low, high) = ground.frame;
        let middle = f64::midpoint(low.latitude(), high.latitude());
        let across = WIDTH / f64::from(high.0 - low.0);
        let up = across / shrink(middle);
        Self {
            low,
            high,
            across,
            up,
        }
    }

    /// Width and height of the drawing.
    pub(super) fn size(&self) -> (f64, f64) {
        (WIDTH, f64::from(self.high.1 - self.low.1) * self.up)
    }

    /// Whether a point lies in the frame.
    pub(super) fn holds(&self, point: Point) -> bool {
        (self.low.0..=self.high.0).contains(&point.0)
            && (self.low.1..=self.high.1).contains(&point.1)
    }

    /// A point's place in the drawing.
    pub(super) fn place(&self, point: Point) -> (f64, f64) {
        let east = f64::from(point.0) - f64::from(self.low.0);
        let south = f64::from(self.high.1) - f64::from(point.1);
        (east * self.across, south * self.up)
    }

    /// A line as path data.
    pub(super) fn line(&self, points: &[Point]) -> String {
        let mut path = String::new();
        let mut before: Option<(f64, f64)> = None;
        for (count, point) in points.iter().enumerate() {
            let (x, y) = self.place(*point);
            let near = before.is_some_and(|(a, b)| (a - x).abs() < STEP && (b - y).abs() < STEP);
            if near && count + 1 < points.len() {
                continue;
            }
            let step = if before.is_none() { 'M' } else { 'L' };
            write!(path, "{step}{x:.1} {y:.1}").expect("a string takes whatever is written");
            before = Some((x, y));
        }
        path
    }

    /// Rings as path data.
    pub(super) fn rings(&self, rings: &[Vec<Point>]) -> String {
        let mut path = String::new();
        for ring in rings.iter().filter(|ring| ring.len() > 2) {
            path.push_str(&self.line(ring));
            path.push('Z');
        }
        path
    }

    /// A curve from one place to another that bows to its right, so that there and back are two;
    /// and where its label stands.
    pub(super) fn bow(&self, from: Point, to: Point) -> (String, (f64, f64)) {
        let ((ax, ay), (bx, by)) = (self.place(from), self.place(to));
        let (dx, dy) = (bx - ax, by - ay);
        let (mx, my) = (
            f64::midpoint(ax, bx) - dy * 0.18,
            f64::midpoint(ay, by) + dx * 0.18,
        );
        // The arrow ends short of the seat, on the way that it comes from.
        let (ex, ey) = (bx + (mx - bx) * 0.12, by + (my - by) * 0.12);
        let path = format!("M{ax:.1} {ay:.1}Q{mx:.1} {my:.1} {ex:.1} {ey:.1}");
        let label = (
            ax * 0.25 + mx * 0.5 + ex * 0.25,
            ay * 0.25 + my * 0.5 + ey * 0.25,
        );
        (path, label)
    }
}

/// How much shorter a degree of longitude is than one of latitude: the cosine by its series, within
/// 1 in 10,000 up to 70 degrees, and the same on every machine.
fn shrink(latitude: f64) -> f64 {
    let square = latitude.to_radians() * latitude.to_radians();
    let series =
        1.0 - square / 2.0 * (1.0 - square / 12.0 * (1.0 - square / 30.0 * (1.0 - square / 56.0)));
    series.max(0.1)
}

/// Part of a whole.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of commitments are far below 2^52"
)]
pub(super) fn ratio(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet() -> Sheet {
        Sheet::over(&Ground {
            frame: (Point::degrees(112.0, 22.0), Point::degrees(115.0, 24.0)),
            ..Ground::default()
        })
    }

    #[test]
    fn the_corners_of_the_frame_are_the_corners_of_the_drawing() {
        let sheet = sheet();
        let (width, height) = sheet.size();
        assert_eq!(sheet.place(Point::degrees(112.0, 24.0)), (0.0, 0.0));
        let (x, y) = sheet.place(Point::degrees(115.0, 22.0));
        assert!((x - width).abs() < 0.01 && (y - height).abs() < 0.01);
        assert!((shrink(60.0) - 0.5).abs() < 1e-4);
    }

    #[test]
    fn there_and_back_are_two_curves() {
        let sheet = sheet();
        let (a, b) = (Point::degrees(113.0, 23.0), Point::degrees(114.0, 23.0));
        let ((_, there), (_, back)) = (sheet.bow(a, b), sheet.bow(b, a));
        assert!((there.1 - back.1).abs() > 20.0);
    }
}
