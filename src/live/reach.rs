//! How long an entry takes from the office that writes it to the disk of every other: verified, applied
//! and recorded there.
//!
//! All ends are in one process and read one monotonic clock, as with hops.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use agents::Ticket;
use protocol::{Envelope, Hash, PartyId};

/// The reach of the entries of all offices of one process.
#[derive(Clone, Debug, Default)]
pub(crate) struct SharedReach(Arc<Mutex<Reach>>);

#[derive(Debug, Default)]
struct Reach {
    offices: usize,
    written: BTreeMap<Hash, Written>,
    /// What each office has handed to its disk, in the order of its tickets.
    waiting: BTreeMap<PartyId, VecDeque<(Ticket, Hash)>>,
    done: Vec<(Hash, Duration)>,
}

#[derive(Debug)]
struct Written {
    at: Instant,
    missing: usize,
}

impl SharedReach {
    /// Measures between so many offices.
    pub(crate) fn among(offices: usize) -> Self {
        let reach = Reach {
            offices,
            ..Reach::default()
        };
        Self(Arc::new(Mutex::new(reach)))
    }

    /// An office hands an entry to its disk: its own, which it has just written, or another's, which it
    /// has verified and applied.
    pub(crate) fn appended(&self, by: PartyId, ticket: Ticket, envelope: &Envelope, at: Instant) {
        let reach = &mut *self.lock();
        let hash = envelope.hash();
        if envelope.header().log.author == by {
            let missing = reach.offices.saturating_sub(1);
            reach.written.insert(hash, Written { at, missing });
        } else {
            let waiting = reach.waiting.entry(by).or_default();
            waiting.push_back((ticket, hash));
        }
    }

    /// Everything that an office handed over up to a ticket is on its disk.
    pub(crate) fn durable(&self, by: PartyId, upto: Ticket, at: Instant) {
        let reach = &mut *self.lock();
        let Some(waiting) = reach.waiting.get_mut(&by) else {
            return;
        };
        while waiting.front().is_some_and(|(ticket, _)| *ticket <= upto) {
            let Some((_, hash)) = waiting.pop_front() else {
                break;
            };
            let Some(written) = reach.written.get_mut(&hash) else {
                continue;
            };
            written.missing = written.missing.saturating_sub(1);
            if written.missing == 0 {
                let took = at.saturating_duration_since(written.at);
                reach.written.remove(&hash);
                reach.done.push((hash, took));
            }
        }
    }

    /// Entries that are everywhere since the last call, and how long each took.
    pub(crate) fn take_done(&self) -> Vec<(Hash, Duration)> {
        std::mem::take(&mut self.lock().done)
    }

    fn lock(&self) -> MutexGuard<'_, Reach> {
        self.0.lock().expect("no measuring panics")
    }
}
