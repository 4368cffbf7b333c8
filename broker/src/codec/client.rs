//! The client's side for tests and fuzzing: what a well-behaved client sends, written and made up.

use bytes::{BufMut, BytesMut};

use crate::codec::packet::{Connect, Packet, Will};
use crate::codec::write::{self, Delivery};

#[cfg(test)]
mod made_up;
#[cfg(test)]
pub(crate) use made_up::{messages, packets};

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
        let byte = u8::try_from(left % 128).expect("it is below 128");
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
    body.put_u16(u16::try_from(bytes.len()).expect("it was read from a packet, or is short"));
    body.put_slice(bytes);
}
