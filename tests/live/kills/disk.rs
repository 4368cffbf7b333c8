//! The disk of a dead office: what stands on it, and what a crash or a lying disk does to it.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use journal::Journal;
use protocol::{LogKey, NetId};

use crate::draws::Draws;

/// Plants a fault: a journal without its last entry.
pub(crate) fn shorten(path: &Path, net: NetId) {
    let (_, opened) = Journal::open(path, net).unwrap();
    std::fs::remove_file(path).unwrap();
    let (mut journal, _) = Journal::open(path, net).unwrap();
    let entries = opened.envelopes.len() - 1;
    let kept = opened.envelopes.into_iter().take(entries);
    journal.append_all(kept).unwrap();
}

/// How far a journal holds each log.
pub(crate) type Heads = BTreeMap<LogKey, u64>;

/// Bytes of a frame of SQLite's write-ahead log: its header and a page.
const FRAME: u64 = 24 + 4_096;

/// Bytes of the header of a write-ahead log.
const HEADER: usize = 32;

/// Frames that a disk forgets at most: some commits.
const FORGOTTEN: u64 = 24;

/// What happened to an office's disk while the office was dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tear {
    /// The process died in the middle of a write: behind the last commit stands half of another.
    HalfWritten,
    /// The disk had said that it wrote, and had not: the last commits are gone.
    Forgotten,
}

/// Tears the tail of a journal that no process has open; whether any byte of it changed.
pub(crate) fn tear(journal: &Path, tear: Tear, draws: &mut Draws) -> bool {
    let ahead = ahead(journal);
    let before = std::fs::read(&ahead);
    let end = end_of_commits(&ahead);
    let options = OpenOptions::new().write(true).open(&ahead);
    // An office that was killed before it wrote leaves no write-ahead log.
    let (Ok(before), Ok(mut file)) = (before, options) else {
        return false;
    };
    match tear {
        Tear::HalfWritten => {
            let bytes = 1 + draws.below(usize::try_from(2 * FRAME).unwrap());
            let garbage: Vec<u8> = (0..bytes).map(|_| draws.next().to_le_bytes()[0]).collect();
            file.seek(SeekFrom::Start(end)).unwrap();
            file.write_all(&garbage).unwrap();
        }
        Tear::Forgotten => {
            let bytes = 1 + draws.next() % (FRAME * FORGOTTEN);
            file.set_len(end.saturating_sub(bytes)).unwrap();
        }
    }
    std::fs::read(&ahead).unwrap() != before
}

/// Where the frames of a write-ahead log end that are of its present round: it is written again from
/// its beginning, with another salt, once all of it stands in the file.
fn end_of_commits(ahead: &Path) -> u64 {
    let bytes = std::fs::read(ahead).unwrap_or_default();
    let Some((header, frames)) = bytes.split_at_checked(HEADER) else {
        return 0;
    };
    let frames = frames.chunks_exact(usize::try_from(FRAME).unwrap());
    let present = frames.take_while(|frame| frame[8..16] == header[16..24]);
    HEADER as u64 + FRAME * present.count() as u64
}

/// Takes a damaged journal out of the way, as the office that refuses it asks for.
pub(crate) fn move_away(journal: &Path, number: usize) {
    for file in [journal.to_owned(), ahead(journal)] {
        if file.exists() {
            let aside = format!("{}.damaged-{number}", file.display());
            std::fs::rename(&file, aside).unwrap();
        }
    }
}

/// How far a journal holds each log, its office dead or alive; `None` if it is not sound as read.
pub(crate) fn heads(journal: &Path, net: NetId) -> Option<Heads> {
    let scratch = journal.with_extension("copy");
    let envelopes = journal::read_aside(journal, net, &scratch).ok()?.envelopes;
    let mut heads = Heads::new();
    for envelope in envelopes {
        let header = envelope.header();
        let head = heads.entry(header.log).or_default();
        *head = header.seq.max(*head);
    }
    Some(heads)
}

fn ahead(journal: &Path) -> PathBuf {
    let mut name = journal.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}
