//! Percentiles by nearest rank: the value that at least so many per cent of the cases do not exceed.
//!
//! No interpolation, so every figure is a case that happened. With fewer than 100 cases the 99th
//! percentile is the longest of them.

use protocol::Span;
use serde::Serialize;

/// How a set of times is distributed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Distribution {
    /// How many cases.
    pub count: usize,
    /// The shortest.
    pub min: Span,
    /// The median, by nearest rank.
    pub p50: Span,
    /// Nine in ten are no longer.
    pub p90: Span,
    /// Ninety-nine in a hundred are no longer.
    pub p99: Span,
    /// The longest.
    pub max: Span,
}

impl Distribution {
    /// The distribution of some times; `None` of none.
    pub fn of(times: impl IntoIterator<Item = Span>) -> Option<Self> {
        let mut sorted: Vec<Span> = times.into_iter().collect();
        sorted.sort_unstable();
        let (min, max) = (*sorted.first()?, *sorted.last()?);
        Some(Self {
            count: sorted.len(),
            min,
            p50: nearest_rank(&sorted, 50),
            p90: nearest_rank(&sorted, 90),
            p99: nearest_rank(&sorted, 99),
            max,
        })
    }
}

/// The value at rank ⌈percent / 100 × n⌉ of sorted times.
fn nearest_rank(sorted: &[Span], percent: usize) -> Span {
    let rank = (percent * sorted.len()).div_ceil(100).max(1);
    sorted[rank - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_the_case_at_its_nearest_rank() {
        let times = (1..=200).rev().map(Span::minutes);
        let found = Distribution::of(times).unwrap();
        assert_eq!(found.p50, Span::minutes(100));
        assert_eq!(found.p90, Span::minutes(180));
        assert_eq!(found.p99, Span::minutes(198));
        assert_eq!(
            (found.min, found.max),
            (Span::minutes(1), Span::minutes(200))
        );
    }

    #[test]
    fn of_few_cases_every_high_percentile_is_the_longest() {
        let found = Distribution::of([4, 8, 6].map(Span::minutes)).unwrap();
        assert_eq!(found.p50, Span::minutes(6));
        assert_eq!((found.p90, found.p99), (Span::minutes(8), Span::minutes(8)));
        assert_eq!(
            Distribution::of([Span::minutes(3)]).unwrap().p50,
            Span::minutes(3)
        );
        assert_eq!(Distribution::of([]), None);
    }
}
