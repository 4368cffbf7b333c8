//! Drill time on the screen: between two messages of the director it runs on at the stated speed.

use protocol::{Civil, ClockState, DrillClock, Moment, Span};

/// How long an answer of the director may take before a key steps from what was heard again.
const ANSWERED_WITHIN: Span = Span::seconds(2);

/// The drill clock as last heard, and when that was in link time.
#[derive(Clone, Debug)]
pub(crate) struct ClockReading {
    clock: DrillClock,
    heard_at: Moment,
    /// The speed that was heard first, which the keys lead back to.
    first_speed_permille: u64,
    /// The speed that was asked for last, and when in link time: a key pressed again before the
    /// director has answered steps on from there.
    asked: Option<(u64, Moment)>,
}

impl ClockReading {
    pub(crate) fn new(clock: DrillClock, heard_at: Moment) -> Self {
        Self {
            first_speed_permille: clock.speed_permille,
            clock,
            heard_at,
            asked: None,
        }
    }

    /// Takes a later word of the director; an older one is ignored.
    pub(crate) fn hear(&mut self, clock: DrillClock, heard_at: Moment) {
        if clock.revision >= self.clock.revision {
            self.clock = clock;
            self.heard_at = heard_at;
        }
    }

    pub(crate) fn state(&self) -> ClockState {
        self.clock.state
    }

    pub(crate) fn title(&self) -> &str {
        &self.clock.title
    }

    /// Whether a drill second is a second.
    pub(crate) fn is_real_time(&self) -> bool {
        self.clock.speed_permille == 1_000
    }

    /// A speed is asked for.
    pub(crate) fn ask(&mut self, speed_permille: u64, link: Moment) {
        self.asked = Some((speed_permille, link));
    }

    /// The speed that a key steps from.
    fn stepped_from(&self, link: Moment) -> u64 {
        let fresh = |(_, at): &(u64, Moment)| link.since(*at) < ANSWERED_WITHIN;
        let asked = self.asked.filter(fresh);
        asked.map_or(self.clock.speed_permille, |(speed, _)| speed)
    }

    /// The next greater speed; the greatest stays.
    pub(crate) fn faster(&self, link: Moment) -> u64 {
        let speed = self.stepped_from(link);
        let greater = self.steps().filter(|step| *step > speed);
        greater.min().unwrap_or(speed)
    }

    /// The next smaller speed; the least stays.
    pub(crate) fn slower(&self, link: Moment) -> u64 {
        let speed = self.stepped_from(link);
        let smaller = self.steps().filter(|step| *step < speed);
        smaller.max().unwrap_or(speed)
    }

    fn steps(&self) -> impl Iterator<Item = u64> {
        SPEEDS.into_iter().chain([self.first_speed_permille])
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
///
/// The speeds at which drills are usually started, so that a step away from one leads back to it;
/// at the greatest an hour takes a second.
const SPEEDS: [u64; 14] = [
    250, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 60_000, 120_000, 300_000, 600_000, 1_200_000,
    2_400_000, 3_600_000,
];

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
        let at = |permille| ClockReading::new(reading(ClockState::Started, permille, 1), Moment(0));
        assert_eq!(at(1_000).faster(Moment(0)), 2_000);
        assert_eq!(at(1_000).slower(Moment(0)), 500);
        assert_eq!(at(60_000).faster(Moment(0)), 120_000);
        assert_eq!(at(120_000).slower(Moment(0)), 60_000);
        assert_eq!(at(3_600_000).faster(Moment(0)), 3_600_000);
        assert_eq!(at(250).slower(Moment(0)), 250);
    }

    #[test]
    fn a_step_away_from_any_first_speed_leads_back_to_it() {
        let mut clock = ClockReading::new(reading(ClockState::Started, 45_000, 1), Moment(0));
        let faster = clock.faster(Moment(0));
        assert_eq!(faster, 60_000);
        clock.hear(reading(ClockState::Started, faster, 2), Moment(0));
        assert_eq!(clock.slower(Moment(0)), 45_000);
    }

    #[test]
    fn keys_pressed_before_the_director_answers_step_on() {
        let mut clock = ClockReading::new(reading(ClockState::Started, 1_000, 1), Moment(0));
        let second = |n| Moment(0) + Span::seconds(n);
        clock.ask(clock.faster(second(5)), second(5));
        assert_eq!(clock.faster(second(5)), 5_000);
        // An answer that never came is waited for no longer.
        assert_eq!(clock.faster(second(9)), 2_000);
    }
}
