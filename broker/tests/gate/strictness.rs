//! Section 6: what the standard forbids is refused, what it promises is kept.

use crate::served::assert_served;
use crate::target::Broker;
use crate::wire::{Client, Connect, PATIENCE, Publication, Qos, Reply};

/// Fails unless the filter is refused, by closing or by a SUBACK that says so.
#[track_caller]
fn assert_refused(filter: &str) {
    let broker = Broker::start();
    let mut client = Client::connect(broker.addr(), &Connect::new("bad-filter"));
    match client.subscribe(filter, 1) {
        Reply::Closed => {}
        Reply::SubAck { codes, .. } => assert_eq!(codes, [0x80], "the answer to {filter:?}"),
        reply => assert_eq!(reply, Reply::Closed, "the answer to {filter:?}"),
    }
    assert_served(broker.addr());
}

#[test]
fn a_filter_with_a_hash_in_the_middle_is_refused() {
    assert_refused("a/#/b");
}

#[test]
fn a_filter_with_a_hash_behind_a_letter_is_refused() {
    assert_refused("a#");
}

#[test]
fn a_filter_with_a_plus_before_a_letter_is_refused() {
    assert_refused("a/+b");
}

#[test]
fn an_empty_filter_is_refused() {
    assert_refused("");
}

/// Fails unless publishing there ends the connection.
#[track_caller]
fn assert_closes(topic: &str) {
    let broker = Broker::start();
    let mut client = Client::connect(broker.addr(), &Connect::new("bad-topic"));
    let publication = Publication::new(topic, "text").qos(Qos::AtLeastOnce(1));
    client.send(&publication.bytes());
    assert!(client.is_closed_within(PATIENCE), "{topic:?} is taken");
    assert_served(broker.addr());
}

#[test]
fn a_publish_to_a_wildcard_closes_the_connection() {
    assert_closes("w/#");
}

#[test]
fn a_publish_to_an_empty_topic_closes_the_connection() {
    assert_closes("");
}

#[test]
fn overlapping_subscriptions_bring_one_copy() {
    let broker = Broker::start();
    let mut client = Client::connect(broker.addr(), &Connect::new("overlap"));
    client.subscribed("overlap/+", 1);
    client.subscribed("overlap/#", 1);
    client.publish("overlap/topic", "one");
    client.publish("overlap/topic", "last");
    assert_eq!(client.hear_until("last"), Ok(vec!["one".to_owned()]));
}

#[test]
fn the_brokers_own_topics_are_served() {
    let broker = Broker::start();
    let mut client = Client::connect(broker.addr(), &Connect::new("sys"));
    client.subscribed("$SYS/#", 0);
    let heard = client.hear().unwrap();
    assert!(heard.topic.starts_with("$SYS/"), "{heard:?}");
    assert!(heard.is_retained, "{heard:?}");
}

#[test]
fn the_brokers_own_topics_are_not_part_of_everything() {
    let broker = Broker::start();
    let mut client = Client::connect(broker.addr(), &Connect::new("everything"));
    client.subscribed("#", 1);
    client.publish("everything/topic", "last");
    // Others may have left retained messages; the last word comes after the broker's own.
    loop {
        let heard = client.hear().unwrap();
        assert!(!heard.topic.starts_with('$'), "{heard:?}");
        if heard.topic == "everything/topic" {
            return;
        }
    }
}

#[test]
fn a_topic_that_begins_with_a_dollar_reaches_whoever_names_it() {
    let broker = Broker::start();
    let mut client = Client::connect(broker.addr(), &Connect::new("dollar"));
    client.subscribed("$dollar/+", 1);
    client.publish("$dollar/topic", "last");
    assert_eq!(client.hear_until("last"), Ok(Vec::new()));
}
