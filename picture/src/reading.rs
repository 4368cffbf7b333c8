//! Reading an author's entries into its state, from its first or from a snapshot of its own.

use std::sync::Arc;

use protocol::{Body, Envelope, Incarnation, PartyId};

use crate::picture::{Author, Entry, Picture};
use crate::shelf::SharedShelf;
use crate::stock_taking::StateAt;
use crate::void::Void;

impl Author {
    /// Whether the state says what the logs here say: not so while they are read again from the
    /// store, because the life in force has changed.
    pub fn is_current(&self) -> bool {
        self.lineage.reads_along()
    }

    /// The life of the snapshot with which its fold begins here, if not with its first entry.
    pub fn begins(&self) -> Option<Incarnation> {
        let base = self.base.as_ref();
        base.map(|base| base.entry.header().log.incarnation)
    }

    /// What its logs said at the last snapshot that was read here.
    pub fn stock(&self) -> Option<&StateAt> {
        self.stock.as_ref()
    }

    /// Begins its fold, with nothing read but what a snapshot stands for.
    pub(crate) fn begin(&mut self) {
        self.stock.clone_from(&self.base);
        let base = self.base.as_ref().map(|base| Arc::clone(&base.state));
        let shared = || self.shelf.as_ref().map(SharedShelf::begin);
        self.state = base.or_else(shared).unwrap_or_default();
        if self.forgets_nothing {
            Arc::make_mut(&mut self.state).forgets_nothing = true;
        }
    }

    /// Reads its next entries; returns those that are void, by their place among them.
    pub(crate) fn read(
        &mut self,
        author: PartyId,
        entries: &[Arc<Envelope>],
    ) -> Vec<(usize, Void)> {
        let mut voids = Vec::new();
        let mut read = 0;
        for run in entries.split_inclusive(is_snapshot) {
            let found = self.read_run(author, run);
            voids.extend(found.into_iter().map(|(place, void)| (read + place, void)));
            read += run.len();
            let last = run.last().filter(|last| is_snapshot(last));
            let stands = voids.last().is_none_or(|(place, _)| *place + 1 != read);
            if let Some(entry) = last.filter(|_| stands) {
                self.stock = Some(StateAt {
                    entry: Arc::clone(entry),
                    state: Arc::clone(&self.state),
                });
            }
        }
        voids
    }

    fn read_run(&mut self, author: PartyId, entries: &[Arc<Envelope>]) -> Vec<(usize, Void)> {
        if let Some(shelf) = &self.shelf {
            if let Some(voids) = shelf.read(author, &mut self.state, entries) {
                return voids;
            }
            self.shelf = None;
        }
        let state = Arc::make_mut(&mut self.state);
        let mut fold = |entry: &Arc<Envelope>| state.fold(author, entry);
        let entries = entries.iter().enumerate();
        entries
            .filter_map(|(place, entry)| Some((place, fold(entry)?)))
            .collect()
    }
}

impl Picture {
    /// Takes an author's state at one of its snapshots for all that led to it, if it is further than
    /// what was read here. The envelope's signature has been checked.
    ///
    /// Returns the entries behind it that waited and now belong to their log, to be put on disk after
    /// the snapshot; [`Picture::read_on`] reads them. `None` if the state is not taken.
    pub fn begin_at(&mut self, at: StateAt) -> Option<Vec<Arc<Envelope>>> {
        let header = at.entry.header();
        let (author, life) = (header.log.author, header.log.incarnation);
        let known = self.authors().get(&author);
        let read = known.and_then(|known| known.lineage.last_read());
        let further = read.is_none_or(|read| read < (life, header.seq));
        let past = known.is_some_and(|known| known.lineage.leads_past((life, header.seq)));
        // Of an author that contradicts itself what is here stands, and no state of the other branch does.
        let forks = known.is_some_and(|known| known.lineage.contradicts(&at.entry));
        if author == self.network().region || !further || past || forks {
            return None;
        }
        self.may_keep_a_log(author, &at.entry).ok()?;
        let end = (header.seq, at.entry.hash());
        self.index.forget(author);
        self.index.adopt(&at.state);
        let known = self.known(author);
        // Others may not have read so far: nobody to share with.
        known.shelf = None;
        known.base = Some(at);
        known.begin();
        Some(known.lineage.begin_at(life, end))
    }

    /// Takes a state that stands in a journal if the entries of its author that were read do not lead to
    /// its snapshot, because some before it are not in the journal: at the beginning of a log, in the midst
    /// of one, or in an earlier life. Where they lead there, what they say is more than the state does.
    ///
    /// For who reads a journal without taking it over: entries come in the order of their logs, and a state
    /// when it is its snapshot's turn. Whether it was taken; if not, the snapshot is an entry like any other.
    pub fn bridge(&mut self, at: &StateAt) -> bool {
        let header = at.entry.header();
        let known = self.authors().get(&header.log.author);
        let read = known.and_then(|known| known.lineage.last_read());
        let led =
            read.is_some_and(|(life, seq)| (life, seq + 1) == (header.log.incarnation, header.seq));
        !led && self.begin_at(at.clone()).is_some()
    }

    /// A life of an author begins beside the snapshot that its fold began with here. What counts must
    /// be found from the first entry or from another snapshot: both are asked for.
    pub(crate) fn leave_base(&mut self, author: PartyId, envelope: &Arc<Envelope>) -> Entry {
        self.index.forget(author);
        let known = self.known(author);
        known.lineage = known.lineage.as_told();
        known.base = None;
        known.begin();
        known
            .lineage
            .heard_of(envelope.header().log.incarnation, envelope.header().seq);
        Entry::Parked
    }
}

fn is_snapshot(entry: &Arc<Envelope>) -> bool {
    matches!(entry.body(), Some(Body::Snapshot(_)))
}
