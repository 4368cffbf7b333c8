//! What is recorded is kept: once, in order, with its evidence.

use std::sync::Arc;

use journal::{Chain, JournalError, Queue, Ticket, verify};
use protocol::{Content, Suite};

use crate::author::{Author, Place, ahead, lines, lines_in, net, open, zhuhai};

#[test]
fn a_journal_opened_again_gives_every_envelope_in_the_order_of_appending() {
    let place = Place::new();
    let path = place.file("office.journal");
    let (mut here, mut there) = (zhuhai(), Author::new("440300", Suite::Ed25519));
    let mixed: Vec<_> = (0..20)
        .map(|turn| {
            if turn % 3 == 0 {
                here.says("here")
            } else {
                there.says("there")
            }
        })
        .collect();

    let (mut journal, opened) = open(&path);
    assert!(opened.envelopes.is_empty());
    for batch in mixed.chunks(7) {
        journal.append_all(batch.to_vec()).unwrap();
    }
    let heads = journal.heads();
    drop(journal);

    let (journal, opened) = open(&path);
    assert_eq!(lines(&opened.envelopes), lines(&mixed));
    assert_eq!(journal.heads(), heads);
    assert_eq!(heads.iter().map(|head| head.seq).sum::<u64>(), 20);
}

#[test]
fn an_envelope_appended_twice_is_held_once() {
    let place = Place::new();
    let path = place.file("office.journal");
    let said = zhuhai().says_often(3);
    let (mut journal, _) = open(&path);
    journal
        .append_all([Arc::clone(&said[0]), Arc::clone(&said[0])])
        .unwrap();
    journal.append_all(said.clone()).unwrap();
    let stats = journal.stats();
    journal.append_all(said.clone()).unwrap();

    assert_eq!(journal.stats(), stats);
    assert_eq!(stats.envelopes, 3);
    assert_eq!(
        stats.line_bytes,
        said.iter().map(|e| e.line().len() as u64).sum::<u64>()
    );
    drop(journal);
    assert_eq!(lines_in(&path), lines(&said));
}

#[test]
fn two_entries_under_one_number_are_both_kept_and_either_may_be_followed() {
    let place = Place::new();
    let path = place.file("office.journal");
    let mut first = zhuhai();
    let mut said = first.says_often(2);
    let mut other = first.clone();
    said.push(first.says("unit 2 stays"));
    said.push(other.says("unit 2 leaves"));
    said.push(other.says("unit 2 arrived"));

    let (mut journal, _) = open(&path);
    journal.append_all(said.clone()).unwrap();
    let log = journal.logs()[&first.log].clone();
    assert_eq!((log.entries(), log.chain()), (5, Chain::Forked { seq: 3 }));
    assert_eq!(log.head(first.log).hash, said[4].hash());
    assert_eq!(
        lines(&journal.load(first.log, 3, 3, 9_999).unwrap()),
        lines(&said[2..4])
    );
    drop(journal);

    assert_eq!(lines_in(&path), lines(&said));
    assert_eq!(verify(&path).unwrap().logs[&first.log], log);
}

#[test]
fn a_batch_with_a_gap_or_a_foreign_envelope_leaves_nothing_behind() {
    let place = Place::new();
    let path = place.file("office.journal");
    let said = zhuhai().says_often(4);
    let foreign = Author::new("440300", Suite::Virtual)
        .on("actual")
        .says("elsewhere");
    let (mut journal, _) = open(&path);
    let wrong = [
        vec![said[0].clone(), said[1].clone(), said[3].clone()],
        vec![said[0].clone(), foreign],
    ];
    for batch in wrong {
        let error = journal.append_all(batch).unwrap_err();
        assert!(
            matches!(
                error,
                JournalError::Chain { .. } | JournalError::Foreign { .. }
            ),
            "{error}"
        );
        assert!(!error.is_passing());
        assert_eq!(journal.stats().envelopes, 0);
    }
    journal.append_all(said.clone()).unwrap();
    drop(journal);
    assert_eq!(lines_in(&path), lines(&said));
}

#[test]
fn an_entry_that_names_another_predecessor_is_refused() {
    let place = Place::new();
    let mut first = zhuhai();
    let mut other = first.clone();
    let said = first.says("one");
    other.says("another one");
    let (mut journal, _) = open(&place.file("office.journal"));
    let error = journal.append_all([said, other.says("two")]).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("does not name the entry before it"),
        "{error}"
    );
}

#[test]
fn an_envelope_held_without_its_body_gets_it_and_never_loses_it_again() {
    let place = Place::new();
    let path = place.file("office.journal");
    let said = zhuhai().says_often(3);
    let (mut journal, _) = open(&path);
    let bare = [said[0].clone(), said[1].withhold(), said[2].clone()];
    journal.append_all(bare).unwrap();
    let held = journal.load(said[1].header().log, 2, 2, 9_999).unwrap();
    assert_eq!(*held[0].content(), Content::Withheld);

    journal.append_all([said[1].clone()]).unwrap();
    journal.append_all([said[1].withhold()]).unwrap();
    let bytes = journal.stats().line_bytes;
    drop(journal);
    assert_eq!(lines_in(&path), lines(&said));
    assert_eq!(verify(&path).unwrap().line_bytes, bytes);
}

