//! The pace of a free-running drill: as asked while everybody keeps up, slower while they do not.
//!
//! Callers call again and crews report again in drill time. On a machine that falls behind, a drill
//! that kept its speed would be flooded by what it repeats, and no office would ever catch up.

use std::time::Duration;

use protocol::ClockState;

use super::Director;
use crate::live::hop::SharedHops;

/// How often the pace is looked at, link time: many hops, and little drill time lost if it is late.
pub(super) const LOOK: Duration = Duration::from_millis(250);

/// A hop that takes longer shows that the offices are behind: 50 times what an idle bus needs.
const BEHIND: Duration = Duration::from_millis(400);

/// While every hop is shorter the drill may go faster again.
const CALM: Duration = Duration::from_millis(100);

/// Looks in a row that must be calm before the drill goes faster: two seconds.
const LOOKS: u32 = 8;

/// Time as it passes, which every machine can follow: the drill is slowed no further.
const AS_IT_PASSES: u64 = 1_000;

/// The pace of a drill.
#[derive(Debug)]
pub(super) struct Pace {
    asked: u64,
    /// The slowest that it had to be, and what was asked then.
    slowed: Option<(u64, u64)>,
    calm: u32,
    hops: SharedHops,
}

impl Pace {
    pub(super) fn new(permille: u64, hops: SharedHops) -> Self {
        Self {
            asked: permille,
            slowed: None,
            calm: 0,
            hops,
        }
    }

    /// The director's people want this speed.
    pub(super) fn ask(&mut self, permille: u64) {
        self.asked = permille;
        self.calm = 0;
    }

    /// The speed asked for and the slowest that the drill had to be, if it ever was slower.
    pub(super) fn slowed(&self) -> Option<(u64, u64)> {
        self.slowed
    }

    /// The speed to go on with: halved when a hop took too long, a quarter more when all is calm.
    fn next(&mut self, permille: u64, worst: Duration) -> u64 {
        if worst > BEHIND {
            self.calm = 0;
            let next = (permille / 2).max(AS_IT_PASSES).min(permille);
            let slower = self.slowed.is_none_or(|(_, slowest)| next < slowest);
            if next < self.asked && slower {
                self.slowed = Some((self.asked, next));
            }
            return next;
        }
        self.calm = if worst < CALM { self.calm + 1 } else { 0 };
        if self.calm < LOOKS {
            return permille;
        }
        self.calm = 0;
        (permille + permille / 4 + 1).min(self.asked)
    }
}

impl Director {
    /// Slows the drill while the offices are behind, and lets it go on when they have caught up.
    pub(super) fn keep_pace(&mut self) {
        let worst = self.pace.hops.worst();
        let now = self.clock.speed_permille;
        let next = self.pace.next(now, worst);
        if next != now && self.clock.state == ClockState::Started {
            self.stand();
            self.clock.speed_permille = next;
            self.set_clock(ClockState::Started);
        }
    }

    /// What is said of the pace, if the drill runs slower than asked.
    pub(super) fn pace_now(&self) -> String {
        let (now, asked) = (self.clock.speed_permille, self.pace.asked);
        if now < asked {
            let (now, asked) = (now / 1_000, asked / 1_000);
            format!(", at speed {now} of {asked} until the offices have caught up")
        } else {
            String::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(pace: &mut Pace, mut speed: u64, worst: Duration, looks: u32) -> u64 {
        for _ in 0..looks {
            speed = pace.next(speed, worst);
        }
        speed
    }

    #[test]
    fn a_drill_that_is_behind_slows_down_and_comes_back_to_the_speed_that_was_asked() {
        let mut pace = Pace::new(1_200_000, SharedHops::default());
        assert_eq!(pace.slowed(), None);
        let slow = after(&mut pace, 1_200_000, Duration::from_secs(1), 3);
        assert_eq!(slow, 150_000);
        let same = after(&mut pace, slow, Duration::from_millis(200), 100);
        assert_eq!(same, slow, "neither behind nor calm");
        let whole = after(&mut pace, slow, Duration::from_millis(20), 100);
        assert_eq!(whole, 1_200_000);
        assert_eq!(pace.slowed(), Some((1_200_000, 150_000)));
    }

    #[test]
    fn a_drill_that_people_make_faster_was_not_slow_before() {
        let mut pace = Pace::new(60_000, SharedHops::default());
        pace.ask(1_200_000);
        let calm = after(&mut pace, 1_200_000, Duration::from_millis(20), 100);
        assert_eq!((calm, pace.slowed()), (1_200_000, None));
    }

    #[test]
    fn a_drill_is_never_slower_than_time_itself_unless_that_was_asked() {
        let mut pace = Pace::new(60_000, SharedHops::default());
        assert_eq!(after(&mut pace, 60_000, Duration::from_secs(9), 40), 1_000);
        let mut pace = Pace::new(500, SharedHops::default());
        assert_eq!(after(&mut pace, 500, Duration::from_secs(9), 40), 500);
    }
}
