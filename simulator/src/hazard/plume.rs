//! A gas that leaks and drifts: where the air near the ground holds more of it than a limit.
//!
//! **Formula.** A steady Gaussian plume of a source of *Q* kg/s at the height *H*, with the wind *u* at
//! that height, *x* downwind and *y* beside the axis, the ground reflecting all:
//!
//! > C = Q / (π u σy σz) · exp(−y²/2σy²) · exp(−H²/2σz²)
//!
//! σy and σz are those of Briggs for open country, by Pasquill's class A (very unstable) to F
//! (stable). Source: G. A. Briggs, Diffusion estimation for small emissions (ATDL 79, 1973), as in
//! S. R. Hanna, G. A. Briggs, R. P. Hosker, Handbook on Atmospheric Diffusion (DOE/TIC-11223, 1982),
//! table 4.5.
//!
//! **Limits.** 100 m to 10 km from the source, wind of 1 m/s or more, flat open ground, a gas that is
//! neither heavier than air nor changed or washed out on its way, and the state that it comes to, not how
//! it gets there: with a new wind the plume is at once where that wind takes it. Good for whom a drill
//! warns and which way it drives, not for advice to anybody.

use core::f64::consts::PI;

use protocol::{Meters, Mode, Moment, Phrase, Point, Span};

use super::moved;
use super::schedule::FREE;
use super::zone::Step;

/// Where the formula holds, metres from the source.
const NEAR_M: f64 = 100.0;
const FAR_M: f64 = 10_000.0;

/// From one distance that is looked at to the next.
const STEP: f64 = 1.15;

/// How much the air mixes: Pasquill's classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stability {
    /// Very unstable: strong sun, weak wind.
    A,
    /// Unstable.
    B,
    /// Slightly unstable.
    C,
    /// Neutral: overcast, or wind.
    D,
    /// Slightly stable.
    E,
    /// Stable: a clear night, weak wind.
    F,
}

impl Stability {
    /// Every class with its letter.
    pub const ALL: [(&'static str, Self); 6] = [
        ("A", Self::A),
        ("B", Self::B),
        ("C", Self::C),
        ("D", Self::D),
        ("E", Self::E),
        ("F", Self::F),
    ];

    /// σy and σz in metres, so many metres downwind.
    fn spread(self, x: f64) -> (f64, f64) {
        let beside = |share: f64| share * x / libm::sqrt(1.0 + 0.0001 * x);
        match self {
            Self::A => (beside(0.22), 0.20 * x),
            Self::B => (beside(0.16), 0.12 * x),
            Self::C => (beside(0.11), 0.08 * x / libm::sqrt(1.0 + 0.0002 * x)),
            Self::D => (beside(0.08), 0.06 * x / libm::sqrt(1.0 + 0.0015 * x)),
            Self::E => (beside(0.06), 0.03 * x / (1.0 + 0.0003 * x)),
            Self::F => (beside(0.04), 0.016 * x / (1.0 + 0.0003 * x)),
        }
    }
}

/// The wind that a gas drifts with, from a moment on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drift {
    /// From when.
    pub at: Moment,
    /// Where the wind comes from, degrees from north over east.
    pub from_deg: f64,
    /// How fast, metres a second.
    pub speed_ms: f64,
    /// How much the air mixes.
    pub stability: Stability,
}

/// A leak.
#[derive(Clone, Debug, PartialEq)]
pub struct Plume {
    /// Where it is.
    pub source: Point,
    /// From when to when it leaks.
    pub leaks: (Moment, Moment),
    /// How much, kilograms a second.
    pub rate_kg_s: f64,
    /// How high above the ground, metres.
    pub height_m: f64,
    /// The plume is where the air holds more than this, milligrams in a cubic metre.
    pub limit_mg_m3: f64,
    /// The winds, in order of time; the first blows from the beginning of the leak at the latest.
    pub winds: Vec<Drift>,
    /// Travel through it as a percentage of the free time.
    pub percent: u16,
}

impl Plume {
    /// Concentration on the ground under the axis, milligrams in a cubic metre.
    fn on_axis(&self, wind: &Drift, x: f64) -> f64 {
        let (across, up) = wind.stability.spread(x);
        let lifted = libm::exp(-self.height_m * self.height_m / (2.0 * up * up));
        1e6 * self.rate_kg_s / (PI * wind.speed_ms * across * up) * lifted
    }

    /// How far the plume reaches beside its axis at each distance at which it is above the limit, metres.
    fn half_widths(&self, wind: &Drift) -> Vec<(f64, f64)> {
        let distances = core::iter::successors(Some(NEAR_M), |x| Some(x * STEP));
        let distances = distances.take_while(|x| *x < FAR_M).chain([FAR_M]);
        let widths = distances.filter_map(|x| {
            let times = self.on_axis(wind, x) / self.limit_mg_m3;
            let (across, _) = wind.stability.spread(x);
            (times > 1.0).then(|| (x, across * libm::sqrt(2.0 * libm::log(times))))
        });
        widths.collect()
    }

    /// The ground under the plume, closed; `None` where nothing is above the limit.
    fn ring(&self, wind: &Drift) -> Option<Vec<Point>> {
        let widths = self.half_widths(wind);
        let (near, far) = (widths.first()?, widths.last()?);
        // Between the last distance that is above the limit and the next the plume comes to a point.
        let tip = (far.0 * STEP).min(FAR_M);
        let begins = if near.0 > NEAR_M { near.0 / STEP } else { 0.0 };
        let out = widths.iter().map(|(x, y)| (*x, *y));
        let back = widths.iter().rev().map(|(x, y)| (*x, -*y));
        let line = [(begins, 0.0)].into_iter().chain(out);
        let line = line.chain([(tip, 0.0)]).chain(back).chain([(begins, 0.0)]);
        Some(line.map(|at| self.place(wind, at)).collect())
    }