#[test]
fn a_range_is_read_back_within_its_bytes_and_never_empty_handed() {
    let place = Place::new();
    let said = zhuhai().says_often(10);
    let log = said[0].header().log;
    let (mut journal, _) = open(&place.file("office.journal"));
    journal.append_all(said.clone()).unwrap();

    let all = journal.load(log, 0, u64::MAX, usize::MAX).unwrap();
    assert_eq!(lines(&all), lines(&said));
    let some = journal.load(log, 4, 6, usize::MAX).unwrap();
    assert_eq!(lines(&some), lines(&said[3..6]));
    let two = said[3].line().len() + said[4].line().len();
    assert_eq!(journal.load(log, 4, 10, two).unwrap().len(), 2);
    assert_eq!(journal.load(log, 4, 10, two - 1).unwrap().len(), 1);
    assert_eq!(journal.load(log, 4, 10, 1).unwrap().len(), 1);
    assert!(journal.load(log, 11, 20, usize::MAX).unwrap().is_empty());
    let mut other = log;
    other.incarnation.epoch = 2;
    assert!(journal.load(other, 1, 10, usize::MAX).unwrap().is_empty());
}

#[test]
fn a_queue_is_recorded_in_one_commit_and_reports_its_highest_ticket() {
    let place = Place::new();
    let path = place.file("office.journal");
    let said = zhuhai().says_often(5);
    let (mut journal, _) = open(&path);
    let mut queue = Queue::default();
    assert_eq!(queue.flush(&mut journal).unwrap(), None);
    for (number, envelope) in (40..).zip(&said) {
        queue.push(Ticket(number), Arc::clone(envelope));
    }
    assert_eq!(queue.len(), 5);
    assert_eq!(
        queue.bytes() as u64,
        said.iter().map(|e| e.line().len() as u64).sum::<u64>()
    );
    assert_eq!(queue.flush(&mut journal).unwrap(), Some(Ticket(44)));
    assert!(queue.is_empty());
    assert_eq!(journal.stats().envelopes, 5);
}

#[test]
fn a_backup_taken_while_the_journal_is_open_is_a_journal_and_overwrites_nothing() {
    let place = Place::new();
    let (path, copy) = (place.file("office.journal"), place.file("copy.journal"));
    let mut author = zhuhai();
    let said = author.says_often(30);
    let (mut journal, _) = open(&path);
    journal.append_all(said.clone()).unwrap();
    // What a backup that was cut short leaves behind does not hinder the next.
    std::fs::write(place.file("copy.journal.partial"), b"half").unwrap();
    journal.backup(&copy).unwrap();
    let again = journal.backup(&copy).unwrap_err();
    assert!(matches!(again, JournalError::Exists { .. }), "{again}");
    journal
        .append_all([author.says("after the backup")])
        .unwrap();

    let verification = verify(&copy).unwrap();
    assert_eq!((verification.envelopes, verification.fault), (30, None));
    assert_eq!(verification.network, net());
    assert_eq!(lines_in(&copy), lines(&said));
    assert!(!place.file("copy.journal.partial").exists());
}

#[test]
fn a_backup_that_fails_leaves_no_file_under_its_name() {
    let place = Place::new();
    let (mut journal, _) = open(&place.file("office.journal"));
    journal.append_all(zhuhai().says_often(3)).unwrap();
    // A directory stands where the copy would be made.
    std::fs::create_dir(place.file("copy.journal.partial")).unwrap();
    let error = journal.backup(&place.file("copy.journal")).unwrap_err();
    assert!(error.to_string().contains("copy.journal"), "{error}");
    assert!(!place.file("copy.journal").exists());
    std::fs::remove_dir(place.file("copy.journal.partial")).unwrap();
    journal.backup(&place.file("copy.journal")).unwrap();
}

#[test]
fn a_verification_counts_each_log_and_changes_nothing() {
    let place = Place::new();
    let path = place.file("office.journal");
    let (mut here, mut there) = (zhuhai(), Author::new("440000-met", Suite::Ed25519));
    let (mut journal, _) = open(&path);
    journal.append_all(here.says_often(4)).unwrap();
    journal.append_all(there.says_often(6)).unwrap();
    let stats = journal.stats();
    drop(journal);
    assert!(!ahead(&path).exists());
    let before = std::fs::read(&path).unwrap();

    let verification = verify(&path).unwrap();
    assert_eq!(verification.fault, None);
    assert_eq!(
        (verification.envelopes, verification.line_bytes),
        (10, stats.line_bytes)
    );
    assert_eq!(verification.file_bytes, before.len() as u64);
    let counts: Vec<_> = verification
        .logs
        .iter()
        .map(|(key, log)| (key.author.to_string(), log.entries(), log.chain()))
        .collect();
    assert_eq!(
        counts,
        [
            ("440000-met".to_owned(), 6, Chain::Whole),
            ("440400".to_owned(), 4, Chain::Whole)
        ]
    );
    assert_eq!(std::fs::read(&path).unwrap(), before);
}
