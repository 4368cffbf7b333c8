//! Packets at the wrong time or of the wrong kind end the connection that sends them, and no other.

use crate::served::assert_served;
use crate::target::Broker;
use crate::wire::{
    Client, Connect, PATIENCE, Publication, ping, pubcomp, pubrec, pubrel, subscribe,
};

/// Fails unless these bytes, first on a connection, end it.
#[track_caller]
fn assert_no_beginning(bytes: &[u8]) {
    let broker = Broker::start();
    let mut client = Client::open(broker.addr());
    client.send(bytes);
    assert!(client.is_closed_within(PATIENCE), "it is listened to");
    assert_served(broker.addr());
}

/// Fails unless these bytes, in a session, end it.
#[track_caller]
fn assert_ends_a_session(bytes: &[u8]) {
    let broker = Broker::start();
    let mut client = Client::connect(broker.addr(), &Connect::new("nonsense"));
    client.send(bytes);
    assert!(client.is_closed_within(PATIENCE), "{bytes:?} is taken");
    assert_served(broker.addr());
}

#[test]
fn a_ping_before_connect_closes_the_connection() {
    assert_no_beginning(&ping());
}

#[test]
fn a_publish_before_connect_closes_the_connection() {
    assert_no_beginning(&Publication::new("early/topic", "early").bytes());
}

#[test]
fn a_subscribe_before_connect_closes_the_connection() {
    assert_no_beginning(&subscribe(1, "early/topic", 1));
}

#[test]
fn a_second_connect_closes_the_connection() {
    assert_ends_a_session(&Connect::new("nonsense").bytes());
}

#[test]
fn a_connack_from_a_client_closes_the_connection() {
    assert_ends_a_session(&[0x20, 2, 0, 0]);
}

#[test]
fn a_packet_of_type_0_closes_the_connection() {
    assert_ends_a_session(&[0x00, 0]);
}

#[test]
fn a_publish_with_qos_3_closes_the_connection() {
    assert_ends_a_session(&[0x36, 6, 0, 1, b'a', 0, 1, b'x']);
}

#[test]
fn a_subscribe_without_filters_closes_the_connection() {
    assert_ends_a_session(&[0x82, 2, 0, 1]);
}

#[test]
fn a_topic_that_is_not_utf8_closes_the_connection() {
    assert_ends_a_session(&[0x30, 5, 0, 2, 0xc3, 0x28, b'x']);
}

#[test]
fn steps_of_qos_2_that_answer_nothing_leave_others_served() {
    let broker = Broker::start();
    for step in [pubrec(7), pubrel(7), pubcomp(7)] {
        let mut client = Client::connect(broker.addr(), &Connect::new("steps"));
        client.send(&step);
        client.ping();
    }
    assert_served(broker.addr());
}
