//! Section 5: sessions, acknowledgements and takeover.

use crate::target::Broker;
use crate::wire::{Client, Connect, PATIENCE, Qos, Reply, puback};

#[test]
fn a_lasting_session_is_present_on_return() {
    let broker = Broker::start();
    let connect = Connect::new("lasting").lasting();
    let (first, reply) = Client::greet(broker.addr(), &connect);
    assert_eq!(
        reply,
        Reply::ConnAck {
            is_present: false,
            code: 0
        }
    );
    first.leave();
    let (_second, reply) = Client::greet(broker.addr(), &connect);
    assert_eq!(
        reply,
        Reply::ConnAck {
            is_present: true,
            code: 0
        }
    );
}

#[test]
fn a_clean_session_leaves_nothing() {
    let broker = Broker::start();
    let mut clean = Client::connect(broker.addr(), &Connect::new("clean"));
    clean.subscribed("clean/topic", 1);
    clean.leave();
    let mut publisher = Client::connect(broker.addr(), &Connect::new("clean-publisher"));
    publisher.publish("clean/topic", "missed");
    let (mut back, reply) = Client::greet(broker.addr(), &Connect::new("clean").lasting());
    assert_eq!(
        reply,
        Reply::ConnAck {
            is_present: false,
            code: 0
        }
    );
    publisher.publish("clean/topic", "still not subscribed");
    back.subscribed("clean/topic", 1);
    publisher.publish("clean/topic", "last");
    assert_eq!(back.hear_until("last"), Ok(Vec::new()));
}

#[test]
fn a_clean_session_erases_the_lasting_one_before_it() {
    let broker = Broker::start();
    let lasting = Connect::new("wiped").lasting();
    let mut first = Client::connect(broker.addr(), &lasting);
    first.subscribed("wiped/topic", 1);
    first.leave();
    Client::connect(broker.addr(), &Connect::new("wiped")).leave();
    let (_third, reply) = Client::greet(broker.addr(), &lasting);
    assert_eq!(
        reply,
        Reply::ConnAck {
            is_present: false,
            code: 0
        }
    );
}

#[test]
fn a_clean_session_that_is_open_is_not_carried_on_by_a_lasting_one() {
    let broker = Broker::start();
    let mut clean = Client::connect(broker.addr(), &Connect::new("open-clean"));
    clean.subscribed("open-clean/topic", 1);
    let (mut lasting, reply) = Client::greet(broker.addr(), &Connect::new("open-clean").lasting());
    assert_eq!(
        reply,
        Reply::ConnAck {
            is_present: false,
            code: 0
        }
    );
    let mut publisher = Client::connect(broker.addr(), &Connect::new("open-clean-publisher"));
    publisher.publish("open-clean/topic", "unwanted");
    lasting.subscribed("open-clean/other", 1);
    publisher.publish("open-clean/other", "last");
    assert_eq!(lasting.hear_until("last"), Ok(Vec::new()));
}

#[test]
fn a_resumed_session_can_unsubscribe() {
    let broker = Broker::start();
    let connect = Connect::new("resumed").lasting();
    let mut client = Client::connect(broker.addr(), &connect);
    client.subscribed("resumed/topic", 1);
    client.vanish();
    let mut client = Client::connect(broker.addr(), &connect);
    let reply = client.unsubscribe("resumed/topic");
    assert!(
        matches!(reply, Reply::UnsubAck(_)),
        "{reply:?} for an UNSUBACK"
    );
    let mut publisher = Client::connect(broker.addr(), &Connect::new("resumed-publisher"));
    publisher.publish("resumed/topic", "unwanted");
    client.subscribed("resumed/other", 1);
    publisher.publish("resumed/other", "last");
    assert_eq!(client.hear_until("last"), Ok(Vec::new()));
}

#[test]
fn an_unsubscribe_from_an_unknown_filter_is_acknowledged() {
    let broker = Broker::start();
    let mut client = Client::connect(broker.addr(), &Connect::new("unknown-filter"));
    let reply = client.unsubscribe("unknown/filter");
    assert!(
        matches!(reply, Reply::UnsubAck(_)),
        "{reply:?} for an UNSUBACK"
    );
}

#[test]
fn acknowledgements_out_of_order_are_taken() {
    let broker = Broker::start();
    let mut subscriber = Client::connect(broker.addr(), &Connect::new("disorder"));
    subscriber.subscribed("disorder/topic", 1);
    let mut publisher = Client::connect(broker.addr(), &Connect::new("disorder-publisher"));
    for number in ["1", "2", "3"] {
        publisher.publish("disorder/topic", number);
    }
    let mut ids: Vec<_> = (0..3)
        .map(|_| subscriber.hear_unacknowledged().unwrap().qos)
        .collect();
    ids.reverse();
    for qos in ids {
        if let Qos::AtLeastOnce(id) = qos {
            subscriber.send(&puback(id));
        }
    }
    assert_eq!(subscriber.ping(), Reply::PingResp);
    publisher.publish("disorder/topic", "last");
    assert_eq!(subscriber.hear_until("last"), Ok(Vec::new()));
}

#[test]
fn a_takeover_closes_the_old_connection() {
    let broker = Broker::start();
    let mut old = Client::connect(broker.addr(), &Connect::new("twin"));
    let mut new = Client::connect(broker.addr(), &Connect::new("twin"));
    assert!(old.is_closed_within(PATIENCE), "the old one stays open");
    assert_eq!(new.ping(), Reply::PingResp);
}

#[test]
fn a_takeover_carries_on_a_lasting_session() {
    let broker = Broker::start();
    let connect = Connect::new("heir").lasting();
    let mut old = Client::connect(broker.addr(), &connect);
    old.subscribed("heir/topic", 1);
    let (mut new, reply) = Client::greet(broker.addr(), &connect);
    assert_eq!(
        reply,
        Reply::ConnAck {
            is_present: true,
            code: 0
        }
    );
    assert!(old.is_closed_within(PATIENCE), "the old one stays open");
    let mut publisher = Client::connect(broker.addr(), &Connect::new("heir-publisher"));
    publisher.publish("heir/topic", "last");
    assert_eq!(new.hear_until("last"), Ok(Vec::new()));
}

#[test]
fn a_client_without_an_id_ends_none_that_chose_its_name() {
    let broker = Broker::start();
    // A gate that numbered its nameless guests, as tests before this one may have had it do.
    let name = |number: usize| format!("nameless-{number}");
    let choose = |number| Client::connect(broker.addr(), &Connect::new(&name(number)));
    let mut chosen: Vec<Client> = (0..64).map(choose).collect();
    let _nameless: Vec<Client> = (0..8)
        .map(|_| Client::connect(broker.addr(), &Connect::new("")))
        .collect();
    for client in &mut chosen {
        assert_eq!(client.ping(), Reply::PingResp);
    }
}
