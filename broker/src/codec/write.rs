//! What a server sends, appended to a buffer. Nothing here is read back but by tests.

use bytes::{BufMut, BytesMut};

use crate::codec::packet::{Message, NUMBER_BYTES, Qos, REMAINING_MAX};

/// The first bytes of packets that have no choice there (MQTT 3.1.1, 2.2).
mod first {
    pub(super) const CONNACK: u8 = 0x20;
    pub(super) const PUBLISH: u8 = 0x30;
    pub(super) const PUBACK: u8 = 0x40;
    pub(super) const PUBREC: u8 = 0x50;
    pub(super) const PUBREL: u8 = 0x62;
    pub(super) const PUBCOMP: u8 = 0x70;
    pub(super) const SUBACK: u8 = 0x90;
    pub(super) const UNSUBACK: u8 = 0xB0;
    pub(super) const PINGRESP: u8 = 0xD0;
}

/// How one message goes to one subscriber.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Delivery {
    /// The QoS of this delivery, which is the lesser of the publisher's and the subscriber's.
    pub(crate) qos: Qos,
    /// Whether it was kept from before the subscription.
    pub(crate) retain: bool,
    /// Whether it may have been sent before. Not written with QoS 0, which is never sent again.
    pub(crate) dup: bool,
    /// The packet id. Not written with QoS 0, and never 0 otherwise.
    pub(crate) id: u16,
}

/// Lets a client in with code 0, or keeps it out (MQTT 3.1.1, 3.2.2).
///
/// Whoever is kept out has no session, whatever is passed.
pub(crate) fn connack(buffer: &mut BytesMut, session_present: bool, code: u8) {
    header(buffer, first::CONNACK, 2);
    buffer.put_u8(u8::from(session_present && code == 0));
    buffer.put_u8(code);
}

/// Delivers a message.
pub(crate) fn publish(buffer: &mut BytesMut, message: &Message, delivery: Delivery) {
    let with_id = delivery.qos != Qos::AtMostOnce;
    assert!(
        !with_id || delivery.id != 0,
        "a delivery of QoS 1 or 2 was given a packet id"
    );
    let flags = u8::from(delivery.dup && with_id) << 3
        | delivery.qos.level() << 1
        | u8::from(delivery.retain);
    header(
        buffer,
        first::PUBLISH | flags,
        remaining(message, delivery.qos),
    );
    let (topic, payload) = message.bytes().split_at(message.payload_start());
    buffer.put_slice(topic);
    if with_id {
        buffer.put_u16(delivery.id);
    }
    buffer.put_slice(payload);
}

/// Bytes that [`publish`] writes for a message at this QoS, header included.
#[cfg(test)]
pub(crate) fn encoded_length(message: &Message, qos: Qos) -> usize {
    let remaining = remaining(message, qos);
    let length_bytes = match remaining {
        0..=0x7F => 1,
        0x80..=0x3FFF => 2,
        0x4000..=0x1F_FFFF => 3,
        _ => 4,
    };
    1 + length_bytes + remaining
}

/// Has a message of QoS 1.
pub(crate) fn puback(buffer: &mut BytesMut, id: u16) {
    numbered(buffer, first::PUBACK, id);
}

/// Has a message of QoS 2.
pub(crate) fn pubrec(buffer: &mut BytesMut, id: u16) {
    numbered(buffer, first::PUBREC, id);
}

/// Will not send a message of QoS 2 again.
pub(crate) fn pubrel(buffer: &mut BytesMut, id: u16) {
    numbered(buffer, first::PUBREL, id);
}

/// Has forgotten the packet id of a message of QoS 2.
pub(crate) fn pubcomp(buffer: &mut BytesMut, id: u16) {
    numbered(buffer, first::PUBCOMP, id);
}

/// Answers each filter of a subscription in its order: a QoS, or 0x80 (MQTT 3.1.1, 3.9.3).
pub(crate) fn suback(buffer: &mut BytesMut, id: u16, codes: &[u8]) {
    header(buffer, first::SUBACK, NUMBER_BYTES + codes.len());
    buffer.put_u16(id);
    buffer.put_slice(codes);
}

/// Answers the end of subscriptions.
pub(crate) fn unsuback(buffer: &mut BytesMut, id: u16) {
    numbered(buffer, first::UNSUBACK, id);
}

/// Is still there.
pub(crate) fn pingresp(buffer: &mut BytesMut) {
    header(buffer, first::PINGRESP, 0);
}

