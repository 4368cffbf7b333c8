//! Reading a journal at boot: what it begins with, what stands in it, and what of it was left out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use protocol::{Envelope, Incarnation, LogKey, PartyId};

use crate::door::Stored;
use crate::office::{Office, Turn};

impl Office {
    /// Reads one stored envelope at boot.
    ///
    /// Returns the author if its fold must begin again.
    pub(crate) fn recall(&mut self, envelope: &Arc<Envelope>) -> Option<PartyId> {
        let author = envelope.header().log.author;
        match self.picture.admit(envelope) {
            picture::Admission::Admitted { folded, .. } => {
                self.keeping.recalled(envelope);
                for entry in &folded {
                    self.noticed(author, entry);
                }
            }
            picture::Admission::Refold { .. } => {
                self.keeping.recalled(envelope);
                return Some(author);
            }
            _ => {}
        }
        None
    }

    /// Begins the folds of authors whose logs are not here from their first entry. Whom the roster
    /// lets in must be known before.
    pub(crate) fn recall_snapshots(&mut self, turn: &mut Turn, stored: &Stored) {
        if stored.snapshots.is_empty() {
            return;
        }
        let region = self.config.network.region;
        for envelope in &stored.envelopes {
            if envelope.header().log.author == region {
                self.recall(envelope);
            }
        }
        for at in &stored.snapshots {
            self.hear_hybrid(turn, &at.entry);
            if self.picture.begin_at(at.clone()).is_some() {
                self.keeping.begins_at(&at.entry);
            }
        }
    }

    /// Notes what the disk holds besides what was given, and reads it where a snapshot turned out to be
    /// of a life that was passed over.
    pub(crate) fn recall_extents(&mut self, turn: &mut Turn, stored: &Stored) {
        let began = stored.snapshots.iter();
        let began: BTreeSet<PartyId> = began.map(|at| at.entry.header().log.author).collect();
        let left: BTreeSet<PartyId> = began
            .into_iter()
            .filter(|author| self.begins(*author).is_none())
            .collect();
        let mut lacking = BTreeSet::new();
        for extent in &stored.logs {
            let log = extent.head.log;
            if extent.first > 1 {
                self.keeping.begins.insert(log, extent.first);
            } else {
                let held = (extent.head.seq, extent.head.hash);
                self.keeping.durable.entry(log).or_insert(held);
            }
            if left.contains(&log.author) {
                lacking.insert(log.author);
            }
        }
        for author in lacking {
            self.recall_logs_of(turn, author);
        }
    }

    /// The snapshot with which an author's fold began is of a life that was passed over: all that the
    /// disk holds of its logs is read again, and what is derived from them is found anew.
    pub(crate) fn recall_logs_of(&mut self, turn: &mut Turn, author: PartyId) {
        let durable = self.keeping.durable.keys();
        let begun = self.keeping.begins.keys();
        let logs: BTreeSet<LogKey> = durable
            .chain(begun)
            .filter(|log| log.author == author)
            .copied()
            .collect();
        self.rebuild();
        for log in logs {
            self.keeping.recall_log(turn, log);
        }
    }

    /// The life of the snapshot with which an author's fold begins, if with one.
    pub(crate) fn begins(&self, author: PartyId) -> Option<Incarnation> {
        let known = self.picture.authors().get(&author);
        known.and_then(picture::Author::begins)
    }

    /// Reads entries that a boot had left out.
    pub(crate) fn recall_all(&mut self, turn: &mut Turn, envelopes: &[Arc<Envelope>]) {
        let again = envelopes
            .iter()
            .filter_map(|envelope| self.recall(envelope));
        let again: BTreeSet<PartyId> = again.collect();
        for author in again {
            self.fold_again(turn, author);
        }
        if let Some(envelope) = envelopes.first() {
            self.began_at(envelope.header().log);
        }
    }

    /// Folds an author anew from the journal: its life in force changed between two entries.
    pub(crate) fn read_again(&mut self, author: PartyId, stored: &Stored) {
        let mut logs: BTreeMap<LogKey, Vec<Arc<Envelope>>> = BTreeMap::new();
        for envelope in &stored.envelopes {
            let log = envelope.header().log;
            if log.author == author && self.is_in_its_log(envelope) {
                logs.entry(log).or_default().push(Arc::clone(envelope));
            }
        }
        for entries in logs.into_values() {
            self.picture.recollect(author, entries);
        }
        self.picture.refold(author);
    }
}
