//! Standing water: one depth over a piece of ground, which rises and falls.
//!
//! **Formula.** A car on a road under *w* millimetres of water is driven at most at
//!
//! > v(w) = 0.0009 w² − 0.5529 w + 86.9448 km/h,  0 ≤ w ≤ 300
//!
//! and not at all under more than 300 mm. Travel takes v(0)/v(w) times as long, at most ten times.
//! Source: M. Pregnolato, A. Ford, S. M. Wilkinson, R. J. Dawson, The impact of flooding on road
//! transport: a depth-disruption function, Transportation Research Part D 55 (2017), 67–81.
//!
//! **Limits.** The water is as deep everywhere within its ring: no ground level, no current, no drains.
//! The curve was fitted to cars and light vans; fire engines wade deeper, and are held to it all the same
//! (model). Bridges over wide water stand above it. Good for what a drill decides, not for a flood map.

use protocol::{Mode, Moment, Phrase, Point, Span};

use super::level::Levels;
use super::schedule::{FREE, steps as looks};
use super::zone::Step;
use crate::scenario::Window;

/// Water in which nobody drives any more, millimetres.
const CLOSED_MM: u32 = 300;

/// Travel at most, as a percentage of the free time.
const SLOWEST: u16 = 1_000;

/// A water that comes over a piece of ground.
#[derive(Clone, Debug, PartialEq)]
pub struct Flood {
    /// The corners of the ground.
    pub ring: Vec<Point>,
    /// How high the water stands.
    pub levels: Levels,
    /// How high the ground, or the dyke around it, millimetres above where levels are counted from.
    pub bank_mm: i64,
}

impl Flood {
    /// How deep the water is on the ground, millimetres: what stands above the bank.
    pub fn depth(&self, at: Moment) -> u32 {
        let above = self.levels.at(at).saturating_sub(self.bank_mm).max(0);
        u32::try_from(above).unwrap_or(u32::MAX)
    }

    /// What it is like at each look in a window.
    pub fn steps(&self, window: Window, every: Span) -> Vec<Step> {
        let mut steps: Vec<Step> = Vec::new();
        let mut before = 0;
        for at in looks(window, every) {
            let depth = self.depth(at);
            let percent = travel_percent(depth);
            let known = steps.last().map(|step| (step.ring.is_some(), step.percent));
            let wet = depth > 0;
            if known.unwrap_or((false, Some(FREE))) != (wet, percent) {
                let rises = depth >= before;
                steps.push(Step {
                    at,
                    ring: wet.then(|| self.ring.clone()),
                    percent,
                    reason: reason(depth, rises),
                });
            }
            before = depth;
        }
        steps
    }
}

/// Travel time through so much water as a percentage of the free one; `None` where nobody drives.
fn travel_percent(depth_mm: u32) -> Option<u16> {
    if depth_mm > CLOSED_MM {
        return None;
    }
    let depth = f64::from(depth_mm);
    let speed = |depth: f64| 0.0009 * depth * depth - 0.5529 * depth + 86.9448;
    let percent = 100.0 * speed(0.0) / speed(depth);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the curve is above zero up to 300 mm, and so the percentage below some thousands"
    )]
    let percent = percent as u16;
    Some(percent.min(SLOWEST))
}

fn reason(depth_mm: u32, rises: bool) -> String {
    let (whole, tenths) = (depth_mm / 1_000, depth_mm % 1_000 / 100);
    let phrase = match (depth_mm, rises) {
        (0, _) => return Phrase::WaterGone.say(Mode::Exercise, &[]),
        (_, true) => Phrase::WaterRises,
        (_, false) => Phrase::WaterFalls,
    };
    phrase.say(Mode::Exercise, &[format!("{whole}.{tenths}")])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(number: u64) -> Moment {
        Moment(0) + Span::minutes(number)
    }

    fn flood() -> Flood {
        Flood {
            ring: vec![Point(0, 0), Point(10, 0), Point(0, 10)],
            levels: Levels::Written(vec![(minute(10), 0), (minute(40), 600), (minute(100), 0)]),
            bank_mm: 0,
        }
    }

    #[test]
    fn travel_follows_the_published_curve_and_ends_at_thirty_centimetres() {
        assert_eq!(travel_percent(0), Some(100));
        assert_eq!(travel_percent(100), Some(213));
        assert_eq!(travel_percent(200), Some(703));
        assert_eq!(travel_percent(300), Some(1_000));
        assert_eq!(travel_percent(301), None);
        let all: Vec<u16> = (0..=300).filter_map(travel_percent).collect();
        assert!(all.is_sorted(), "deeper water is no quicker");
    }

    #[test]
    fn what_stands_above_the_bank_comes_over_it() {
        let dyke = Flood {
            bank_mm: 400,
            ..flood()
        };
        let depth = |number| dyke.depth(minute(number));
        assert_eq!([depth(10), depth(30), depth(40), depth(70)], [0, 0, 200, 0]);
    }

    #[test]
    fn steps_tell_of_what_changes_and_end_when_it_is_dry() {
        let window = Window {
            from: minute(0),
            until: minute(120),
        };
        let steps = flood().steps(window, Span::minutes(10));
        assert!(steps.is_sorted_by(|a, b| a.at < b.at));
        let (first, last) = (steps.first().unwrap(), steps.last().unwrap());
        assert_eq!((first.at, first.ring.is_some()), (minute(20), true));
        assert_eq!((last.at, last.ring.is_some()), (minute(100), false));
        assert_eq!(last.percent, Some(100));
        let closed = steps.iter().filter(|step| step.percent.is_none());
        assert_eq!(closed.count(), 1, "closed once, however deep: {steps:?}");
    }
}
