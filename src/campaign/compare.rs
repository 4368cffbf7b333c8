//! Two policies over the same seeds: how their figures differ, seed by seed.
//!
//! A seed draws the same calls, crews and faults under either, so what differs within a pair is mostly
//! the policy's doing, and the interval is of the differences.

use serde_json::{Value, json};
use simulator::Summary;

use super::run::Run;
use crate::simulate::rounded;

/// A figure of a run.
type Figure = fn(&Summary) -> f64;

/// What is compared; less is better of each but the aid and what was served.
const FIGURES: [(&str, Figure); 10] = [
    ("harm_min", |it| real(it.harm_min)),
    ("response_p50_s", |it| real(it.response_s.p50)),
    ("response_p90_s", |it| real(it.response_s.p90)),
    ("response_p99_s", |it| real(it.response_s.p99)),
    ("unserved", |it| real(it.unserved)),
    ("units_missing", |it| real(it.units_missing)),
    ("aid_requests", |it| real(it.aid_requests)),
    ("aid_commits", |it| real(it.aid_commits)),
    ("driven_km", |it| real(it.driven_km)),
    ("plan_overruns", |it| real(it.plan_overruns)),
];

/// How the first differ from the others, over the seeds that both have.
pub(super) fn paired(ours: &[Run], others: &[Run]) -> Value {
    let pairs: Vec<(&Summary, &Summary)> = ours
        .iter()
        .filter_map(|one| {
            let same = |other: &&Run| other.summary.seed == one.summary.seed;
            Some((&one.summary, &others.iter().find(same)?.summary))
        })
        .collect();
    let Some((one, other)) = pairs.first() else {
        return json!({"pairs": 0});
    };
    let mut account = json!({
        "pairs": pairs.len(),
        "policy": one.policy,
        "beside": other.policy,
    });
    for (name, figure) in FIGURES {
        let of: Vec<(f64, f64)> = pairs
            .iter()
            .map(|(one, other)| (figure(one), figure(other)))
            .collect();
        account[name] = difference(&of);
    }
    account
}

/// The means, their difference with its 95 % interval, and the difference in per cent of the second.
fn difference(pairs: &[(f64, f64)]) -> Value {
    let one = mean(pairs.iter().map(|it| it.0));
    let other = mean(pairs.iter().map(|it| it.1));
    let differences: Vec<f64> = pairs.iter().map(|it| it.0 - it.1).collect();
    let percent = |value: f64| (other != 0.0).then(|| rounded(value / other * 100.0, 10.0));
    let half = half_width(&differences);
    json!({
        "mean": rounded(one, 10.0),
        "mean_beside": rounded(other, 10.0),
        "difference": rounded(one - other, 10.0),
        "half_width_95": half.map(|half| rounded(half, 10.0)),
        "percent": percent(one - other),
        "percent_half_width_95": half.and_then(percent),
    })
}

pub(super) fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = real(values.len());
    values.sum::<f64>() / count
}

/// Half of the 95 % interval of a mean; `None` if there is but one value.
pub(super) fn half_width(values: &[f64]) -> Option<f64> {
    let freedom = values.len().checked_sub(1).filter(|it| *it > 0)?;
    let middle = mean(values.iter().copied());
    let squares: f64 = values.iter().map(|value| (value - middle).powi(2)).sum();
    let variance = squares / real(freedom);
    Some(student(freedom) * (variance / real(values.len())).sqrt())
}

/// The 97.5 % point of Student's distribution. Few degrees of freedom are from the usual tables; the
/// others from the expansion in Abramowitz and Stegun, 26.7.5, right to two thousandths there.
fn student(freedom: usize) -> f64 {
    const FEW: [f64; 9] = [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262,
    ];
    const NORMAL: f64 = 1.959_964;
    if let Some(point) = FEW.get(freedom - 1) {
        return *point;
    }
    let n = real(freedom);
    let z = NORMAL;
    let one = (z.powi(3) + z) / 4.0;
    let two = (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0;
    let three = (3.0 * z.powi(7) + 19.0 * z.powi(5) + 17.0 * z.powi(3) - 15.0 * z) / 384.0;
    z + one / n + two / n.powi(2) + three / n.powi(3)
}

/// A count as a number to reckon with; beyond 2^53 it is rounded.
#[expect(
    clippy::cast_precision_loss,
    reason = "figures of runs are far below 2^53"
)]
pub(super) fn real(count: impl TryInto<i64>) -> f64 {
    count.try_into().map_or(f64::INFINITY, |count| count as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_points_of_student_s_distribution_are_those_of_the_tables() {
        for (freedom, point) in [
            (1, 12.706),
            (5, 2.571),
            (10, 2.228),
            (29, 2.045),
            (99, 1.984),
        ] {
            let found = student(freedom);
            assert!((found - point).abs() < 0.002, "{freedom}: {found}");
        }
    }

    #[test]
    fn a_difference_that_is_the_same_in_every_pair_is_sure() {
        let same = difference(&[(8.0, 10.0), (18.0, 20.0), (28.0, 30.0)]);
        assert_eq!(same["difference"], -2.0);
        assert_eq!(same["half_width_95"], 0.0);
        assert_eq!(same["percent"], -10.0);
        let once = difference(&[(8.0, 10.0)]);
        assert_eq!(once["half_width_95"], Value::Null);
    }
}
