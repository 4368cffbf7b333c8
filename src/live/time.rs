//! What time it is in a live process: drill time as the director's clock says, link time since the
//! process began, and the wall.

use std::time::{Duration, Instant, SystemTime};

use agents::Now;
use protocol::{ClockState, DrillClock, Moment, Wall};

/// The clocks of one process.
#[derive(Clone, Debug)]
pub(crate) struct Clocks {
    began: Instant,
    drill: Drill,
    /// How far the wall clock is set wrong, milliseconds.
    wall_offset: i64,
}

#[derive(Clone, Debug)]
enum Drill {
    /// No drill: the wall clock as it stood when the process began, and monotonic from there. A clock
    /// that is set while the office runs moves no deadline.
    Wall(Moment),
    /// A drill whose clock was not heard yet.
    Silent,
    /// As last told.
    Told { clock: DrillClock, at: Moment },
}

impl Clocks {
    /// Clocks of a drill, which stand until the director's clock is heard.
    pub(crate) fn of_a_drill(began: Instant) -> Self {
        Self {
            began,
            drill: Drill::Silent,
            wall_offset: 0,
        }
    }

    /// Clocks of an office on duty, whose time nobody directs.
    pub(crate) fn of_the_wall(began: Instant) -> Self {
        let passed = Moment(micros(began.elapsed()));
        let began_at = Moment(wall_us().saturating_sub(passed.0));
        Self {
            began,
            drill: Drill::Wall(began_at),
            wall_offset: 0,
        }
    }

    /// The same with a wall clock that is so many seconds ahead of the machine's, or behind it.
    #[must_use]
    pub(crate) fn wrong_by(self, seconds: i64) -> Self {
        Self {
            wall_offset: seconds.saturating_mul(1_000),
            ..self
        }
    }

    /// Hears the director's clock; an older one changes nothing. Says whether it was news.
    pub(crate) fn hear(&mut self, clock: &DrillClock) -> bool {
        let known = match &self.drill {
            Drill::Wall(_) => return false,
            Drill::Silent => None,
            Drill::Told { clock, .. } => Some(clock.revision),
        };
        if known.is_some_and(|known| known >= clock.revision) {
            return false;
        }
        self.drill = Drill::Told {
            clock: clock.clone(),
            at: self.link(),
        };
        true
    }

    /// The time.
    pub(crate) fn now(&self) -> Now {
        let link = self.link();
        let drill = match &self.drill {
            Drill::Wall(began) => Moment(began.0.saturating_add(link.0)),
            Drill::Silent => Moment(0),
            Drill::Told { clock, at } => drill_time(clock, *at, link),
        };
        Now {
            drill,
            link,
            wall: Wall((wall_us() / 1_000).saturating_add_signed(self.wall_offset)),
        }
    }

    /// Whether the director has stopped the clock for good.
    pub(crate) fn stopped(&self) -> bool {
        matches!(&self.drill, Drill::Told { clock, .. } if clock.state == ClockState::Stopped)
    }

    /// How long until a drill time; `None` while drill time stands.
    pub(crate) fn until(&self, drill: Moment) -> Option<Duration> {
        let left = drill.since(self.now().drill).0;
        match &self.drill {
            Drill::Wall(_) => Some(Duration::from_micros(left)),
            Drill::Told { clock, .. } if clock.state == ClockState::Started => {
                let permille = clock.speed_permille.max(1);
                Some(Duration::from_micros(
                    left.saturating_mul(1_000).div_ceil(permille),
                ))
            }
            Drill::Silent | Drill::Told { .. } => None,
        }
    }

    /// How long until a link time.
    pub(crate) fn until_link(&self, link: Moment) -> Duration {
        Duration::from_micros(link.since(self.link()).0)
    }

    fn link(&self) -> Moment {
        Moment(micros(self.began.elapsed()))
    }
}

fn drill_time(clock: &DrillClock, at: Moment, link: Moment) -> Moment {
    if clock.state != ClockState::Started {
        return clock.now;
    }
    let passed = u128::from(link.since(at).0) * u128::from(clock.speed_permille) / 1_000;
    Moment(
        clock
            .now
            .0
            .saturating_add(u64::try_from(passed).unwrap_or(u64::MAX)),
    )
}

/// The machine's wall clock, microseconds since 1970.
pub(crate) fn wall_us() -> u64 {
    let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since_epoch.map_or(0, micros)
}

fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(state: ClockState, revision: u64) -> DrillClock {
        let title = String::new();
        DrillClock {
            state,
            now: Moment(1_000_000),
            speed_permille: 60_000,
            revision,
            title,
        }
    }

    #[test]
    fn drill_time_runs_at_its_speed_and_stands_when_paused() {
        let told = clock(ClockState::Started, 1);
        assert_eq!(
            drill_time(&told, Moment(0), Moment(2_000_000)),
            Moment(121_000_000)
        );
        let paused = clock(ClockState::Paused, 2);
        assert_eq!(
            drill_time(&paused, Moment(0), Moment(2_000_000)),
            Moment(1_000_000)
        );
    }

    #[test]
    fn a_wall_clock_set_wrong_is_wrong_by_that_much_and_moves_no_other_time() {
        let right = Clocks::of_a_drill(Instant::now());
        let wrong = right.clone().wrong_by(-3_600);
        let (told, real) = (wrong.now(), right.now());
        assert!((3_500_000..=3_600_000).contains(&(real.wall.0 - told.wall.0)));
        assert_eq!(told.drill, real.drill);
        assert!(told.link <= real.link);
    }

    #[test]
    fn an_office_on_duty_goes_by_the_wall_clock_and_obeys_no_director() {
        let mut clocks = Clocks::of_the_wall(Instant::now());
        let now = clocks.now();
        assert!(now.drill.0.abs_diff(now.wall.0 * 1_000) < 1_000_000);
        assert!(!clocks.hear(&clock(ClockState::Paused, 1)) && !clocks.stopped());
        assert!(clocks.now().drill >= now.drill);
        let due = clocks.until(now.drill + protocol::Span::seconds(60));
        assert!(due.is_some_and(|due| due <= Duration::from_secs(60)));
    }

    #[test]
    fn an_older_clock_changes_nothing() {
        let mut clocks = Clocks::of_a_drill(Instant::now());
        assert!(clocks.hear(&clock(ClockState::Paused, 3)));
        assert!(!clocks.hear(&clock(ClockState::Started, 2)));
        assert!(!clocks.stopped());
        assert_eq!(clocks.now().drill, Moment(1_000_000));
        assert!(clocks.hear(&clock(ClockState::Stopped, 4)) && clocks.stopped());
    }
}
