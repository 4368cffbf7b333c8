//! The calendar: moments as dates and times of day, with the region's offset from UTC.
//!
//! Proleptic Gregorian, no leap seconds, one fixed offset a region (China has had one zone and no
//! summer time since 1991). The day arithmetic is Howard Hinnant's `days_from_civil`.

use std::str::FromStr;

use crate::quantity::{Moment, Span};

const MICROS: u64 = 1_000_000;
const DAY_S: i64 = 86_400;

/// A date and time of day at an offset from UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    /// Year of the Gregorian calendar.
    pub year: i64,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
    /// Minutes east of UTC.
    pub offset_min: i16,
}

/// Why a text is no date with time and offset.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no time; write it as 2018-09-16T06:00:00+08:00")]
pub struct CivilError(pub String);

/// A time of day, as people write it without a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeOfDay {
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
}

/// Why a text is no time of day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is no time of day; write hour and minute as 14:05, or with seconds as 14:05:30, \
     from 00:00 to 23:59:59"
)]
pub struct TimeOfDayError(pub String);

/// A time further ahead of now than this is meant to be yesterday's.
const HALF_A_DAY: Span = Span::hours(12);

/// Reads `14:05` or `14:05:30`, with the colon of either input method.
impl FromStr for TimeOfDay {
    type Err = TimeOfDayError;

    fn from_str(text: &str) -> Result<Self, TimeOfDayError> {
        let wrong = || TimeOfDayError(text.chars().take(40).collect());
        let mut parts = text.trim().split([':', '：']);
        let mut part = |below: u8| {
            let number: u8 = parts.next()?.trim().parse().ok()?;
            (number < below).then_some(number)
        };
        let (hour, minute) = (part(24), part(60));
        let (hour, minute) = hour.zip(minute).ok_or_else(wrong)?;
        let second = match parts.next() {
            None => 0,
            Some(text) => {
                let number = text.trim().parse().ok();
                number.filter(|second| *second < 60).ok_or_else(wrong)?
            }
        };
        if parts.next().is_some() {
            return Err(wrong());
        }
        Ok(Self {
            hour,
            minute,
            second,
        })
    }
}

impl TimeOfDay {
    /// When clocks at this offset showed it, seen from now: today, or yesterday if that would lie far
    /// ahead. `None` before 1970.
    pub fn near(self, now: Moment, offset_min: i16) -> Option<Moment> {
        let today = Civil {
            hour: self.hour,
            minute: self.minute,
            second: self.second,
            ..Civil::at(now, offset_min)
        };
        let meant = today.moment()?;
        if meant.since(now) > HALF_A_DAY {
            return Some(meant - Span::hours(24));
        }
        Some(meant)
    }
}

impl Civil {
    /// The date and time that clocks at this offset show at the moment.
    pub fn at(moment: Moment, offset_min: i16) -> Self {
        let utc = i64::try_from(moment.0 / MICROS).expect("u64 µs in seconds fit i64");
        let local = utc + i64::from(offset_min) * 60;
        let (days, rest) = (local.div_euclid(DAY_S), local.rem_euclid(DAY_S));
        let (year, month, day) = date_of(days);
        let part = |value: i64| u8::try_from(value).expect("parts of a day are below 60");
        Self {
            year,
            month,
            day,
            hour: part(rest / 3_600),
            minute: part(rest / 60 % 60),
            second: part(rest % 60),
            offset_min,
        }
    }

    /// The moment at which clocks show this. `None` before 1970.
    pub fn moment(self) -> Option<Moment> {
        let days = days_of(self.year, self.month, self.day);
        let local = days * DAY_S
            + i64::from(self.hour) * 3_600
            + i64::from(self.minute) * 60
            + i64::from(self.second);
        let utc = local - i64::from(self.offset_min) * 60;
        u64::try_from(utc)
            .ok()
            .map(|seconds| Moment(seconds.saturating_mul(MICROS)))
    }

