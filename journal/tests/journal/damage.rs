//! What is not a sound journal of ours is refused, with what to do; a torn tail is not damage.

use std::path::Path;

use journal::{Fault, Journal, JournalError, verify};

use crate::author::{Author, Place, ahead, lines, lines_in, net, open, zhuhai};
use protocol::Suite;

/// A closed journal of some entries.
fn written(path: &Path, count: usize) -> Vec<String> {
    let said = Author::new("440400", Suite::Ed25519).says_often(count);
    let (mut journal, _) = open(path);
    journal.append_all(said.clone()).unwrap();
    lines(&said)
}

fn refusal(path: &Path) -> JournalError {
    Journal::open(path, net()).unwrap_err()
}

#[test]
fn a_flipped_byte_in_an_entry_is_refused_with_its_row_and_a_remedy() {
    let place = Place::new();
    let path = place.file("office.journal");
    written(&path, 5);
    let mut bytes = std::fs::read(&path).unwrap();
    let at = find(&bytes, b"water level 2 cm").unwrap();
    bytes[at] ^= 1;
    std::fs::write(&path, bytes).unwrap();

    let error = refusal(&path);
    let text = error.to_string();
    assert!(
        matches!(
            &error,
            JournalError::Damaged {
                fault: Fault::Row { row: 3, .. },
                ..
            }
        ),
        "{text}"
    );
    for part in [
        "office.journal",
        "row 3",
        "restore a backup",
        "the peers refill it",
    ] {
        assert!(text.contains(part), "no \"{part}\" in: {text}");
    }
    let verification = verify(&path).unwrap();
    assert_eq!(verification.envelopes, 2);
    assert!(matches!(
        verification.fault,
        Some(Fault::Row { row: 3, .. })
    ));
}

#[test]
fn a_flipped_digit_of_a_signature_is_refused() {
    let place = Place::new();
    let path = place.file("office.journal");
    let lines = written(&path, 2);
    let mut bytes = std::fs::read(&path).unwrap();
    let signature = &lines[1].as_bytes()[lines[1].len() - 128..];
    let at = find(&bytes, signature).unwrap() + 60;
    bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
    std::fs::write(&path, bytes).unwrap();
    let text = refusal(&path).to_string();
    assert!(
        text.contains("row 2: its line is not the one that was written"),
        "{text}"
    );
}

#[test]
fn whatever_byte_of_a_file_is_flipped_it_is_refused_or_reads_as_it_was_written() {
    let place = Place::new();
    let path = place.file("office.journal");
    let expected = written(&path, 6);
    let log = zhuhai().log;
    let sound = std::fs::read(&path).unwrap();
    let mut refused = 0;
    // A prime stride touches every kind of byte in a second or two.
    for at in (0..sound.len()).step_by(13) {
        let mut bytes = sound.clone();
        bytes[at] ^= 1 << (at % 8);
        std::fs::write(&path, bytes).unwrap();
        match Journal::open(&path, net()) {
            Err(_) => refused += 1,
            Ok((journal, opened)) => {
                assert_eq!(lines(&opened.envelopes), expected, "byte {at}");
                let loaded = journal.load(log, 1, 99, usize::MAX).unwrap();
                assert_eq!(lines(&loaded), expected, "byte {at}, by number");
            }
        }
        drop(std::fs::remove_file(ahead(&path)));
    }
    assert!(refused > 200, "{refused} refused");
}

#[test]
fn a_file_cut_short_is_refused() {
    let place = Place::new();
    let path = place.file("office.journal");
    written(&path, 40);
    let sound = std::fs::read(&path).unwrap();
    for length in [1, 99, 4_096, sound.len() / 2, sound.len() - 1] {
        std::fs::write(&path, &sound[..length]).unwrap();
        let error = refusal(&path);
        assert!(
            matches!(
                error,
                JournalError::Damaged { .. } | JournalError::NotOurs { .. }
            ),
            "{length} bytes: {error}"
        );
    }
}

