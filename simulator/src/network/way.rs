//! One way between two parties: what it loses, delays, repeats and lets wait.
//!
//! Virtual time carries every frame by these rules; a live drill spoils by them what a fault touches.
//! Either way a latency is drill time, so that a line is as slow beside a hold or a deadline as the
//! scenario says, at whatever speed.

use protocol::{Moment, Span};

use crate::scenario::NetworkProfile;
use crate::stream::{Chance, Draws};

/// How long a narrow line lets frames wait for each other before it drops the next.
///
/// A queue without an end would answer a lossy half hour with hours of stale repairs; brokers and
/// modems drop instead (model).
const BACKLOG: Span = Span::seconds(30);

/// A way and what its random stream has come to.
#[derive(Debug)]
pub struct Way {
    draws: Draws,
    /// Where bytes change: drawn apart, so that a line that changes some moves nothing else.
    spoils: Draws,
    /// When the last frame in order arrives.
    last: Moment,
    /// Until when earlier frames occupy the line.
    busy: Moment,
}

/// When a frame arrives: not at all, once, or twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arrivals {
    /// When it comes; `None` if it is lost.
    pub first: Option<Moment>,
    /// When it comes again, if it does.
    pub second: Option<Moment>,
    /// Where its bytes are changed, as a number to be taken by their count.
    pub spoilt: Option<u64>,
}

impl Arrivals {
    /// When it comes, once or twice.
    pub fn times(self) -> impl Iterator<Item = Moment> {
        self.first.into_iter().chain(self.second)
    }
}

/// What is drawn for one frame.
struct Fate {
    latency: Span,
    lost: bool,
    twice: bool,
    held_back: bool,
}

impl Way {
    /// A way that nothing has passed yet, with the random stream that is its own.
    pub fn new(draws: Draws, spoils: Draws) -> Self {
        Self {
            draws,
            spoils,
            last: Moment(0),
            busy: Moment(0),
        }
    }

    /// When a frame of this length arrives that sets out now. Takes its draws for every frame, also
    /// for one that is lost.
    pub fn carry(&mut self, profile: &NetworkProfile, at: Moment, bytes: usize) -> Arrivals {
        let fate = self.draw(profile);
        if fate.lost {
            return Arrivals::default();
        }
        let Some(sent) = self.occupy(at, bytes, profile.bits_per_s) else {
            return Arrivals::default();
        };
        let arrives = if fate.held_back {
            sent + fate.latency + profile.reorder_by
        } else {
            self.last = self.last.max(sent + fate.latency);
            self.last
        };
        Arrivals {
            first: Some(arrives),
            second: fate.twice.then(|| arrives + fate.latency),
            spoilt: self.spoils(profile.corrupt),
        }
    }

    /// Takes the draws of a frame that does not set out, for the way is cut: those of later frames
    /// stay what they would be.
    pub fn pass_over(&mut self, profile: &NetworkProfile) {
        self.draw(profile);
    }

    fn spoils(&mut self, chance: Chance) -> Option<u64> {
        let spoilt = chance != Chance::NEVER && self.spoils.happens(chance);
        spoilt.then(|| self.spoils.below(u64::MAX))
    }

    fn draw(&mut self, profile: &NetworkProfile) -> Fate {
        Fate {
            latency: profile.latency.draw(&mut self.draws),
            lost: self.draws.happens(profile.loss),
            twice: self.draws.happens(profile.duplicate),
            held_back: self.draws.happens(profile.reorder),
        }
    }

    /// When the last bit of a frame has left; `None` if too many wait already.
    fn occupy(&mut self, at: Moment, bytes: usize, bits_per_s: Option<u64>) -> Option<Moment> {
        let Some(rate) = bits_per_s.filter(|rate| *rate > 0) else {
            return Some(at);
        };
        if self.busy.since(at) > BACKLOG {
            return None;
        }
        let bits = (bytes as u64).saturating_mul(8);
        self.busy = self.busy.max(at) + Span(bits.saturating_mul(1_000_000) / rate);
        Some(self.busy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::{Spread, Stream};

    fn way() -> Way {
        let draws = |name| Stream::Network.draws(7, name);
        Way::new(draws("990100>990200"), draws("990100>990200 spoils"))
    }

    fn profile() -> NetworkProfile {
        NetworkProfile {
            latency: Spread::Fixed {
                time: Span::seconds(2),
            },
            ..NetworkProfile::default()
        }
    }

    #[test]
    fn a_way_loses_the_share_that_its_profile_says_and_one_seed_loses_the_same() {
        let lossy = NetworkProfile {
            loss: Chance(200_000),
            ..profile()
        };
        let lost = || {
            let mut way = way();
            let arrivals = (0..5_000).map(|n| way.carry(&lossy, Moment(n), 700));
            arrivals.map(|it| it.first.is_none()).collect::<Vec<bool>>()
        };
        let first = lost();
        let count = first.iter().filter(|lost| **lost).count();
        assert!((900..1_100).contains(&count), "{count}");
        assert_eq!(first, lost());
    }

    #[test]
    fn a_way_delays_and_repeats_what_it_does_not_lose() {
        let twice = NetworkProfile {
            duplicate: Chance::ALWAYS,
            ..profile()
        };
        let arrivals = way().carry(&twice, Moment(1), 700);
        assert_eq!(arrivals.first, Some(Moment(1) + Span::seconds(2)));
        assert_eq!(arrivals.second, Some(Moment(1) + Span::seconds(4)));
    }

    #[test]
    fn a_narrow_way_lets_frames_wait_for_each_other_and_drops_what_waits_too_long() {
        let narrow = NetworkProfile {
            bits_per_s: Some(8_000),
            ..profile()
        };
        let mut way = way();
        let mut first = || way.carry(&narrow, Moment(0), 1_000).first;
        assert_eq!(first(), Some(Moment(0) + Span::seconds(3)));
        assert_eq!(first(), Some(Moment(0) + Span::seconds(4)));
        assert_eq!((0..60).filter(|_| first().is_some()).count(), 29);
    }
}
