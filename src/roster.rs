//! The roster file: the region's own log, a line an entry, as it is handed to the offices.
//!
//! It is a copy of a log like any other. An office reads it at its start and when told to, and hands on
//! what it had not; who was away then gets it from the others.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use protocol::{
    Body, Decoder, Draft, Envelope, Hash, Incarnation, LogKey, Network, Roster, RosterChange, Seal,
    Signer, Wall,
};

use crate::failure::Failure;
use crate::finding::Finding;
use crate::{files, whole};

/// What to do about a roster file that does not hold.
const ANEW: &str = "copy roster.log anew from the region's own folder, or from an office whose file \
                    `liandong keys show` reads, and send this office SIGHUP";

/// The roster's log as far as a file holds it.
#[derive(Debug)]
pub(crate) struct RosterFile {
    path: PathBuf,
    network: Network,
    log: Vec<Arc<Envelope>>,
    roster: Roster,
}

impl RosterFile {
    /// Reads a roster file, every signature and the chain with it.
    pub(crate) fn read(path: &Path, network: &Network) -> Result<Self, Finding> {
        let text = whole::text(path, whole::ROSTER_BYTES)
            .map_err(|error| Finding::file("roster-unreadable", path, &error))?;
        let mut decoder = Decoder::new(network.clone());
        let bare = Roster::new(network);
        let mut file = Self::empty(path, network);
        for (line, number) in text.lines().zip(1..) {
            let wrong = |code, what: &dyn std::fmt::Display| {
                Finding::new(code, path, what, ANEW).at(Some(number))
            };
            let envelope = decoder
                .envelope(line, &bare)
                .map_err(|refusal| wrong("roster-signature", &refusal))?;
            if !file.continues(&envelope) {
                return Err(wrong(
                    "roster-chain",
                    &"does not follow the entry before it",
                ));
            }
            file.take(envelope);
        }
        if file.log.is_empty() {
            return Err(Finding::new("roster-empty", path, "holds no entry", ANEW));
        }
        Ok(file)
    }

    /// The first roster of a region, not written yet: its seal and these changes.
    pub(crate) fn begin(
        path: &Path,
        network: &Network,
        (signer, nonce, at): (&Signer, u64, Wall),
        changes: Vec<RosterChange>,
    ) -> Self {
        let mut file = Self::empty(path, network);
        let incarnation = Incarnation { epoch: 1, nonce };
        let log = LogKey {
            author: network.region,
            incarnation,
        };
        let seal = Body::Seal(Seal { predecessor: None });
        let bodies = changes.into_iter().map(Body::RosterChange);
        for body in std::iter::once(seal).chain(bodies) {
            let entry = file.sealed(log, body, signer, at);
            file.take(entry);
        }
        file
    }

    /// Signs one more change with the region's key. It is not on the disk before it is kept.
    pub(crate) fn append(&mut self, change: RosterChange, signer: &Signer, at: Wall) {
        let last = self
            .log
            .last()
            .expect("a roster file that was read holds an entry");
        let log = last.header().log;
        let entry = self.sealed(log, Body::RosterChange(change), signer, at);
        self.take(entry);
    }

    /// Takes what follows it of a log that an office holds, every entry of which was verified; whether
    /// anything did. It is not on the disk before it is kept.
    pub(crate) fn learn(&mut self, held: &[Arc<Envelope>]) -> bool {
        let before = self.log.len();
        let mut held: Vec<&Arc<Envelope>> = held.iter().collect();
        held.sort_by_key(|entry| entry.header().seq);
        for entry in held {
            if self.continues(entry) {
                self.take(Arc::clone(entry));
            }
        }
        self.log.len() > before
    }

    /// The log, from its first entry.
    pub(crate) fn log(&self) -> &[Arc<Envelope>] {
        &self.log
    }

    /// Who belongs by it.
    pub(crate) fn roster(&self) -> &Roster {
        &self.roster
    }

    /// The file's text.
    pub(crate) fn text(&self) -> String {
        self.log
            .iter()
            .fold(String::new(), |text, entry| text + entry.line() + "\n")
    }

    fn empty(path: &Path, network: &Network) -> Self {
        Self {
            path: path.to_path_buf(),
            network: network.clone(),
            log: Vec::new(),
            roster: Roster::new(network),
        }
    }

    fn take(&mut self, envelope: Arc<Envelope>) {
        if let Some(Body::RosterChange(change)) = envelope.body() {
            self.roster.apply(change);
        }
        self.log.push(envelope);
    }

    fn continues(&self, envelope: &Envelope) -> bool {
        let header = envelope.header();
        if header.log.author != self.network.region {
            return false;
        }
        match self.log.last() {
            None => header.seq == 1,
            Some(last) => {
                let before = last.header();
                header.log == before.log
                    && header.seq == before.seq + 1
                    && header.prev == last.hash()
            }
        }
    }

    fn sealed(&self, log: LogKey, body: Body, signer: &Signer, at: Wall) -> Arc<Envelope> {
        let last = self.log.last();
        let hlc = last.map_or(0, |last| last.header().hlc + 1);
        let draft = Draft {
            net: self.network.id,
            mode: self.network.mode,
            log,
            seq: last.map_or(0, |last| last.header().seq) + 1,
            prev: last.map_or_else(Hash::default, |last| last.hash()),
            hlc: hlc.max(at.0 << 16),
            sent: at,
            request: None,
        };
        Envelope::seal(&draft, body, signer)
    }

    /// Puts the new text in the place of the old as a whole, so that a crash leaves one of the two.
    pub(crate) fn keep(&self) -> Result<(), Failure> {
        files::replace(&self.path, &self.text())
    }
}
