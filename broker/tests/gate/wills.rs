//! Section 5: a will is published when its connection dies, and at no other time.

use std::time::{Duration, Instant};

use broker::Limits;

use crate::members::{ROOT, from};
use crate::target::Broker;
use crate::wire::{Client, Connect, PATIENCE, Reply};

#[test]
fn a_connection_that_vanishes_leaves_its_will() {
    let broker = Broker::start();
    let mut watcher = Client::connect(broker.addr(), &Connect::new("vanish-watcher"));
    watcher.subscribed("vanish/will", 1);
    let connect = Connect::new("vanish").will("vanish/will", "gone");
    Client::connect(broker.addr(), &connect).vanish();
    assert_eq!(watcher.hear_until("gone"), Ok(Vec::new()));
}

#[test]
fn a_malformed_packet_leaves_the_will_of_its_sender() {
    let broker = Broker::start();
    let mut watcher = Client::connect(broker.addr(), &Connect::new("malformed-watcher"));
    watcher.subscribed("malformed/will", 1);
    let connect = Connect::new("malformed").will("malformed/will", "gone");
    let mut dying = Client::connect(broker.addr(), &connect);
    dying.send(&[0xf0, 0]);
    assert!(dying.is_closed_within(PATIENCE));
    assert_eq!(watcher.hear_until("gone"), Ok(Vec::new()));
}

#[test]
fn whoever_says_goodbye_leaves_no_will() {
    let broker = Broker::start();
    let mut watcher = Client::connect(broker.addr(), &Connect::new("goodbye-watcher"));
    watcher.subscribed("goodbye/will", 1);
    let connect = Connect::new("goodbye").will("goodbye/will", "gone");
    Client::connect(broker.addr(), &connect).leave();
    let mut publisher = Client::connect(broker.addr(), &Connect::new("goodbye-publisher"));
    publisher.publish("goodbye/will", "last");
    assert_eq!(watcher.hear_until("last"), Ok(Vec::new()));
}

#[test]
fn a_takeover_publishes_the_old_will_and_keeps_the_new_one() {
    let broker = Broker::start();
    let mut watcher = Client::connect(broker.addr(), &Connect::new("wills-watcher"));
    watcher.subscribed("wills/twin", 1);
    let will = |text| Connect::new("wills-twin").will("wills/twin", text);
    let mut old = Client::connect(broker.addr(), &will("old"));
    let mut new = Client::connect(broker.addr(), &will("new"));
    assert!(old.is_closed_within(PATIENCE), "the old one stays open");
    assert_eq!(watcher.hear_until("old"), Ok(Vec::new()));
    assert_eq!(new.ping(), Reply::PingResp);
    new.vanish();
    assert_eq!(watcher.hear_until("new"), Ok(Vec::new()));
}

#[test]
fn wills_count_like_messages() {
    let limits = Limits {
        messages_per_s: 5,
        ..Limits::NETWORK
    };
    let broker = Broker::of_members(&["440400"], limits);
    let login = Connect::new("440400-1").login("440400", "pw-440400");
    let connect = login.will(&format!("{ROOT}/want/440100"), &from("440400"));
    let begun = Instant::now();
    for _ in 0..25 {
        Client::connect(broker.addr(), &connect).vanish();
    }
    // Five at once, and twenty at five a second.
    let after = begun.elapsed();
    assert!(after > Duration::from_millis(3_800), "{after:?}");
}
