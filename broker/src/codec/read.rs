//! Bytes of a client become packets, or are refused. Nothing is mended and nothing is guessed.
//!
//! The header is judged as soon as it is there, before a byte of the body is waited for. Nothing is
//! allocated for what a packet only claims. Absent is all that spans packets: their order and rates.

mod connect;
mod fields;
mod header;

#[cfg(test)]
mod hostile;

use bytes::{Buf, BytesMut};

use crate::codec::packet::{Message, Packet, Qos};
use crate::codec::refusal::Refusal;
use fields::Fields;
use header::Kind;

/// Filters that one packet may carry. The standard has no limit; this is ours.
///
/// A filter of one character takes 3 or 4 bytes of the wire and about 60 of memory, so that a packet
/// full of them would weigh twenty times its length. Clients of a region have below 100.
pub(crate) const FILTERS: usize = 1_024;

/// Takes the next packet out of a buffer, or nothing while it is not all there.
///
/// `limit` is the greatest remaining length accepted, in bytes. After a refusal the buffer is as it
/// was: the connection has to end, and what follows cannot be told from what was refused.
pub(crate) fn read(buffer: &mut BytesMut, limit: usize) -> Result<Option<Packet>, Refusal> {
    let Some((&first, after)) = buffer.split_first() else {
        return Ok(None);
    };
    let kind = Kind::of(first)?;
    let Some((length, length_bytes)) = header::remaining_length(after)? else {
        return Ok(None);
    };
    if length > limit {
        return Err(Refusal::TooLarge {
            found: length,
            limit,
        });
    }
    kind.fits(length)?;
    let Some(body) = after.get(length_bytes..length_bytes + length) else {
        return Ok(None);
    };
    let packet = packet(kind, body)?;
    buffer.advance(1 + length_bytes + length);
    Ok(Some(packet))
}

/// The packet that a whole body is.
///
/// Nothing can trail: a length is fixed by its header, or a connect looks at its own end, or the
/// last field takes all that is left.
fn packet(kind: Kind, body: &[u8]) -> Result<Packet, Refusal> {
    let mut fields = Fields::new(kind.name(), body);
    Ok(match kind {
        Kind::Connect => Packet::Connect(Box::new(connect::connect(&mut fields)?)),
        Kind::Publish { dup, qos, retain } => {
            let topic = fields.topic("topic")?;
            let id = match qos {
                Qos::AtMostOnce => 0,
                Qos::AtLeastOnce | Qos::ExactlyOnce => fields.packet_id()?,
            };
            let message = Message::new(topic, fields.rest(), qos, retain)
                .ok_or_else(|| Refusal::undeliverable(body.len()))?;
            Packet::Publish { message, dup, id }
        }
        Kind::PubAck => Packet::PubAck(fields.packet_id()?),
        Kind::PubRec => Packet::PubRec(fields.packet_id()?),
        Kind::PubRel => Packet::PubRel(fields.packet_id()?),
        Kind::PubComp => Packet::PubComp(fields.packet_id()?),
        Kind::Subscribe => Packet::Subscribe {
            id: fields.packet_id()?,
            filters: filters(&mut fields, |fields, filter| {
                Ok((filter, requested_qos(fields)?))
            })?,
        },
        Kind::Unsubscribe => Packet::Unsubscribe {
            id: fields.packet_id()?,
            filters: filters(&mut fields, |_, filter| Ok(filter))?,
        },
        Kind::PingReq => Packet::PingReq,
        Kind::Disconnect => Packet::Disconnect,
    })
}

