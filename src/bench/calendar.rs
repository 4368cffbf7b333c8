//! DISPATCH-9 on the simulator's own calendar: 1,000 units and 100,000 incidents of nine square cities, in whole
//! numbers alone, so that a simulator in any language that does the same ends with the same mark.

mod model;

use std::time::Instant;

use serde_json::{Map, Value};
use simulator::nearest_rank;

use super::{rounded, tell};
use crate::cli::CalendarArgs;
use crate::failure::Failure;
use model::{Dispatch9, Ended};

/// Measures.
pub(crate) fn calendar(args: &CalendarArgs) -> Result<(), Failure> {
    let (mut walls, mut last) = (Vec::new(), None);
    for _ in 0..args.rounds {
        let model = Dispatch9::drawn(args.seed, (args.units, args.incidents), args.mean2_us);
        let began = Instant::now();
        let ended = model.run();
        walls.push(began.elapsed().as_secs_f64());
        last = Some(ended);
    }
    let ended = last.expect("there is at least one round");
    tell(&figures(&ended, walls), args.output)
}

fn figures(ended: &Ended, mut walls: Vec<f64>) -> Map<String, Value> {
    walls.sort_by(f64::total_cmp);
    let wall = nearest_rank(&walls, 50).unwrap_or_default();
    let events = u32::try_from(ended.events).map_or(0.0, f64::from);
    let mut figures = Map::new();
    figures.insert("events".into(), ended.events.into());
    figures.insert("wall_p50_s".into(), rounded(wall));
    figures.insert(
        "events_per_s".into(),
        rounded((events / wall.max(1e-9)).round()),
    );
    figures.insert("fnv".into(), format!("{:016x}", ended.fnv).into());
    figures.insert(
        "response_sum_us".into(),
        ended.responses.iter().sum::<u64>().into(),
    );
    let mut sorted = ended.responses.clone();
    sorted.sort_unstable();
    for percent in [50, 90, 99] {
        let value = nearest_rank(&sorted, percent);
        figures.insert(format!("response_p{percent}_us"), value.into());
    }
    for (name, value) in [
        ("aid", ended.aid),
        ("queued", ended.queued),
        ("ties", ended.ties),
        ("makespan_us", ended.makespan),
    ] {
        figures.insert(name.into(), value.into());
    }
    figures
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What SimPy, Mesa, NeXosim and a heap of plain Python end with, bit for bit.
    #[test]
    fn the_steady_variant_ends_with_the_mark_of_every_other_simulator() {
        let ended = Dispatch9::drawn(42, (1_000, 100_000), 8_000_001).run();
        assert_eq!(format!("{:016x}", ended.fnv), "6b3430a0eadd9a2c");
        assert_eq!((ended.events, ended.ties), (400_000, 0));
        let figures = figures(&ended, vec![0.5]);
        assert_eq!(figures["events_per_s"].as_f64(), Some(800_000.0));
    }
}
