//! An author that signs entries, and a directory that is gone when the test is over.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use journal::{Journal, Opened};
use protocol::{
    Body, Draft, DutyNote, Envelope, Hash, Incarnation, LogKey, Mode, Moment, NetId, Signer, Suite,
    Wall,
};

/// Writes one log.
#[derive(Clone)]
pub(crate) struct Author {
    signer: Signer,
    net: NetId,
    pub(crate) log: LogKey,
    pub(crate) seq: u64,
    prev: Hash,
}

impl Author {
    pub(crate) fn new(name: &str, suite: Suite) -> Self {
        let party = name.parse().unwrap();
        Self {
            signer: Signer::new(party, suite, [7; 32]),
            net: net(),
            log: LogKey {
                author: party,
                incarnation: Incarnation {
                    epoch: 1,
                    nonce: 0x9f86_d081_884c_7d65,
                },
            },
            seq: 0,
            prev: Hash::default(),
        }
    }

    pub(crate) fn on(mut self, net: &str) -> Self {
        self.net = net.parse().unwrap();
        self
    }

    /// The next entry of the log.
    pub(crate) fn says(&mut self, text: &str) -> Arc<Envelope> {
        self.seq += 1;
        let draft = Draft {
            net: self.net,
            mode: Mode::Test,
            log: self.log,
            seq: self.seq,
            prev: self.prev,
            hlc: self.seq << 16,
            sent: Wall(1_780_000_000_000 + self.seq),
            request: None,
        };
        let note = DutyNote {
            incident: None,
            by: "duty officer".to_owned(),
            text: text.to_owned(),
            at: Moment(self.seq),
        };
        let envelope = Envelope::seal(&draft, Body::DutyNote(note), &self.signer);
        self.prev = envelope.hash();
        envelope
    }

    pub(crate) fn says_often(&mut self, count: usize) -> Vec<Arc<Envelope>> {
        (0..count)
            .map(|number| self.says(&format!("water level {number} cm, 水位上涨")))
            .collect()
    }
}

pub(crate) fn net() -> NetId {
    "drill-7".parse().unwrap()
}

/// An author in virtual time, as most tests need one.
pub(crate) fn zhuhai() -> Author {
    Author::new("440400", Suite::Virtual)
}

pub(crate) fn open(path: &Path) -> (Journal, Opened) {
    Journal::open(path, net()).unwrap()
}

/// The file's envelopes, read by opening it.
pub(crate) fn lines_in(path: &Path) -> Vec<String> {
    lines(&open(path).1.envelopes)
}

pub(crate) fn lines(envelopes: &[Arc<Envelope>]) -> Vec<String> {
    envelopes.iter().map(|e| e.line().to_owned()).collect()
}

/// A directory of one test.
pub(crate) struct Place(PathBuf);

impl Place {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("liandong-journal-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// The write-ahead log beside a journal.
pub(crate) fn ahead(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}
