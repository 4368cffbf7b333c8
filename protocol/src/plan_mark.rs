//! Which plan an office came to for which minute: so little that it travels with every digest.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::hash::{Hash, hex, unhex};
use crate::label::split_first;
use crate::quantity::Moment;
use crate::text::sanitise;

/// A minute, in microseconds.
const MINUTE: u64 = 60_000_000;

/// A plan for the region, written `25617960 9f86d081884c7d65`: the minute that it is made for, counted
/// from 1970 by the drill's clock, and the first eight bytes of the hash of who goes where.
///
/// Eight bytes tell whether two plans are the same, which is all that it is for: nothing is decided by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlanMark {
    minute: u64,
    start: [u8; 8],
}

/// Why a text names no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" names no plan; one is MINUTE MARK, a mark being 16 hexadecimal digits")]
pub struct PlanMarkError(String);

impl PlanMark {
    /// The plan with this hash, made for the minute in which the moment lies.
    pub fn new(at: Moment, plan: Hash) -> Self {
        let (first, _) = plan.0.as_chunks::<8>();
        let (minute, start) = (at.0 / MINUTE, first[0]);
        Self { minute, start }
    }

    /// The moment that it is made for.
    pub const fn at(self) -> Moment {
        Moment(self.minute.saturating_mul(MINUTE))
    }
}

impl fmt::Display for PlanMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.minute, hex(&self.start))
    }
}

impl FromStr for PlanMark {
    type Err = PlanMarkError;

    fn from_str(text: &str) -> Result<Self, PlanMarkError> {
        let wrong = || PlanMarkError(sanitise(text, 60));
        let (minute, start) = split_first(text, b' ').ok_or_else(wrong)?;
        Ok(Self {
            minute: minute.parse().map_err(|_| wrong())?,
            start: unhex(start).map_err(|_| wrong())?,
        })
    }
}

impl Serialize for PlanMark {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PlanMark {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::text::read(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_named_by_its_minute_and_by_who_goes_where() {
        let at = Moment(1_537_077_630_000_000);
        let mark = PlanMark::new(at, Hash::of(b"plan"));
        assert_eq!(mark.at(), Moment(1_537_077_600_000_000));
        assert_eq!(mark.to_string().parse(), Ok(mark));
        assert_ne!(mark, PlanMark::new(at, Hash::of(b"another")));
        assert_ne!(
            mark,
            PlanMark::new(at + crate::Span::minutes(1), Hash::of(b"plan"))
        );
        for text in ["", "7", "7 00", "x 9f86d081884c7d65", "7 9f86d081884c7d650"] {
            assert!(text.parse::<PlanMark>().is_err(), "{text}");
        }
        let far = PlanMark {
            minute: u64::MAX,
            ..mark
        };
        assert_eq!(far.at(), Moment(u64::MAX));
    }
}
