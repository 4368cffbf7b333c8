//! What a client says to the gate: it is read as the standard has it, or refused in words.

use super::Verdict;
use super::terms::assert_shows;

/// Reads the bytes as all that one connection says.
pub fn mqtt(bytes: &[u8]) -> Verdict {
    let heard = broker::assert_codec(bytes);
    match heard.refusal {
        Some(refusal) => {
            assert_shows(&refusal);
            Verdict::Refused
        }
        None if heard.packets == 0 => Verdict::Refused,
        None => Verdict::Accepted,
    }
}
