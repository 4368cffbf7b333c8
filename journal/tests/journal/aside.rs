//! A journal in use is read from a copy.

use std::sync::Arc;

use journal::{JournalError, read_aside};

use crate::author::{Place, lines, net, open, zhuhai};

#[test]
fn a_journal_in_use_is_read_aside_and_stays_in_use() {
    let place = Place::new();
    let (path, scratch) = (place.file("office.journal"), place.file("office.aside"));
    let mut author = zhuhai();
    let (mut journal, _) = open(&path);
    let mut said = author.says_often(40);
    journal.append_all(said.clone()).unwrap();
    let read = read_aside(&path, net(), &scratch).unwrap().envelopes;
    assert_eq!(lines(&read), lines(&said));
    let more = author.says_often(3);
    journal.append_all(more.iter().map(Arc::clone)).unwrap();
    said.extend(more);
    let read = read_aside(&path, net(), &scratch).unwrap().envelopes;
    assert_eq!(lines(&read), lines(&said));
    drop(journal);
    let read = read_aside(&path, net(), &scratch).unwrap().envelopes;
    assert_eq!(lines(&read), lines(&said));
    assert!(!scratch.exists());
}

#[test]
fn what_is_no_journal_is_named_itself_and_not_its_copy() {
    let place = Place::new();
    let path = place.file("office.journal");
    std::fs::write(&path, "no journal".repeat(1_000)).unwrap();
    let scratch = path.with_extension("aside");
    let wrong = read_aside(&path, net(), &scratch).unwrap_err();
    let named = JournalError::NotOurs { path: path.clone() };
    assert_eq!(wrong, named);
    let nowhere = path.with_file_name("no-folder").join("aside");
    let wrong = read_aside(&path, net(), &nowhere).unwrap_err();
    assert!(matches!(wrong, JournalError::Unreachable { path, .. } if path == nowhere));
}

#[test]
fn a_journal_that_an_office_has_claimed_is_no_other_s_and_a_backup_of_it_neither() {
    let place = Place::new();
    let (path, copy) = (place.file("office.journal"), place.file("copy.journal"));
    let scratch = place.file("office.aside");
    let (zhuhai, other) = ("440400".parse().unwrap(), "440100".parse().unwrap());
    let (mut journal, opened) = open(&path);
    assert_eq!(opened.owner, None);
    for _ in 0..2 {
        journal.claim(zhuhai).unwrap();
    }
    journal.backup(&copy).unwrap();
    drop(journal);
    for file in [path, copy] {
        let seen = read_aside(&file, net(), &scratch).unwrap();
        assert_eq!(seen.owner, Some(zhuhai));
        let refused = open(&file).0.claim(other).unwrap_err();
        assert!(
            matches!(refused, JournalError::Office { found, expected, .. } if found == zhuhai && expected == other),
            "{refused}"
        );
    }
}

#[test]
fn a_journal_that_is_not_there_or_of_another_network_is_not_read_aside() {
    let place = Place::new();
    let (path, scratch) = (place.file("office.journal"), place.file("office.aside"));
    let missing = read_aside(&path, net(), &scratch).unwrap_err();
    assert!(
        matches!(missing, JournalError::Missing { .. }),
        "{missing:?}"
    );
    drop(open(&path));
    let other = "drill-other".parse().unwrap();
    let foreign = read_aside(&path, other, &scratch).unwrap_err();
    assert!(
        matches!(foreign, JournalError::Network { .. }),
        "{foreign:?}"
    );
}
