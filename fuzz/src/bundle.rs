//! A bundle from a stick: no entry but what its author signed, and nobody's hand but who signed it.

use protocol::{BundleLine, BundleReader, Closing, Decoder, PartyId};

use super::Verdict;
use super::cast::{assert_signed, cast};
use super::line::assert_reads_again;
use super::terms::{assert_refusal, assert_shows};

/// Reads the bytes as the file of a bundle.
pub fn bundle(bytes: &[u8]) -> Verdict {
    let cast = cast();
    let mut parts = bytes.split_inclusive(|byte| *byte == b'\n');
    let first = bare(parts.next().unwrap_or_default()).0;
    let mut reader = match BundleReader::open(first, &cast.network) {
        Ok(reader) => reader,
        Err(error) => {
            assert!(["R01", "R07"].contains(&error.code()), "{error:?}");
            assert_shows(&error.to_string());
            return Verdict::Refused;
        }
    };
    let promised = reader.header().entries;
    let office = reader.header().office;
    let mut decoder = Decoder::new(cast.network.clone());
    let mut taken = 0;
    for part in parts {
        let line = match bare(part) {
            (line, true) => reader.line(line),
            (line, false) => match reader.last_line(line) {
                Some(line) => Ok(line),
                None => continue,
            },
        };
        match line {
            Ok(BundleLine::Entry(text)) => match decoder.envelope(text, &cast.roster) {
                Ok(envelope) => {
                    assert_signed(&envelope);
                    assert_reads_again(&envelope, text);
                    taken += 1;
                }
                Err(refusal) => assert_refusal(&refusal),
            },
            Ok(BundleLine::Closing) => {}
            Err(error) => assert_shows(&error.to_string()),
        }
    }
    match reader.close(&cast.roster, &cast.network) {
        Closing::Signed(by) => assert!(belongs(by, office), "closed by {by}"),
        Closing::Disowned(refusal) => assert_refusal(&refusal),
        Closing::Cut { missing } => assert!(missing <= promised),
        Closing::Unsigned | Closing::Altered { .. } => {}
    }
    if taken > 0 {
        Verdict::Accepted
    } else {
        Verdict::Refused
    }
}

fn belongs(party: PartyId, office: PartyId) -> bool {
    let member = cast().roster.member(party);
    member.is_some_and(|member| member.office == office)
}

/// A line without its break, and whether it had one.
fn bare(part: &[u8]) -> (&[u8], bool) {
    match part.strip_suffix(b"\n") {
        Some(line) => (line, true),
        None => (part, false),
    }
}
