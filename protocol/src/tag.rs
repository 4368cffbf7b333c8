//! Short ASCII names held in place.
//!
//! Every id on the bus is a handful of characters, so it is kept by value: ids are compared, copied
//! and ordered on every hot path, and none of that should touch the allocator.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::de::{Error as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::text::sanitise;

/// An ASCII name of 1 to `N` characters out of `A-Z a-z 0-9 _ . -`.
///
/// These are the characters that are safe in an MQTT topic level, in a client id, in a file name
/// and in a terminal. The order is that of the text.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tag<const N: usize> {
    bytes: [u8; N],
}

/// Why a text is no name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TagError {
    /// The text has no character or too many.
    #[error("\"{text}\" has {found} characters; a name has 1 to {limit}")]
    Length {
        /// The text, shortened.
        text: String,
        /// How many bytes it has.
        found: usize,
        /// How many it may have.
        limit: usize,
    },
    /// The text holds a character that names may not have.
    #[error("\"{text}\" holds {found:?}; a name is made of A-Z a-z 0-9 _ . -")]
    Character {
        /// The text.
        text: String,
        /// The first character that may not be there.
        found: char,
    },
}

impl<const N: usize> Tag<N> {
    /// Names are compared in words of four and eight characters.
    const WORDS: () = assert!(N.is_multiple_of(4), "a name's limit is a multiple of four");

    /// The name as text.
    pub fn as_str(&self) -> &str {
        let length = self.bytes.iter().position(|byte| *byte == 0).unwrap_or(N);
        str::from_utf8(&self.bytes[..length]).expect("a tag holds ASCII alone, checked when made")
    }
}

/// Whether a name may hold this.
const fn allowed(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}

impl<const N: usize> FromStr for Tag<N> {
    type Err = TagError;

    fn from_str(text: &str) -> Result<Self, TagError> {
        let () = Self::WORDS;
        if text.is_empty() || text.len() > N {
            let short = sanitise(text, 40);
            return Err(TagError::Length {
                text: short,
                found: text.len(),
                limit: N,
            });
        }
        // A look at each byte, without a branch, tells that all is well, as it nearly always is.
        let foreign = text.bytes().fold(false, |any, byte| any | !allowed(byte));
        if foreign {
            let found = text.chars().find(|c| !u8::try_from(*c).is_ok_and(allowed));
            return Err(TagError::Character {
                text: sanitise(text, N),
                found: found.unwrap_or(char::REPLACEMENT_CHARACTER),
            });
        }
        let mut bytes = [0; N];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        Ok(Self { bytes })
    }
}

impl<const N: usize> Ord for Tag<N> {
    /// Eight characters at a time: every map of the house is keyed by names, and a call to compare
    /// twenty bytes costs more than the rest of a look-up.
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        let (ours, rest) = self.bytes.as_chunks::<8>();
        let (theirs, other_rest) = other.bytes.as_chunks::<8>();
        for (our, their) in ours.iter().zip(theirs) {
            let order = u64::from_be_bytes(*our).cmp(&u64::from_be_bytes(*their));
            if order != Ordering::Equal {
                return order;
            }
        }
        let (rest, _) = rest.as_chunks::<4>();
        let (other_rest, _) = other_rest.as_chunks::<4>();
        let four = |rest: &[[u8; 4]]| rest.first().map(|four| u32::from_be_bytes(*four));
        four(rest).cmp(&four(other_rest))
    }
}

impl<const N: usize> PartialOrd for Tag<N> {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<const N: usize> fmt::Display for Tag<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl<const N: usize> fmt::Debug for Tag<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<const N: usize> Serialize for Tag<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de, const N: usize> Deserialize<'de> for Tag<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name<const N: usize>;
        impl<const N: usize> Visitor<'_> for Name<N> {
            type Value = Tag<N>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a name of 1 to {N} characters")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Tag<N>, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer
            .deserialize_str(Name::<N>)
            .map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_text_and_order() {
        let short: Tag<8> = "ab".parse().unwrap();
        let long: Tag<8> = "ab-1".parse().unwrap();
        assert_eq!(long.as_str(), "ab-1");
        assert!(short < long);
    }

    #[test]
    fn a_name_with_a_wildcard_a_space_or_too_many_letters_is_refused() {
        assert!("a+b".parse::<Tag<8>>().is_err());
        assert!("a b".parse::<Tag<8>>().is_err());
        assert!("应急".parse::<Tag<8>>().is_err());
        assert!("abcdefghi".parse::<Tag<8>>().is_err());
        assert!("".parse::<Tag<8>>().is_err());
    }
}
