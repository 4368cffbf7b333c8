//! How many times the harm there was that a dispatcher who knew all calls would leave, seed by seed.

use serde_json::{Value, json};

use super::compare::{half_width, mean, real};
use super::run::Run;
use crate::simulate::rounded;

/// Of the runs that know what was foreseen, the mean of that and how many times it there was; of the
/// others of the same seeds how many times too, if there are any.
pub(super) fn beside(ours: &[Run], others: &[Run]) -> Value {
    let foreseen: Vec<(u64, f64)> = ours
        .iter()
        .filter_map(|it| Some((it.summary.seed, real(it.summary.foreseen_harm_min?))))
        .collect();
    let times = |of: &[Run]| {
        let of_seed = |(seed, foreseen): &(u64, f64)| {
            let run = of.iter().find(|it| it.summary.seed == *seed)?;
            (*foreseen > 0.0).then(|| real(run.summary.harm_min) / foreseen)
        };
        let times: Vec<f64> = foreseen.iter().filter_map(of_seed).collect();
        (!times.is_empty()).then(|| {
            json!({
                "mean": rounded(mean(times.iter().copied()), 100.0),
                "half_width_95": half_width(&times).map(|half| rounded(half, 100.0)),
            })
        })
    };
    json!({
        "harm_min": rounded(mean(foreseen.iter().map(|it| it.1)), 1.0),
        "times": times(ours),
        "times_beside": times(others),
    })
}
