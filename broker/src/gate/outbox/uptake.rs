//! Whether a client takes what it is told. To acknowledge is to take; to read is, where nothing is to be
//! acknowledged or more may be under way: a client that reads and acknowledges nothing stands still.

/// Messages that come while a client takes none, beyond which it stands still and nobody is held back for
/// it: it will be gone, or its session will end. One that reads takes some of each few hundred.
const STILL: usize = 5_000;

/// Their bytes.
const STILL_BYTES: usize = 4 * 1024 * 1024;

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
