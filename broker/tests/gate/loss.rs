//! Section 3: what was acknowledged is delivered, or the subscriber is told that it was not.
//!
//! To be told is to be disconnected, or to find no session on return. The last message ends each
//! test: whoever hears it, in its place, has heard all that will come.

use crate::target::Broker;
use crate::wire::{Client, Connect, Ended, Publication, Qos, Reply};

/// Messages and their size: above any memory that rumqttd was given, within ten seconds.
const MESSAGES: u16 = 60_000;
const BYTES: usize = 1_024;

/// The packet id of the last message.
const LAST: u16 = 60_001;

fn numbered(topic: &str, number: u16) -> Vec<u8> {
    let payload = format!("{number:0BYTES$}");
    let publication = Publication::new(topic, payload);
    publication.qos(Qos::AtLeastOnce(number)).bytes()
}

/// Publishes them all and the last word; fails unless each of them is acknowledged.
#[track_caller]
fn pour(publisher: &mut Client, topic: &str) {
    let packets: Vec<u8> = (1..=MESSAGES).flat_map(|it| numbered(topic, it)).collect();
    let acked = publisher.flood(&packets, usize::from(MESSAGES));
    assert_eq!(acked, usize::from(MESSAGES), "messages are acknowledged");
    let last = Publication::new(topic, "last").qos(Qos::AtLeastOnce(LAST));
    publisher.send(&last.bytes());
}

/// Fails if the subscriber hears the last word and has missed one before.
#[track_caller]
fn assert_nothing_is_lost_in_silence(subscriber: &mut Client) {
    let mut missed = 0;
    let mut expected = 1;
    loop {
        match subscriber.hear().map(|heard| heard.text()) {
            Err(Ended::Closed) => return,
            Err(Ended::Silent) => {
                let after = expected - 1;
                assert_eq!(after, 0, "is the last heard; then silence");
            }
            Ok(text) if text == "last" => {
                missed += MESSAGES + 1 - expected;
                assert_eq!(missed, 0, "of {MESSAGES} acknowledged messages lost");
                return;
            }
            Ok(text) => {
                let number: u16 = text.parse().unwrap();
                missed += number.saturating_sub(expected);
                expected = number + 1;
            }
        }
    }
}

#[test]
fn a_reading_subscriber_loses_nothing_in_silence() {
    let broker = Broker::start();
    let mut subscriber = Client::connect(broker.addr(), &Connect::new("loss-reading"));
    subscriber.subscribed("loss/reading", 1);
    let mut publisher = Client::connect(broker.addr(), &Connect::new("loss-reading-publisher"));
    std::thread::scope(|scope| {
        let pouring = scope.spawn(|| pour(&mut publisher, "loss/reading"));
        assert_nothing_is_lost_in_silence(&mut subscriber);
        pouring.join().unwrap();
    });
}

#[test]
fn a_stalled_subscriber_loses_nothing_in_silence() {
    let broker = Broker::start();
    let mut subscriber = Client::connect(broker.addr(), &Connect::new("loss-stalled"));
    subscriber.subscribed("loss/stalled", 1);
    let mut publisher = Client::connect(broker.addr(), &Connect::new("loss-stalled-publisher"));
    pour(&mut publisher, "loss/stalled");
    assert_nothing_is_lost_in_silence(&mut subscriber);
}

#[test]
fn an_absent_subscriber_loses_nothing_in_silence() {
    let broker = Broker::start();
    let connect = Connect::new("loss-absent").lasting();
    let mut subscriber = Client::connect(broker.addr(), &connect);
    subscriber.subscribed("loss/absent", 1);
    subscriber.leave();
    let mut publisher = Client::connect(broker.addr(), &Connect::new("loss-absent-publisher"));
    pour(&mut publisher, "loss/absent");
    let (mut subscriber, reply) = Client::greet(broker.addr(), &connect);
    let is_present = matches!(
        reply,
        Reply::ConnAck {
            is_present: true,
            code: 0
        }
    );
    if is_present {
        assert_nothing_is_lost_in_silence(&mut subscriber);
    }
}

