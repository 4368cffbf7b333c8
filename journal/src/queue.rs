//! Envelopes that wait for the disk, gathered so that one commit serves all of them.
//!
//! The thread that drives it belongs to the caller: it takes what has come in, pushes it, flushes,
//! and reports the ticket.

use std::sync::Arc;

use protocol::Envelope;

use crate::error::JournalError;
use crate::store::Journal;

/// Numbers what was handed to the disk, counting up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// Envelopes that are not recorded yet, in the order in which they came.
#[derive(Debug, Default)]
pub struct Queue {
    waiting: Vec<Arc<Envelope>>,
    highest: Option<Ticket>,
    bytes: usize,
}

impl Queue {
    /// Puts an envelope at the end.
    pub fn push(&mut self, ticket: Ticket, envelope: Arc<Envelope>) {
        self.bytes += envelope.line().len();
        self.waiting.push(envelope);
        self.highest = self.highest.max(Some(ticket));
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Bytes of lines that wait, for a caller that bounds them.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Records all that wait in one commit and gives the highest ticket; `None` if none waited.
    ///
    /// After an error all of them wait on, so that flushing again after one that
    /// [is passing](JournalError::is_passing) loses nothing.
    pub fn flush(&mut self, journal: &mut Journal) -> Result<Option<Ticket>, JournalError> {
        journal.append_all(self.waiting.iter().map(Arc::clone))?;
        self.waiting.clear();
        self.bytes = 0;
        Ok(self.highest.take())
    }
}
