//! An outbox without a socket: what is told when, again, in which order, and what is not.

use super::uptake::{STILL, STILL_BYTES};
use super::*;
use crate::codec::packet::Packet;
use crate::codec::read;

/// Far above any packet here.
const LIMIT: usize = 1_000_000;

fn open() -> Outbox {
    let mut outbox = Outbox::default();
    outbox.attach(1, Arc::default());
    outbox
}

fn parcel(topic: &str, payload: &str, qos: Qos) -> Parcel {
    let message = Message::new(topic, payload.as_bytes(), qos, false).unwrap();
    Parcel {
        message: Arc::new(message),
        qos,
        retain: false,
    }
}

fn push(outbox: &mut Outbox, topic: &str, payload: &str, qos: Qos) {
    let parcel = parcel(topic, payload, qos);
    outbox.push(parcel, Haste::of(topic)).unwrap();
}

/// What a connection takes, as a client reads it: payload or name, id, and whether it is told again.
fn taken(outbox: &mut Outbox, connection: u64) -> Vec<(String, u16, bool)> {
    let mut bytes = BytesMut::new();
    assert!(outbox.take(connection, &mut bytes));
    let mut found = Vec::new();
    while let Some(packet) = read::read(&mut bytes, LIMIT).unwrap() {
        found.push(match packet {
            Packet::Publish { message, dup, id } => {
                let payload = str::from_utf8(message.payload()).unwrap();
                (payload.to_owned(), id, dup)
            }
            Packet::PubRel(id) => ("release".to_owned(), id, false),
            Packet::PubRec(id) => ("received".to_owned(), id, false),
            Packet::PubComp(id) => ("complete".to_owned(), id, false),
            Packet::PubAck(id) => ("acknowledged".to_owned(), id, false),
            other => panic!("{other:?}"),
        });
    }
    found
}

fn told(payload: &str, id: u16, again: bool) -> (String, u16, bool) {
    (payload.to_owned(), id, again)
}

#[test]
fn what_is_pushed_is_told_once_in_order() {
    let mut outbox = open();
    push(&mut outbox, "a", "1", Qos::AtLeastOnce);
    push(&mut outbox, "a", "2", Qos::AtMostOnce);
    push(&mut outbox, "a", "3", Qos::AtLeastOnce);
    assert_eq!(
        taken(&mut outbox, 1),
        [
            told("1", 1, false),
            told("2", 0, false),
            told("3", 2, false)
        ]
    );
    assert!(taken(&mut outbox, 1).is_empty());
}

#[test]
fn no_more_is_under_way_than_the_window_and_acknowledgements_make_room_in_any_order() {
    let mut outbox = open();
    for number in 0..WINDOW + 2 {
        push(&mut outbox, "a", &number.to_string(), Qos::AtLeastOnce);
    }
    assert_eq!(taken(&mut outbox, 1).len(), WINDOW);
    outbox.acknowledged(7);
    outbox.acknowledged(7);
    outbox.acknowledged(9_999);
    assert_eq!(taken(&mut outbox, 1).len(), 1);
    outbox.acknowledged(3);
    assert_eq!(taken(&mut outbox, 1).len(), 1);
}

#[test]
fn what_was_not_acknowledged_is_told_again_as_such_before_anything_new() {
    let mut outbox = open();
    for payload in ["1", "2", "3"] {
        push(&mut outbox, "a", payload, Qos::AtLeastOnce);
    }
    taken(&mut outbox, 1);
    outbox.acknowledged(2);
    assert!(outbox.detach(1));
    push(&mut outbox, "a", "4", Qos::AtLeastOnce);
    push(&mut outbox, "a", "lost with the line", Qos::AtMostOnce);
    outbox.attach(2, Arc::default());
    assert_eq!(
        taken(&mut outbox, 2),
        [told("1", 1, true), told("3", 3, true), told("4", 4, false)]
    );
}

#[test]
fn a_connection_that_was_replaced_takes_nothing_and_ends_nothing() {
    let mut outbox = open();
    outbox.attach(2, Arc::default());
    assert!(!outbox.take(1, &mut BytesMut::new()));
    assert!(!outbox.detach(1));
    outbox.answer(1, |to| write::puback(to, 1));
    assert!(taken(&mut outbox, 2).is_empty());
}

#[test]
fn a_message_of_qos_2_is_told_in_two_steps_and_its_release_again_after_a_cut() {
    let mut outbox = open();
    push(&mut outbox, "a", "once", Qos::ExactlyOnce);
    assert_eq!(taken(&mut outbox, 1), [told("once", 1, false)]);
    outbox.acknowledged(1);
    outbox.completed(1);
    outbox.arrived(1, 1);
    assert_eq!(taken(&mut outbox, 1), [told("release", 1, false)]);
    outbox.attach(2, Arc::default());
    assert_eq!(taken(&mut outbox, 2), [told("release", 1, false)]);
    outbox.completed(1);
    outbox.attach(3, Arc::default());
    assert!(taken(&mut outbox, 3).is_empty());
}

