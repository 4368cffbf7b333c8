//! Time, distance and place as integers with their unit in the type.
//!
//! Integers because a drill must be the same byte for byte on every machine, and because an age or
//! a distance that was rounded twice is a lie told once.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A point in drill time or in link time: microseconds.
///
/// Drill time counts from the Unix epoch of the drill's own calendar (a drill of 2018 runs in
/// 2018); link time counts from an arbitrary start. The two are never mixed.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Moment(pub u64);

/// A length of time: microseconds.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Span(pub u64);

/// A wall clock's reading: milliseconds since the Unix epoch. For people and statutory clocks only;
/// nothing that concerns safety reads it.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Wall(pub u64);

/// A distance on the ground in whole metres.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Meters(pub u32);

/// A travel time in tenths of a second: the unit of every road table.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Deciseconds(pub u32);

/// A place: longitude and latitude in WGS 84, in millionths of a degree.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Point(
    /// Longitude east, 10⁻⁶ degree.
    pub i32,
    /// Latitude north, 10⁻⁶ degree.
    pub i32,
);

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// A span of whole milliseconds.
    pub const fn millis(count: u64) -> Self {
        Self(count * 1_000)
    }

    /// A span of whole seconds.
    pub const fn seconds(count: u64) -> Self {
        Self(count * 1_000_000)
    }

    /// A span of whole minutes.
    pub const fn minutes(count: u64) -> Self {
        Self::seconds(count * 60)
    }

    /// A span of whole hours.
    pub const fn hours(count: u64) -> Self {
        Self::minutes(count * 60)
    }

    /// Whole seconds, rounded down.
    pub const fn whole_seconds(self) -> u64 {
        self.0 / 1_000_000
    }

    /// Seconds with their fraction, for a figure that is shown.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a span of 285 years still has its millisecond"
    )]
    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

impl Moment {
    /// How long ago `earlier` was; zero if it lies ahead.
    pub fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Span> for Moment {
    type Output = Self;
    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl Sub<Span> for Moment {
    type Output = Self;
    fn sub(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

impl Add for Span {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign<Span> for Moment {
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}

impl Span {
    /// In whole tenths of a second; what does not fit is the most that there is.
    pub fn deciseconds(self) -> Deciseconds {
        Deciseconds(u32::try_from(self.0 / 100_000).unwrap_or(u32::MAX))
    }
}

impl From<Deciseconds> for Span {
    fn from(time: Deciseconds) -> Self {
        Self(u64::from(time.0) * 100_000)
    }
}

/// Why a text is no length of time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpanError {
    /// Not numbers, each with its unit.
    #[error("\"{0}\" is no length of time; write it as 90s, 30m, 6h or 1h30m")]
    Form(String),
    /// Longer than anything here lasts.
    #[error("\"{0}\" is longer than {LONGEST_DAYS} days; write a shorter time")]
    Long(String),
}

/// The longest time that people write: as long as a journal keeps anything.
const LONGEST_DAYS: u64 = 400;

/// Reads a length of time such as `90s`, `30m`, `6h` or `1h30m`.
impl FromStr for Span {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        let wrong = || SpanError::Form(text.chars().take(40).collect());
        let (mut total, mut digits) = (0_u64, String::new());
        for c in text.chars() {
            if c.is_ascii_digit() {
                digits.push(c);
                continue;
            }
            let seconds: u64 = match c {
                's' => 1,
                'm' => 60,
                'h' => 3_600,
                'd' => 86_400,
                _ => return Err(wrong()),
            };
            let count: u64 = digits.parse().map_err(|_| wrong())?;
            digits.clear();
            total = count
                .checked_mul(seconds)
                .and_then(|more| total.checked_add(more))
                .filter(|total| *total <= LONGEST_DAYS * 86_400)
                .ok_or_else(|| SpanError::Long(text.chars().take(40).collect()))?;
        }
        if digits.is_empty() && !text.is_empty() {
            Ok(Self::seconds(total))
        } else {
            Err(wrong())
        }
    }
}

impl Wall {
    /// The wall reading that belongs to a moment counted from the Unix epoch.
    pub fn at(moment: Moment) -> Self {
        Self(moment.0 / 1_000)
    }
}

impl Point {
    /// A point from degrees east and north, rounded to the nearest millionth.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a degree has at most 180 million parts"
    )]
    pub fn degrees(longitude: f64, latitude: f64) -> Self {
        Self(
            (longitude * 1e6).round() as i32,
            (latitude * 1e6).round() as i32,
        )
    }

    /// Degrees east.
    pub fn longitude(self) -> f64 {
        f64::from(self.0) / 1e6
    }

    /// Degrees north.
    pub fn latitude(self) -> f64 {
        f64::from(self.1) / 1e6
    }

    /// Whether the point is on the globe: ±180 degrees east, ±90 degrees north.
    pub fn is_on_earth(self) -> bool {
        self.0.unsigned_abs() <= 180_000_000 && self.1.unsigned_abs() <= 90_000_000
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.4}, {:.4}", self.longitude(), self.latitude())
    }
}

/// Shows a length of time as people read it on a screen: `45s`, `12m`, `3h05m`, `2d04h`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.whole_seconds();
        let text = match seconds {
            0..60 => format!("{seconds}s"),
            60..3_600 => format!("{}m", seconds / 60),
            3_600..86_400 => format!("{}h{:02}m", seconds / 3_600, seconds / 60 % 60),
            _ => format!("{}d{:02}h", seconds / 86_400, seconds / 3_600 % 24),
        };
        f.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_point_is_so_far_out_that_it_counts_as_on_earth() {
        assert!(Point(180_000_000, -90_000_000).is_on_earth());
        for far in [
            Point(i32::MIN, 0),
            Point(0, i32::MIN),
            Point(180_000_001, 0),
        ] {
            assert!(!far.is_on_earth(), "{far}");
        }
    }

    #[test]
    fn a_span_reads_as_people_say_it() {
        assert_eq!(Span::seconds(45).to_string(), "45s");
        assert_eq!(Span::minutes(12).to_string(), "12m");
        assert_eq!(Span::minutes(185).to_string(), "3h05m");
        assert_eq!(Span::hours(52).to_string(), "2d04h");
    }

    #[test]
    fn a_length_of_time_needs_its_unit() {
        assert_eq!("1h30m".parse(), Ok(Span::minutes(90)));
        assert_eq!("90s".parse(), Ok(Span::seconds(90)));
        for wrong in ["90", "", "h", "1x", "-1h", "99999d"] {
            assert!(wrong.parse::<Span>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn time_ahead_has_no_age() {
        assert_eq!(Moment(5).since(Moment(9)), Span::ZERO);
    }
}