/// A packet that has nothing but a packet id.
fn numbered(buffer: &mut BytesMut, first: u8, id: u16) {
    header(buffer, first, NUMBER_BYTES);
    buffer.put_u16(id);
}

/// The remaining length of a delivery.
fn remaining(message: &Message, qos: Qos) -> usize {
    let id = match qos {
        Qos::AtMostOnce => 0,
        Qos::AtLeastOnce | Qos::ExactlyOnce => NUMBER_BYTES,
    };
    message.bytes().len() + id
}

/// The fixed header, and room for all that follows.
fn header(buffer: &mut BytesMut, first: u8, remaining: usize) {
    assert!(
        remaining <= REMAINING_MAX,
        "a message was made to fit, and nothing else grows so large"
    );
    buffer.reserve(1 + 4 + remaining);
    buffer.put_u8(first);
    // Seven bits a byte, the lowest first; the upper bit says that another byte follows.
    let mut left = remaining;
    while left > 0x7F {
        buffer.put_u8(left.to_le_bytes()[0] | 0x80);
        left >>= 7;
    }
    buffer.put_u8(left.to_le_bytes()[0]);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::codec::client;
    use crate::codec::packet::Packet;
    use crate::codec::read::read;

    fn written(write: impl Fn(&mut BytesMut)) -> Vec<u8> {
        let mut buffer = BytesMut::from(&b"before"[..]);
        write(&mut buffer);
        assert_eq!(&buffer[..6], b"before", "what is written is appended");
        buffer[6..].to_vec()
    }

    #[test]
    fn answers_are_as_the_standard_draws_them() {
        assert_eq!(written(|to| connack(to, true, 0)), b"\x20\x02\x01\x00");
        assert_eq!(written(|to| connack(to, false, 5)), b"\x20\x02\x00\x05");
        assert_eq!(written(|to| puback(to, 258)), b"\x40\x02\x01\x02");
        assert_eq!(written(|to| pubrec(to, 258)), b"\x50\x02\x01\x02");
        assert_eq!(written(|to| pubrel(to, 258)), b"\x62\x02\x01\x02");
        assert_eq!(written(|to| pubcomp(to, 258)), b"\x70\x02\x01\x02");
        assert_eq!(
            written(|to| suback(to, 1, &[0, 0x80])),
            b"\x90\x04\x00\x01\x00\x80"
        );
        assert_eq!(written(|to| unsuback(to, 258)), b"\xB0\x02\x01\x02");
        assert_eq!(written(pingresp), b"\xD0\x00");
    }

    #[test]
    fn who_is_kept_out_has_no_session() {
        assert_eq!(written(|to| connack(to, true, 2)), b"\x20\x02\x00\x02");
    }

    #[test]
    fn a_delivery_of_qos_0_has_neither_id_nor_dup() {
        let message = Message::new("t", b"hi", Qos::ExactlyOnce, false).unwrap();
        let delivery = Delivery {
            qos: Qos::AtMostOnce,
            retain: true,
            dup: true,
            id: 9,
        };
        assert_eq!(
            written(|to| publish(to, &message, delivery)),
            b"\x31\x05\x00\x01thi"
        );
    }

    #[test]
    fn lengths_take_another_byte_where_the_standard_says() {
        for (remaining, bytes) in [
            (0x7F, 1),
            (0x80, 2),
            (0x3FFF, 2),
            (0x4000, 3),
            (0x1F_FFFF, 3),
            (0x20_0000, 4),
        ] {
            let payload = vec![0; remaining - 3];
            let message = Message::new("t", &payload, Qos::AtMostOnce, false).unwrap();
            assert_eq!(
                encoded_length(&message, Qos::AtMostOnce),
                1 + bytes + remaining
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_delivered_reads_back(
            message in client::messages(20_000),
            dup in any::<bool>(),
            id in 1..=u16::MAX,
        ) {
            let (qos, retain) = (message.qos(), message.retain());
            let mut buffer = BytesMut::new();
            publish(&mut buffer, &message, Delivery { qos, retain, dup, id });
            prop_assert_eq!(buffer.len(), encoded_length(&message, qos));
            let numbered = qos != Qos::AtMostOnce;
            let expected = Packet::Publish {
                message,
                dup: dup && numbered,
                id: if numbered { id } else { 0 },
            };
            prop_assert_eq!(read(&mut buffer, REMAINING_MAX), Ok(Some(expected)));
            prop_assert!(buffer.is_empty());
        }
    }
}
