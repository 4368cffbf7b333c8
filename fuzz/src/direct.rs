//! Messages that parties of the roster did sign and that say anything: each a topic, its sender and a
//! body, heard by an office that serves. What it then writes and says is sound.

use agents::Input;
use protocol::Span;

use super::Verdict;
use super::cast::{cast, signer, spoken};
use super::desk::{Desk, bus};
use super::terms::assert_refusal;

/// Messages that are heard of one input, lest it takes long.
const MESSAGES: usize = 16;

/// Says each line to the first town's office.
pub fn direct(bytes: &[u8]) -> Verdict {
    let Ok(text) = str::from_utf8(bytes) else {
        return Verdict::Refused;
    };
    let net = cast().network.id;
    let mut desk = Desk::up();
    let mut verdict = Verdict::Refused;
    for (line, number) in text.lines().take(MESSAGES).zip(1..) {
        let mut parts = line.splitn(3, ' ');
        let (Some(topic), Some(from), Some(body)) = (parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        let from = from.parse().ok();
        let Some(signer) = from.and_then(signer) else {
            continue;
        };
        let line = spoken(topic, number, body, signer);
        let topic = format!("liandong/1/{net}/{topic}");
        match desk.decoder.frame(&topic, line.as_bytes(), &cast().roster) {
            Ok(frame) => {
                desk.told(Input::Heard(bus(), frame));
                desk.later(Span::seconds(2));
                verdict = Verdict::Accepted;
            }
            Err(refusal) => assert_refusal(&refusal),
        }
    }
    desk.later(Span::minutes(2));
    desk.assert_sound();
    verdict
}
