//! The map: where the operator looks, and how a place on earth becomes a cell of the screen.

mod layers;
mod placer;
pub(crate) use layers::{Sign, draw_ground, marks};
pub(crate) use placer::{Placed, Wish, place};

use protocol::Point;
use ratatui::layout::Rect;

use crate::keys::Way;

/// Steps of zoom: each half as near again.
const STEPS_MAX: i32 = 9;

/// Room around the frame, so that a coast at its edge is not on the pane's.
const MARGIN: f64 = 1.04;

/// Where the operator looks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outlook {
    frame: (Point, Point),
    /// Middle of what is shown, degrees.
    middle: (f64, f64),
    steps: i32,
}

/// An outlook through a pane of a certain size.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub(crate) area: Rect,
    /// West and east edge, degrees shrunk to the length of those of latitude.
    pub(crate) x: [f64; 2],
    /// South and north edge, degrees.
    pub(crate) y: [f64; 2],
    shrink: f64,
}

impl Outlook {
    /// All of the frame.
    pub(crate) fn over(frame: (Point, Point)) -> Self {
        let (low, high) = frame;
        Self {
            frame,
            middle: (
                f64::midpoint(low.longitude(), high.longitude()),
                f64::midpoint(low.latitude(), high.latitude()),
            ),
            steps: 0,
        }
    }

    pub(crate) fn fit(&mut self) {
        *self = Self::over(self.frame);
    }

    pub(crate) fn nearer(&mut self) {
        self.steps = (self.steps + 1).min(STEPS_MAX);
    }

    pub(crate) fn further(&mut self) {
        self.steps = (self.steps - 1).max(0);
    }

    pub(crate) fn pan(&mut self, way: Way) {
        let (low, high) = self.frame;
        let step = |low: f64, high: f64| (high - low) / self.factor() / 10.0;
        let east = step(low.longitude(), high.longitude());
        let north = step(low.latitude(), high.latitude());
        match way {
            Way::Left => self.middle.0 -= east,
            Way::Right => self.middle.0 += east,
            Way::Up => self.middle.1 += north,
            Way::Down => self.middle.1 -= north,
        }
        let hold = |value: f64, low: f64, high: f64| value.max(low).min(high);
        self.middle.0 = hold(self.middle.0, low.longitude(), high.longitude());
        self.middle.1 = hold(self.middle.1, low.latitude(), high.latitude());
    }

    fn factor(&self) -> f64 {
        1.5_f64.powi(self.steps)
    }

    /// What is seen through a pane: true to shape, as large as fits.
    ///
    /// A cell has two by four dots and is twice as high as wide, so that a dot is square.
    pub(crate) fn window(&self, area: Rect) -> Window {
        let (low, high) = self.frame;
        let shrink = self.middle.1.to_radians().cos();
        let across = (f64::from(area.width) * 2.0).max(1.0);
        let down = (f64::from(area.height) * 4.0).max(1.0);
        let wide = (high.longitude() - low.longitude()).abs().max(0.001) * shrink;
        let tall = (high.latitude() - low.latitude()).abs().max(0.001);
        let dot = (wide / across).max(tall / down) * MARGIN / self.factor();
        let (x, y) = (self.middle.0 * shrink, self.middle.1);
        Window {
            area,
            x: [x - dot * across / 2.0, x + dot * across / 2.0],
            y: [y - dot * down / 2.0, y + dot * down / 2.0],
            shrink,
        }
    }
}

impl Window {
    /// A point in the window's own degrees.
    pub(crate) fn place(&self, point: Point) -> (f64, f64) {
        (point.longitude() * self.shrink, point.latitude())
    }

    /// The cell that a point falls into; `None` if it lies outside.
    pub(crate) fn cell(&self, point: Point) -> Option<(u16, u16)> {
        let (x, y) = self.place(point);
        let right = (x - self.x[0]) / (self.x[1] - self.x[0]);
        let down = (self.y[1] - y) / (self.y[1] - self.y[0]);
        let inside = (0.0..1.0).contains(&right) && (0.0..1.0).contains(&down);
        inside.then(|| {
            (
                self.area.x + part_of(self.area.width, right),
                self.area.y + part_of(self.area.height, down),
            )
        })
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the share lies between 0 and 1, checked where it is made"
)]
fn part_of(cells: u16, share: f64) -> u16 {
    (f64::from(cells) * share) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outlook() -> Outlook {
        Outlook::over((Point::degrees(111.2, 21.45), Point::degrees(115.6, 24.65)))
    }

    #[test]
    fn the_middle_of_the_frame_is_the_middle_of_the_pane() {
        let window = outlook().window(Rect::new(10, 5, 60, 30));
        assert_eq!(window.cell(Point::degrees(113.41, 23.04)), Some((40, 20)));
        assert_eq!(window.cell(Point::degrees(0.0, 0.0)), None);
    }

    #[test]
    fn a_frame_fits_into_panes_of_any_shape() {
        for (width, height) in [(1, 1), (5, 60), (200, 4), (104, 42)] {
            let window = outlook().window(Rect::new(0, 0, width, height));
            for corner in [Point::degrees(111.2, 21.45), Point::degrees(115.6, 24.65)] {
                assert!(window.cell(corner).is_some(), "{width}x{height} {corner}");
            }
        }
    }

    #[test]
    fn going_nearer_and_panning_stay_over_the_region() {
        let mut outlook = outlook();
        for _ in 0..1_000 {
            outlook.nearer();
            outlook.pan(Way::Left);
            outlook.pan(Way::Up);
        }
        let window = outlook.window(Rect::new(0, 0, 60, 30));
        assert!(window.cell(Point::degrees(111.2, 24.65)).is_some());
        outlook.fit();
        assert!(
            outlook
                .window(Rect::new(0, 0, 60, 30))
                .cell(Point::degrees(115.6, 21.45))
                .is_some()
        );
    }
}
