//! What a gate counts, for whoever runs it; told below `$SYS`.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counters of a gate since it started.
#[derive(Debug, Default)]
pub(super) struct Tally {
    received: AtomicU64,
    told: AtomicU64,
    slow: AtomicU64,
    unretained: AtomicU64,
    refused: AtomicU64,
}

/// The counters at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Counts {
    /// Messages that clients published.
    pub(super) received: u64,
    /// Messages that were put in a client's outbox.
    pub(super) told: u64,
    /// Sessions that were closed because their reader was too slow.
    pub(super) slow: u64,
    /// Messages that could not be retained.
    pub(super) unretained: u64,
    /// Connections that were refused or ended for what they sent.
    pub(super) refused: u64,
}

impl Tally {
    pub(super) fn received(&self) {
        add(&self.received);
    }

    pub(super) fn told(&self) {
        add(&self.told);
    }

    pub(super) fn slow(&self) {
        add(&self.slow);
    }

    pub(super) fn unretained(&self) {
        add(&self.unretained);
    }

    pub(super) fn refused(&self) {
        add(&self.refused);
    }

    pub(super) fn counts(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            received: read(&self.received),
            told: read(&self.told),
            slow: read(&self.slow),
            unretained: read(&self.unretained),
            refused: read(&self.refused),
        }
    }
}

fn add(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
