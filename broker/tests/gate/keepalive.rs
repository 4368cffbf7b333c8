//! Section 5: one and a half keepalives of silence end a connection, whatever flows the other way.

use std::time::{Duration, Instant};

use crate::target::Broker;
use crate::wire::{Client, Connect, Publication, Reply};

/// How late a broker may be: one that looks every 5 s, as mosquitto does, is still in time.
const LATE: Duration = Duration::from_secs(9);

/// How often a message flows to the silent client: well below its keepalive.
const PACE: Duration = Duration::from_millis(100);

/// Messages to a peer that is frozen: above what socket buffers on loopback hold.
const BACKLOG: usize = 20_000;

#[test]
fn a_silent_client_leaves_its_will_after_one_and_a_half_keepalives() {
    let broker = Broker::start();
    let mut watcher = Client::connect(broker.addr(), &Connect::new("silent-watcher"));
    watcher.subscribed("silent/will", 1);
    let connect = Connect::new("silent").keep_alive_s(1);
    let begun = Instant::now();
    let _silent = Client::connect(broker.addr(), &connect.will("silent/will", "gone"));
    let heard = watcher.hear_within(LATE);
    let after = begun.elapsed();
    assert!(heard.is_ok(), "after {after:?} the watcher hears {heard:?}");
    assert!(after > Duration::from_secs(1), "it is gone after {after:?}");
}

#[test]
fn a_client_that_pings_stays() {
    let broker = Broker::start();
    let connect = Connect::new("pinging").keep_alive_s(1);
    let mut client = Client::connect(broker.addr(), &connect);
    for _ in 0..6 {
        assert_eq!(
            client.reply_within(Duration::from_millis(500)),
            Reply::Silence
        );
        assert_eq!(client.ping(), Reply::PingResp);
    }
}

#[test]
fn a_silent_client_to_which_messages_flow_leaves_its_will() {
    let broker = Broker::start();
    let mut watcher = Client::connect(broker.addr(), &Connect::new("fed-watcher"));
    watcher.subscribed("fed/will", 1);
    let connect = Connect::new("fed").keep_alive_s(1);
    let mut fed = Client::connect(broker.addr(), &connect.will("fed/will", "gone"));
    fed.subscribed("fed/flow", 0);
    let message = Publication::new("fed/flow", "flow").bytes();
    let mut publisher = Client::connect(broker.addr(), &Connect::new("fed-publisher"));
    let deadline = Instant::now() + LATE;
    while Instant::now() < deadline {
        publisher.send(&message);
        // To watch for so long is the pace of the flow.
        if watcher.hear_within(PACE).is_ok() {
            return;
        }
    }
    unreachable!("a client that has been silent for {LATE:?} is alive at a keepalive of 1 s");
}

#[test]
fn a_frozen_client_to_which_messages_are_queued_leaves_its_will() {
    let broker = Broker::start();
    let mut watcher = Client::connect(broker.addr(), &Connect::new("frozen-watcher"));
    watcher.subscribed("frozen/will", 1);
    let connect = Connect::new("frozen").keep_alive_s(2);
    let mut frozen = Client::connect(broker.addr(), &connect.will("frozen/will", "gone"));
    frozen.subscribed("frozen/flow", 0);
    let mut publisher = Client::connect(broker.addr(), &Connect::new("frozen-publisher"));
    let message = Publication::new("frozen/flow", vec![b'x'; 1_024]).bytes();
    publisher.flood(&message.repeat(BACKLOG), 0);
    publisher.publish("frozen/other", "the flood has been read");
    let heard = watcher.hear_within(LATE);
    assert!(heard.is_ok(), "the watcher hears {heard:?}");
}

#[test]
fn a_keepalive_of_zero_is_accepted_and_never_ends() {
    let broker = Broker::start();
    let connect = Connect::new("no-keepalive").keep_alive_s(0);
    let mut client = Client::connect(broker.addr(), &connect);
    assert_eq!(client.reply_within(Duration::from_secs(3)), Reply::Silence);
    assert_eq!(client.ping(), Reply::PingResp);
}
