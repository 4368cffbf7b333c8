//! What a message says, in short: by it one that is sent again is told from another under its packet id.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::codec::packet::Message;

/// What a message says, in eight bytes: a client may leave many unreleased, and each may be large. Two that
/// differ have one of them by chance once in 2⁶⁴ times; a client that looks for such two fools itself alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gist(u64);

impl Gist {
    pub(super) fn of(message: &Message) -> Self {
        let mut hasher = DefaultHasher::new();
        (message.bytes(), message.retain()).hash(&mut hasher);
        Self(hasher.finish())
    }
}
