//! A journal that begins with a snapshot takes a stick like any other.

use std::sync::Arc;

use journal::{Base, Journal};
use picture::{Picture, StateAt};
use protocol::{Body, Over, Predecessor, Seal};
use serde_json::{Value, json};

use super::place::{Author, EAST, Machine, WEST, bundle, network, party, roster};

/// East's log with a snapshot after so many notes, and the state at it.
fn taken_stock(notes: u64) -> (Author, StateAt) {
    let mut east = Author::of_office(EAST, notes);
    let mut picture = Picture::new(network());
    for entry in roster().entries.iter().chain(&east.entries) {
        picture.admit(entry);
    }
    let state = picture.state(party(EAST)).unwrap();
    let place = (1, east.entries.len() as u64 + 1);
    let snapshot = state.snapshot(party(EAST), Over::default(), place).unwrap();
    let entry = east.write(Body::Snapshot(snapshot));
    picture.admit(&entry);
    let known = &picture.authors()[&party(EAST)];
    let at = known.stock().unwrap().clone();
    (east, at)
}

#[test]
fn an_office_that_begins_with_a_snapshot_takes_from_a_stick_what_follows_it() {
    let (mut east, at) = taken_stock(30);
    let begins = east.entries.len();
    east.notes(9);
    let west = Machine::new(WEST, &roster().entries);
    let (mut journal, _) = Journal::open(&west.journal(WEST), network().id).unwrap();
    let base = Base {
        entry: Arc::clone(&at.entry),
        state: at.text(),
    };
    journal.begin_at(&base).unwrap();
    journal
        .append_all(east.entries[begins..begins + 2].to_vec())
        .unwrap();
    drop(journal);

    let stick = west.file("east.bundle");
    // Some of it is behind the snapshot: held, for the snapshot stands for it.
    bundle(&stick, &east.entries[begins - 5..]);
    let (code, account, said) = west.account(WEST, &stick);
    assert_eq!(code, Some(0), "{said} {account}");
    assert_eq!(account["new"], 7, "{account}");
    assert_eq!(account["held"], 7, "{account}");
    assert_eq!(account["waiting"], 0, "{account}");
    assert_eq!(account["gaps"], json!([]), "{account}");
    assert!(
        journal::verify(&west.journal(WEST))
            .unwrap()
            .fault
            .is_none()
    );

    let mut whole = Picture::new(network());
    for entry in roster().entries.iter().chain(&east.entries) {
        whole.admit(entry);
    }
    assert_eq!(account["picture"], whole.hash().to_string(), "{account}");
}

/// An office that had the beginning of east's log, was away, and then took a snapshot of the same life with
/// two entries that follow it.
fn came_back() -> (Author, usize, Machine) {
    let (mut east, at) = taken_stock(30);
    let begins = east.entries.len();
    east.notes(9);
    let held = [roster().entries, east.entries[..10].to_vec()].concat();
    let west = Machine::new(WEST, &held);
    let (mut journal, _) = Journal::open(&west.journal(WEST), network().id).unwrap();
    let base = Base {
        entry: Arc::clone(&at.entry),
        state: at.text(),
    };
    journal.begin_at(&base).unwrap();
    journal
        .append_all(east.entries[begins..begins + 2].to_vec())
        .unwrap();
    drop(journal);
    (east, begins, west)
}

#[test]
fn an_office_that_took_a_snapshot_in_the_midst_of_a_life_takes_from_a_stick_what_follows_it() {
    let (east, begins, west) = came_back();
    let stick = west.file("east.bundle");
    bundle(&stick, &east.entries[begins..]);
    let (code, account, said) = west.account(WEST, &stick);
    assert_eq!(code, Some(0), "{said} {account}");
    assert_eq!(account["new"], 7, "{account}");
    assert_eq!(account["held"], 2, "{account}");
    assert_eq!(account["waiting"], 0, "{account}");
    assert_eq!(account["gaps"], json!([]), "{account}");
}

#[test]
fn a_bundle_of_an_office_that_took_a_snapshot_in_the_midst_of_a_life_can_be_read() {
    let (_, _, west) = came_back();
    let stick = west.file("west.bundle");
    assert!(west.export(WEST, &stick, &[]).status.success());
    let first = std::fs::read_to_string(&stick).unwrap();
    let first: Value = serde_json::from_str(first.lines().next().unwrap()).unwrap();
    let stretches = first["stretches"].as_array().unwrap().iter();
    let stretches = stretches.filter(|it| it["log"].as_str().unwrap().starts_with(EAST));
    let ends: Vec<_> = stretches.map(|it| json!([it["from"], it["to"]])).collect();
    assert_eq!(ends, [json!([1, 10]), json!([32, 34])]);
    let other = Machine::new(EAST, &roster().entries);
    let (_, account, said) = other.account(EAST, &stick);
    assert!(!said.contains("nothing was imported"), "{said} {account}");
    assert_eq!(account["new"], 10, "{account}");
}

#[test]
fn what_is_missing_from_the_beginning_of_a_life_is_missing_since_the_end_of_the_one_before() {
    let first = Author::of_office(EAST, 9);
    let mut next = Author::of_office(EAST, 0);
    next.entries.clear();
    next.log.incarnation.epoch = 2;
    let last = first.entries.last().unwrap();
    let predecessor = Some(Predecessor {
        log: first.log,
        seq: last.header().seq,
        head: last.hash(),
    });
    next.write(Body::Seal(Seal { predecessor }));
    next.notes(30);
    let held = [roster().entries, first.entries].concat();
    let west = Machine::new(WEST, &held);
    let stick = west.file("east.bundle");
    bundle(&stick, &next.entries[20..]);
    let (code, account, said) = west.account(WEST, &stick);
    assert_eq!(code, Some(75), "{said} {account}");
    let since = account["gaps"][0]["since"].to_string();
    assert!(since.contains("T14:09:00"), "{account}");
}
