//! Full disks, locked files, places where nothing can be written.

use std::sync::Arc;

use journal::{Journal, JournalError, Queue, Ticket, verify};

use crate::author::{Place, lines, lines_in, net, open, zhuhai};

#[test]
fn a_second_office_is_refused_until_the_first_has_gone() {
    let place = Place::new();
    let path = place.file("office.journal");
    let (mut journal, _) = open(&path);
    for attempt in 0..2 {
        let text = match attempt {
            0 => Journal::open(&path, net()).unwrap_err().to_string(),
            _ => verify(&path).unwrap_err().to_string(),
        };
        assert!(
            text.contains("is in use by another process; stop that one"),
            "{text}"
        );
    }
    journal.append_all([zhuhai().says("still ours")]).unwrap();
    drop(journal);
    assert_eq!(lines_in(&path).len(), 1);
}

#[test]
fn a_journal_that_was_only_opened_again_is_locked_too() {
    let place = Place::new();
    let path = place.file("office.journal");
    drop(open(&path));
    let (_journal, _) = open(&path);
    let error = Journal::open(&path, net()).unwrap_err();
    assert!(matches!(error, JournalError::Locked { .. }), "{error}");
}

#[test]
fn a_full_disk_loses_nothing_and_appending_goes_on_when_there_is_space() {
    let place = Place::new();
    let path = place.file("office.journal");
    let mut author = zhuhai();
    let mut said = author.says_often(5);
    let (mut journal, _) = open(&path);
    journal.append_all(said.clone()).unwrap();
    let limit = journal.set_page_limit(1).unwrap();
    assert!(
        limit > 1,
        "the limit cannot be lower than what is written: {limit}"
    );

    let more = author.says_often(60);
    let mut queue = Queue::default();
    for (number, envelope) in (1..).zip(&more) {
        queue.push(Ticket(number), Arc::clone(envelope));
    }
    for _ in 0..2 {
        let error = queue.flush(&mut journal).unwrap_err();
        assert!(
            matches!(error, JournalError::Full { .. }) && error.is_passing(),
            "{error}"
        );
        assert!(
            error.to_string().contains("free space on its disk"),
            "{error}"
        );
        assert_eq!((queue.len(), journal.stats().envelopes), (60, 5));
        let loaded = journal.load(author.log, 1, 99, usize::MAX).unwrap();
        assert_eq!(lines(&loaded), lines(&said));
    }
    journal.set_page_limit(10_000).unwrap();
    assert_eq!(queue.flush(&mut journal).unwrap(), Some(Ticket(60)));
    drop(journal);
    said.extend(more);
    assert_eq!(lines_in(&path), lines(&said));
}

#[test]
fn a_place_without_a_directory_or_that_is_one_is_refused() {
    let place = Place::new();
    let nowhere = place.file("missing/office.journal");
    for path in [nowhere, place.file("")] {
        let error = Journal::open(&path, net()).unwrap_err();
        assert!(matches!(error, JournalError::Unreachable { .. }), "{error}");
        assert!(
            error
                .to_string()
                .contains("check that its directory exists"),
            "{error}"
        );
    }
    let (journal, _) = open(&place.file("office.journal"));
    let error = journal
        .backup(&place.file("missing/copy.journal"))
        .unwrap_err();
    assert!(matches!(error, JournalError::Unreachable { .. }), "{error}");
}

#[cfg(unix)]
#[test]
fn a_journal_is_read_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    let (mut journal, _) = open(&place.file("office.journal"));
    journal
        .append_all([zhuhai().says("the caller's name")])
        .unwrap();
    journal.backup(&place.file("copy.journal")).unwrap();
    for name in ["office.journal", "office.journal-wal", "copy.journal"] {
        let mode = place.file(name).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[test]
fn a_journal_can_be_handed_to_a_thread_of_its_own() {
    let place = Place::new();
    let (mut journal, _) = open(&place.file("office.journal"));
    let envelope = zhuhai().says("from elsewhere");
    let writer = std::thread::spawn(move || journal.append_all([envelope]));
    writer.join().unwrap().unwrap();
}
