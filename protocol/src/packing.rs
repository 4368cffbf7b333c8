//! A long text made short for a slow line: deflated, and written in the 64 signs of RFC 4648, which
//! JSON leaves alone.
//!
//! A state says the same names thousands of times; packed it takes an eighth. What comes in is no more
//! than its limit when it is unpacked, whatever it claims to be.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;

use crate::limit;

/// How hard it is tried: what comes of trying harder is a twentieth shorter.
const EFFORT: u8 = 6;

/// Packs a text.
pub fn pack(text: &str) -> String {
    STANDARD_NO_PAD.encode(compress_to_vec(text.as_bytes(), EFFORT))
}

/// Unpacks what [`pack`] made; `None` if it made no such thing, or if it is longer than
/// [`limit::STATE_BYTES`].
pub fn unpack(packed: &str) -> Option<String> {
    let bytes = STANDARD_NO_PAD.decode(packed).ok()?;
    let text = decompress_to_vec_with_limit(&bytes, limit::STATE_BYTES).ok()?;
    String::from_utf8(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_is_unpacked_whatever_its_length() {
        for length in [0, 1, 2, 3, 4, 5, 1_000, 100_000] {
            let text: String = "消防站 fire station "
                .chars()
                .cycle()
                .take(length)
                .collect();
            assert_eq!(unpack(&pack(&text)).as_deref(), Some(&*text), "{length}");
        }
    }

    #[test]
    fn a_text_that_says_the_same_often_takes_a_small_part_of_its_length() {
        let text = r#"{"incident":"990100-1-1","state":"available"}"#.repeat(1_000);
        assert!(pack(&text).len() * 20 < text.len());
    }

    #[test]
    fn what_nobody_packed_is_refused() {
        for wrong in ["!", "A", "AAAA*", "/////////", "=", "消防站"] {
            assert_eq!(unpack(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_swells_beyond_its_limit_is_refused() {
        let bomb = pack(&"0".repeat(limit::STATE_BYTES + 1));
        assert!(bomb.len() < limit::STATE_BYTES / 100);
        assert_eq!(unpack(&bomb), None);
    }
}
