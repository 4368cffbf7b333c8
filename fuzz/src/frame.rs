//! A message of the bus, its topic in the first line: nobody is believed who did not sign.

use protocol::{Decoder, Said, limit};

use super::Verdict;
use super::cast::{assert_signed, cast};
use super::line::assert_reads_again;
use super::terms::assert_refusal;

/// Reads the bytes as a topic, a line break and a payload.
pub fn frame(bytes: &[u8]) -> Verdict {
    let mut parts = bytes.splitn(2, |byte| *byte == b'\n');
    let topic = String::from_utf8_lossy(parts.next().unwrap_or_default());
    let payload = parts.next().unwrap_or_default();
    let cast = cast();
    let mut decoder = Decoder::new(cast.network.clone());
    let heard = match decoder.frame(&topic, payload, &cast.roster) {
        Ok(heard) => heard,
        Err(refusal) => {
            assert_refusal(&refusal);
            return Verdict::Refused;
        }
    };
    let frame = heard.get();
    assert_eq!(frame.text().as_bytes(), payload);
    assert_eq!(frame.topic().on(cast.network.id), topic);
    let batch = match frame.said() {
        Said::Append { batch, .. } => batch,
        Said::Direct { batch, body, .. } => {
            let written = serde_json::to_string(body).expect("a message is plain data");
            let read = serde_json::from_str(&written).expect("what we write we read");
            assert_eq!(body, &read);
            batch
        }
        Said::View => return Verdict::Accepted,
    };
    assert!(batch.envelopes.len() + batch.refused.len() <= limit::BATCH_ENVELOPES);
    for envelope in &batch.envelopes {
        assert_signed(envelope);
        assert_reads_again(envelope, envelope.line());
    }
    for refusal in &batch.refused {
        assert_refusal(refusal);
    }
    let mut other = Decoder::new(cast.network.clone());
    let again = other.frame(&topic, payload, &cast.roster);
    let again = again.expect("believed by one decoder and not by another");
    assert_eq!(again.get().digest(), frame.digest());
    Verdict::Accepted
}
