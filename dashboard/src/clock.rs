//! Drill time on the screen: between two messages of the director it runs on at the stated speed.

use protocol::{Civil, ClockState, DrillClock, Moment, Span};

/// The drill clock as last heard, and when that was in link time.
#[derive(Clone, Debug)]
pub(crate) struct ClockReading {
    clock: DrillClock,
    heard_at: Moment,
}

impl ClockReading {
    pub(crate) fn new(clock: DrillClock, heard_at: Moment) -> Self {
        Self { clock, heard_at }
    }

    /// Takes a later word of the director; an older one is ignored.
    pub(crate) fn hear(&mut self, clock: DrillClock, heard_at: Moment) {
        if clock.revision >= self.clock.revision {
            *self = Self { clock, heard_at };
        }
    }

    pub(crate) fn state(&self) -> ClockState {
        self.clock.state
    }

    pub(crate) fn title(&self) -> &str {
        &self.clock.title
    }

    pub(crate) fn speed_permille(&self) -> u64 {
        self.clock.speed_permille
    }

    /// Drill time now.
    pub(crate) fn now(&self, link: Moment) -> Moment {
        if self.clock.state != ClockState::Started {
            return self.clock.now;
        }
        let passed = u128::from(link.since(self.heard_at).0);
        let ran = passed * u128::from(self.clock.speed_permille) / 1_000;
        self.clock.now + Span(u64::try_from(ran).unwrap_or(u64::MAX))
    }

    /// The speed as people say it: `x4`, `x0.5`.
    pub(crate) fn speed(&self) -> String {
        times(self.clock.speed_permille)
    }
}

/// A speed as people say it.
pub(crate) fn times(permille: u64) -> String {
    if permille.is_multiple_of(1_000) {
        format!("x{}", permille / 1_000)
    } else {
        format!("x{}.{:02}", permille / 1_000, permille % 1_000 / 10)
    }
}

/// The speeds that the keys step through, drill seconds in a thousand link seconds.
const SPEEDS: [u64; 10] = [
    250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000,
];

/// The next greater speed; the greatest stays.
pub(crate) fn faster(permille: u64) -> u64 {
    let next = SPEEDS.iter().find(|speed| **speed > permille);
    next.copied().unwrap_or(permille)
}

/// The next smaller speed; the least stays.
pub(crate) fn slower(permille: u64) -> u64 {
    let next = SPEEDS.iter().rev().find(|speed| **speed < permille);
    next.copied().unwrap_or(permille)
}

/// Date and time of day: `09-16 14:05:07`.
pub(crate) fn date_and_time(moment: Moment, offset_min: i16) -> String {
    let at = Civil::at(moment, offset_min);
    format!(
        "{:02}-{:02} {:02}:{:02}:{:02}",
        at.month, at.day, at.hour, at.minute, at.second
    )
}

/// Time of day: `14:05:07`.
pub(crate) fn time_of_day(moment: Moment, offset_min: i16) -> String {
    let at = Civil::at(moment, offset_min);
    format!("{:02}:{:02}:{:02}", at.hour, at.minute, at.second)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(state: ClockState, speed_permille: u64, revision: u64) -> DrillClock {
        DrillClock {
            state,
            now: Moment(1_000_000_000),
            speed_permille,
            revision,
            title: "台风".into(),
        }
    }

    #[test]
    fn time_runs_on_at_the_speed_and_stands_while_paused() {
        let heard = Moment(5_000_000);
        let later = heard + Span::seconds(10);
        let running = ClockReading::new(reading(ClockState::Started, 4_000, 1), heard);
        assert_eq!(
            running.now(later).since(running.now(heard)),
            Span::seconds(40)
        );
        let standing = ClockReading::new(reading(ClockState::Paused, 4_000, 1), heard);
        assert_eq!(standing.now(later), standing.now(heard));
    }

    #[test]
    fn an_older_word_of_the_director_is_ignored() {
        let mut clock = ClockReading::new(reading(ClockState::Paused, 1_000, 7), Moment(0));
        clock.hear(reading(ClockState::Started, 1_000, 6), Moment(9));
        assert_eq!(clock.state(), ClockState::Paused);
    }

    #[test]
    fn speeds_step_up_and_down_and_end() {
        assert_eq!(faster(1_000), 2_000);
        assert_eq!(slower(1_000), 500);
        assert_eq!(faster(60_000), 64_000);
        assert_eq!(faster(128_000), 128_000);
        assert_eq!(slower(250), 250);
    }
}
