//! Section 5: QoS 2 between a publisher and the broker. The subscriber asks for QoS 1.

use crate::target::Broker;
use crate::wire::{Client, Connect, Publication, Qos, Reply, pubrel};

/// Publishes with QoS 2 as far as the PUBREC.
#[track_caller]
fn record(publisher: &mut Client, topic: &str, payload: &str, id: u16) {
    let publication = Publication::new(topic, payload).qos(Qos::ExactlyOnce(id));
    publisher.send(&publication.bytes());
    let reply = publisher.await_reply(|reply| *reply == Reply::PubRec(id));
    assert_eq!(reply, Reply::PubRec(id), "the answer to PUBLISH {id}");
}

#[track_caller]
fn release(publisher: &mut Client, id: u16) {
    publisher.send(&pubrel(id));
    let reply = publisher.await_reply(|reply| *reply == Reply::PubComp(id));
    assert_eq!(reply, Reply::PubComp(id), "the answer to PUBREL {id}");
}

#[test]
fn a_message_of_qos_2_arrives_once() {
    let broker = Broker::start();
    let mut subscriber = Client::connect(broker.addr(), &Connect::new("once-subscriber"));
    subscriber.subscribed("once/topic", 2);
    let mut publisher = Client::connect(broker.addr(), &Connect::new("once"));
    for id in 1..=50 {
        record(&mut publisher, "once/topic", &id.to_string(), id);
        release(&mut publisher, id);
    }
    record(&mut publisher, "once/topic", "last", 51);
    release(&mut publisher, 51);
    let expected = (1..=50).map(|id| id.to_string()).collect();
    assert_eq!(subscriber.hear_until("last"), Ok(expected));
}

#[test]
fn a_release_after_reconnecting_completes_the_message() {
    let broker = Broker::start();
    let mut subscriber = Client::connect(broker.addr(), &Connect::new("return-subscriber"));
    subscriber.subscribed("return/topic", 1);
    let connect = Connect::new("return").lasting();
    let mut publisher = Client::connect(broker.addr(), &connect);
    record(&mut publisher, "return/topic", "one", 1);
    publisher.vanish();
    let mut publisher = Client::connect(broker.addr(), &connect);
    release(&mut publisher, 1);
    publisher.publish("return/topic", "last");
    assert_eq!(subscriber.hear_until("last"), Ok(vec!["one".to_owned()]));
}

#[test]
fn a_release_of_the_second_message_releases_the_second() {
    let broker = Broker::start();
    let mut subscriber = Client::connect(broker.addr(), &Connect::new("second-subscriber"));
    subscriber.subscribed("second/topic", 1);
    let mut publisher = Client::connect(broker.addr(), &Connect::new("second"));
    record(&mut publisher, "second/topic", "one", 1);
    record(&mut publisher, "second/topic", "two", 2);
    release(&mut publisher, 2);
    publisher.publish("second/topic", "middle");
    // A broker may pass on each message when it comes; then the first is there as well.
    let mut heard = subscriber.hear_until("middle").unwrap();
    assert!(heard.contains(&"two".to_owned()), "{heard:?} is heard");
    release(&mut publisher, 1);
    publisher.publish("second/topic", "last");
    heard.extend(subscriber.hear_until("last").unwrap());
    heard.sort();
    assert_eq!(heard, ["one", "two"]);
}

#[test]
fn a_message_that_is_sent_and_released_twice_arrives_once() {
    let broker = Broker::start();
    let mut subscriber = Client::connect(broker.addr(), &Connect::new("twice-subscriber"));
    subscriber.subscribed("twice/topic", 1);
    let mut publisher = Client::connect(broker.addr(), &Connect::new("twice"));
    record(&mut publisher, "twice/topic", "one", 1);
    let again = Publication::new("twice/topic", "one").again();
    publisher.send(&again.qos(Qos::ExactlyOnce(1)).bytes());
    assert_eq!(publisher.reply(), Reply::PubRec(1));
    release(&mut publisher, 1);
    release(&mut publisher, 1);
    publisher.publish("twice/topic", "last");
    assert_eq!(subscriber.hear_until("last"), Ok(vec!["one".to_owned()]));
}

#[test]
fn a_new_message_under_the_id_of_one_that_was_never_released_is_not_acknowledged_and_lost() {
    let broker = Broker::start();
    let mut subscriber = Client::connect(broker.addr(), &Connect::new("anew-subscriber"));
    subscriber.subscribed("anew/topic", 1);
    let connect = Connect::new("anew").lasting();
    let mut publisher = Client::connect(broker.addr(), &connect);
    record(&mut publisher, "anew/topic", "one", 1);
    publisher.vanish();
    // Its process begins again and numbers from 1; it sends this for the first time, without DUP.
    let mut publisher = Client::connect(broker.addr(), &connect);
    record(&mut publisher, "anew/topic", "two", 1);
    // Of the next it knows that it sent it, and of that nothing has come.
    let unheard = Publication::new("anew/topic", "three").again();
    publisher.send(&unheard.qos(Qos::ExactlyOnce(1)).bytes());
    assert_eq!(publisher.reply(), Reply::PubRec(1));
    record(&mut publisher, "anew/topic", "three", 1);
    release(&mut publisher, 1);
    publisher.publish("anew/topic", "last");
    let heard = subscriber.hear_until("last").unwrap();
    assert_eq!(heard, ["one", "two", "three"]);
}
