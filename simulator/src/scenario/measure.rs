//! How measures are written: times with their unit, chances, spreads, quantities, months.

use std::ops::Range;

use protocol::{Figure, Span};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::page::{Page, shown};
use super::shape::Shape;
use super::value::{Written, integer, number, wrong_form};
use crate::stream::{Chance, LONGEST_DRAW, Spread};

/// Units of time, longest name first so that `min` and `ms` are not read as `m`.
const UNITS: &[(&str, u64)] = &[
    ("min", 60_000_000),
    ("ms", 1_000),
    ("d", 86_400_000_000),
    ("h", 3_600_000_000),
    ("m", 60_000_000),
    ("s", 1_000_000),
];

/// The longest time that a scenario may name: 60 days.
const LONGEST_TIME: u64 = 60 * 86_400_000_000;

/// A length of time out of a text such as `90s`, `3h20m`, `1.5h`; the text that is no time otherwise.
fn parse_span(text: &str) -> Result<Span, String> {
    let mut rest = text.trim();
    let mut total: u64 = 0;
    if rest.is_empty() {
        return Err("it is empty".to_owned());
    }
    if rest.starts_with(['-', '−']) {
        return Err("a time cannot be negative".to_owned());
    }
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let (count, tail) = rest.split_at(digits);
        let end = tail
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        let count = micros_of(count).ok_or_else(|| format!("\"{count}\" is no number"))?;
        let scale = UNITS
            .iter()
            .find(|(name, _)| *name == unit.trim())
            .map(|(_, scale)| *scale);
        let scale = scale.ok_or_else(|| match unit.trim() {
            "" => "it has no unit".to_owned(),
            other => format!("\"{}\" is no unit of time", shown(other)),
        })?;
        let part = u128::from(count) * u128::from(scale) / 1_000_000;
        total = total.saturating_add(u64::try_from(part).unwrap_or(u64::MAX));
        rest = tail.trim_start();
    }
    if total > LONGEST_TIME {
        return Err("it is longer than 60 days".to_owned());
    }
    Ok(Span(total))
}

/// A decimal number times a million, exactly.
fn micros_of(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    if part.len() > 6 || part.contains('.') || (whole.is_empty() && part.is_empty()) {
        return None;
    }
    let whole: u64 = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    let part: u64 = format!("{part:0<6}").parse().ok()?;
    whole.checked_mul(1_000_000)?.checked_add(part)
}

impl Written for Span {
    const FORM: &'static str = "a time with its unit, as in \"90s\" or \"3h20m\"";
    fn shape() -> Shape {
        Shape::Text
    }
    fn read(raw: &Spanned<DeValue<'_>>, page: &mut Page<'_>) -> Option<Self> {
        let DeValue::String(text) = raw.get_ref() else {
            return unitless(raw, page);
        };
        match parse_span(text) {
            Ok(span) => Some(span),
            Err(why) => {
                let reason = format!("\"{}\" is no time: {why}", shown(text));
                page.fault(
                    &raw.span(),
                    reason,
                    "units are ms, s, m or min, h, d, as in \"3h20m\"",
                );
                None
            }
        }
    }
}

fn unitless(raw: &Spanned<DeValue<'_>>, page: &mut Page<'_>) -> Option<Span> {
    let Some(value) = number(raw) else {
        return wrong_form(raw, page);
    };
    let (reason, size) = if value < 0.0 {
        (
            format!("the time {value} is negative and has no unit"),
            -value,
        )
    } else {
        (format!("the time {value} has no unit"), value)
    };
    let remedy = format!("write \"{size}s\", \"{size}m\" or \"{size}h\"");
    page.fault(&raw.span(), reason, remedy);
    None
}

/// Whole seconds, for a key that ends `_s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seconds(pub Span);

impl Written for Seconds {
    const FORM: &'static str = "a whole number of seconds";
    fn shape() -> Shape {
        Shape::Whole
    }
    fn read(raw: &Spanned<DeValue<'_>>, page: &mut Page<'_>) -> Option<Self> {
        let seconds = integer(raw).and_then(|value| u64::try_from(value).ok());
        let seconds = seconds.filter(|seconds| *seconds <= LONGEST_TIME / 1_000_000);
        seconds
            .map(|seconds| Self(Span::seconds(seconds)))
            .or_else(|| wrong_form(raw, page))
    }
}

