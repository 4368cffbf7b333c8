//! How far a holder has a log: one short text a log, for every holder says it of every log each
//! minute, and those texts were two fifths of all bytes of a quiet hour.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::envelope::LogKey;
use crate::hash::{Digits, Hash, unhex};
use crate::label::{Label, split_first};
use crate::text::sanitise;

/// The first 16 bytes of a hash: enough to tell whether two holders have the same entry, which is all
/// that it is for. What is believed of an entry rests on its whole hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashMark([u8; 16]);

impl Hash {
    /// Its mark.
    pub fn mark(&self) -> HashMark {
        let (first, _) = self.0.as_chunks::<16>();
        HashMark(first[0])
    }
}

/// A durable prefix of a log, written `440400/1-9f86d081884c7d65 1042 30277d0cb0605b5909539baac58fc734`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Prefix {
    /// The log.
    pub log: LogKey,
    /// The last entry without a gap before it.
    pub seq: u64,
    /// The mark of that entry's hash.
    pub head: HashMark,
}

/// Why a text names no prefix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is no prefix of a log; one is LOG NUMBER MARK, a mark being 32 hexadecimal digits"
)]
pub struct PrefixError(String);

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label().as_str())
    }
}

impl fmt::Debug for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Prefix {
    fn label(&self) -> Label {
        let log = self.log.label().then(" ").number(self.seq).then(" ");
        log.then(Digits::of(&self.head.0).as_str())
    }
}

impl FromStr for Prefix {
    type Err = PrefixError;

    fn from_str(text: &str) -> Result<Self, PrefixError> {
        let wrong = || PrefixError(sanitise(text, 60));
        let (log, rest) = split_first(text, b' ').ok_or_else(wrong)?;
        let (seq, head) = split_first(rest, b' ').ok_or_else(wrong)?;
        Ok(Self {
            log: log.parse().map_err(|_| wrong())?,
            seq: seq.parse().map_err(|_| wrong())?,
            head: HashMark(unhex(head).map_err(|_| wrong())?),
        })
    }
}

impl Serialize for Prefix {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.label().as_str())
    }
}

impl<'de> Deserialize<'de> for Prefix {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::text::read(deserializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_reads_back_and_a_part_of_one_does_not() {
        let log = "a2345678901234567890/4294967295-ffffffffffffffff";
        for seq in [1, u64::MAX] {
            let text = format!("{log} {seq} {}", &Hash::of(b"it").to_string()[..32]);
            let prefix: Prefix = text.parse().unwrap();
            assert_eq!(prefix.to_string(), text);
            assert_eq!(prefix.head, Hash::of(b"it").mark());
            assert_ne!(prefix.head, Hash::of(b"another").mark());
        }
        for text in ["", log, &format!("{log} 7"), &format!("{log} 7 00"), "a 7 "] {
            assert!(text.parse::<Prefix>().is_err(), "{text}");
        }
    }
}
