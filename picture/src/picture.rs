//! The picture of a region: every author's fold, and what follows from all of them together.

use std::collections::BTreeMap;
use std::sync::Arc;

use protocol::{
    Body, Envelope, Hash, Incarnation, KeyId, LogKey, NeedId, Network, PartyId, Prefix, Roster,
};

use crate::author::AuthorState;
use crate::index::Index;
use crate::lineage::{Lineage, Next, Placed};
use crate::log::LogStatus;
use crate::shelf::{SharedFolds, SharedShelf};
use crate::stock_taking::StateAt;
use crate::void::Void;

/// All that is known, as a pure function of the envelopes that were admitted.
#[derive(Debug, Clone)]
pub struct Picture {
    network: Network,
    roster: Roster,
    pub(crate) authors: BTreeMap<PartyId, Author>,
    pub(crate) index: Index,
    folds: Option<SharedFolds>,
    /// Whether what is over stays: for who looks back.
    forgets_nothing: bool,
}

/// What is known of one author.
#[derive(Debug, Clone, Default)]
pub struct Author {
    /// Its logs.
    pub lineage: Lineage,
    /// What they say.
    pub state: Arc<AuthorState>,
    /// What they said at the last snapshot.
    pub(crate) stock: Option<StateAt>,
    /// The snapshot that its fold begins with here, if not with its first entry.
    pub(crate) base: Option<StateAt>,
    /// Where the state is shared, if it is.
    pub(crate) shelf: Option<SharedShelf>,
    /// The key whose entries the roster was found to let in, until it changes.
    pub(crate) let_in: Option<KeyId>,
    /// Whether what is over stays in its state.
    pub(crate) forgets_nothing: bool,
}

/// An entry that was read into the picture.
#[derive(Debug, Clone)]
pub struct Folded {
    /// The entry.
    pub envelope: Arc<Envelope>,
    /// The rule that it breaks, if any: then it changed nothing.
    pub void: Option<Void>,
    /// The needs that it concerns, so that nobody looks through all of them after each entry.
    pub needs: [Option<NeedId>; 2],
}

/// What became of an envelope that was shown to the picture.
#[derive(Debug, Clone)]
pub enum Admission {
    /// It entered its log, and these entries, in order, were folded: often itself, sometimes more
    /// that waited, sometimes none yet.
    Admitted {
        /// What the fold read.
        folded: Vec<Folded>,
        /// What entered the log: the envelope and those that had waited for it. To be put on disk.
        stored: Vec<Arc<Envelope>>,
        /// R03: it belongs to a life that is not in force, or lies beyond its seal.
        orphan: bool,
    },
    /// R05: nothing new.
    Duplicate,
    /// R06: an earlier entry is missing.
    Parked,
    /// R04: kept as evidence, not folded.
    Equivocates,
    /// The life in force changed: give all entries of the author back
    /// with [`Picture::recollect`] and call [`Picture::refold`].
    Refold {
        /// What entered the log all the same. To be put on disk before the author's entries are read.
        stored: Vec<Arc<Envelope>>,
    },
    /// R02: the author may keep no log, or its key was revoked.
    Refused(&'static str),
}

/// What became of an envelope at the door of its log.
#[derive(Debug, Clone)]
pub enum Entry {
    /// It entered its log and waits to be read.
    Entered {
        /// What entered the log: the envelope and those that had waited for it. To be put on disk.
        stored: Vec<Arc<Envelope>>,
        /// R03: it belongs to a life that is not in force, or lies beyond its seal.
        orphan: bool,
    },
    /// R05: nothing new.
    Duplicate,
    /// R06: an earlier entry is missing.
    Parked,
    /// R04: kept as evidence, not folded.
    Equivocates,
    /// R02: the author may keep no log, or its key was revoked.
    Refused(&'static str),
}

/// What reading on in an author's logs came to.
#[derive(Debug, Clone)]
pub enum Reading {
    /// These entries were read, in order.
    Folded(Vec<Folded>),
    /// The life in force changed: give all entries of the author back
    /// with [`Picture::recollect`] and call [`Picture::refold`].
    Again,
}

impl Picture {
    /// An empty picture of a network.
    pub fn new(network: Network) -> Self {
        let roster = Roster::new(&network);
        Self {
            network,
            roster,
            authors: BTreeMap::new(),
            index: Index::default(),
            folds: None,
            forgets_nothing: false,
        }
    }

