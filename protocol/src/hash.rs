//! BLAKE3 digests, written as hexadecimal.

use std::fmt;
use std::io::{self, BufWriter, Write};
use std::str::FromStr;

use serde::de::{Error as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A BLAKE3 digest of 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Hash(pub [u8; 32]);

/// Why a text is no hexadecimal of the right length.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} hexadecimal digits, found {found} characters or another sign")]
pub struct HexError {
    /// Digits wanted.
    pub expected: usize,
    /// Characters found.
    pub found: usize,
}

impl Hash {
    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(*blake3::hash(bytes).as_bytes())
    }

    /// The digest of what a value is as JSON, without the text ever standing in memory.
    ///
    /// The value must be plain data: all its keys textual, nothing that refuses to be written.
    pub fn of_json(value: &impl Serialize) -> Self {
        let mut hasher = BufWriter::with_capacity(HASHED_BYTES, Hasher(blake3::Hasher::new()));
        serde_json::to_writer(&mut hasher, value).expect("plain data becomes JSON");
        let hasher = hasher.into_inner().map_err(|_| "a hasher takes all");
        let Hasher(hasher) = hasher.expect("a hasher takes all that is written");
        Self(*hasher.finalize().as_bytes())
    }

    /// The first eight digits, enough for people to compare.
    pub fn short(&self) -> String {
        hex(&self.0[..4])
    }
}

/// How much of a text is hashed at a time: enough for the widest instructions.
const HASHED_BYTES: usize = 16_384;

/// Hashes what is written to it.
struct Hasher(blake3::Hasher);

impl Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Bytes as lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| DIGITS[usize::from(*byte)]);
    digits.map(char::from).collect()
}

/// Bytes of a hexadecimal text of exactly `2 * N` digits.
pub fn unhex<const N: usize>(text: &str) -> Result<[u8; N], HexError> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let mut bytes = [0; N];
    let mut signs = 0;
    for (byte, pair) in bytes.iter_mut().zip(pairs) {
        let [high, low] = pair.map(|digit| VALUES[usize::from(digit)]);
        signs |= high | low;
        *byte = high << 4 | low & 15;
    }
    if pairs.len() == N && rest.is_empty() && signs < 16 {
        Ok(bytes)
    } else {
        Err(HexError {
            expected: N * 2,
            found: text.chars().count(),
        })
    }
}

/// `N` bytes as lower-case hexadecimal, held in place.
pub(crate) struct Digits<const N: usize>([[u8; 2]; N]);

impl<const N: usize> Digits<N> {
    pub(crate) fn of(bytes: &[u8; N]) -> Self {
        Self(bytes.map(|byte| DIGITS[usize::from(byte)]))
    }

    pub(crate) fn as_str(&self) -> &str {
        str::from_utf8(self.0.as_flattened()).expect("hexadecimal digits are ASCII")
    }
}

/// The two digits of each byte.
static DIGITS: [[u8; 2]; 256] = {
    let signs = b"0123456789abcdef";
    let mut digits = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        digits[byte] = [signs[byte >> 4], signs[byte & 15]];
        byte += 1;
    }
    digits
};

/// What each sign is worth as a digit; 16 or more if it is none.
static VALUES: [u8; 256] = {
    let mut values = [255; 256];
    let mut value = 0;
    while value < 16 {
        let digit = b"0123456789abcdef"[value as usize];
        values[digit as usize] = value;
        values[digit.to_ascii_uppercase() as usize] = value;
        value += 1;
    }
    values
};

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Digits::of(&self.0).as_str())
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.short())
    }
}

impl FromStr for Hash {
    type Err = HexError;
    fn from_str(text: &str) -> Result<Self, HexError> {
        unhex(text).map(Self)
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(Digits::of(&self.0).as_str())
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_str(HexVisitor::<32>)
            .map(Self)
            .map_err(D::Error::custom)
    }
}

/// Reads a hexadecimal string of `N` bytes.
pub(crate) struct HexVisitor<const N: usize>;

impl<const N: usize> Visitor<'_> for HexVisitor<N> {
    type Value = [u8; N];
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} hexadecimal digits", N * 2)
    }
    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<[u8; N], E> {
        unhex(text).map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_reads_back_from_its_text() {
        let hash = Hash::of(b"liandong");
        assert_eq!(hash.to_string().parse::<Hash>().unwrap(), hash);
        assert!("zz".repeat(32).parse::<Hash>().is_err());
        assert!("00".parse::<Hash>().is_err());
    }

    #[test]
    fn a_value_has_the_digest_of_its_json() {
        let long: Vec<u32> = (0..20_000).collect();
        let json = serde_json::to_vec(&long).unwrap();
        assert_eq!(Hash::of_json(&long), Hash::of(&json));
    }

    #[test]
    fn every_byte_has_its_two_digits_and_nothing_else_is_a_digit() {
        for byte in 0..=255_u8 {
            assert_eq!(hex(&[byte]), format!("{byte:02x}"));
            assert_eq!(Digits::of(&[byte]).as_str(), hex(&[byte]));
            assert_eq!(unhex(&format!("{byte:02x}")), Ok([byte]));
            assert_eq!(unhex(&format!("{byte:02X}")), Ok([byte]));
            let sign = char::from(byte);
            let read = unhex::<1>(&format!("0{sign}"));
            assert_eq!(read.is_ok(), sign.is_ascii_hexdigit(), "{sign:?}");
        }
        for text in ["", "0", "000", "0g", "é"] {
            let found = text.chars().count();
            let expected = 2;
            assert_eq!(unhex::<1>(text), Err(HexError { expected, found }));
        }
    }
}
