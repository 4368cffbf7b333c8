//! A time as an operator types it: of the drill's day, or with its date.
//!
//! What happened while nobody could enter it keeps its own time; what would lie in the future is a
//! slip of the pen, and is refused before anything is signed.

use std::str::FromStr;

use protocol::{Civil, Moment, Span, TimeOfDay};

use crate::failure::{Code, Failure};

/// How far the clock that the bus last told may be behind: seconds, which are minutes in a fast drill.
/// Within it the office judges, which has the clock itself.
const CLOCK_LAGS: Span = Span::minutes(10);

/// A time that was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// 14:05: the nearest such time of day.
    Clock(TimeOfDay),
    /// 2018-09-16T14:05:00+08:00.
    At(Moment),
}

impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(time) = text.parse() {
            return Ok(Self::Clock(time));
        }
        let at = Civil::parse(text).ok().and_then(Civil::moment);
        at.map(Self::At).ok_or_else(|| {
            let text = protocol::sanitise(text, 40);
            format!(
                "\"{text}\" is no time; write 14:05, 14:05:30 or, if it is more than 12 hours ago, \
                 2018-09-16T14:05:00+08:00"
            )
        })
    }
}

impl When {
    /// The moment meant, seen from the drill clock; what lies ahead of it is refused.
    pub(super) fn of(self, now: Moment, offset_min: i16) -> Result<Moment, Failure> {
        let at = match self {
            Self::Clock(time) => time.near(now, offset_min).unwrap_or(now),
            Self::At(at) => at,
        };
        if at <= now + CLOCK_LAGS {
            return Ok(at);
        }
        let shown = |at| Civil::at(at, offset_min).rfc3339();
        let what = format!(
            "{} lies in the future: the drill clock shows {}; a time more than 12 hours ago needs its date",
            shown(at),
            shown(now)
        );
        Err(Failure::new(Code::Data, what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Moment {
        Civil::parse(text).unwrap().moment().unwrap()
    }

    #[test]
    fn a_time_is_the_nearest_of_the_day_or_has_its_date() {
        let now = moment("2018-09-17T01:00:00+08:00");
        let of = |text: &str| text.parse::<When>().unwrap().of(now, 480).unwrap();
        assert_eq!(of("23:50"), moment("2018-09-16T23:50:00+08:00"));
        assert_eq!(of("00:30"), moment("2018-09-17T00:30:00+08:00"));
        let dated = "2018-09-16T11:00:00+08:00";
        assert_eq!(of(dated), moment(dated));
    }

    #[test]
    fn a_time_ahead_of_the_drill_clock_is_refused_with_both() {
        let now = moment("2018-09-17T01:00:00+08:00");
        for ahead in ["01:11", "12:00", "2018-09-18T00:00:00+08:00"] {
            let refused = ahead.parse::<When>().unwrap().of(now, 480).unwrap_err();
            assert_eq!(refused.code, Code::Data);
            let told = refused.to_string();
            assert!(
                told.contains("lies in the future") && told.contains("needs its date"),
                "{told}"
            );
        }
        assert!("noon".parse::<When>().unwrap_err().contains("write 14:05"));
    }
}