impl Written for Chance {
    const FORM: &'static str = "a probability from 0 to 1";
    fn shape() -> Shape {
        Shape::Number(Some((0.0, 1.0)))
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the value was just found to lie between 0 and 1"
    )]
    fn read(raw: &Spanned<DeValue<'_>>, page: &mut Page<'_>) -> Option<Self> {
        match number(raw) {
            Some(value) if (0.0..=1.0).contains(&value) => Some(Self((value * 1e6).round() as u32)),
            Some(value) if value > 1.0 && value <= 100.0 => {
                let remedy = format!("for {value} % write {}", value / 100.0);
                page.fault(
                    &raw.span(),
                    format!("the probability {value} is above 1"),
                    remedy,
                );
                None
            }
            _ => wrong_form(raw, page),
        }
    }
}

/// How many: a number, or the least and the greatest of which one is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantity {
    /// The least.
    pub least: u32,
    /// The greatest.
    pub most: u32,
}

/// The most units of one kind that one incident may take.
const MOST_UNITS: i64 = 10_000;

impl Written for Quantity {
    const FORM: &'static str = "a number from 1 to 10000, or [least, most]";
    fn shape() -> Shape {
        Shape::Either(vec![Shape::Whole, Shape::list_of(Shape::Whole)])
    }
    fn read(raw: &Spanned<DeValue<'_>>, page: &mut Page<'_>) -> Option<Self> {
        let bounds = match raw.get_ref() {
            DeValue::Array(list) if list.len() == 2 => (integer(&list[0]), integer(&list[1])),
            _ => (integer(raw), integer(raw)),
        };
        let bounds = bounds.0.zip(bounds.1);
        let fits = |(least, most): &(i64, i64)| 1 <= *least && least <= most && *most <= MOST_UNITS;
        let Some((least, most)) = bounds.filter(fits) else {
            return wrong_form(raw, page);
        };
        let small = |value: i64| u32::try_from(value).unwrap_or(u32::MAX);
        Some(Self {
            least: small(least),
            most: small(most),
        })
    }
}

impl Written for Figure {
    const FORM: &'static str = "a time as in \"12m\", or a whole percentage from 0 to 100";
    fn shape() -> Shape {
        Shape::Either(vec![Shape::Text, Shape::Whole])
    }
    fn read(raw: &Spanned<DeValue<'_>>, page: &mut Page<'_>) -> Option<Self> {
        let DeValue::Integer(_) = raw.get_ref() else {
            return Span::read(raw, page).map(Self::Time);
        };
        let percent = integer(raw).and_then(|value| u32::try_from(value).ok());
        let percent = percent.filter(|percent| *percent <= 100).map(Self::Percent);
        percent.or_else(|| wrong_form(raw, page))
    }
}

/// Year and month, for a key such as `roads_as_of`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct YearMonth(pub u16, pub u8);

impl Written for YearMonth {
    const FORM: &'static str = "a month, as in \"2018-09\"";
    fn shape() -> Shape {
        Shape::Text
    }
    fn read(raw: &Spanned<DeValue<'_>>, page: &mut Page<'_>) -> Option<Self> {
        let DeValue::String(text) = raw.get_ref() else {
            return wrong_form(raw, page);
        };
        let parts = text
            .split_once('-')
            .filter(|(year, month)| year.len() == 4 && month.len() == 2);
        let month =
            parts.and_then(|(year, month)| Some(Self(year.parse().ok()?, month.parse().ok()?)));
        month
            .filter(|month| (1..=12).contains(&month.1))
            .or_else(|| wrong_form(raw, page))
    }
}

/// A time, or a table of the distribution and its times.
fn spread_shape() -> Shape {
    let times = ["time", "min", "max", "mean", "median", "p90", "mode"];
    let words = SPREADS.to_vec();
    let keys = std::iter::once(("dist", Shape::Words(words)));
    let keys = keys.chain(times.map(|key| (key, Shape::Text)));
    Shape::Either(vec![Shape::Text, Shape::Keyed(keys.collect())])
}

