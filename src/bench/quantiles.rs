//! Figures of many measurements, by the nearest rank.

use serde_json::{Map, Value};
use simulator::nearest_rank;

use super::rounded;

/// Median, 90th and 99th percentile, the greatest, and how many were measured.
pub(super) fn quantiles(name: &str, all: &[f64]) -> Map<String, Value> {
    let mut sorted = all.to_vec();
    sorted.sort_by(f64::total_cmp);
    let mut figures = Map::new();
    for (which, percent) in [("p50", 50), ("p90", 90), ("p99", 99), ("max", 100)] {
        let value = nearest_rank(&sorted, percent).map(rounded);
        figures.insert(format!("{name}_{which}"), value.into());
    }
    figures.insert(format!("{name}_measured"), sorted.len().into());
    figures
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_one_of_the_values_that_were_measured() {
        let sorted: Vec<f64> = (1..=60).map(f64::from).collect();
        let found = [50, 90, 99, 100].map(|percent| nearest_rank(&sorted, percent));
        assert_eq!(found, [30.0, 54.0, 60.0, 60.0].map(Some));
        assert_eq!(nearest_rank::<f64>(&[], 50), None);
    }
}
