//! A month of the calendar: as exact as the opening of a road is known.

use std::fmt;
use std::str::FromStr;

/// A month, written `2024-06`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: u16,
    month: u8,
}

/// Why a text is no month.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no month; a month is YYYY-MM, as in 2024-06")]
pub struct MonthError(String);

impl FromStr for Month {
    type Err = MonthError;

    fn from_str(text: &str) -> Result<Self, MonthError> {
        let wrong = || MonthError(text.chars().take(20).collect());
        let (year, month) = text.split_once('-').ok_or_else(wrong)?;
        if year.len() != 4 || month.len() != 2 {
            return Err(wrong());
        }
        let year = year.parse().map_err(|_| wrong())?;
        let month = month.parse().map_err(|_| wrong())?;
        (1..=12)
            .contains(&month)
            .then_some(Self { year, month })
            .ok_or_else(wrong)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_ordered_and_nothing_else_is_a_month() {
        let before: Month = "2018-09".parse().unwrap();
        let after: Month = "2018-10".parse().unwrap();
        assert!(before < after);
        assert_eq!(after.to_string(), "2018-10");
        for wrong in ["2018", "2018-13", "18-10", "2018-1", "June"] {
            assert!(wrong.parse::<Month>().is_err(), "{wrong}");
        }
    }
}
