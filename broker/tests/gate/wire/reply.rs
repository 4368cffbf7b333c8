//! What a broker says, parsed no further than the tests ask.

use super::packet::{Publication, Qos};

/// A packet from the broker, or the want of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// CONNACK.
    ConnAck {
        /// Whether the broker had kept the session.
        is_present: bool,
        /// 0 if accepted.
        code: u8,
    },
    /// PUBLISH.
    Publish(Publication),
    /// PUBACK.
    PubAck(u16),
    /// PUBREC.
    PubRec(u16),
    /// PUBREL.
    PubRel(u16),
    /// PUBCOMP.
    PubComp(u16),
    /// SUBACK.
    SubAck {
        /// Of which SUBSCRIBE.
        id: u16,
        /// The QoS granted to each filter, or 0x80.
        codes: Vec<u8>,
    },
    /// UNSUBACK.
    UnsubAck(u16),
    /// PINGRESP.
    PingResp,
    /// Something that a broker does not say, by its first byte.
    Odd(u8),
    /// Nothing in time.
    Silence,
    /// The connection has ended.
    Closed,
}

/// Takes the first packet off what was read, if it is whole.
pub(super) fn parse(unread: &mut Vec<u8>) -> Option<Reply> {
    let (first, start, end) = frame(unread)?;
    let reply = read(first, &unread[start..end]).unwrap_or(Reply::Odd(first));
    unread.drain(..end);
    Some(reply)
}

/// The first byte, and where the body begins and ends.
fn frame(unread: &[u8]) -> Option<(u8, usize, usize)> {
    let (first, rest) = unread.split_first()?;
    let mut length = 0;
    for (at, byte) in rest.iter().take(4).enumerate() {
        length |= usize::from(byte & 127) << (7 * at);
        if byte & 128 == 0 {
            let start = at + 2;
            let end = start + length;
            return (end <= unread.len()).then_some((*first, start, end));
        }
    }
    None
}

fn read(first: u8, body: &[u8]) -> Option<Reply> {
    Some(match first >> 4 {
        2 => Reply::ConnAck {
            is_present: *body.first()? == 1,
            code: *body.get(1)?,
        },
        3 => Reply::Publish(publication(first, body)?),
        4 => Reply::PubAck(number(body)?),
        5 => Reply::PubRec(number(body)?),
        6 => Reply::PubRel(number(body)?),
        7 => Reply::PubComp(number(body)?),
        9 => Reply::SubAck {
            id: number(body)?,
            codes: body[2..].to_vec(),
        },
        11 => Reply::UnsubAck(number(body)?),
        13 => Reply::PingResp,
        _ => return None,
    })
}

fn publication(first: u8, body: &[u8]) -> Option<Publication> {
    let after_topic = 2 + usize::from(number(body)?);
    let topic = body.get(2..after_topic)?;
    let rest = &body[after_topic..];
    let (qos, payload) = match first >> 1 & 3 {
        0 => (Qos::AtMostOnce, rest),
        1 => (Qos::AtLeastOnce(number(rest)?), &rest[2..]),
        2 => (Qos::ExactlyOnce(number(rest)?), &rest[2..]),
        _ => return None,
    };
    Some(Publication {
        topic: String::from_utf8_lossy(topic).into_owned(),
        payload: payload.to_vec(),
        qos,
        is_retained: first & 1 == 1,
        is_again: first & 8 == 8,
    })
}

fn number(bytes: &[u8]) -> Option<u16> {
    Some(u16::from_be_bytes([*bytes.first()?, *bytes.get(1)?]))
}