    /// An empty picture that keeps what its authors let go of at their snapshots: for who looks back.
    pub fn looking_back(network: Network) -> Self {
        Self {
            forgets_nothing: true,
            ..Self::new(network)
        }
    }

    /// An empty picture that shares its folds with others of the process.
    pub fn sharing(network: Network, folds: SharedFolds) -> Self {
        Self {
            folds: Some(folds),
            ..Self::new(network)
        }
    }

    /// The network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Who belongs, as far as the region's log is known.
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    /// The authors that anything is known of, in the order of their ids.
    pub fn authors(&self) -> &BTreeMap<PartyId, Author> {
        &self.authors
    }

    /// How far a log is here; `None` if nothing of it is known.
    pub fn log(&self, log: LogKey) -> Option<&LogStatus> {
        let author = self.authors.get(&log.author)?;
        author.lineage.logs().get(&log.incarnation)
    }

    /// Whether a holder's last entry of a log is another than the one of that number here.
    pub fn is_another(&self, held: &Prefix) -> bool {
        let ours = self.log(held.log).and_then(|log| log.hash_at(held.seq));
        ours.is_some_and(|ours| ours.mark() != held.head)
    }

    /// What an author's log says; empty if nothing is known of it.
    pub fn state(&self, author: PartyId) -> Option<&AuthorState> {
        self.authors.get(&author).map(|author| &*author.state)
    }

    pub(crate) fn index(&self) -> &Index {
        &self.index
    }

    /// Whether an entry with this number is here, in its log or waiting for those before it.
    pub fn has(&self, (log, seq): (LogKey, u64)) -> bool {
        let known = self.log(log);
        known.is_some_and(|log| seq <= log.prefix || log.parked.contains_key(&seq))
    }

    /// Shows an envelope whose signature has been checked to the picture.
    pub fn admit(&mut self, envelope: &Arc<Envelope>) -> Admission {
        let (stored, orphan) = match self.enter(envelope) {
            Entry::Entered { stored, orphan } => (stored, orphan),
            Entry::Duplicate => return Admission::Duplicate,
            Entry::Parked => return Admission::Parked,
            Entry::Equivocates => return Admission::Equivocates,
            Entry::Refused(reason) => return Admission::Refused(reason),
        };
        match self.read_on(envelope.header().log.author) {
            Reading::Again => Admission::Refold { stored },
            Reading::Folded(folded) => Admission::Admitted {
                folded,
                stored,
                orphan,
            },
        }
    }

    /// Puts an envelope whose signature has been checked into its log. What entered is read by
    /// [`Picture::read_on`], once for several envelopes of one author.
    pub fn enter(&mut self, envelope: &Arc<Envelope>) -> Entry {
        let header = envelope.header();
        let author = header.log.author;
        let known = self.authors.get(&author);
        if known.is_none_or(|known| known.let_in != Some(header.key)) {
            if let Err(reason) = self.may_keep_a_log(author, envelope) {
                return Entry::Refused(reason);
            }
            // A key that ends lets in by what each entry says of its time.
            let standing = self.roster.standing(author, header.key);
            let ends = standing.is_some_and(|standing| standing.until().is_some());
            self.known(author).let_in = (!ends).then_some(header.key);
        }
        let known = self.known(author);
        let placed = known.lineage.place(envelope);
        if known.lineage.has_left_its_base() {
            return self.leave_base(author, envelope);
        }
        let lineage = &known.lineage;
        match placed {
            Placed::Extends(stored) => Entry::Entered {
                stored,
                orphan: lineage.is_orphan(header.log.incarnation, header.seq),
            },
            Placed::Duplicate => Entry::Duplicate,
            Placed::Parked | Placed::Dropped => Entry::Parked,
            Placed::Equivocates => Entry::Equivocates,
        }
    }

    /// Reads what entered an author's logs and was not read yet.
    pub fn read_on(&mut self, author: PartyId) -> Reading {
        let known = self.known(author);
        match known.lineage.next() {
            Next::Read(ready) => {
                let voids = known.read(author, &ready);
                Reading::Folded(self.note(author, ready, voids))
            }
            Next::Again => Reading::Again,
        }
    }