/// All filters up to the end, each with what `complete` takes behind it.
fn filters<T>(
    fields: &mut Fields<'_>,
    complete: impl Fn(&mut Fields<'_>, String) -> Result<T, Refusal>,
) -> Result<Vec<T>, Refusal> {
    let packet = fields.packet();
    let mut filters = Vec::new();
    while !fields.is_empty() {
        if filters.len() == FILTERS {
            return Err(Refusal::TooManyFilters {
                packet,
                limit: FILTERS,
            });
        }
        let filter = fields.text("filter")?;
        if filter.is_empty() {
            let number = filters.len() + 1;
            return Err(Refusal::EmptyFilter { packet, number });
        }
        filters.push(complete(fields, filter.to_owned())?);
    }
    if filters.is_empty() {
        return Err(Refusal::NoFilters { packet });
    }
    Ok(filters)
}

/// The QoS behind a filter, alone in its byte (MQTT 3.1.1, 3.8.3).
fn requested_qos(fields: &mut Fields<'_>) -> Result<Qos, Refusal> {
    let found = fields.byte("requested QoS")?;
    if found > 0b11 {
        return Err(Refusal::SubscribeOptions { found });
    }
    let packet = fields.packet();
    Qos::of(found).ok_or(Refusal::Qos {
        packet,
        field: "filter",
        found,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Above every packet of these tests, in bytes.
    const LIMIT: usize = 1 << 20;

    fn one(bytes: &[u8]) -> Result<Option<Packet>, Refusal> {
        read(&mut BytesMut::from(bytes), LIMIT)
    }

    fn refusal(bytes: &[u8]) -> Refusal {
        one(bytes).unwrap_err()
    }

    #[test]
    fn a_packet_cut_short_is_waited_for() {
        let whole = b"\x32\x07\x00\x01t\x00\x09hi";
        for cut in 0..whole.len() {
            let mut buffer = BytesMut::from(&whole[..cut]);
            assert_eq!(read(&mut buffer, LIMIT), Ok(None));
            assert_eq!(buffer, whole[..cut]);
        }
        let message = Message::new("t", b"hi", Qos::AtLeastOnce, false).unwrap();
        let (dup, id) = (false, 9);
        assert_eq!(one(whole), Ok(Some(Packet::Publish { message, dup, id })));
    }

    #[test]
    fn what_follows_a_packet_stays_in_the_buffer() {
        let mut buffer = BytesMut::from(&b"\xC0\x00\xE0\x00\x40"[..]);
        assert_eq!(read(&mut buffer, LIMIT), Ok(Some(Packet::PingReq)));
        assert_eq!(read(&mut buffer, LIMIT), Ok(Some(Packet::Disconnect)));
        assert_eq!(read(&mut buffer, LIMIT), Ok(None));
        assert_eq!(buffer, b"\x40"[..]);
    }

    #[test]
    fn a_large_packet_is_refused_before_its_body_arrives() {
        let mut at_limit = BytesMut::from(&b"\x30\x80\x01"[..]);
        assert_eq!(read(&mut at_limit, 128), Ok(None));
        let mut above = BytesMut::from(&b"\x30\x81\x01"[..]);
        let refused = Err(Refusal::TooLarge {
            found: 129,
            limit: 128,
        });
        assert_eq!(read(&mut above, 128), refused);
        assert_eq!(refusal(b"\x30\xFF\xFF\xFF\xFF"), Refusal::LengthUnended);
    }

    #[test]
    fn a_bad_first_byte_is_refused_before_its_length_arrives() {
        assert_eq!(refusal(b"\x20"), Refusal::Kind { found: 2 });
        assert_eq!(
            refusal(b"GET"),
            Refusal::Flags {
                packet: "PUBACK",
                found: 7,
                allowed: 0
            }
        );
        assert_eq!(refusal(b"\x38"), Refusal::DupWithoutId);
        assert!(matches!(
            refusal(b"\x40\x03"),
            Refusal::Length { found: 3, .. }
        ));
    }

    #[test]
    fn a_claim_allocates_nothing() {
        let mut buffer = BytesMut::from(&b"\x30\xFF\xFF\x3F"[..]);
        let before = buffer.capacity();
        assert_eq!(read(&mut buffer, LIMIT), Ok(None));
        assert_eq!(buffer.capacity(), before);
    }

    #[test]
    fn a_message_does_not_pin_the_read_buffer() {
        let mut buffer = BytesMut::from(&b"\x30\x05\x00\x01thi\xC0\x00"[..]);
        let Ok(Some(Packet::Publish { message, .. })) = read(&mut buffer, LIMIT) else {
            panic!("a publish was written");
        };
        assert!(message.bytes().is_unique() && !buffer.is_empty());
    }

    #[test]
    fn packet_id_0_is_refused_wherever_there_is_one() {
        for (bytes, packet) in [
            (&b"\x32\x05\x00\x01t\x00\x00"[..], "PUBLISH"),
            (b"\x40\x02\x00\x00", "PUBACK"),
            (b"\x50\x02\x00\x00", "PUBREC"),
            (b"\x62\x02\x00\x00", "PUBREL"),
            (b"\x70\x02\x00\x00", "PUBCOMP"),
            (b"\x82\x06\x00\x00\x00\x01t\x00", "SUBSCRIBE"),
            (b"\xA2\x05\x00\x00\x00\x01t", "UNSUBSCRIBE"),
        ] {
            assert_eq!(refusal(bytes), Refusal::PacketId { packet });
        }
    }

    #[test]
    fn a_subscription_names_filters_each_with_a_qos_alone_in_its_byte() {
        let filters = vec![
            ("#".to_owned(), Qos::ExactlyOnce),
            ("a/+".to_owned(), Qos::AtMostOnce),
        ];
        let read = one(b"\x82\x0C\x00\x07\x00\x01#\x02\x00\x03a/+\x00");
        assert_eq!(read, Ok(Some(Packet::Subscribe { id: 7, filters })));
        assert!(matches!(
            refusal(b"\x82\x06\x00\x07\x00\x01#\x03"),
            Refusal::Qos { found: 3, .. }
        ));
        for found in [0b100, 0x80, 0xFF] {
            let bytes = [&b"\x82\x06\x00\x07\x00\x01#"[..], &[found]].concat();
            assert_eq!(refusal(&bytes), Refusal::SubscribeOptions { found });
        }
    }

    #[test]
    fn a_subscription_without_filters_or_with_an_empty_one_is_refused() {
        for (bytes, packet) in [
            (&b"\x82\x02\x00\x01"[..], "SUBSCRIBE"),
            (b"\xA2\x02\x00\x01", "UNSUBSCRIBE"),
        ] {
            assert_eq!(refusal(bytes), Refusal::NoFilters { packet });
        }
        let (packet, number) = ("UNSUBSCRIBE", 2);
        let bytes = b"\xA2\x07\x00\x01\x00\x01a\x00\x00";
        assert_eq!(refusal(bytes), Refusal::EmptyFilter { packet, number });
        assert!(matches!(
            refusal(b"\x82\x05\x00\x01\x00\x01a"),
            Refusal::Truncated {
                field: "requested QoS",
                ..
            }
        ));
    }

    #[test]
    fn a_subscription_has_at_most_1024_filters() {
        let unsubscribe = |count: usize| {
            let body = [&b"\x00\x01"[..], &b"\x00\x01a".repeat(count)].concat();
            let length = body.len();
            let low = u8::try_from(length & 0x7F).unwrap() | 0x80;
            let high = u8::try_from(length >> 7).unwrap();
            [&[0xA2, low, high][..], &body].concat()
        };
        let Ok(Some(Packet::Unsubscribe { filters, .. })) = one(&unsubscribe(FILTERS)) else {
            panic!("as many filters as are allowed");
        };
        assert_eq!(filters.len(), FILTERS);
        let (packet, limit) = ("UNSUBSCRIBE", FILTERS);
        let above = unsubscribe(FILTERS + 1);
        assert_eq!(refusal(&above), Refusal::TooManyFilters { packet, limit });
    }
}
