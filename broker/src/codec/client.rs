//! The client's side for tests: what a well-behaved client sends, written and made up.

use bytes::{BufMut, BytesMut};
use proptest::prelude::*;
use proptest::sample::select;

use crate::codec::packet::{Connect, LEVEL, Message, Packet, Qos, Will};
use crate::codec::write::{self, Delivery};

/// Appends a packet as a client writes it.
pub(crate) fn write(buffer: &mut BytesMut, packet: &Packet) {
    match packet {
        Packet::Connect(connect) => framed(buffer, 0x10, |body| put_connect(body, connect)),
        Packet::Publish { message, dup, id } => {
            let (qos, retain, dup, id) = (message.qos(), message.retain(), *dup, *id);
            let delivery = Delivery {
                qos,
                retain,
                dup,
                id,
            };
            write::publish(buffer, message, delivery);
        }
        Packet::PubAck(id) => write::puback(buffer, *id),
        Packet::PubRec(id) => write::pubrec(buffer, *id),
        Packet::PubRel(id) => write::pubrel(buffer, *id),
        Packet::PubComp(id) => write::pubcomp(buffer, *id),
        Packet::Subscribe { id, filters } => framed(buffer, 0x82, |body| {
            body.put_u16(*id);
            for (filter, qos) in filters {
                put_binary(body, filter.as_bytes());
                body.put_u8(qos.level());
            }
        }),
        Packet::Unsubscribe { id, filters } => framed(buffer, 0xA2, |body| {
            body.put_u16(*id);
            for filter in filters {
                put_binary(body, filter.as_bytes());
            }
        }),
        Packet::PingReq => framed(buffer, 0xC0, |_| ()),
        Packet::Disconnect => framed(buffer, 0xE0, |_| ()),
    }
}

fn framed(buffer: &mut BytesMut, first: u8, fill: impl FnOnce(&mut BytesMut)) {
    let mut body = BytesMut::new();
    fill(&mut body);
    buffer.put_u8(first);
    let mut left = body.len();
    loop {
        let byte = u8::try_from(left % 128).unwrap();
        left /= 128;
        buffer.put_u8(byte | if left > 0 { 128 } else { 0 });
        if left == 0 {
            break;
        }
    }
    buffer.put_slice(&body);
}

fn put_connect(body: &mut BytesMut, connect: &Connect) {
    put_binary(body, b"MQTT");
    body.put_u8(connect.level);
    let will = connect.will.as_ref().map_or(0, |will| {
        let message = &will.message;
        4 | message.qos().level() << 3 | u8::from(message.retain()) << 5
    });
    body.put_u8(
        will | u8::from(connect.clean) << 1
            | u8::from(connect.password.is_some()) << 6
            | u8::from(connect.user.is_some()) << 7,
    );
    body.put_u16(connect.keepalive);
    put_binary(body, connect.client.as_bytes());
    if let Some(Will { message }) = &connect.will {
        put_binary(body, message.topic().as_bytes());
        put_binary(body, message.payload());
    }
    if let Some(user) = &connect.user {
        put_binary(body, user.as_bytes());
    }
    if let Some(password) = &connect.password {
        put_binary(body, password);
    }
}

fn put_binary(body: &mut BytesMut, bytes: &[u8]) {
    body.put_u16(u16::try_from(bytes.len()).unwrap());
    body.put_slice(bytes);
}

/// Any packet of level 4 that a client may send.
pub(crate) fn packets() -> impl Strategy<Value = Packet> {
    let id = 1..=u16::MAX;
    prop_oneof![
        connects().prop_map(Box::new).prop_map(Packet::Connect),
        (messages(300), any::<bool>(), id.clone()).prop_map(|(message, dup, id)| {
            let numbered = message.qos() != Qos::AtMostOnce;
            let (dup, id) = if numbered { (dup, id) } else { (false, 0) };
            Packet::Publish { message, dup, id }
        }),
        id.clone().prop_map(Packet::PubAck),
        id.clone().prop_map(Packet::PubRec),
        id.clone().prop_map(Packet::PubRel),
        id.clone().prop_map(Packet::PubComp),
        (id.clone(), prop::collection::vec((text(1), qos()), 1..40))
            .prop_map(|(id, filters)| Packet::Subscribe { id, filters }),
        (id, prop::collection::vec(text(1), 1..40))
            .prop_map(|(id, filters)| Packet::Unsubscribe { id, filters }),
        Just(Packet::PingReq),
        Just(Packet::Disconnect),
    ]
}

/// Any message whose payload has fewer bytes than this.
pub(crate) fn messages(payload_bytes: usize) -> impl Strategy<Value = Message> {
    let payload = prop::collection::vec(any::<u8>(), 0..payload_bytes);
    (text(1), payload, qos(), any::<bool>()).prop_map(|(topic, payload, qos, retain)| {
        let topic = topic.replace(['+', '#'], "/");
        Message::new(&topic, &payload, qos, retain).unwrap()
    })
}

fn connects() -> impl Strategy<Value = Connect> {
    let password = prop::collection::vec(any::<u8>(), 0..20);
    let user = prop::option::of((text(0), prop::option::of(password)));
    let will = prop::option::of(messages(40));
    (text(0), any::<bool>(), any::<u16>(), will, user).prop_map(
        |(client, clean, keepalive, will, user)| {
            let (user, password) = user.unzip();
            Connect {
                level: LEVEL,
                client,
                clean,
                keepalive,
                will: will.map(|message| Will { message }),
                user,
                password: password.flatten(),
            }
        },
    )
}

fn qos() -> impl Strategy<Value = Qos> {
    select(vec![Qos::AtMostOnce, Qos::AtLeastOnce, Qos::ExactlyOnce])
}

/// Text of at least so many characters, with those that mean something and those that are long.
fn text(characters_min: usize) -> impl Strategy<Value = String> {
    let character = select(vec![
        'a', 'b', '/', '+', '#', '$', '\u{1}', 'é', '灾', '\u{feff}', '🚒',
    ]);
    prop::collection::vec(character, characters_min..12).prop_map(String::from_iter)
}