#[test]
fn a_short_absence_loses_nothing_and_keeps_the_order() {
    let broker = Broker::start();
    let connect = Connect::new("loss-short").lasting();
    let mut subscriber = Client::connect(broker.addr(), &connect);
    subscriber.subscribed("loss/short", 1);
    subscriber.leave();
    let mut publisher = Client::connect(broker.addr(), &Connect::new("loss-short-publisher"));
    for number in 0..500 {
        publisher.publish("loss/short", &number.to_string());
    }
    publisher.publish("loss/short", "last");
    let mut subscriber = Client::connect(broker.addr(), &connect);
    let expected = (0..500).map(|number| number.to_string()).collect();
    assert_eq!(subscriber.hear_until("last"), Ok(expected));
}

/// Subscribes, leaves these unacknowledged, vanishes and gives what comes on return.
fn again_after_a_drop(id: &str, topic: &str, is_retained: bool) -> Vec<Publication> {
    let broker = Broker::start();
    let connect = Connect::new(id).lasting();
    let mut publisher = Client::connect(broker.addr(), &Connect::new(&format!("{id}-publisher")));
    let mut subscriber = Client::connect(broker.addr(), &connect);
    let filter = format!("{topic}/+");
    if !is_retained {
        subscriber.subscribed(&filter, 1);
    }
    for number in 0..10 {
        let topic = format!("{topic}/{number}");
        if is_retained {
            publisher.publish_retained(&topic, "held");
        } else {
            publisher.publish(&topic, "held");
        }
    }
    if is_retained {
        subscriber.subscribed(&filter, 1);
    }
    for _ in 0..10 {
        subscriber.hear_unacknowledged().unwrap();
    }
    subscriber.vanish();
    let mut subscriber = Client::connect(broker.addr(), &connect);
    std::iter::from_fn(|| subscriber.hear().ok())
        .take(10)
        .collect()
}

#[test]
fn retained_messages_in_flight_come_again_after_a_drop() {
    let again = again_after_a_drop("inflight-retained", "inflight/retained", true);
    assert_eq!(again.len(), 10, "of ten come again");
}

#[test]
fn messages_in_flight_come_again_after_a_drop() {
    let again = again_after_a_drop("inflight-live", "inflight/live", false);
    assert_eq!(again.len(), 10, "of ten come again");
}

#[test]
fn what_comes_again_says_so() {
    let again = again_after_a_drop("inflight-dup", "inflight/dup", false);
    let marked = again.iter().filter(|message| message.is_again).count();
    assert_eq!(marked, 10, "of ten have DUP set");
}

#[test]
fn what_was_published_with_qos_0_arrives_with_qos_0() {
    let broker = Broker::start();
    let mut client = Client::connect(broker.addr(), &Connect::new("downgrade"));
    client.subscribed("downgrade/topic", 1);
    client.send(&Publication::new("downgrade/topic", "light").bytes());
    assert_eq!(client.hear().unwrap().qos, Qos::AtMostOnce);
}

#[test]
fn a_reader_that_reads_keeps_its_session_however_it_is_flooded() {
    let broker = Broker::start();
    let mut subscriber = Client::connect(broker.addr(), &Connect::new("loss-flooded"));
    subscriber.subscribed("loss/flooded", 1);
    let mut publishers = [1, 2, 3].map(|number| {
        let connect = Connect::new(&format!("loss-flooding-{number}"));
        Client::connect(broker.addr(), &connect)
    });
    let packets: Vec<u8> = (1..=MESSAGES)
        .flat_map(|it| {
            let publication = Publication::new("loss/flooded", "one of very many");
            publication.qos(Qos::AtLeastOnce(it)).bytes()
        })
        .collect();
    std::thread::scope(|scope| {
        for publisher in &mut publishers {
            scope.spawn(|| publisher.flood(&packets, usize::from(MESSAGES)));
        }
        for number in 0..3 * u32::from(MESSAGES) {
            let heard = subscriber.hear();
            assert!(heard.is_ok(), "{heard:?} after {number} messages");
        }
    });
}
