//! Section 1: what ends all of rumqttd from the network (K1, K2, K4, K5) ends nothing here.

use crate::served::assert_served;
use crate::target::Broker;
use crate::wire::{Client, Connect, PATIENCE, Publication, Qos, Reply, puback};

/// How often a held-up connection is taken over: not every time ends rumqttd.
const TAKEOVERS: usize = 10;

/// Messages to a subscriber that does not read: above what socket buffers on loopback hold.
const BACKLOG: usize = 20_000;

#[test]
fn a_topic_that_begins_with_a_chinese_character_ends_no_router() {
    let broker = Broker::start();
    let mut subscriber = Client::connect(broker.addr(), &Connect::new("k1-subscriber"));
    subscriber.subscribed("k1/any", 1);
    let mut publisher = Client::connect(broker.addr(), &Connect::new("k1-publisher"));
    let publication = Publication::new("应急/广州", "flood").qos(Qos::AtLeastOnce(1));
    publisher.send(&publication.bytes());
    // It may be taken or refused.
    publisher.reply();
    assert_served(broker.addr());
    assert_eq!(subscriber.ping(), Reply::PingResp);
}

#[test]
fn a_will_that_begins_with_a_chinese_character_ends_no_router() {
    let broker = Broker::start();
    let mut subscriber = Client::connect(broker.addr(), &Connect::new("k1-will-subscriber"));
    subscriber.subscribed("疏散/#", 1);
    let connect = Connect::new("k1-will").will("疏散/广州", "gone");
    let (mut dying, reply) = Client::greet(broker.addr(), &connect);
    // A malformed packet: the connection ends and the will is due.
    dying.send(&[0xf0, 0]);
    assert!(dying.is_closed_within(PATIENCE));
    // It may be refused; if not, then whoever waits for it sees what becomes of the broker.
    if matches!(reply, Reply::ConnAck { code: 0, .. }) {
        assert_eq!(subscriber.hear_until("gone"), Ok(Vec::new()));
    }
    assert_served(broker.addr());
}

#[test]
fn a_retained_topic_that_begins_with_a_chinese_character_ends_no_router() {
    let broker = Broker::start();
    let mut publisher = Client::connect(broker.addr(), &Connect::new("k1-retained"));
    let publication = Publication::new("应急/佛山", "flood").retained();
    publisher.send(&publication.qos(Qos::AtLeastOnce(1)).bytes());
    publisher.reply();
    let mut subscriber = Client::connect(broker.addr(), &Connect::new("k1-late"));
    subscriber.subscribe("#", 1);
    assert_served(broker.addr());
}

#[test]
fn a_client_id_with_wildcards_that_comes_twice_ends_no_listener() {
    for id in ["gz+agent", "gz$agent", "gz#agent", "gz/agent"] {
        let broker = Broker::start();
        for _ in 0..2 {
            // It may be accepted or refused.
            Client::greet(broker.addr(), &Connect::new(id));
        }
        assert_served(broker.addr());
    }
}

#[test]
fn a_shared_subscriber_that_drops_with_an_unacknowledged_message_ends_no_router() {
    let broker = Broker::start();
    let connect = Connect::new("k4-sharing").lasting();
    let mut sharing = Client::connect(broker.addr(), &connect);
    let reply = sharing.subscribe("$share/group/k4/topic", 1);
    let mut publisher = Client::connect(broker.addr(), &Connect::new("k4-publisher"));
    publisher.publish("k4/topic", "one");
    // Shared subscriptions may be refused.
    if matches!(&reply, Reply::SubAck { codes, .. } if codes[..] != [0x80]) {
        sharing.hear_unacknowledged().unwrap();
    }
    sharing.vanish();
    assert_served(broker.addr());
    // By now the router has seen the drop.
    Client::connect(broker.addr(), &connect).leave();
    assert_served(broker.addr());
}

#[test]
fn a_takeover_of_a_connection_that_is_held_up_ends_no_router() {
    let broker = Broker::start();
    let connect = Connect::new("k5-twin");
    let mut publisher = Client::connect(broker.addr(), &Connect::new("k5-publisher"));
    let publication = Publication::new("k5/flood", vec![b'x'; 1_024]).bytes();
    for _ in 0..TAKEOVERS {
        let mut slow = Client::connect(broker.addr(), &connect);
        slow.subscribed("k5/flood", 0);
        publisher.flood(&publication.repeat(BACKLOG), 0);
        publisher.publish("k5/other", "the flood has been read");
        let new = Client::connect(broker.addr(), &connect);
        new.leave();
        assert!(slow.is_closed_within(PATIENCE), "the old one stays open");
        assert_served(broker.addr());
    }
}

#[test]
fn a_subscriber_that_acknowledges_what_it_never_got_ends_only_itself() {
    let broker = Broker::start();
    let mut odd = Client::connect(broker.addr(), &Connect::new("odd-acks"));
    for id in [0, 1, 7, 100, 65_535] {
        odd.send(&puback(id));
    }
    odd.ping();
    assert_served(broker.addr());
}
