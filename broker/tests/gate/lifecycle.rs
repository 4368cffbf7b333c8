//! Sections 9 and 11: a broker says when it cannot listen, and does not wait with what it has to say.

use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

use crate::target::{Broker, says_that_it_cannot_listen};
use crate::wire::{Client, Connect, Publication, Reply};

/// Messages that are sent one after the other.
const MESSAGES: usize = 101;

/// How long half of them may take at most. A small packet that waits for the acknowledgement of the one
/// before waits for 40 ms on Linux.
const SOON: Duration = Duration::from_millis(20);

#[test]
fn a_broker_that_finds_its_port_in_use_says_so() {
    let other = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    assert!(says_that_it_cannot_listen(other.local_addr().unwrap()));
}

#[test]
fn a_message_does_not_wait_until_the_one_before_has_arrived() {
    let broker = Broker::start();
    let mut reader = Client::connect(broker.addr(), &Connect::new("delay-reader"));
    reader.subscribed("delay/topic", 0);
    let mut writer = Client::connect(broker.addr(), &Connect::new("delay-writer"));
    let message = Publication::new("delay/topic", "small").bytes();
    let mut delays: Vec<Duration> = Vec::new();
    for _ in 0..MESSAGES {
        // Who speaks acknowledges with what it says next, and says nothing more for now: what comes after
        // the answer would wait for that.
        assert_eq!(reader.ping(), Reply::PingResp);
        let begun = Instant::now();
        writer.send(&message);
        reader.hear().unwrap();
        delays.push(begun.elapsed());
    }
    delays.sort_unstable();
    let half = delays[MESSAGES / 2];
    assert!(half < SOON, "{half:?}");
}
