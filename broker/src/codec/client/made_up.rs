//! Packets that well-behaved clients may send, drawn at random.

use proptest::prelude::*;
use proptest::sample::select;

use crate::codec::packet::{Connect, LEVEL, Message, Packet, Qos, Will};

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
