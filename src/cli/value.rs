//! Values of the command line that are more than a word or a number.

use std::collections::BTreeSet;
use std::num::{NonZeroU64, NonZeroUsize};
use std::ops::RangeInclusive;
use std::str::FromStr;

use protocol::Planning;
use simulator::Scenario;
use simulator::scenario::Brokers;

use super::Lang;

impl From<Lang> for report::Language {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::Zh => Self::Chinese,
            Lang::En => Self::English,
        }
    }
}

/// Whose brokers there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum BrokersArg {
    /// One for all.
    One,
    /// One at each office.
    Each,
}

impl BrokersArg {
    pub(crate) fn of(brokers: &Brokers) -> Self {
        match brokers {
            Brokers::One => Self::One,
            Brokers::Each { .. } => Self::Each,
        }
    }

    /// What stands behind `--brokers` for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::One => Brokers::One.word(),
            Self::Each => Brokers::NEIGHBOURS.word(),
        }
    }

    /// The brokers meant; of those at each office, the lines that the scenario has.
    pub(crate) fn over(self, scenario: &Scenario) -> Brokers {
        match (self, &scenario.brokers) {
            (Self::One, _) => Brokers::One,
            (Self::Each, Brokers::One) => Brokers::NEIGHBOURS,
            (Self::Each, each) => each.clone(),
        }
    }
}

/// `FIRST..LAST`, both ends included.
pub(super) fn seeds(text: &str) -> Result<RangeInclusive<u64>, String> {
    let wrong = || format!("\"{text}\" names no seeds; write them as 1..200, both ends included");
    let (first, last) = text.split_once("..").ok_or_else(wrong)?;
    let parse = |number: &str| number.parse::<u64>().map_err(|_| wrong());
    let seeds = parse(first)?..=parse(last)?;
    if seeds.is_empty() {
        return Err(format!(
            "\"{text}\" runs backwards; the first seed is the lower one"
        ));
    }
    Ok(seeds)
}

/// A part of the seeds of a campaign: the first of four, or all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ShardArg {
    /// Which, from 0 up.
    place: u64,
    of: NonZeroU64,
}

impl Default for ShardArg {
    fn default() -> Self {
        Self {
            place: 0,
            of: NonZeroU64::MIN,
        }
    }
}

impl ShardArg {
    /// Whether it has the seed at this place.
    pub(crate) fn has(self, place: u64) -> bool {
        place % self.of == self.place
    }

    /// How many of these seeds it has.
    pub(crate) fn share(self, seeds: &RangeInclusive<u64>) -> u64 {
        let last = seeds.end() - seeds.start();
        last.checked_sub(self.place)
            .map_or(0, |behind| (behind / self.of).saturating_add(1))
    }
}

impl FromStr for ShardArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is no part; write the second of four as 2/4");
        let (which, of) = text.split_once('/').ok_or_else(wrong)?;
        let which: u64 = which.parse().map_err(|_| wrong())?;
        let of: NonZeroU64 = of.parse().map_err(|_| wrong())?;
        if (1..=of.get()).contains(&which) {
            let place = which - 1;
            return Ok(Self { place, of });
        }
        Err(wrong())
    }
}

/// A key of the scenario and the values that it is given in turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VaryArg {
    pub(crate) key: String,
    pub(crate) values: Vec<String>,
}

impl FromStr for VaryArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "\"{text}\" names no key and values; write office.aid_window_s=30,60, each value once"
            )
        };
        let (key, values) = text.split_once('=').ok_or_else(wrong)?;
        let values: Vec<String> = values.split(',').map(|it| it.trim().to_owned()).collect();
        let each: BTreeSet<&String> = values.iter().collect();
        let is_sound = !key.is_empty() && each.len() == values.len() && values.len() > 1;
        if !is_sound || values.iter().any(String::is_empty) {
            return Err(wrong());
        }
        Ok(Self {
            key: key.trim().to_owned(),
            values,
        })
    }
}

/// Reads how offices plan.
pub(super) fn planning(text: &str) -> Result<Planning, String> {
    Planning::from_code(text).ok_or_else(|| {
        let known: Vec<&str> = Planning::ALL.iter().map(|word| word.code()).collect();
        format!("no policy \"{text}\"; known are {}", known.join(", "))
    })
}

/// Reads how many runs go at a time.
pub(super) fn jobs(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| {
        format!(
            "\"{text}\" is no number of runs; write 1 or more, or leave it out for one a processor"
        )
    })
}

/// Reads a speed: at least a tenth of real time, at most 100,000 times.
pub(super) fn speed(text: &str) -> Result<f64, String> {
    let speed: f64 = text
        .parse()
        .map_err(|_| format!("\"{text}\" is no number"))?;
    if (0.1..=100_000.0).contains(&speed) {
        Ok(speed)
    } else {
        Err(format!(
            "speed {speed} is out of range; 0.1 to 100000 drill seconds a second"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_job_at_all_is_told_in_plain_words() {
        assert_eq!(jobs("3").map(usize::from), Ok(3));
        for wrong in ["0", "-1", "many", ""] {
            assert!(
                jobs(wrong).unwrap_err().contains("write 1 or more"),
                "{wrong}"
            );
        }
    }

    #[test]
    fn seeds_include_both_ends_and_run_forwards() {
        assert_eq!(seeds("1..200"), Ok(1..=200));
        assert_eq!(seeds("7..7"), Ok(7..=7));
        for wrong in ["7", "9..8", "..5", "1..", "a..b", "1..=3", "-1..2"] {
            assert!(seeds(wrong).is_err(), "{wrong}");
        }
    }
}
