//! Named random streams: one for each purpose and each thing, all from one seed.
//!
//! A stream is named by (seed, purpose, entity), so a draw added to one shifts no other: a fault
//! more never moves an incident, and two policies meet the same storm (common random numbers).

use protocol::{Moment, Span};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde::Serialize;

/// What a stream is drawn for. The purpose is part of the stream's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stream {
    /// When incidents happen.
    Arrivals,
    /// Where they happen.
    Places,
    /// How grave they are and what they are told as.
    Severity,
    /// How long work takes, and how an incident goes on.
    Service,
    /// How long crews take to roll.
    Turnout,
    /// Latency, loss, duplication and reordering of frames.
    Network,
    /// Everything that a fault draws.
    Faults,
    /// Signing keys in virtual time.
    Keys,
    /// The seed that an office is given at each boot.
    Boot,
    /// Demo inventories.
    Fleet,
}

impl Stream {
    const fn name(self) -> &'static str {
        match self {
            Self::Arrivals => "arrivals",
            Self::Places => "places",
            Self::Severity => "severity",
            Self::Service => "service",
            Self::Turnout => "turnout",
            Self::Network => "network",
            Self::Faults => "faults",
            Self::Keys => "keys",
            Self::Boot => "boot",
            Self::Fleet => "fleet",
        }
    }

    /// The stream of this purpose for one thing: a link, a unit, a district.
    pub fn draws(self, seed: u64, entity: &str) -> Draws {
        let mut hasher = blake3::Hasher::new_derive_key("liandong simulator stream 1");
        hasher.update(&seed.to_le_bytes());
        hasher.update(self.name().as_bytes());
        hasher.update(&[0]);
        hasher.update(entity.as_bytes());
        Draws(ChaCha8Rng::from_seed(*hasher.finalize().as_bytes()))
    }
}

/// The draws of one named stream.
#[derive(Clone, Debug)]
pub struct Draws(ChaCha8Rng);

/// A probability in millionths, so that a scenario's figures stay integers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Chance(pub u32);

impl Chance {
    /// It never happens.
    pub const NEVER: Self = Self(0);
    /// It always happens.
    pub const ALWAYS: Self = Self(1_000_000);
}

/// Two to the power of 53: a double holds every integer below it.
const UNIT_STEPS: f64 = 9_007_199_254_740_992.0;

/// The longest time that a [`Spread`] with a tail gives: a week.
///
/// No crew, frame or repair of a drill takes longer, and without a bound a single draw of a
/// lognormal could outlast the run.
pub const LONGEST_DRAW: Span = Span::hours(7 * 24);

/// The 90th percentile of the standard normal distribution.
const Z_P90: f64 = 1.281_551_565_544_600_4;

impl Draws {
    /// The next 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number from 0 to `bound - 1`, all equally likely; 0 if the bound is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        let wide = u128::from(self.bits()) * u128::from(bound);
        u64::try_from(wide >> 64).expect("the product of two u64 has 128 bits")
    }

    /// A place in a list of so many, each as likely; zero of none.
    pub fn place(&mut self, count: usize) -> usize {
        let bound = u64::try_from(count).expect("a list is in memory");
        usize::try_from(self.below(bound)).expect("it lies below the length of a list")
    }

    /// A number from 0 inclusive to 1 exclusive.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are exact in a double")]
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / UNIT_STEPS
    }

    /// Whether something of this probability happens. Always takes one draw.
    pub fn happens(&mut self, chance: Chance) -> bool {
        self.below(1_000_000) < u64::from(chance.0)
    }

    /// 32 random bytes, for a key or an office's boot seed.
    pub fn bytes(&mut self) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.0.fill_bytes(&mut bytes);
        bytes
    }

    /// The place in a list of weights that the draw falls on; `None` if all weights are zero.
    pub fn pick(&mut self, weights: &[u64]) -> Option<usize> {
        let mut rest = self.below(weights.iter().sum());
        weights.iter().position(|weight| {
            let here = rest < *weight;
            rest = rest.saturating_sub(*weight);
            here
        })
    }

    /// A draw of the standard exponential distribution.
    fn exponential(&mut self) -> f64 {
        -libm::log(1.0 - self.unit())
    }

    /// A draw of the standard normal distribution (Box and Muller, the cosine half alone, so that
    /// each draw takes the same two numbers).
    fn normal(&mut self) -> f64 {
        let radius = libm::sqrt(2.0 * self.exponential());
        radius * libm::cos(core::f64::consts::TAU * self.unit())
    }
}

