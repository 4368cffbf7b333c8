//! Whatever a client sends, reading ends, and what a good client sends arrives as it was sent.

use bytes::BytesMut;
use proptest::prelude::*;
use proptest::sample::Index;

use super::read;
use crate::codec::client;
use crate::codec::packet::{Packet, REMAINING_MAX};
use crate::codec::refusal::Refusal;

/// A small gate's limit, in bytes, so that random lengths lie on both sides of it.
const LIMIT: usize = 4_096;

/// Reads until more is needed or the client is refused. Each packet must shorten the buffer.
fn drain(buffer: &mut BytesMut, limit: usize) -> (Vec<Packet>, Option<Refusal>) {
    let mut packets = Vec::new();
    loop {
        let before = buffer.len();
        match read(buffer, limit) {
            Ok(Some(packet)) => {
                assert!(buffer.len() + 2 <= before, "a packet has at least 2 bytes");
                weighed(&packet, before - buffer.len());
                packets.push(packet);
            }
            Ok(None) => return (packets, None),
            Err(refusal) => {
                assert_eq!(buffer.len(), before, "a refusal leaves the buffer alone");
                return (packets, Some(refusal));
            }
        }
    }
}

/// What a packet holds was on the wire, every byte of it.
fn weighed(packet: &Packet, wire_bytes: usize) {
    let held = match packet {
        Packet::Connect(connect) => {
            let will = connect.will.as_ref();
            connect.client.capacity()
                + will.map_or(0, |will| will.message.bytes().len())
                + connect.user.as_ref().map_or(0, String::capacity)
                + connect.password.as_ref().map_or(0, Vec::capacity)
        }
        Packet::Publish { message, .. } => message.bytes().len(),
        Packet::Subscribe { filters, .. } => filters.iter().map(|(text, _)| text.capacity()).sum(),
        Packet::Unsubscribe { filters, .. } => filters.iter().map(String::capacity).sum(),
        _ => 0,
    };
    assert!(held <= wire_bytes, "{held} bytes out of {wire_bytes}");
}

fn stream(packets: &[Packet]) -> BytesMut {
    let mut bytes = BytesMut::new();
    for packet in packets {
        client::write(&mut bytes, packet);
    }
    bytes
}

fn streams() -> impl Strategy<Value = Vec<Packet>> {
    prop::collection::vec(client::packets(), 1..6)
}

/// A first byte that is often a good one, and a length that is often the right one.
fn near_packets() -> impl Strategy<Value = Vec<u8>> {
    let first = prop_oneof![
        prop::sample::select(vec![
            0x10_u8, 0x30, 0x32, 0x34, 0x40, 0x62, 0x82, 0xA2, 0xC0, 0xE0
        ]),
        any::<u8>(),
    ];
    let small = prop::collection::vec(prop_oneof![0..5_u8, any::<u8>()], 0..100);
    (first, small).prop_map(|(first, body)| {
        let length = u8::try_from(body.len()).unwrap();
        [&[first, length][..], &body].concat()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_end_in_packets_or_a_refusal(
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        limit in 0..2 * LIMIT,
    ) {
        drain(&mut BytesMut::from(&bytes[..]), limit);
    }

    #[test]
    fn bytes_that_look_like_packets_end_in_packets_or_a_refusal(
        parts in prop::collection::vec(near_packets(), 1..8),
    ) {
        drain(&mut BytesMut::from(&parts.concat()[..]), LIMIT);
    }

    #[test]
    fn a_stream_cut_into_any_two_pieces_gives_the_same_packets(sent in streams()) {
        let whole = stream(&sent);
        for cut in 0..=whole.len() {
            let mut buffer = BytesMut::from(&whole[..cut]);
            let (mut heard, refused) = drain(&mut buffer, LIMIT);
            prop_assert_eq!(refused, None);
            buffer.extend_from_slice(&whole[cut..]);
            let (rest, refused) = drain(&mut buffer, LIMIT);
            prop_assert_eq!(refused, None);
            heard.extend(rest);
            prop_assert_eq!(&heard, &sent, "cut at {}", cut);
            prop_assert!(buffer.is_empty());
        }
    }

    #[test]
    fn a_stream_that_comes_byte_by_byte_gives_the_same_packets(sent in streams()) {
        let mut buffer = BytesMut::new();
        let mut heard = Vec::new();
        for byte in stream(&sent) {
            buffer.extend_from_slice(&[byte]);
            let (packets, refused) = drain(&mut buffer, LIMIT);
            prop_assert_eq!(refused, None);
            heard.extend(packets);
        }
        prop_assert_eq!(heard, sent);
    }

    #[test]
    fn a_packet_cut_at_any_place_is_waited_for(packet in client::packets()) {
        let whole = stream(std::slice::from_ref(&packet));
        for cut in 0..whole.len() {
            let mut buffer = BytesMut::from(&whole[..cut]);
            prop_assert_eq!(read(&mut buffer, LIMIT), Ok(None), "cut at {}", cut);
        }
    }

    #[test]
    fn a_packet_whose_length_was_shortened_is_never_read_as_it_was(packet in client::packets()) {
        let whole = stream(std::slice::from_ref(&packet));
        let length = whole[1];
        // One byte holds the length, so that it can be shortened alone.
        let shorter_ones = if length < 0x80 { 0..length } else { 0..0 };
        for shorter in shorter_ones {
            let mut bytes = BytesMut::from(&whole[..2 + usize::from(shorter)]);
            bytes[1] = shorter;
            let read = read(&mut bytes, LIMIT);
            match (&packet, read) {
                // What ends with its packet loses its end, and the rest is still a packet.
                (
                    Packet::Publish { .. } | Packet::Subscribe { .. } | Packet::Unsubscribe { .. },
                    Ok(Some(other)),
                ) => prop_assert_ne!(&other, &packet),
                (_, read) => prop_assert!(read.is_err(), "{:?}", read),
            }
        }
    }

    #[test]
    fn changed_bytes_end_in_packets_or_a_refusal(
        sent in streams(),
        changes in prop::collection::vec((any::<Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = stream(&sent);
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        drain(&mut bytes.clone(), LIMIT);
        drain(&mut bytes, REMAINING_MAX);
    }

    #[test]
    fn what_was_read_is_read_again_when_it_is_sent_again(
        parts in prop::collection::vec(near_packets(), 1..8),
    ) {
        let (heard, _) = drain(&mut BytesMut::from(&parts.concat()[..]), LIMIT);
        let (again, refused) = drain(&mut stream(&heard), LIMIT);
        prop_assert_eq!(refused, None);
        prop_assert_eq!(again, heard);
    }
}
