//! Whether a client takes what it is told. To acknowledge is to take; to read is, where nothing is to be
//! acknowledged or more may be under way: a client that reads and acknowledges nothing stands still.

/// Messages that come while a client takes none, beyond which it stands still and nobody is held back for
/// it: it will be gone, or its session will end. It is far beyond what makes a client count as behind
/// (`BEHIND`), for a reader whose machine is busy takes nothing for seconds, and as long as those who
/// publish are held back for it a thousand come in a second from each of them.
pub(super) const STILL: usize = 40_000;

/// Their bytes.
pub(super) const STILL_BYTES: usize = 32 * 1024 * 1024;

/// What came since a client last took something.
#[derive(Debug, Default)]
pub(super) struct Uptake {
    messages: usize,
    bytes: usize,
}

impl Uptake {
    /// A message came.
    pub(super) fn came(&mut self, bytes: usize) {
        self.messages += 1;
        self.bytes += bytes;
    }

    /// The client took something.
    pub(super) fn took(&mut self) {
        *self = Self::default();
    }

    /// Whether the client takes nothing.
    pub(super) fn stands_still(&self) -> bool {
        self.messages > STILL || self.bytes > STILL_BYTES
    }
}
