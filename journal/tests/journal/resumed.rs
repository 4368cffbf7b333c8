//! Opening a journal where its authors last took stock: what is read, what is not, what is still held.

use std::path::Path;
use std::sync::Arc;

use journal::{Base, Journal, Opened, Queue, Ticket, verify};
use protocol::{Envelope, Incarnation};

use crate::author::{Author, Place, lines, net, open, zhuhai};

fn resume(path: &Path) -> (Journal, Opened) {
    Journal::resume(path, net()).unwrap()
}

fn base(entry: &Arc<Envelope>) -> Base {
    Base {
        entry: Arc::clone(entry),
        state: format!("{{\"upto\":{}}}", entry.header().seq),
    }
}

/// What tells one base from another.
fn told(entry: &Arc<Envelope>) -> (String, String) {
    (entry.line().to_owned(), base(entry).state)
}

fn bases(opened: &Opened) -> Vec<(String, String)> {
    let bases = opened.bases.iter();
    bases
        .map(|base| (base.entry.line().to_owned(), base.state.clone()))
        .collect()
}

/// A later life of Zhuhai.
fn life(epoch: u32) -> Author {
    let mut author = zhuhai();
    author.log.incarnation = Incarnation { epoch, nonce: 1 };
    author
}

/// Records entries, with a mark at one of them.
fn marked(path: &Path, said: &[Arc<Envelope>], at: usize) {
    let (mut journal, _) = open(path);
    let mut queue = Queue::default();
    for (ticket, entry) in (1..).zip(said) {
        queue.push(Ticket(ticket), Arc::clone(entry));
        if ticket == at as u64 {
            queue.push_mark(base(entry));
        }
    }
    queue.flush(&mut journal).unwrap();
}

#[test]
fn a_boot_reads_from_the_last_mark_and_the_rest_is_still_there() {
    let place = Place::new();
    let path = place.file("office.journal");
    let (mut here, mut there) = (zhuhai(), Author::new("440300", protocol::Suite::Virtual));
    let said = here.says_often(9);
    marked(&path, &said, 6);
    let others = there.says_often(2);
    let (mut journal, opened) = resume(&path);
    assert_eq!(bases(&opened), [told(&said[5])]);
    assert_eq!(lines(&opened.envelopes), lines(&said[5..]));
    // Whoever asks for what was not read gets it, and the log goes on.
    let found = journal.load(here.log, 2, 4, usize::MAX).unwrap();
    assert_eq!(lines(&found), lines(&said[1..4]));
    journal.append_all(others.iter().map(Arc::clone)).unwrap();
    journal.append_all([here.says("on")]).unwrap();
    assert_eq!(journal.stats().envelopes, 12);
    drop(journal);
    assert_eq!(resume(&path).1.envelopes.len(), 7);
    assert_eq!(open(&path).1.envelopes.len(), 12);
}

#[test]
fn a_journal_without_marks_is_read_from_its_first_entry() {
    let place = Place::new();
    let path = place.file("office.journal");
    let said = zhuhai().says_often(5);
    open(&path).0.append_all(said.clone()).unwrap();
    let (_, opened) = resume(&path);
    assert!(opened.bases.is_empty());
    assert_eq!(lines(&opened.envelopes), lines(&said));
}

#[test]
fn what_a_first_snapshot_stood_for_is_no_gap_once_another_came() {
    let place = Place::new();
    let path = place.file("office.journal");
    let (first, second) = (life(1).says_often(9), life(2).says_often(9));
    let (mut journal, _) = open(&path);
    // A snapshot of a second life was taken, which turned out to be passed over; then one of the first.
    journal.begin_at(&base(&second[4])).unwrap();
    journal.append_all(second[5..].to_vec()).unwrap();
    journal.begin_at(&base(&first[6])).unwrap();
    journal.append_all(first[7..].to_vec()).unwrap();
    drop(journal);
    let (journal, opened) = resume(&path);
    assert_eq!(bases(&opened), [told(&first[6])]);
    assert_eq!(opened.envelopes.len(), 8);
    drop(journal);
    assert!(verify(&path).unwrap().fault.is_none());
}

#[test]
fn of_a_log_that_forks_at_its_snapshot_both_ways_are_read() {
    let place = Place::new();
    let path = place.file("office.journal");
    let mut here = zhuhai();
    let mut said = here.says_often(4);
    let mut other = here.clone();
    said.extend(here.says_often(3));
    let rival = other.says("the other way");
    let (mut journal, _) = open(&path);
    journal.append_all(said.clone()).unwrap();
    journal.begin_at(&base(&rival)).unwrap();
    drop(journal);
    let (_, opened) = resume(&path);
    assert_eq!(bases(&opened), [told(&rival)]);
    assert_eq!(opened.envelopes.len(), 4);
}

/// A holder that forgot what it had read of an author that contradicts itself takes a state of the other way.
#[test]
fn a_snapshot_that_follows_another_entry_than_the_one_held_begins_its_log_anew() {
    let place = Place::new();
    let path = place.file("office.journal");
    let mut here = zhuhai();
    let mut said = here.says_often(4);
    let mut other = here.clone();
    said.push(here.says("one way"));
    other.says("the other way");
    let snapshot = other.says("a snapshot on the other way");
    let after = other.says("what follows it");
    let (mut journal, _) = open(&path);
    journal.append_all(said).unwrap();
    journal.begin_at(&base(&snapshot)).unwrap();
    journal.append_all(vec![after.clone()]).unwrap();
    drop(journal);
    let (journal, opened) = resume(&path);
    assert_eq!(bases(&opened), [told(&snapshot)]);
    assert_eq!(lines(&opened.envelopes), lines(&[snapshot, after]));
    drop(journal);
    assert!(verify(&path).unwrap().fault.is_none());
}
