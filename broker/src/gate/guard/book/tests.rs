//! Which addresses are remembered, and for how long.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::*;

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A line of IPv6, of very many.
fn line(number: usize) -> IpAddr {
    Ipv6Addr::from_bits((0x2001_0db8 << 96) | ((number as u128) << 64)).into()
}

/// A connection comes, and does something.
fn comes(book: &mut Book, address: IpAddr, (now, does): (Instant, fn(&mut Record, Instant))) {
    assert!(book.enter(address, Limits::NETWORK, now));
    does(book.of(address).unwrap(), now);
}

fn is_let_in(record: &mut Record, now: Instant) {
    record.let_in(now);
    record.let_out(now);
}

fn guesses(record: &mut Record, now: Instant) {
    record.wrong_password(now);
}

#[test]
fn a_member_that_comes_from_ever_new_addresses_fills_no_memory() {
    let mut book = Book::default();
    let start = Instant::now();
    let stays = line(0);
    comes(&mut book, stays, (start, is_let_in));
    for number in 1..=20 * ADDRESSES {
        let now = start + Duration::from_millis(number as u64);
        for (at, does) in [
            (0, is_let_in as fn(&mut Record, Instant)),
            (1, guesses),
            (2, |_, _| {}),
        ] {
            let address = line(at * 100 * ADDRESSES + number);
            comes(&mut book, address, (now, does));
            book.leave(address, now);
        }
    }
    assert_eq!(book.records.len(), 1 + 3 * ADDRESSES);
    let now = start + Duration::from_secs(600);
    assert!(book.of(stays).is_some(), "it has a connection");
    assert!(
        book.of(line(19 * ADDRESSES)).is_none(),
        "it was let in longest ago"
    );
    let latest = book.of(line(19 * ADDRESSES + 1)).unwrap();
    assert!(latest.is_familiar(now), "whoever guesses or passes by");
    assert_eq!(book.of(line(120 * ADDRESSES)).unwrap().wrong, 1);
}

#[test]
fn who_comes_again_is_remembered_as_what_it_was_last() {
    let mut book = Book::default();
    let start = Instant::now();
    comes(&mut book, HERE, (start, guesses));
    book.leave(HERE, start);
    comes(&mut book, HERE, (start, is_let_in));
    book.leave(HERE, start);
    assert_eq!(book.away.each_ref().map(BTreeSet::len), [0, 0, 1]);
    comes(&mut book, HERE, (start + LATELY, |_, _| {}));
    assert_eq!(book.away.each_ref().map(BTreeSet::len), [0, 0, 0]);
    book.leave(HERE, start + LATELY);
    assert_eq!(book.away.each_ref().map(BTreeSet::len), [1, 0, 0]);
}

#[test]
fn an_address_is_known_while_somebody_is_there_and_for_a_day_after() {
    let mut book = Book::default();
    let start = Instant::now();
    comes(&mut book, HERE, (start, Record::right_password));
    let record = book.of(HERE).unwrap();
    record.let_in(start);
    let gone = start + 3 * LATELY;
    assert!(
        record.is_known(gone) && record.is_familiar(gone),
        "it is there"
    );
    record.let_out(gone);
    let soon = gone + LATELY / 2;
    assert!(record.is_known(soon) && record.is_familiar(soon));
    let late = gone + LATELY;
    assert!(!record.is_known(late) && !record.is_familiar(late));
    record.let_in(late);
    assert!(!record.is_known(late), "it showed no password now");
    record.let_out(late);
    assert!(record.is_familiar(late) && !record.is_known(late));
}
