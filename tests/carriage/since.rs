//! From when on a log is carried.

use serde_json::{Value, json};

use super::place::{Author, EAST, Machine, WEST, roster};

/// The east, which writes an entry a minute from 14:00 on.
fn east(notes: u64) -> (Machine, Author) {
    let author = Author::of_office(EAST, notes);
    let held = [&roster().entries[..], &author.entries].concat();
    (Machine::new(EAST, &held), author)
}

/// What an export carries of the east's log: first and last entry.
fn carried(machine: &Machine, file: &str, more: &[&str]) -> Value {
    let stick = machine.file(file);
    let exported = machine.export(EAST, &stick, &[more, &["--output", "json"]].concat());
    let said = super::place::text(&exported);
    assert!(exported.status.success(), "{said}");
    let account: Value = serde_json::from_slice(&exported.stdout).unwrap();
    let stretches = account["stretches"].as_array().unwrap();
    let own = |it: &&Value| it["log"].as_str().unwrap().starts_with(EAST);
    let own = stretches.iter().find(own);
    own.map_or(Value::Null, |own| json!([own["from"], own["to"]]))
}

#[test]
fn an_export_since_a_time_carries_the_end_of_each_log_and_the_roster() {
    let (machine, _) = east(20);
    for (since, expected) in [
        (vec![], json!([1, 21])),
        (vec!["--since", "14:05"], json!([6, 21])),
        (vec!["--since", "10m"], json!([11, 21])),
        (
            vec!["--since", "2018-09-16T14:19:30+08:00"],
            json!([21, 21]),
        ),
        (vec!["--since", "2018-09-16T15:00:00+08:00"], Value::Null),
    ] {
        let file = format!("{}.bundle", since.concat());
        assert_eq!(carried(&machine, &file, &since), expected, "{since:?}");
    }
}

#[test]
fn an_export_since_the_last_carries_what_was_written_after_it() {
    let (machine, mut author) = east(5);
    let first = machine.export(EAST, &machine.file("x"), &["--since", "last"]);
    assert_eq!(first.status.code(), Some(66));
    assert_eq!(carried(&machine, "1.bundle", &[]), json!([1, 6]));
    assert_eq!(
        carried(&machine, "2.bundle", &["--since", "last"]),
        Value::Null
    );
    author.notes(3);
    let net = super::place::network().id;
    let (mut journal, _) = journal::Journal::open(&machine.journal(EAST), net).unwrap();
    journal.append_all(author.entries.clone()).unwrap();
    drop(journal);
    assert_eq!(
        carried(&machine, "3.bundle", &["--since", "last"]),
        json!([7, 9])
    );

    let west = Machine::new(WEST, &roster().entries);
    let (code, ..) = west.account(WEST, &machine.file("3.bundle"));
    assert_eq!(code, Some(75), "the first stick comes first");
    for (file, new) in [("1.bundle", 6), ("3.bundle", 3)] {
        let (code, account, said) = west.account(WEST, &machine.file(file));
        assert_eq!((code, &account["new"]), (Some(0), &json!(new)), "{said}");
    }
    assert_eq!(west.picture(WEST), machine.picture(EAST));
}

#[test]
fn what_an_export_left_out_is_not_taken_for_carried() {
    let (machine, _) = east(20);
    assert_eq!(
        carried(&machine, "1.bundle", &["--since", "5m"]),
        json!([16, 21])
    );
    assert_eq!(
        carried(&machine, "2.bundle", &["--since", "last"]),
        json!([1, 21])
    );
}
