//! How long a link waits before it tries again: doubling, bounded, and spread by a seed.

use std::time::Duration;

/// The first wait: a broker that is rebuilt on the same machine is back within about a second.
const FIRST: Duration = Duration::from_millis(100);

/// The longest wait: an operator who plugs the cable in looks at the screen about that long.
const LONGEST: Duration = Duration::from_secs(5);

/// The waits of one link and the hosts that it tries. Half of each wait is drawn, so that the offices
/// of a region do not come back to a hub all at once, and so is the first host, so that they spread
/// over a cluster.
///
/// With several hosts a round through all of them takes as long as one wait with one: each host is
/// tried as often as if it were the only one, and a live one is found soon.
#[derive(Debug)]
pub(crate) struct Backoff {
    state: u64,
    next: Duration,
    hosts: u32,
    host: u32,
    /// Attempts of this round.
    tried: u32,
}

impl Backoff {
    pub(crate) fn new(seed: u64, hosts: usize) -> Self {
        let hosts = u32::try_from(hosts).expect("an address has a handful of hosts");
        assert!(hosts > 0, "an address without a host is refused");
        let mut backoff = Self {
            state: seed,
            next: FIRST,
            hosts,
            host: 0,
            tried: 0,
        };
        if hosts > 1 {
            let drawn = backoff.draw() % u64::from(hosts);
            backoff.host = u32::try_from(drawn).expect("a host is below their number");
        }
        backoff
    }

    /// The host to try now.
    pub(crate) fn host(&self) -> usize {
        usize::try_from(self.host).expect("a host is one of a handful")
    }

    /// The wait before the next attempt, which goes to the next host.
    pub(crate) fn wait(&mut self) -> Duration {
        self.host = (self.host + 1) % self.hosts;
        let full = self.next / self.hosts;
        self.tried += 1;
        if self.tried == self.hosts {
            self.tried = 0;
            self.next = (self.next * 2).min(LONGEST);
        }
        let half = full / 2;
        let spread = u64::try_from(half.as_micros()).expect("the longest wait is seconds");
        half + Duration::from_micros(self.draw() % (spread + 1))
    }

    /// A connection that held: the next failure starts from the first wait.
    pub(crate) fn reset(&mut self) {
        self.next = FIRST;
        self.tried = 0;
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
        let mut backoff = Backoff::new(7, 1);
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
            let mut backoff = Backoff::new(seed, 1);
            [(); 5].map(|()| backoff.wait())
        };
        assert_eq!(row(7), row(7));
        assert_ne!(row(7), row(8));
    }

    #[test]
    fn every_host_is_tried_in_a_round_that_takes_as_long_as_one_wait_with_one() {
        let mut backoff = Backoff::new(7, 3);
        for longest in [FIRST, FIRST * 2, FIRST * 4] {
            let mut hosts = Vec::new();
            let mut waited = Duration::ZERO;
            for _ in 0..3 {
                hosts.push(backoff.host());
                waited += backoff.wait();
            }
            hosts.sort_unstable();
            assert_eq!(hosts, [0, 1, 2]);
            assert!(waited + Duration::from_micros(9) >= longest / 2 && waited <= longest);
        }
    }

    #[test]
    fn links_begin_at_hosts_of_their_own() {
        let begun = |host| (0..300).filter(move |seed| Backoff::new(*seed, 3).host() == host);
        for host in 0..3 {
            assert!(begun(host).count() > 60, "{host}");
        }
    }
}
