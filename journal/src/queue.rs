//! Envelopes that wait for the disk, gathered so that one commit serves all of them.
//!
//! The thread that drives it belongs to the caller: it takes what has come in, pushes it, flushes,
//! and reports the ticket.

use std::sync::Arc;

use protocol::Envelope;

use crate::base::Base;
use crate::error::JournalError;
use crate::store::Journal;

/// Numbers what was handed to the disk, counting up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticket(pub u64);

/// What is not recorded yet, in the order in which it came.
#[derive(Debug, Default)]
pub struct Queue {
    waiting: Vec<Waiting>,
    highest: Option<Ticket>,
    bytes: usize,
}

#[derive(Debug)]
enum Waiting {
    Entry(Arc<Envelope>),
    Base(Box<Base>),
}

impl Queue {
    /// Puts an envelope at the end.
    pub fn push(&mut self, ticket: Ticket, envelope: Arc<Envelope>) {
        self.bytes += envelope.line().len();
        self.put(ticket, Waiting::Entry(envelope));
    }

    /// Puts a snapshot that was recorded like any other entry, with its state: a boot may begin there.
    /// Nobody waits for it.
    pub fn push_mark(&mut self, base: Base) {
        self.bytes += base.state.len();
        self.waiting.push(Waiting::Base(Box::new(base)));
    }

    /// Puts a snapshot that its log begins with at the end.
    pub fn push_base(&mut self, ticket: Ticket, base: Base) {
        self.bytes += base.entry.line().len() + base.state.len();
        self.put(ticket, Waiting::Base(Box::new(base)));
    }

    fn put(&mut self, ticket: Ticket, waiting: Waiting) {
        self.waiting.push(waiting);
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

    /// Records all that wait, in one commit if no base is among them, and gives the highest ticket;
    /// `None` if none waited.
    ///
    /// After an error all of them wait on, so that flushing again after one that
    /// [is passing](JournalError::is_passing) loses nothing: what was recorded is passed over then.
    pub fn flush(&mut self, journal: &mut Journal) -> Result<Option<Ticket>, JournalError> {
        for run in self
            .waiting
            .chunk_by(|one, next| one.is_entry() && next.is_entry())
        {
            match run {
                [Waiting::Base(base)] => journal.begin_at(base)?,
                _ => journal.append_all(run.iter().filter_map(Waiting::entry))?,
            }
        }
        self.waiting.clear();
        self.bytes = 0;
        Ok(self.highest.take())
    }
}

impl Waiting {
    fn is_entry(&self) -> bool {
        matches!(self, Self::Entry(_))
    }

    fn entry(&self) -> Option<Arc<Envelope>> {
        match self {
            Self::Entry(envelope) => Some(Arc::clone(envelope)),
            Self::Base(_) => None,
        }
    }
}
