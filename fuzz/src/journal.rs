//! The file of a journal: whatever its bytes, no entry comes out of it that its author did not write,
//! and no log with a hole.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use journal::{Journal, verify};
use protocol::Hash;

use super::Verdict;
use super::cast::{assert_signed, cast};
use super::line::assert_reads_again;
use super::terms::assert_shows;

/// Opens a copy of the bytes in a folder of its own.
pub fn journal(bytes: &[u8]) -> Verdict {
    let place = Place::new();
    let path = place.0.join("office.journal");
    fs::write(&path, bytes).expect("the folder is ours");
    let verdict = opened(&path);
    drop(place);
    verdict
}

fn opened(path: &Path) -> Verdict {
    let seen = verify(path);
    let (journal, opened) = match Journal::open(path, cast().network.id) {
        Ok(opened) => opened,
        Err(error) => {
            // What SQLite says of a file may run over lines.
            assert_shows(&error.to_string());
            return Verdict::Refused;
        }
    };
    let mut ends = BTreeMap::new();
    for envelope in &opened.envelopes {
        assert_signed(envelope);
        assert_reads_again(envelope, envelope.line());
        let header = envelope.header();
        let end = ends
            .entry(header.log)
            .or_insert_with(|| (0, Hash::default()));
        if header.seq == end.0 + 1 {
            assert_eq!(header.prev, end.1, "a chain that is broken");
            *end = (header.seq, envelope.hash());
        }
        assert!(header.seq <= end.0, "a hole before entry {}", header.seq);
    }
    for head in journal.heads() {
        assert_eq!(ends.get(&head.log), Some(&(head.seq, head.hash)));
        let loaded = journal.load(head.log, 1, u64::MAX, usize::MAX);
        let loaded = loaded.expect("what was opened can be read");
        assert!(loaded.len() as u64 >= head.seq);
    }
    let count = opened.envelopes.len() as u64;
    assert_eq!(journal.stats().envelopes, count);
    // An empty file becomes a journal when it is opened, and was none before.
    if let Ok(seen) = seen {
        assert_eq!((seen.fault, seen.envelopes), (None, count));
    }
    if count > 0 {
        Verdict::Accepted
    } else {
        Verdict::Refused
    }
}

/// A folder that goes when it is done with.
struct Place(PathBuf);

impl Place {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("liandong-fuzz-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("the system has a place for files of a moment");
        Self(path)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}
