//! A line of the wire, as it stands: what is read is what was written, and what is believed was signed.

use protocol::{Content, Decoder, Envelope, Header};

use super::Verdict;
use super::cast::{assert_signed, cast};
use super::terms::{assert_refusal, assert_shows};

/// Reads the bytes as one line.
pub fn line(bytes: &[u8]) -> Verdict {
    let Ok(text) = str::from_utf8(bytes) else {
        return Verdict::Refused;
    };
    match Envelope::read(text) {
        Ok(envelope) => assert_reads_again(&envelope, text),
        Err(error) => assert_shows(&error.to_string()),
    }
    let cast = cast();
    let mut decoder = Decoder::new(cast.network.clone());
    match decoder.envelope(text, &cast.roster) {
        Ok(envelope) => {
            assert_signed(&envelope);
            assert_reads_again(&envelope, text);
            let again = decoder.envelope(text, &cast.roster);
            assert_eq!(again.expect("believed once").line(), text);
            Verdict::Accepted
        }
        Err(refusal) => {
            assert_refusal(&refusal);
            Verdict::Refused
        }
    }
}

/// Asserts that an entry has one meaning, with its body and without.
pub(super) fn assert_reads_again(envelope: &Envelope, text: &str) {
    assert_eq!(envelope.line(), text);
    let header = envelope.header();
    let written = serde_json::to_string(header).expect("a header is plain data");
    let read: Header = serde_json::from_str(&written).expect("what we write we read");
    assert_eq!(&read, header);
    if let Content::Known(body) = envelope.content() {
        let read = serde_json::from_str(&body.to_json()).expect("what we write we read");
        assert_eq!(body, &read);
    }
    let bare = envelope.withhold();
    let read = Envelope::read(bare.line()).expect("an entry without its body is an entry");
    assert_eq!(read.hash(), envelope.hash());
    assert_eq!(read.content(), &Content::Withheld);
}
