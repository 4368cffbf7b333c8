//! How long an entry travels: from the shell that hands a frame to the bus to each that hears it.
//!
//! Both ends are in one process and read one monotonic clock, so nothing is added to the wire: a
//! frame is known again by its digest. An office apart hears on a clock of its own and is left out.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use protocol::{Frame, Hash, PartyId, Said, Topic};
use serde::Serialize;

/// Frames on their way that are remembered. A bus that is slower than this many frames behind loses
/// the measure of the oldest; nine offices at full speed hand over a few hundred in a second.
const ON_THE_WAY: usize = 8_192;

/// Steps between a power of two and the next: a figure is off by one part in 64 at most.
const STEPS: u64 = 64;

/// Places of the tally, [`STEPS`] for each of 36 lengths: up to 2^41 microseconds, which is 25 days.
const PLACES: usize = 36 * 64;

/// The hops of all offices of one process.
#[derive(Clone, Debug, Default)]
pub(crate) struct SharedHops(Arc<Mutex<Hops>>);

/// What was handed over and is on its way, and how long what arrived took.
#[derive(Debug, Default)]
struct Hops {
    handed: BTreeMap<Hash, Instant>,
    order: VecDeque<Hash>,
    tally: Tally,
    /// The longest since somebody last asked.
    worst: Duration,
}

/// Hops in milliseconds, by the nearest rank.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct HopTimes {
    pub(crate) p50: f64,
    pub(crate) p90: f64,
    pub(crate) p99: f64,
    /// How many were measured: one for each office that heard a frame.
    pub(crate) measured: u64,
}

/// How many times of each length there were, in a space that does not grow with them.
#[derive(Debug)]
struct Tally {
    places: Vec<u64>,
    count: u64,
}

impl SharedHops {
    /// An office hands a frame to the bus; only entries of logs are followed.
    pub(crate) fn handed(&self, frame: &Frame, at: Instant) {
        if matches!(frame.topic(), Topic::Log(_)) {
            self.lock().handed(frame.digest(), at);
        }
    }

    /// An office hears a frame; its own, come back to it, is no hop.
    pub(crate) fn heard(&self, frame: &Frame, by: PartyId, at: Instant) {
        let Said::Append { head, .. } = frame.said() else {
            return;
        };
        if head.log.author != by {
            self.lock().heard(frame.digest(), at);
        }
    }

    /// What was measured; `None` if nothing was.
    pub(crate) fn times(&self) -> Option<HopTimes> {
        let tally = &self.lock().tally;
        (tally.count > 0).then(|| HopTimes {
            p50: millis(tally.quantile(50)),
            p90: millis(tally.quantile(90)),
            p99: millis(tally.quantile(99)),
            measured: tally.count,
        })
    }

    /// The longest hop since the last call.
    pub(crate) fn worst(&self) -> Duration {
        std::mem::take(&mut self.lock().worst)
    }

    fn lock(&self) -> MutexGuard<'_, Hops> {
        self.0.lock().expect("no measuring panics")
    }
}

impl Hops {
    fn handed(&mut self, digest: Hash, at: Instant) {
        if self.handed.insert(digest, at).is_none() {
            self.order.push_back(digest);
        }
        if self.order.len() > ON_THE_WAY
            && let Some(oldest) = self.order.pop_front()
        {
            self.handed.remove(&oldest);
        }
    }

    fn heard(&mut self, digest: Hash, at: Instant) {
        if let Some(handed) = self.handed.get(&digest) {
            let time = at.saturating_duration_since(*handed);
            self.worst = self.worst.max(time);
            self.tally.count(time);
        }
    }
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            places: vec![0; PLACES],
            count: 0,
        }
    }
}

impl Tally {
    fn count(&mut self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.places[place(micros).min(PLACES - 1)] += 1;
        self.count += 1;
    }

    /// The microseconds that so many per cent do not exceed.
    fn quantile(&self, percent: u64) -> u64 {
        let rank = (self.count * percent).div_ceil(100);
        let mut seen = 0;
        let place = self.places.iter().position(|count| {
            seen += count;
            seen >= rank
        });
        place.map_or(0, upper)
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a time of microseconds below 2^41 is exact in a double"
)]
fn millis(micros: u64) -> f64 {
    micros as f64 / 1_000.0
}

/// Where a time is counted: exact below 64 µs, then 64 steps to each power of two.
fn place(micros: u64) -> usize {
    let bits = u64::from(micros.max(1).ilog2()).saturating_sub(STEPS.ilog2().into());
    usize::try_from(bits * STEPS + (micros >> bits)).unwrap_or(usize::MAX)
}

/// The longest time that is counted at a place.
fn upper(place: usize) -> u64 {
    let place = place as u64;
    let bits = (place / STEPS).saturating_sub(1);
    ((place - bits * STEPS + 1) << bits) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_time_is_counted_at_a_place_that_is_off_by_a_sixty_fourth_at_most() {
        for micros in (0..100_000).chain([1 << 30, (1 << 39) + 12_345]) {
            let upper = upper(place(micros));
            assert!(
                upper >= micros && upper - micros <= micros / STEPS,
                "{micros}"
            );
        }
    }

    #[test]
    fn a_quantile_is_the_time_that_so_many_do_not_exceed() {
        let mut tally = Tally::default();
        for micros in 1..=60 {
            tally.count(Duration::from_micros(micros));
        }
        let quantiles = [50, 90, 99].map(|percent| tally.quantile(percent));
        assert_eq!(quantiles, [30, 54, 60]);
    }

    #[test]
    fn nothing_measured_is_no_figure() {
        assert_eq!(SharedHops::default().times(), None);
    }
}
