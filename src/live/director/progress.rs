//! Progress of a free-running drill, a line each time the clock is told.

use protocol::{Civil, ClockState};

use super::Director;

/// Where progress goes.
pub(crate) enum Progress {
    /// Lines on standard error, each so often.
    Lines(std::time::Instant),
    /// Nowhere: a dashboard is there.
    Silent,
}

/// What the clock does, in a word.
fn in_words(state: ClockState) -> &'static str {
    match state {
        ClockState::Initialised => "not begun",
        ClockState::Started => "running",
        ClockState::Paused => "paused",
        ClockState::Stopped => "over",
    }
}

impl Director {
    /// Says a line of its own, if lines are said at all.
    pub(super) fn tell(&self, line: &str) {
        if matches!(self.progress, Progress::Lines(_)) {
            crate::drill::progress(line);
        }
    }

    pub(super) fn say_progress(&mut self) {
        let Progress::Lines(began) = &self.progress else {
            return;
        };
        let scenario = self.stage.drill.scenario();
        let tally = self.judge.tally();
        let now = self.clocks.now().drill;
        let line = format!(
            "[{:>4}s] {} {}  {}, {} served, {} aid commitments, {} envelopes{}{}",
            began.elapsed().as_secs(),
            Civil::at(now, scenario.offset_min).clock(),
            in_words(self.clock.state),
            tally.incidents_told(),
            tally.served,
            tally.aid_commits,
            tally.envelopes,
            self.refusals
                .told()
                .map_or_else(String::new, |told| format!(", {told}")),
            self.away_now().unwrap_or_else(|| self.pace_now()),
        );
        crate::drill::progress(&line);
    }

    /// That the bus is gone, at the end of a line; none if it is there.
    fn away_now(&self) -> Option<String> {
        let gone = self.away.values().min()?.elapsed().as_secs();
        Some(format!(", the bus is gone for {gone} s"))
    }
}
