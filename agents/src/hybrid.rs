//! Hybrid time: entries of ours come after what we had read when we wrote them, whatever clocks show.
//!
//! It orders what people are shown and decides nothing (R20). A clock that is far ahead would drag all
//! others with it, so its entries are taken and its time is not.

use std::sync::Arc;

use protocol::{Envelope, Span, Wall};

use crate::office::{Office, Turn};

/// How far ahead of ours a clock may be that we follow (replication.md, Clocks).
const AHEAD_MAX: Span = Span::seconds(60);

/// The hybrid time that a wall clock shows: 48 bits of milliseconds, 16 of counter.
pub(crate) fn of_wall(wall: Wall) -> u64 {
    wall.0 << 16
}

impl Office {
    /// Reads the hybrid time of an entry of somebody else.
    pub(crate) fn hear_hybrid(&mut self, turn: &mut Turn, envelope: &Arc<Envelope>) {
        let header = envelope.header();
        if header.hlc <= self.hybrid {
            return;
        }
        let ahead = Wall(header.hlc >> 16).0.saturating_sub(turn.now.wall.0);
        if ahead <= AHEAD_MAX.0 / 1_000 {
            self.hybrid = header.hlc;
            return;
        }
        let seconds = ahead / 1_000;
        let author = header.log.author;
        self.hearing.refuse("R20");
        self.alarm_once(turn, ("R20", author), header.log, || {
            format!(
                "the clock of {author} is {seconds} s ahead of ours; its entries are taken, its time is \
                 not: look at both clocks"
            )
        });
    }
}
