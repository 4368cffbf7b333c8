//! How many lines the log gets of clients that do what none may. Strangers decide how many of those there
//! are, and a disk full of lines about them may be what they are after; all are counted below `$SYS`.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::unpoisoned;

/// Lines within [`WITHIN`].
pub(super) const LINES: u32 = 60;
const WITHIN: Duration = Duration::from_secs(60);

/// What was told of late, and what was not.
#[derive(Debug, Default)]
pub(super) struct Telling(Mutex<Window>);

#[derive(Debug, Default)]
struct Window {
    since: Option<Instant>,
    told: u32,
    untold: u64,
}

impl Telling {
    /// Whether one more is told, and of how many before it nothing was.
    pub(super) fn one_more(&self, now: Instant) -> Option<u64> {
        let mut window = unpoisoned(&self.0);
        if window
            .since
            .is_none_or(|since| now.duration_since(since) >= WITHIN)
        {
            (window.since, window.told) = (Some(now), 0);
        }
        if window.told == LINES {
            window.untold += 1;
            return None;
        }
        window.told += 1;
        Some(std::mem::take(&mut window.untold))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_of_strangers_gets_sixty_lines_a_minute_and_the_next_says_how_many_got_none() {
        let telling = Telling::default();
        let start = Instant::now();
        let told = |count: u32, at: Instant| {
            let lines = (0..count).filter_map(|_| telling.one_more(at));
            lines.collect::<Vec<u64>>()
        };
        assert_eq!(told(1_000, start), vec![0; 60]);
        assert_eq!(told(2, start + WITHIN), [940, 0]);
    }
}