#[test]
fn a_write_ahead_log_torn_anywhere_opens_to_a_prefix_of_the_commits() {
    let place = Place::new();
    let (path, image) = (place.file("office.journal"), place.file("image.journal"));
    let mut author = zhuhai();
    let (mut journal, _) = open(&path);
    let mut commits = vec![Vec::new()];
    for _ in 0..8 {
        let mut known = commits.last().unwrap().clone();
        let said = author.says_often(3);
        known.extend(lines(&said));
        journal.append_all(said).unwrap();
        commits.push(known);
    }
    // Files as a power cut would leave them, while the journal is open.
    let (main, wal) = (
        std::fs::read(&path).unwrap(),
        std::fs::read(ahead(&path)).unwrap(),
    );
    assert!(wal.len() > 8 * 4_096);
    let mut longest = 0;
    for length in (0..=wal.len()).step_by(997).chain([wal.len()]) {
        std::fs::write(&image, &main).unwrap();
        std::fs::write(ahead(&image), &wal[..length]).unwrap();
        let found = lines_in(&image);
        assert!(
            commits.contains(&found),
            "{} entries at {length} bytes",
            found.len()
        );
        assert!(
            found.len() >= longest,
            "a longer log gave less at {length} bytes"
        );
        longest = found.len();
    }
    assert_eq!(longest, 24);
}

#[test]
fn a_row_taken_out_put_elsewhere_or_renamed_is_refused() {
    let place = Place::new();
    let path = place.file("office.journal");
    for (change, said) in [
        ("DELETE FROM envelopes WHERE id = 2", "row 2: it is missing"),
        (
            "UPDATE envelopes SET id = 9 WHERE id = 4",
            "row 4: it is missing",
        ),
        (
            "UPDATE envelopes SET seq = 7 WHERE id = 3",
            "row 3: its columns contradict its line",
        ),
        (
            "UPDATE envelopes SET hash = zeroblob(32) WHERE id = 1",
            "row 1: its columns contradict",
        ),
        (
            "UPDATE envelopes SET line = 'x' WHERE id = 1",
            "row 1: its line is not the one",
        ),
        ("DROP TABLE envelopes", "row 1: it cannot be read"),
        ("DROP TABLE network", "its network cannot be read"),
    ] {
        drop(std::fs::remove_file(&path));
        written(&path, 4);
        tamper(&path, change);
        let text = refusal(&path).to_string();
        assert!(text.contains(said), "after {change}: {text}");
    }
}

#[test]
fn a_journal_of_another_network_is_refused_and_left_alone() {
    let place = Place::new();
    let path = place.file("office.journal");
    written(&path, 2);
    let before = std::fs::read(&path).unwrap();
    let error = Journal::open(&path, "actual".parse().unwrap()).unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, JournalError::Network { .. }));
    assert!(
        text.contains("\"drill-7\"") && text.contains("\"actual\""),
        "{text}"
    );
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_journal_of_a_later_version_is_refused() {
    let place = Place::new();
    let path = place.file("office.journal");
    written(&path, 1);
    tamper(&path, "PRAGMA user_version = 4");
    let text = refusal(&path).to_string();
    assert!(
        text.contains("has schema 4 and this version knows 3"),
        "{text}"
    );
}

#[test]
fn a_file_that_is_no_journal_is_refused_and_left_alone() {
    let place = Place::new();
    let (notes, other) = (place.file("notes.txt"), place.file("other.sqlite"));
    std::fs::write(&notes, "water level at the gate: 3.2 m\n".repeat(99)).unwrap();
    tamper_new(&other, "CREATE TABLE stock (kind TEXT)");
    for path in [notes, other] {
        let before = std::fs::read(&path).unwrap();
        let error = refusal(&path);
        assert!(matches!(error, JournalError::NotOurs { .. }), "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }
}

#[test]
fn verifying_what_is_not_there_makes_no_file() {
    let place = Place::new();
    let path = place.file("nowhere.journal");
    assert!(matches!(verify(&path), Err(JournalError::Missing { .. })));
    assert!(!path.exists());
    std::fs::write(&path, b"").unwrap();
    assert!(matches!(verify(&path), Err(JournalError::Missing { .. })));
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}

/// Changes a closed journal behind its back.
fn tamper(path: &Path, sql: &str) {
    tamper_new(path, sql);
    assert!(!ahead(path).exists());
}

fn tamper_new(path: &Path, sql: &str) {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.execute_batch(sql).unwrap();
}
