//! Section 4: a retained message stays until it is replaced or erased, and every newcomer gets it.

use crate::target::Broker;
use crate::wire::packet::subscribe_to_all;
use crate::wire::{Client, Connect, Publication, Qos};

/// Topics with a retained message; rumqttd sends 200 or 100 of them.
const TOPICS: usize = 1_000;

/// How many retained messages a newcomer gets.
fn heard_by_a_newcomer(prefix: &str, qos: u8) -> usize {
    let broker = Broker::start();
    let mut publisher = Client::connect(broker.addr(), &Connect::new(&format!("{prefix}-sender")));
    for number in 0..TOPICS {
        publisher.publish_retained(&format!("{prefix}/{number}"), "kept");
    }
    let mut newcomer = Client::connect(broker.addr(), &Connect::new(&format!("{prefix}-late")));
    newcomer.subscribed(&format!("{prefix}/+"), qos);
    std::iter::from_fn(|| newcomer.hear().ok())
        .take(TOPICS)
        .count()
}

#[test]
fn a_newcomer_with_qos_0_gets_all_of_a_thousand_retained_messages() {
    assert_eq!(heard_by_a_newcomer("thousand0", 0), TOPICS);
}

#[test]
fn a_newcomer_with_qos_1_gets_all_of_a_thousand_retained_messages() {
    assert_eq!(heard_by_a_newcomer("thousand1", 1), TOPICS);
}

#[test]
fn an_empty_message_that_is_not_to_be_retained_erases_nothing() {
    let broker = Broker::start();
    let mut publisher = Client::connect(broker.addr(), &Connect::new("erase-not"));
    publisher.publish_retained("erase/not", "kept");
    publisher.publish("erase/not", "");
    publisher.subscribed("erase/not", 1);
    let heard = publisher.hear();
    assert!(
        heard.is_ok_and(|heard| heard.text() == "kept"),
        "it is erased"
    );
}

#[test]
fn an_empty_message_that_is_to_be_retained_erases() {
    let broker = Broker::start();
    let mut publisher = Client::connect(broker.addr(), &Connect::new("erase"));
    publisher.publish_retained("erase/this", "kept");
    publisher.publish_retained("erase/this", "");
    publisher.subscribed("erase/this", 1);
    publisher.publish("erase/this", "last");
    assert_eq!(publisher.hear_until("last"), Ok(Vec::new()));
}

#[test]
fn a_second_subscribe_brings_the_retained_message_again() {
    let broker = Broker::start();
    let mut client = Client::connect(broker.addr(), &Connect::new("resubscribe"));
    client.publish_retained("resubscribe/topic", "kept");
    for time in ["first", "second"] {
        client.subscribed("resubscribe/topic", 1);
        let heard = client.hear();
        assert!(heard.is_ok(), "{time} subscribe brings {heard:?}");
    }
}

#[test]
fn a_message_is_marked_as_retained_for_latecomers_only() {
    let broker = Broker::start();
    let mut early = Client::connect(broker.addr(), &Connect::new("mark-early"));
    early.subscribed("mark/topic", 1);
    let mut publisher = Client::connect(broker.addr(), &Connect::new("mark-publisher"));
    publisher.publish_retained("mark/topic", "kept");
    let mut late = Client::connect(broker.addr(), &Connect::new("mark-late"));
    late.subscribed("mark/topic", 1);
    assert!(!early.hear().unwrap().is_retained);
    assert!(late.hear().unwrap().is_retained);
}

#[test]
fn the_newest_retained_message_replaces_the_one_before() {
    let broker = Broker::start();
    let mut client = Client::connect(broker.addr(), &Connect::new("replace"));
    client.publish_retained("replace/topic", "old");
    client.publish_retained("replace/topic", "new");
    client.subscribed("replace/+", 1);
    client.publish("replace/topic", "last");
    assert_eq!(client.hear_until("last"), Ok(vec!["new".to_owned()]));
}

#[test]
fn a_retained_message_of_qos_1_comes_with_qos_0_to_whom_asked_for_that() {
    let broker = Broker::start();
    let mut client = Client::connect(broker.addr(), &Connect::new("retained-qos"));
    client.publish_retained("retained-qos/topic", "kept");
    client.subscribed("retained-qos/topic", 0);
    assert_eq!(client.hear().unwrap(), {
        let kept = Publication::new("retained-qos/topic", "kept");
        kept.qos(Qos::AtMostOnce).retained()
    });
}

#[test]
fn a_retained_message_comes_once_to_who_asks_for_it_by_two_filters_at_once() {
    let broker = Broker::start();
    let mut client = Client::connect(broker.addr(), &Connect::new("by-two-filters"));
    client.publish_retained("two/filters", "kept");
    client.send(&subscribe_to_all(1, &[("two/#", 0), ("two/+", 1)]));
    let heard = client.hear().unwrap();
    assert_eq!(heard.text(), "kept");
    assert!(
        matches!(heard.qos, Qos::AtLeastOnce(_)),
        "the greater of both"
    );
    client.publish("two/filters", "what follows");
    assert_eq!(client.hear().unwrap().text(), "what follows");
}