    /// Gives back entries of an author that were read from the store, before [`Picture::refold`].
    /// Logs may come in any order; the entries of each log in theirs, from the first.
    pub fn recollect(&mut self, author: PartyId, entries: Vec<Arc<Envelope>>) {
        self.known(author).lineage.recollect(entries);
    }

    /// Begins an author's fold again with the entries that were given back; returns what it read.
    pub fn refold(&mut self, author: PartyId) -> Vec<Folded> {
        self.index.forget(author);
        if author == self.network.region {
            self.roster = Roster::new(&self.network);
            self.let_nobody_in();
        }
        let known = self.known(author);
        known.begin();
        known.lineage.begin_again();
        let base = known.base.as_ref().map(|base| Arc::clone(&base.state));
        if let Some(base) = base {
            // What its snapshot stands for is noted by no entry.
            self.index.adopt(&base);
        }
        let known = self.known(author);
        let Next::Read(ready) = known.lineage.next() else {
            return Vec::new();
        };
        let voids = known.read(author, &ready);
        self.note(author, ready, voids)
    }

    /// Notes what was read, without what is void, where authors meet: in the index and the roster.
    pub(crate) fn note(
        &mut self,
        author: PartyId,
        ready: Vec<Arc<Envelope>>,
        voids: Vec<(usize, Void)>,
    ) -> Vec<Folded> {
        let mut voids = voids.into_iter().peekable();
        let mut folded = Vec::with_capacity(ready.len());
        for (place, envelope) in ready.into_iter().enumerate() {
            let void = voids
                .next_if(|(void, _)| *void == place)
                .map(|(_, void)| void);
            let mut needs = [None; 2];
            if void.is_none()
                && let Some(body) = envelope.body()
            {
                needs = self.concerned(body);
                self.index.note(body, needs[0]);
                if let Body::RosterChange(change) = body
                    && author == self.network.region
                {
                    self.roster.apply(change);
                    self.let_nobody_in();
                }
            }
            folded.push(Folded {
                envelope,
                void,
                needs,
            });
        }
        folded
    }

    pub(crate) fn known(&mut self, author: PartyId) -> &mut Author {
        let folds = self.folds.as_ref();
        self.authors.entry(author).or_insert_with(|| {
            let mut known = Author {
                shelf: folds.map(|folds| folds.of(author)),
                forgets_nothing: self.forgets_nothing,
                ..Author::default()
            };
            known.begin();
            known
        })
    }

    pub(crate) fn may_keep_a_log(
        &self,
        author: PartyId,
        envelope: &Envelope,
    ) -> Result<(), &'static str> {
        if author == self.network.region {
            return Ok(());
        }
        let member = self.roster.member(author);
        let member = member.ok_or("the author is not in the roster")?;
        if !member.role.is_author() {
            return Err("a party of this role keeps no log");
        }
        let header = envelope.header();
        match self.roster.standing(author, header.key) {
            None => Err("the key is not in the roster"),
            Some(standing) if standing.is_revoked() => Err("the key is revoked"),
            Some(standing) if !standing.counts_at(header.sent) => {
                Err("the key had expired when this was signed")
            }
            Some(_) => Ok(()),
        }
    }

    /// The roster has changed: whose entries it lets in is to be asked again.
    fn let_nobody_in(&mut self) {
        for known in self.authors.values_mut() {
            known.let_in = None;
        }
    }

    /// For every log, the last entry without a gap and its hash.
    pub fn version(&self) -> BTreeMap<LogKey, (u64, Hash)> {
        let mut version = BTreeMap::new();
        for (author, known) in &self.authors {
            for (incarnation, log) in known.lineage.logs() {
                if log.prefix > 0 {
                    let key = LogKey {
                        author: *author,
                        incarnation: *incarnation,
                    };
                    version.insert(key, (log.prefix, log.head));
                }
            }
        }
        version
    }

    /// The digest of the whole picture: equal for equal sets of envelopes (I13).
    pub fn hash(&self) -> Hash {
        let mut text = String::new();
        for (author, known) in &self.authors {
            if known.state.folded > 0 {
                text.push_str(author.as_str());
                text.push_str(&known.state.hash().to_string());
            }
        }
        Hash::of(text.as_bytes())
    }

    /// The incarnation of an author that is in force.
    pub fn incarnation(&self, author: PartyId) -> Option<Incarnation> {
        self.authors.get(&author)?.lineage.in_force()
    }
}
