//! Values of the command line that are more than a word or a number.

use std::ops::RangeInclusive;

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

/// Reads a length of time such as `90s`, `30m`, `6h` or `1h30m`.
pub(crate) fn span(text: &str) -> Result<protocol::Span, String> {
    let wrong = || format!("\"{text}\" is no length of time; write it as 90s, 30m, 6h or 1h30m");
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
            .filter(|total| *total <= 400 * 86_400)
            .ok_or_else(|| format!("\"{text}\" is longer than 400 days"))?;
    }
    if digits.is_empty() && !text.is_empty() {
        Ok(protocol::Span::seconds(total))
    } else {
        Err(wrong())
    }
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
    fn a_length_of_time_needs_its_unit() {
        assert_eq!(span("1h30m"), Ok(protocol::Span::minutes(90)));
        assert_eq!(span("90s"), Ok(protocol::Span::seconds(90)));
        for wrong in ["90", "", "h", "1x", "-1h", "99999d"] {
            assert!(span(wrong).is_err(), "{wrong}");
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