/// How a length of time is spread: one number, or a distribution that a scenario names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "dist", rename_all = "kebab-case")]
pub enum Spread {
    /// Always the same.
    Fixed {
        /// The time.
        time: Span,
    },
    /// Equally likely between two bounds.
    Uniform {
        /// The shortest.
        min: Span,
        /// The longest.
        max: Span,
    },
    /// Without memory.
    Exponential {
        /// Its mean.
        mean: Span,
    },
    /// Skewed to the right, as turnout and service times are.
    Lognormal {
        /// Half are shorter.
        median: Span,
        /// Nine of ten are shorter.
        p90: Span,
    },
    /// Between bounds with a peak, when experts give three numbers.
    Triangular {
        /// The shortest.
        min: Span,
        /// The likeliest.
        mode: Span,
        /// The longest.
        max: Span,
    },
}

impl Spread {
    /// One length of time. Takes the same number of draws whatever comes out.
    pub fn draw(&self, draws: &mut Draws) -> Span {
        match *self {
            Self::Fixed { time } => time,
            Self::Uniform { min, max } => {
                Span(min.0 + draws.below(max.0.saturating_sub(min.0) + 1))
            }
            Self::Exponential { mean } => stretched(mean, draws.exponential()),
            Self::Lognormal { median, p90 } => {
                let sigma = libm::log(ratio(p90, median)) / Z_P90;
                stretched(median, libm::exp(sigma * draws.normal()))
            }
            Self::Triangular { min, mode, max } => triangular(min, mode, max, draws.unit()),
        }
    }

    /// A time in the middle of the spread, for whoever plans with one number.
    pub fn typical(&self) -> Span {
        match *self {
            Self::Fixed { time } => time,
            Self::Uniform { min, max } => Span(min.0.midpoint(max.0)),
            Self::Exponential { mean } => stretched(mean, core::f64::consts::LN_2),
            Self::Lognormal { median, .. } => median,
            Self::Triangular { mode, .. } => mode,
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "spans of a drill are far below 2^53 µs"
)]
fn ratio(of: Span, to: Span) -> f64 {
    of.0.max(1) as f64 / to.0.max(1) as f64
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "spans of a drill are far below 2^53 µs, and the factor is not negative"
)]
fn stretched(span: Span, factor: f64) -> Span {
    Span((span.0 as f64 * factor).min(LONGEST_DRAW.0 as f64) as u64)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "spans of a drill are far below 2^53 µs"
)]
fn triangular(min: Span, mode: Span, max: Span, unit: f64) -> Span {
    let (low, peak, high) = (min.0 as f64, mode.0 as f64, max.0 as f64);
    let width = (high - low).max(1.0);
    let value = if unit < (peak - low) / width {
        low + libm::sqrt(unit * width * (peak - low))
    } else {
        high - libm::sqrt((1.0 - unit) * width * (high - peak))
    };
    stretched(Span(1), value)
}

