//! How long a link waits before it tries again: doubling, bounded, and spread by a seed.

use std::time::Duration;

/// The first wait: a broker that is rebuilt on the same machine is back within about a second.
const FIRST: Duration = Duration::from_millis(100);

/// The longest wait: an operator who plugs the cable in looks at the screen about that long.
const LONGEST: Duration = Duration::from_secs(5);

/// The waits of one link. Half of each is drawn, so that the offices of a region do not come back
/// to a hub all at once.
#[derive(Debug)]
pub(crate) struct Backoff {
    state: u64,
    next: Duration,
}

impl Backoff {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            state: seed,
            next: FIRST,
        }
    }

    /// The wait before the next attempt.
    pub(crate) fn wait(&mut self) -> Duration {
        let full = self.next;
        self.next = (full * 2).min(LONGEST);
        let half = full / 2;
        let spread = u64::try_from(half.as_micros()).expect("the longest wait is seconds");
        half + Duration::from_micros(self.draw() % (spread + 1))
    }

    /// A connection that held: the next failure starts from the first wait.
    pub(crate) fn reset(&mut self) {
        self.next = FIRST;
    }

    /// SplitMix64: one addition and three mixings of a 64-bit state.
    fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_longest_and_start_over_after_a_reset() {
        let mut backoff = Backoff::new(7);
        let waits: Vec<Duration> = (0..12).map(|_| backoff.wait()).collect();
        assert!(waits[0] >= FIRST / 2 && waits[0] <= FIRST);
        assert!(
            waits
                .iter()
                .all(|wait| *wait >= FIRST / 2 && *wait <= LONGEST)
        );
        assert!(waits[11] >= LONGEST / 2);
        backoff.reset();
        assert!(backoff.wait() <= FIRST);
    }

    #[test]
    fn one_seed_gives_one_row_of_waits() {
        let row = |seed| {
            let mut backoff = Backoff::new(seed);
            [(); 5].map(|()| backoff.wait())
        };
        assert_eq!(row(7), row(7));
        assert_ne!(row(7), row(8));
    }
}