    /// Reads `YYYY-MM-DDThh:mm:ss±hh:mm`; the zone is required, `Z` is accepted.
    pub fn parse(text: &str) -> Result<Self, CivilError> {
        let wrong = || CivilError(text.chars().take(40).collect());
        let bytes = text.as_bytes();
        let shape = bytes.len() >= 20
            && text.is_ascii()
            && bytes[4] == b'-'
            && bytes[7] == b'-'
            && matches!(bytes[10], b'T' | b' ')
            && bytes[13] == b':'
            && bytes[16] == b':';
        if !shape {
            return Err(wrong());
        }
        let part = |from: usize, to: usize| text[from..to].parse::<u8>().map_err(|_| wrong());
        let civil = Self {
            year: text[..4].parse().map_err(|_| wrong())?,
            month: part(5, 7)?,
            day: part(8, 10)?,
            hour: part(11, 13)?,
            minute: part(14, 16)?,
            second: part(17, 19)?,
            offset_min: offset(&text[19..]).ok_or_else(wrong)?,
        };
        let real = civil.month >= 1
            && civil.month <= 12
            && civil.hour < 24
            && civil.minute < 60
            && civil.second < 60
            && date_of(days_of(civil.year, civil.month, civil.day))
                == (civil.year, civil.month, civil.day);
        if real { Ok(civil) } else { Err(wrong()) }
    }

    /// `14:05`.
    pub fn clock(self) -> String {
        format!("{:02}:{:02}", self.hour, self.minute)
    }

    /// `2018-09-16T14:05:00+08:00`.
    pub fn rfc3339(self) -> String {
        let sign = if self.offset_min < 0 { '-' } else { '+' };
        let offset = self.offset_min.unsigned_abs();
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{sign}{:02}:{:02}",
            self.year,
            self.month,
            self.day,
            self.hour,
            self.minute,
            self.second,
            offset / 60,
            offset % 60
        )
    }
}

fn offset(text: &str) -> Option<i16> {
    if text == "Z" {
        return Some(0);
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let (hours, minutes) = (hours.parse::<i16>().ok()?, minutes.parse::<i16>().ok()?);
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

fn days_of(year: i64, month: u8, day: u8) -> i64 {
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted - era * 400;
    let month_from_march = (i64::from(month) + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

fn date_of(days: i64) -> (i64, u8, u8) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted - era * 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let small = |value: i64| u8::try_from(value).expect("a month or a day of the month");
    (year, small(month), small(day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_is_todays_or_yesterdays() {
        let noon = Moment(1_537_070_400_000_000);
        let near = |text: &str, now| text.parse::<TimeOfDay>().unwrap().near(now, 480);
        assert_eq!(near("11:30", noon), Some(noon - Span::minutes(30)));
        assert_eq!(near("11：30:30", noon), Some(noon - Span::seconds(1_770)));
        assert_eq!(near("12:01", noon), Some(noon + Span::minutes(1)));
        let midnight = noon + Span::hours(12);
        assert_eq!(near("23:50", midnight), Some(midnight - Span::minutes(10)));
    }

    #[test]
    fn what_is_no_time_of_day_is_told_with_an_example() {
        for wrong in [
            "", "noon", "24:00", "12:60", "12", "1:2:3:4", "14:05:60", "-1:00",
        ] {
            let told = wrong.parse::<TimeOfDay>().unwrap_err().to_string();
            assert!(told.contains("14:05:30"), "{told}");
        }
    }

    #[test]
    fn a_time_reads_back_as_it_was_written() {
        for text in [
            "2018-09-16T06:00:00+08:00",
            "2024-02-29T23:59:59-03:30",
            "1970-01-01T00:00:00+00:00",
        ] {
            let moment = Civil::parse(text).unwrap().moment().unwrap();
            let offset = Civil::parse(text).unwrap().offset_min;
            assert_eq!(Civil::at(moment, offset).rfc3339(), text);
        }
    }

    #[test]
    fn the_typhoon_began_at_its_unix_second() {
        let start = Civil::parse("2018-09-16T06:00:00+08:00")
            .unwrap()
            .moment()
            .unwrap();
        assert_eq!(start, Moment(1_537_048_800 * MICROS));
    }

    #[test]
    fn a_day_that_never_was_and_a_time_without_zone_are_refused() {
        for text in [
            "2023-02-29T00:00:00+08:00",
            "2018-09-16T06:00:00",
            "2018-13-01T00:00:00Z",
            "noon",
        ] {
            assert!(Civil::parse(text).is_err(), "{text}");
        }
    }
}