impl Written for Spread {
    const FORM: &'static str =
        "a time as in \"90s\", or { dist = \"lognormal\", median = \"75s\", p90 = \"140s\" }";
    fn shape() -> Shape {
        spread_shape()
    }
    fn read(raw: &Spanned<DeValue<'_>>, page: &mut Page<'_>) -> Option<Self> {
        let DeValue::Table(table) = raw.get_ref() else {
            let time = Span::read(raw, page)?;
            return Some(Self::Fixed { time });
        };
        let span = raw.span();
        let dist = table.get("dist");
        let name = dist
            .and_then(|dist| dist.get_ref().as_str())
            .unwrap_or_default();
        let keys = match name {
            "fixed" => &["time"][..],
            "uniform" => &["min", "max"],
            "exponential" => &["mean"],
            "lognormal" => &["median", "p90"],
            "triangular" => &["min", "mode", "max"],
            _ => {
                let place = dist.map_or_else(|| span.clone(), Spanned::span);
                page.unknown(&place, "dist", name, SPREADS.iter().copied());
                return None;
            }
        };
        let times = times_of(table, keys, &span, page)?;
        let spread = match (name, times.as_slice()) {
            ("uniform", &[min, max]) => Self::Uniform { min, max },
            ("exponential", &[mean]) => Self::Exponential { mean },
            ("lognormal", &[median, p90]) => Self::Lognormal { median, p90 },
            ("triangular", &[min, mode, max]) => Self::Triangular { min, mode, max },
            (_, times) => Self::Fixed { time: times[0] },
        };
        in_order(&times, keys, &span, page).then_some(spread)
    }
}

/// The names of the spreads.
const SPREADS: &[&str] = &["fixed", "uniform", "exponential", "lognormal", "triangular"];

fn times_of(
    table: &DeTable<'_>,
    keys: &[&str],
    span: &Range<usize>,
    page: &mut Page<'_>,
) -> Option<Vec<Span>> {
    for (key, _) in table {
        if key.get_ref() != "dist" && !keys.contains(&key.get_ref().as_ref()) {
            page.unknown(&key.span(), "key", key.get_ref(), keys.iter().copied());
        }
    }
    let mut times = Vec::new();
    for key in keys {
        match table.get(*key) {
            Some(raw) => times.extend(Span::read(raw, page)),
            None => page.fault(
                span,
                format!("the spread lacks \"{key}\""),
                format!("add {key} = \"90s\""),
            ),
        }
    }
    (times.len() == keys.len()).then_some(times)
}

fn in_order(times: &[Span], keys: &[&str], span: &Range<usize>, page: &mut Page<'_>) -> bool {
    let sorted = times.is_sorted() && times.iter().all(|time| time.0 <= LONGEST_DRAW.0);
    let positive = keys.len() == 1 || times[times.len() - 1].0 > 0;
    let lognormal = !keys.contains(&"median") || (times[0].0 > 0 && times[0] < times[1]);
    if sorted && positive && lognormal {
        return true;
    }
    let remedy = format!("order them {}, none above 7 days", keys.join(" < "));
    page.fault(span, "the times of the spread are out of order", remedy);
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_with_its_units_and_not_without() {
        assert_eq!(parse_span("90s"), Ok(Span::seconds(90)));
        assert_eq!(parse_span("3h20m"), Ok(Span::minutes(200)));
        assert_eq!(parse_span("16h05min"), Ok(Span::minutes(965)));
        assert_eq!(parse_span("400ms"), Ok(Span::millis(400)));
        assert_eq!(parse_span("1.5h"), Ok(Span::minutes(90)));
        assert!(parse_span("90").unwrap_err().contains("no unit"));
        assert!(
            parse_span("3 fortnights")
                .unwrap_err()
                .contains("fortnights")
        );
        assert!(
            parse_span("").is_err() && parse_span("1.2.3s").is_err() && parse_span("h").is_err()
        );
        assert!(parse_span("99999999999d").is_err());
    }
}