/// The moments of a Poisson process whose rate changes with time, by thinning (Lewis and Shedler 1979).
///
/// `peak_per_day` bounds `rate_per_day` everywhere; a rate above it is cut to it. Candidates and
/// the decision to keep them come from one stream in a fixed order, so raising a rate keeps the
/// moments that were there.
pub fn arrivals(
    draws: &mut Draws,
    window: (Moment, Moment),
    peak_per_day: f64,
    rate_per_day: impl Fn(Moment) -> f64,
) -> Vec<Moment> {
    let mut moments = Vec::new();
    if peak_per_day <= 0.0 {
        return moments;
    }
    let gap = 86_400_000_000.0 / peak_per_day;
    let mut at = window.0;
    loop {
        at += far_stretched(gap, draws.exponential());
        if at >= window.1 {
            return moments;
        }
        if draws.unit() * peak_per_day < rate_per_day(at) {
            moments.push(at);
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a gap is not negative, and a cast of a large double saturates"
)]
fn far_stretched(gap_us: f64, factor: f64) -> Span {
    Span((gap_us * factor) as u64 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(spread: Spread) -> Vec<Span> {
        let mut draws = Stream::Turnout.draws(7, "tests");
        let mut spans: Vec<Span> = (0..20_001).map(|_| spread.draw(&mut draws)).collect();
        spans.sort();
        spans
    }

    #[test]
    fn a_draw_more_in_one_stream_shifts_no_other() {
        let alone = Stream::Arrivals.draws(42, "440402").bits();
        let mut other = Stream::Faults.draws(42, "440402");
        other.bits();
        assert_eq!(Stream::Arrivals.draws(42, "440402").bits(), alone);
        assert_ne!(Stream::Arrivals.draws(43, "440402").bits(), alone);
        assert_ne!(Stream::Arrivals.draws(42, "440403").bits(), alone);
        assert_ne!(Stream::Places.draws(42, "440402").bits(), alone);
    }

    #[test]
    fn the_streams_of_today_are_the_streams_of_tomorrow() {
        assert_eq!(
            Stream::Arrivals.draws(1, "a").bits(),
            10_420_633_259_482_022_126
        );
    }

    #[test]
    fn a_lognormal_keeps_its_median_and_its_ninth_decile() {
        let (median, p90) = (Span::seconds(75), Span::seconds(140));
        let spans = drawn(Spread::Lognormal { median, p90 });
        let near = |found: Span, wanted: Span| found.0.abs_diff(wanted.0) * 100 < wanted.0 * 4;
        assert!(near(spans[10_000], median), "{:?}", spans[10_000]);
        assert!(near(spans[18_000], p90), "{:?}", spans[18_000]);
        assert!(spans[20_000] <= LONGEST_DRAW);
    }

    #[test]
    fn bounded_spreads_stay_within_their_bounds() {
        let (min, mode, max) = (Span::minutes(8), Span::minutes(15), Span::minutes(40));
        for spread in [
            Spread::Triangular { min, mode, max },
            Spread::Uniform { min, max },
        ] {
            let spans = drawn(spread);
            assert!(spans[0] >= min && spans[20_000] <= max, "{spread:?}");
            assert!(spans[10_000] > Span::minutes(12) && spans[10_000] < Span::minutes(28));
        }
    }

    #[test]
    fn an_exponential_has_its_mean() {
        let spans = drawn(Spread::Exponential {
            mean: Span::hours(3),
        });
        let mean = spans.iter().map(|span| span.0).sum::<u64>() / 20_001;
        assert!(
            mean.abs_diff(Span::hours(3).0) * 100 < Span::hours(3).0 * 3,
            "{mean}"
        );
    }

    #[test]
    fn raising_a_rate_keeps_the_arrivals_that_were_there() {
        let window = (Moment(0), Moment(0) + Span::hours(240));
        let at = |rate: f64| {
            arrivals(
                &mut Stream::Arrivals.draws(5, "x"),
                window,
                48.0,
                move |_| rate,
            )
        };
        let (few, many) = (at(24.0), at(48.0));
        assert!(few.iter().all(|moment| many.contains(moment)));
        assert!((400..560).contains(&many.len()), "{}", many.len());
        assert!((190..290).contains(&few.len()), "{}", few.len());
    }

    #[test]
    fn a_pick_follows_its_weights_and_none_is_picked_from_nothing() {
        let mut draws = Stream::Severity.draws(1, "x");
        assert_eq!(draws.pick(&[0, 0]), None);
        let hits = (0..10_000)
            .filter(|_| draws.pick(&[1, 3]) == Some(0))
            .count();
        assert!((2_300..2_700).contains(&hits), "{hits}");
    }
}
