//! What must hold of the codec, whatever a client sends. A function that returns has kept its promises;
//! one that does not panics. Each is held against a definition that is plain and slow.

use std::collections::BTreeMap;

use bytes::BytesMut;

use super::client;
use super::filter::{Change, FILTER_BYTES, LEVELS, Tree, is_filter, matches};
use super::packet::{Message, Packet, Qos};
use super::read::read;
use super::write::{self, Delivery};
use crate::limit::PACKET_BYTES;

/// Filters and topics that are held against each other, at most: each filter meets each topic.
const MET: usize = 64;

/// What came of a client's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Packets that were read.
    pub packets: usize,
    /// Why what followed them is none; nothing if it was only not all there.
    pub refusal: Option<String>,
}

/// Asserts all of it of the bytes that one connection says.
///
/// A packet takes exactly the bytes that its header states and nothing behind them changes it; a part of
/// it is none. What was read and is written again reads the same, and so does what a subscriber is told.
/// Filters are taken and match as the standard's text has it, alone and in the tree of all.
pub fn assert_codec(bytes: &[u8]) -> Heard {
    let mut buffer = BytesMut::from(bytes);
    let mut heard = Vec::new();
    let refusal = loop {
        let rest = &bytes[bytes.len() - buffer.len()..];
        let outcome = read(&mut buffer, PACKET_BYTES);
        let Ok(Some(packet)) = outcome else {
            assert_eq!(buffer, rest, "what is no packet stays as it was");
            break outcome.err();
        };
        let whole = &rest[..stated(rest)];
        assert_eq!(buffer.len() + whole.len(), rest.len(), "{packet:?}");
        assert_stands_alone(whole, &packet);
        assert_may_be(&packet);
        assert_writes_back(&packet);
        heard.push(packet);
    };
    assert_matches(&heard);
    Heard {
        packets: heard.len(),
        refusal: refusal.map(|refusal| refusal.to_string()),
    }
}

/// The bytes that a packet has by its header (MQTT 3.1.1, 2.2.3).
fn stated(bytes: &[u8]) -> usize {
    let (mut length, mut factor, mut at) = (0, 1, 1);
    loop {
        length += usize::from(bytes[at] % 128) * factor;
        factor *= 128;
        at += 1;
        if bytes[at - 1] < 128 {
            return at + length;
        }
    }
}

fn alone(bytes: &[u8]) -> Option<Packet> {
    read(&mut BytesMut::from(bytes), PACKET_BYTES)
        .ok()
        .flatten()
}

fn assert_stands_alone(whole: &[u8], packet: &Packet) {
    assert_eq!(alone(whole).as_ref(), Some(packet), "without what follows");
    for other in [0x00, 0xff] {
        let followed = [whole, &[other; 8]].concat();
        assert_eq!(alone(&followed).as_ref(), Some(packet), "{other} follows");
    }
    assert_eq!(
        alone(&whole[..whole.len() - 1]),
        None,
        "a part of {packet:?}"
    );
}

/// What a packet may not have whoever sends it.
fn assert_may_be(packet: &Packet) {
    let is_topic = |text: &str| !text.is_empty() && !text.contains(['+', '#', '\0']);
    let is_text = |text: &str| !text.contains('\0');
    let is_good = match packet {
        Packet::Connect(connect) => {
            let will = connect.will.as_ref();
            is_text(&connect.client)
                && will.is_none_or(|will| is_topic(will.message.topic()))
                && connect.user.as_deref().is_none_or(is_text)
                && (connect.user.is_some() || connect.password.is_none())
        }
        Packet::Publish { message, dup, id } => {
            let is_numbered = message.qos() > Qos::AtMostOnce;
            is_topic(message.topic()) && (*id != 0) == is_numbered && (is_numbered || !dup)
        }
        Packet::PubAck(id) | Packet::PubRec(id) | Packet::PubRel(id) | Packet::PubComp(id) => {
            *id != 0
        }
        Packet::Subscribe { id, filters } => {
            let mut all = filters.iter().map(|(filter, _)| filter);
            *id != 0 && !filters.is_empty() && all.all(|it| is_text(it) && !it.is_empty())
        }
        Packet::Unsubscribe { id, filters } => {
            let mut all = filters.iter();
            *id != 0 && !filters.is_empty() && all.all(|it| is_text(it) && !it.is_empty())
        }
        Packet::PingReq | Packet::Disconnect => true,
    };
    assert!(is_good, "no client may send {packet:?}");
}

