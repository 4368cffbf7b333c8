//! How high water stands at one place: as written, as a wave that came down a river, or as the tide with
//! what a storm adds.
//!
//! **A river.** A wave is at a gauge as long after the first gauge as water takes, and so much of its height
//! is left as is written: lag and share (model). No storage, no backwater, no second river that joins. The
//! simplest of the lag methods; see V. T. Chow, D. R. Maidment, L. W. Mays, Applied Hydrology (1988),
//! chapter 8, for what it leaves out.
//!
//! **The tide.** h(t) = Σ A cos(2π (t − t₀) / T), with t₀ a high water of each constituent, and T the
//! periods of the International Hydrographic Organization's list: M2 12.4206012 h, S2 12 h, K1
//! 23.9344721 h, O1 25.8193387 h. A storm's surge is added, as if neither changed the other, which in
//! shallow water they do. Amplitudes and surge are the scenario's.
//!
//! **Limits.** Good for when which ground is wet in a drill, not for a forecast and not for a pilot.

use core::f64::consts::TAU;

use protocol::{Moment, Span};

/// How high water stands, millimetres above where the scenario counts from.
#[derive(Clone, Debug, PartialEq)]
pub enum Levels {
    /// As written, in order of time. Between two it rises or falls evenly; before the first it stands at
    /// nought, and behind the last as there.
    Written(Vec<(Moment, i64)>),
    /// A wave of a river at a gauge below the first.
    Wave {
        /// At the first gauge.
        first: Vec<(Moment, i64)>,
        /// How long it takes from there.
        after: Span,
        /// How much of its height is left, per cent.
        share_percent: u32,
    },
    /// The tide and what a storm adds.
    Tide {
        /// What it is made of.
        constituents: Vec<Constituent>,
        /// What a storm adds.
        surge: Vec<(Moment, i64)>,
    },
}

/// A part of the tide.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Constituent {
    /// Hours from one high water to the next.
    pub period_h: f64,
    /// Half of the way from low to high water, millimetres.
    pub amplitude_mm: f64,
    /// A high water.
    pub high_at: Moment,
}

/// The constituents that a scenario can name, with their periods in hours.
pub const CONSTITUENTS: [(&str, f64); 4] = [
    ("M2", 12.420_601_2),
    ("S2", 12.0),
    ("K1", 23.934_472_1),
    ("O1", 25.819_338_7),
];

impl Levels {
    /// How high it stands.
    pub fn at(&self, at: Moment) -> i64 {
        match self {
            Self::Written(levels) => between(levels, at),
            Self::Wave {
                first,
                after,
                share_percent,
            } => {
                let then = Moment(at.0.saturating_sub(after.0));
                between(first, then) * i64::from(*share_percent) / 100
            }
            Self::Tide {
                constituents,
                surge,
            } => {
                let tide: f64 = constituents.iter().map(|part| part.height_mm(at)).sum();
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "tides are some thousands of millimetres"
                )]
                let tide = tide.round() as i64;
                tide + between(surge, at)
            }
        }
    }
}

impl Constituent {
    #[expect(
        clippy::cast_precision_loss,
        reason = "drills are far shorter than 2^53 µs"
    )]
    fn height_mm(&self, at: Moment) -> f64 {
        let gone_us = if at >= self.high_at {
            at.since(self.high_at).0
        } else {
            self.high_at.since(at).0
        };
        let hours = gone_us as f64 / 3.6e9;
        self.amplitude_mm * libm::cos(TAU * hours / self.period_h)
    }
}

/// Between two that are written it rises or falls evenly; nought before the first, and behind the last as
/// there.
fn between(levels: &[(Moment, i64)], at: Moment) -> i64 {
    let later = levels.partition_point(|(then, _)| *then <= at);
    let Some(&(from, low)) = later.checked_sub(1).and_then(|it| levels.get(it)) else {
        return 0;
    };
    let Some(&(to, high)) = levels.get(later) else {
        return low;
    };
    let (gone, whole) = (
        i128::from(at.since(from).0),
        i128::from(to.since(from).0.max(1)),
    );
    let rise = i128::from(high - low) * gone / whole;
    low + i64::try_from(rise).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(number: u64) -> Moment {
        Moment(0) + Span::minutes(number)
    }

    fn wave() -> Vec<(Moment, i64)> {
        vec![(minute(10), 0), (minute(40), 600), (minute(100), -300)]
    }

    #[test]
    fn water_rises_and_falls_evenly_between_what_is_written() {
        let written = Levels::Written(wave());
        let level = |number| written.at(minute(number));
        assert_eq!(
            [level(0), level(10), level(25), level(40)],
            [0, 0, 300, 600]
        );
        assert_eq!([level(80), level(100), level(500)], [0, -300, -300]);
    }

    #[test]
    fn a_wave_comes_later_and_lower_to_a_gauge_below() {
        let below = Levels::Wave {
            first: wave(),
            after: Span::minutes(60),
            share_percent: 50,
        };
        assert_eq!(below.at(minute(100)), 300, "half of 600, an hour later");
        assert_eq!(below.at(minute(40)), 0);
    }

    #[test]
    fn the_tide_is_high_at_its_time_low_half_a_period_on_and_a_surge_lies_on_top() {
        let m2 = Constituent {
            period_h: CONSTITUENTS[0].1,
            amplitude_mm: 800.0,
            high_at: minute(60),
        };
        let tide = Levels::Tide {
            constituents: vec![m2],
            surge: vec![(minute(60), 1_500)],
        };
        assert_eq!(tide.at(minute(60)), 2_300);
        // 6.2103 h after high water.
        assert_eq!(tide.at(minute(60 + 373)), 700);
        assert!(
            tide.at(minute(30)) < 800,
            "before the surge, before high water"
        );
    }
}
