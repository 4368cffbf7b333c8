//! Offices that run as processes of their own: what they last said, and whether a drill waits for them.

use std::collections::BTreeMap;

use protocol::{Digest, Hash, LogKey};

/// An office that runs elsewhere.
#[derive(Debug)]
pub(super) struct Apart {
    /// Whether it takes part by invitation, and so comes and goes as it likes.
    guest: bool,
    /// Whether it is there, as it or its bus last said.
    there: bool,
    /// What it last said that it holds.
    holds: Option<Digest>,
}

impl Apart {
    pub(super) fn new(guest: bool) -> Self {
        Self {
            guest,
            there: false,
            holds: None,
        }
    }

    /// Whether a drill begins only when it has come.
    pub(super) fn is_awaited(&self) -> bool {
        !self.guest
    }

    /// It or its bus has said whether it is there; what the people who conduct the drill are told of that.
    pub(super) fn present(&mut self, online: bool) -> Option<&'static str> {
        let changed = std::mem::replace(&mut self.there, online) != online;
        (changed && self.guest).then_some(if online { "has come" } else { "has left" })
    }

    /// It has said what it holds.
    pub(super) fn said(&mut self, holds: &Digest) {
        self.holds = Some(holds.clone());
    }

    /// Whether it has said that it holds all of this on its disk. A guest that is not there is not asked.
    pub(super) fn holds_all(&self, version: &BTreeMap<LogKey, (u64, Hash)>) -> bool {
        if self.guest && !self.there {
            return true;
        }
        let said = |log: &LogKey, entry: &(u64, Hash)| {
            let logs = self.holds.iter().flat_map(|digest| &digest.logs);
            let mut own = logs.filter(|held| held.log.author == log.author);
            let held = own.clone().find(|held| held.log == *log);
            // A snapshot of a later life may stand for it.
            held.map_or_else(
                || own.any(|held| held.log > *log),
                |held| (held.seq, held.head) == (entry.0, entry.1.mark()),
            )
        };
        version.iter().all(|(log, entry)| said(log, entry))
    }
}