fn assert_writes_back(packet: &Packet) {
    let mut written = BytesMut::new();
    client::write(&mut written, packet);
    assert_eq!(alone(&written).as_ref(), Some(packet), "written again");
    if let Packet::Publish { message, .. } = packet {
        for qos in [Qos::AtMostOnce, Qos::AtLeastOnce, Qos::ExactlyOnce] {
            assert_delivers(message, qos);
        }
    }
}

fn assert_delivers(message: &Message, qos: Qos) {
    let delivery = Delivery {
        qos,
        retain: message.retain(),
        dup: false,
        id: 7,
    };
    let mut told = BytesMut::new();
    write::publish(&mut told, message, delivery);
    // It may be longer than what is taken: by its packet id.
    let heard = read(&mut told, PACKET_BYTES + 2);
    let Ok(Some(Packet::Publish { message: heard, .. })) = heard else {
        unreachable!("{message:?} with {qos:?} is told as {heard:?}");
    };
    assert_eq!(heard.bytes(), message.bytes());
    assert_eq!((heard.qos(), heard.retain()), (qos, message.retain()));
}

fn assert_matches(packets: &[Packet]) {
    let (mut filters, mut topics) = (Vec::new(), Vec::new());
    for packet in packets {
        match packet {
            Packet::Subscribe { filters: some, .. } => filters.extend(some.iter().cloned()),
            Packet::Unsubscribe { filters: some, .. } => {
                filters.extend(some.iter().map(|it| (it.clone(), Qos::AtMostOnce)));
            }
            Packet::Publish { message, .. } => topics.push(message.topic().to_owned()),
            _ => {}
        }
    }
    filters.truncate(MET);
    topics.truncate(MET);
    // A filter says by itself where it is close to a mistake.
    for (filter, _) in &filters {
        for rest in ["", "a", "a/b", "/"] {
            topics.push(filter.replace(['+', '#'], rest));
        }
        topics.push(filter.trim_end_matches("/#").replace('+', "$"));
    }
    let mut tree = Tree::new();
    let mut held = BTreeMap::new();
    for (key, (filter, qos)) in (0..4_u64).cycle().zip(&filters) {
        assert_eq!(is_filter(filter), may_be_a_filter(filter), "{filter:?}");
        let change = tree.insert(filter, key, *qos);
        assert_eq!(change != Change::Refused, is_filter(filter), "{filter:?}");
        if is_filter(filter) {
            held.insert((key, filter.as_str()), *qos);
        }
    }
    for topic in &topics {
        assert_found(&tree, &held, topic);
    }
    for (key, filter) in held.keys() {
        assert!(tree.remove(filter, *key), "{filter:?} was held");
    }
    assert!(tree.is_empty(), "nobody subscribes any more");
}

fn assert_found(tree: &Tree<u64>, held: &BTreeMap<(u64, &str), Qos>, topic: &str) {
    let levels: Vec<&str> = topic.split('/').collect();
    let mut greatest = BTreeMap::new();
    for ((key, filter), qos) in held {
        let wanted: Vec<&str> = filter.split('/').collect();
        let is_hidden = topic.starts_with('$') && filter.starts_with(['+', '#']);
        let fits = !is_hidden && fit(&wanted, &levels);
        assert_eq!(matches(filter, topic), fits, "{filter:?} and {topic:?}");
        if fits {
            let known = greatest.entry(*key).or_insert(*qos);
            *known = (*known).max(*qos);
        }
    }
    let mut found = Vec::new();
    tree.collect(topic, &mut found);
    assert_eq!(found, Vec::from_iter(greatest), "{topic:?}");
}

/// Whether a filter is one (MQTT 3.1.1, 4.7.1).
fn may_be_a_filter(text: &str) -> bool {
    let levels: Vec<&str> = text.split('/').collect();
    let (last, before) = levels.split_last().expect("a split has a part at least");
    let is_plain = |level: &str| level == "+" || !level.contains(['+', '#']);
    (1..=FILTER_BYTES).contains(&text.len())
        && levels.len() <= LEVELS
        && !text.contains('\0')
        && (*last == "#" || is_plain(last))
        && before.iter().all(|level| is_plain(level))
}

/// Whether the levels of a filter fit those of a topic.
fn fit(filter: &[&str], topic: &[&str]) -> bool {
    match (filter, topic) {
        (["#"], _) | ([], []) => true,
        ([wanted, filter @ ..], [level, topic @ ..]) => {
            (*wanted == "+" || wanted == level) && fit(filter, topic)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_good_clients_send_keeps_every_promise(
            packets in prop::collection::vec(client::packets(), 1..6),
        ) {
            let mut bytes = BytesMut::new();
            for packet in &packets {
                client::write(&mut bytes, packet);
            }
            let heard = assert_codec(&bytes);
            prop_assert_eq!(heard, Heard { packets: packets.len(), refusal: None });
        }
    }
}
