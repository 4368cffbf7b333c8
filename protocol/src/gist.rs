//! What a command asks, in four bytes: enough to tell whether two under one id ask the same.

use serde::{Deserialize, Serialize};

use crate::hash::Hash;

/// The first four bytes of the digest of what a command asks.
///
/// They tell a slip of the pen, one in four thousand million excepted. Whoever would mislead an office
/// on purpose has to be its operator first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Gist(u32);

impl Gist {
    /// The gist of this text.
    pub fn of(text: &str) -> Self {
        let [a, b, c, d, ..] = Hash::of(text.as_bytes()).0;
        Self(u32::from_be_bytes([a, b, c, d]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_has_one_gist_and_another_text_another() {
        assert_eq!(Gist::of("first words"), Gist::of("first words"));
        assert_ne!(Gist::of("first words"), Gist::of("other words"));
    }
}
