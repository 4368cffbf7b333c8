//! How quickly somebody may take something: rates with a burst, and what each packet takes of them.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::time::Instant as Moment;

use super::unpoisoned;
use crate::config::Limits;

/// Seconds of its rate that a party may publish at once. What it floods with goes out before what others
/// say next, so this is for how long they can be held up.
const PUBLISHING_BURST_S: u32 = 1;

/// What a packet takes of its party's rates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Charge {
    pub(super) messages: usize,
    pub(super) bytes: usize,
}

/// How quickly somebody may publish.
#[derive(Debug)]
pub(super) struct Rates {
    messages: Rate,
    bytes: Rate,
}

/// A rate with a burst: a bucket that fills by the second.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rate {
    per_s: u32,
    burst: f64,
    left: f64,
    at: Instant,
}

/// Until when a client is not read that was quicker than it may be. Nobody hears meanwhile whether it is
/// alive, so that this is no silence of its own.
#[derive(Clone, Debug, Default)]
pub(super) struct Resting(Arc<Mutex<Option<Moment>>>);

impl Resting {
    /// It rests so long from now.
    pub(super) fn begin(&self, rest: Duration) {
        *unpoisoned(&self.0) = Some(Moment::now() + rest);
    }

    /// When its last rest ends, or has ended.
    pub(super) fn end(&self) -> Option<Moment> {
        *unpoisoned(&self.0)
    }
}

impl Charge {
    /// An acknowledgement of what is due takes nothing, for that was charged to its publisher; one of
    /// nothing takes as much as a message.
    pub(super) fn unless(is_due: bool) -> Self {
        Self {
            messages: usize::from(!is_due),
            bytes: 0,
        }
    }
}

impl Rates {
    pub(super) fn new(limits: Limits) -> Self {
        let now = Instant::now();
        Self {
            messages: Rate::new(limits.messages_per_s, PUBLISHING_BURST_S, now),
            bytes: Rate::new(limits.bytes_per_s, PUBLISHING_BURST_S, now),
        }
    }

    /// How long whoever took so much has to rest then.
    pub(super) fn rest_after(&mut self, charge: Charge) -> Duration {
        if !self.messages.is_bounded() && !self.bytes.is_bounded() {
            return Duration::ZERO;
        }
        let now = Instant::now();
        let messages = self.messages.owe(charge.messages, now);
        messages.max(self.bytes.owe(charge.bytes, now))
    }
}

impl Rate {
    pub(super) fn new(per_s: u32, burst_s: u32, now: Instant) -> Self {
        let burst = f64::from(per_s) * f64::from(burst_s);
        Self {
            per_s,
            burst,
            left: burst,
            at: now,
        }
    }

    fn is_bounded(&self) -> bool {
        self.per_s != u32::MAX
    }

    /// Takes one if there is one left.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        self.refill(now);
        let is_left = self.left >= 1.0;
        if is_left {
            self.left -= 1.0;
        }
        is_left
    }

    /// Takes so many, and answers how long whoever took them has to rest then.
    pub(super) fn owe(&mut self, count: usize, now: Instant) -> Duration {
        if !self.is_bounded() {
            return Duration::ZERO;
        }
        self.refill(now);
        self.left -= f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        let rest = (-self.left).max(0.0) / f64::from(self.per_s.max(1));
        Duration::from_secs_f64(rest)
    }

    fn refill(&mut self, now: Instant) {
        let passed = now.duration_since(self.at).as_secs_f64();
        self.left = (self.left + passed * f64::from(self.per_s)).min(self.burst);
        self.at = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_that_was_kept_is_never_waited_for_and_one_that_was_not_is_waited_for_in_full() {
        let start = Instant::now();
        let mut rate = Rate::new(10, 2, start);
        assert_eq!(rate.owe(20, start), Duration::ZERO);
        assert_eq!(rate.owe(5, start), Duration::from_millis(500));
        let later = start + Duration::from_millis(500);
        assert_eq!(rate.owe(0, later), Duration::ZERO);
        assert_eq!(rate.owe(1, later), Duration::from_millis(100));
    }
}