    /// A place so far downwind and to the right of the axis.
    fn place(&self, wind: &Drift, (along, right): (f64, f64)) -> Point {
        let (sin, cos) = libm::sincos((wind.from_deg + 180.0).to_radians());
        let (east, north) = (along * sin + right * cos, along * cos - right * sin);
        moved(self.source, (east, north))
    }

    /// How far from its source it is above the limit with a wind.
    pub fn reach(&self, wind: &Drift) -> Meters {
        let far = self.half_widths(wind).last().map_or(0.0, |(x, _)| *x);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "no farther than the formula holds"
        )]
        Meters(far as u32)
    }

    /// Where it is with each wind, and when it is gone: as long after the leak ends as that wind takes to
    /// blow what is left beyond its reach.
    pub fn steps(&self) -> Vec<Step> {
        let (from, until) = self.leaks;
        let mut steps: Vec<Step> = Vec::new();
        for (place, wind) in self.winds.iter().enumerate() {
            let next = self.winds.get(place + 1).map(|next| next.at);
            if wind.at >= until || next.is_some_and(|next| next <= from) {
                continue;
            }
            let ring = self.ring(wind);
            let covers = ring.is_some();
            if !covers && steps.is_empty() {
                continue;
            }
            steps.push(Step {
                at: wind.at.max(from),
                percent: Some(if covers { self.percent } else { FREE }),
                reason: reason(covers),
                ring,
            });
        }
        let last = self.winds.iter().rfind(|wind| wind.at < until);
        if let Some(wind) = last
            && steps.last().is_some_and(|step| step.ring.is_some())
        {
            let drifts_s = f64::from(self.reach(wind).0) / wind.speed_ms;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "10 km at 1 m/s or more are some hours"
            )]
            let drifts = Span::seconds(drifts_s as u64);
            steps.push(Step {
                at: until + drifts,
                ring: None,
                percent: Some(FREE),
                reason: reason(false),
            });
        }
        steps
    }
}

fn reason(covers: bool) -> String {
    let phrase = if covers {
        Phrase::GasDrifts
    } else {
        Phrase::GasGone
    };
    phrase.say(Mode::Exercise, &[])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(number: u64) -> Moment {
        Moment(0) + Span::minutes(number)
    }

    fn wind(at: u64, from_deg: f64, stability: Stability) -> Drift {
        Drift {
            at: minute(at),
            from_deg,
            speed_ms: 2.0,
            stability,
        }
    }

    fn plume(winds: Vec<Drift>) -> Plume {
        Plume {
            source: Point::degrees(114.5, 22.7),
            leaks: (minute(10), minute(70)),
            rate_kg_s: 1.0,
            height_m: 0.0,
            limit_mg_m3: 30.0,
            winds,
            percent: 150,
        }
    }

    #[test]
    fn the_air_holds_what_the_formula_says() {
        // By hand: D, 1 km: σy = 76.28 m, σz = 37.95 m; 10⁶ / (π · 2 · 76.28 · 37.95) mg/m³.
        let it = plume(vec![wind(0, 0.0, Stability::D)]);
        let found = it.on_axis(&it.winds[0], 1_000.0);
        assert!((found - 54.98).abs() < 0.05, "{found}");
    }

    #[test]
    fn calm_nights_carry_a_gas_farther_than_sunny_days() {
        let reach = |stability| {
            let it = plume(vec![wind(0, 0.0, stability)]);
            it.reach(&it.winds[0])
        };
        let all = Stability::ALL.map(|(_, stability)| reach(stability));
        assert!(all.is_sorted() && all[0] < all[5], "{all:?}");
    }

    #[test]
    fn the_plume_lies_where_the_wind_blows_to() {
        let it = plume(vec![wind(0, 90.0, Stability::D)]);
        let ring = it.ring(&it.winds[0]).unwrap();
        assert_eq!(ring.first(), ring.last());
        let west = ring.iter().map(|corner| corner.0).min().unwrap();
        assert!(west < it.source.0 - 10_000, "an east wind blows west");
        assert!(ring.iter().all(|corner| corner.0 <= it.source.0));
        let (low, high) = (
            ring.iter().map(|corner| corner.1).min().unwrap(),
            ring.iter().map(|corner| corner.1).max().unwrap(),
        );
        assert!(
            (it.source.1 - low).abs_diff(high - it.source.1) <= 2,
            "even on both sides"
        );
    }

    #[test]
    fn it_turns_with_the_wind_and_is_blown_away_behind_the_leak() {
        let winds = vec![
            wind(0, 90.0, Stability::D),
            wind(40, 0.0, Stability::D),
            wind(200, 180.0, Stability::D),
        ];
        let steps = plume(winds).steps();
        let at: Vec<Moment> = steps.iter().map(|step| step.at).collect();
        assert_eq!(at[..2], [minute(10), minute(40)]);
        assert_eq!(steps.len(), 3, "the third wind finds nothing: {steps:?}");
        assert!(steps[2].ring.is_none() && steps[2].at > minute(70));
        assert_ne!(steps[0].ring, steps[1].ring);
    }

    #[test]
    fn a_trickle_covers_nothing() {
        let mut it = plume(vec![wind(0, 90.0, Stability::A)]);
        it.rate_kg_s = 1e-6;
        assert!(it.steps().is_empty());
        assert_eq!(it.reach(&it.winds[0]), Meters(0));
    }
}