#[test]
fn a_message_of_qos_2_from_the_client_counts_once_until_it_is_released() {
    let mut outbox = open();
    let [once, other] = ["once", "other"].map(|it| parcel("a", it, Qos::ExactlyOnce).message);
    assert!(!outbox.has_received(5, &once));
    outbox.receive(5, &once);
    outbox.attach(2, Arc::default());
    assert!(outbox.has_received(5, &once), "also on another connection");
    assert!(!outbox.has_received(5, &other), "it is another's id by now");
    outbox.receive(5, &other);
    assert!(outbox.has_received(5, &other));
    assert_eq!(
        (outbox.unreleased_beside(5), outbox.unreleased_beside(6)),
        (0, 1)
    );
    outbox.release(2, 5);
    assert_eq!(taken(&mut outbox, 2), [told("complete", 5, false)]);
    assert!(!outbox.has_received(5, &other));
}

#[test]
fn orders_overtake_what_offices_write_and_that_overtakes_repairs() {
    let mut outbox = open();
    for topic in ["fill/990100", "log/990100", "order/990100"] {
        let topic = format!("liandong/1/drill/{topic}");
        push(&mut outbox, &topic, &topic[17..], Qos::AtMostOnce);
    }
    let order: Vec<String> = taken(&mut outbox, 1).into_iter().map(|it| it.0).collect();
    assert_eq!(order, ["order/990100", "log/990100", "fill/990100"]);
}

#[test]
fn more_than_it_may_hold_is_refused_and_what_is_retained_has_room_of_its_own() {
    let mut outbox = open();
    let large = "x".repeat(1 << 20);
    let mut count = 0;
    while outbox
        .push(parcel("a", &large, Qos::AtLeastOnce), Haste::Usual)
        .is_ok()
    {
        count += 1;
    }
    assert_eq!(count, (WAITING_BYTES >> 20) - 1);
    let mut kept = 0;
    while outbox.keep(parcel("a", &large, Qos::AtLeastOnce), Haste::Usual) == Ok(()) {
        kept += 1;
    }
    assert_eq!(kept, RETAINED_BYTES >> 20, "as much as a gate retains");
}

#[test]
fn a_retained_message_that_waits_is_told_once_however_often_it_is_asked_for() {
    let mut outbox = open();
    let kept = parcel("a", "kept", Qos::AtMostOnce);
    let ask = |outbox: &mut Outbox, qos| {
        let parcel = Parcel {
            qos,
            retain: true,
            ..kept.clone()
        };
        outbox.keep(parcel, Haste::Usual).unwrap();
    };
    for _ in 0..3 {
        ask(&mut outbox, Qos::AtLeastOnce);
        ask(&mut outbox, Qos::AtMostOnce);
    }
    assert_eq!(taken(&mut outbox, 1), [told("kept", 1, false)]);
    ask(&mut outbox, Qos::AtMostOnce);
    assert_eq!(taken(&mut outbox, 1), [told("kept", 0, false)], "anew");
    // What waits without an acknowledgement is gone with the line, and asked for anew.
    ask(&mut outbox, Qos::AtMostOnce);
    outbox.detach(1);
    outbox.attach(2, Arc::default());
    outbox.acknowledged(1);
    ask(&mut outbox, Qos::AtMostOnce);
    assert_eq!(taken(&mut outbox, 2), [told("kept", 0, false)]);
}

#[test]
fn who_reads_and_acknowledges_nothing_stands_still_and_holds_nobody_back() {
    let mut outbox = open();
    for number in 0..STILL + WINDOW - 1 {
        push(&mut outbox, "a", &number.to_string(), Qos::AtLeastOnce);
        taken(&mut outbox, 1);
        let waiting = number + 1 - WINDOW.min(number + 1);
        assert_eq!(outbox.is_behind(), waiting > BEHIND, "at {number}");
    }
    push(&mut outbox, "a", "one more", Qos::AtLeastOnce);
    assert!(!outbox.is_behind(), "it stands still");
    outbox.acknowledged(1);
    assert!(outbox.is_behind(), "it takes some again");
}

#[test]
fn who_reads_what_needs_no_acknowledgement_takes_it() {
    let mut outbox = open();
    let large = "x".repeat(PORTION);
    while outbox.waiting_bytes <= STILL_BYTES {
        push(&mut outbox, "a", &large, Qos::AtMostOnce);
    }
    assert!(!outbox.is_behind(), "it has read nothing yet");
    taken(&mut outbox, 1);
    assert!(outbox.is_behind());
}
