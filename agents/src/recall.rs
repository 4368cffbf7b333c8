//! Reading a journal at boot: what it begins with, what stands in it, and what of it was left out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use picture::StateAt;
use protocol::{Envelope, Hash, Incarnation, LogKey, PartyId};

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
                self.note_gist(envelope);
                for entry in &folded {
                    self.noticed(author, entry);
                }
            }
            picture::Admission::Refold { .. } => {
                self.keeping.recalled(envelope);
                self.note_gist(envelope);
                return Some(author);
            }
            _ => {}
        }
        None
    }

    /// Reads what is stored in the order in which it was recorded, and a state where its snapshot stands:
    /// there whoever wrote it was let in, whatever became of its key since. Returns the authors whose
    /// folds must begin again.
    pub(crate) fn recall_stored(&mut self, stored: &Stored) -> BTreeSet<PartyId> {
        let states = stored.snapshots.iter();
        let states: BTreeMap<Hash, &StateAt> = states.map(|at| (at.entry.hash(), at)).collect();
        let mut again = BTreeSet::new();
        for envelope in &stored.envelopes {
            let state = states.get(&envelope.hash());
            let begun = state.and_then(|at| self.picture.begin_at((*at).clone()));
            if begun.is_some() {
                self.keeping.begins_at(envelope);
            } else {
                again.extend(self.recall(envelope));
            }
        }
        again
    }

    /// Notes what the disk holds besides what was given, and reads it where a snapshot turned out to be
    /// of a life that was passed over.
    pub(crate) fn recall_extents(&mut self, turn: &mut Turn, stored: &Stored) {
        for extent in &stored.logs {
            let log = extent.head.log;
            if extent.first > 1 {
                self.keeping.begins.insert(log, extent.first);
            } else {
                let held = (extent.head.seq, extent.head.hash);
                self.keeping.durable.entry(log).or_insert(held);
            }
        }
        let authors = stored
            .snapshots
            .iter()
            .map(|at| at.entry.header().log.author);
        let left = authors.filter(|author| self.begins(*author).is_none());
        for author in left.collect::<BTreeSet<_>>() {
            self.recall_logs_of(turn, author);
        }
    }

    /// The snapshot with which an author's fold began is of a life that was passed over: all that the
    /// disk holds of its logs is read again, what others hold is looked at again, and what is derived
    /// from them is found anew.
    pub(crate) fn recall_logs_of(&mut self, turn: &mut Turn, author: PartyId) {
        let durable = self.keeping.durable.keys();
        let begun = self.keeping.begins.keys();
        let behind = self.keeping.behind.iter();
        let logs: BTreeSet<LogKey> = durable
            .chain(begun)
            .chain(behind)
            .filter(|log| log.author == author)
            .copied()
            .collect();
        self.keeping.behind.retain(|log| log.author != author);
        self.keeping.holders.doubt(author);
        self.keeping.end_refolding(author);
        self.rebuild();
        for log in logs {
            self.keeping.recall_log(turn, log);
        }
    }

    /// A life has begun: all of its author's logs are looked at for gaps, for it may follow one that is
    /// not here.
    pub(crate) fn suspect_logs_of(&mut self, author: PartyId) {
        if let Some(known) = self.picture.authors().get(&author) {
            self.keeping.suspects.extend(known.lineage.keys(author));
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
