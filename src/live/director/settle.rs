//! The end of a free-running drill: the clock stands, and all offices come to hold the same.

use std::time::Duration;

use super::{Director, SAY};
use crate::failure::Failure;
use crate::live::lines::Spoiled;

/// How long the offices may take to converge after the end: an office apart says what it holds once
/// a minute.
pub(crate) const CONVERGE: Duration = Duration::from_secs(150);

/// How long a cluster may take to hear the director again at the end: one that elects on a busy machine
/// grants what is subscribed after up to a minute. A lone broker that is gone elects nobody.
const ELECTED: Duration = Duration::from_secs(60);

/// How often convergence is looked at.
const LOOK: Duration = Duration::from_millis(200);

impl Director {
    /// Waits until all offices hold the same, with the clock standing.
    pub(super) async fn settle(&mut self) -> Result<bool, Failure> {
        let mut look = tokio::time::interval(LOOK);
        let mut before = None;
        let began = tokio::time::Instant::now();
        let mut say = tokio::time::interval_at(began + SAY, SAY);
        loop {
            tokio::select! {
                event = self.wires.recv() => if let Some((bus, event)) = event {
                    self.linked(bus, event)?;
                },
                Some((at, seen)) = self.seen.recv() => self.saw(at, seen),
                _ = look.tick() => {
                    let mut accounts = Vec::new();
                    for handle in self.handles.values() {
                        accounts.push(handle.account().await);
                    }
                    let spoiled = accounts.iter().flatten().map(|account| account.spoiled);
                    self.spoiled = spoiled.fold(Spoiled::default(), Spoiled::and);
                    self.write_lines()?;
                    let same = accounts.windows(2).all(|pair| match (&pair[0], &pair[1]) {
                        (Some(a), Some(b)) => a.holds == b.holds,
                        _ => false,
                    });
                    let here = accounts.first().cloned().flatten().map(|account| account.holds);
                    // Twice the same in a row: nothing is in flight any more.
                    let still = same && before == here;
                    if still
                        && here
                            .as_ref()
                            .is_some_and(|it| self.apart.values().all(|apart| apart.holds_all(it)))
                        && !self.is_elected_soon(began.elapsed())
                        && self.pictures_are_equal().await
                    {
                        return Ok(true);
                    }
                    before = here;
                    if began.elapsed() >= CONVERGE {
                        return Ok(false);
                    }
                }
                now = say.tick() => self.tell(&format!(
                    "waiting until all offices hold the same ({} s so far, at most {})",
                    (now - began).as_secs(),
                    CONVERGE.as_secs()
                )),
            }
        }
    }

    /// Whether the bus is gone and, being a cluster, about to be back.
    fn is_elected_soon(&self, waited: Duration) -> bool {
        let hosts = self.stage.buses.first().hosts().len();
        !self.away.is_empty() && hosts > 1 && waited < ELECTED
    }

    /// Asked only of offices that hold the same entries: a digest takes a whole picture in hand.
    async fn pictures_are_equal(&self) -> bool {
        let mut hashes = Vec::new();
        for handle in self.handles.values() {
            hashes.push(handle.hash().await);
        }
        hashes
            .windows(2)
            .all(|pair| pair[0].is_some() && pair[0] == pair[1])
    }
}
