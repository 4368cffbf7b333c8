//! What the director hears of the world: it is judged, and what truly happened is recorded.

use protocol::Moment;

use super::Director;
use crate::live::witness::Seen;

impl Director {
    pub(super) fn saw(&mut self, at: Moment, seen: Seen) {
        seen.judge(at, &mut self.judge);
        if let Seen::Happened(truth) = seen {
            self.recorder.truth(at, truth.clone());
            self.happened.push(truth);
        }
    }

    /// What the world saw and nobody has looked at yet.
    pub(super) fn hear_the_world_out(&mut self) {
        while let Ok((at, seen)) = self.seen.try_recv() {
            self.saw(at, seen);
        }
    }
}
