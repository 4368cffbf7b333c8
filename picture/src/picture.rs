//! The picture of a region: every author's fold, and what follows from all of them together.

use std::collections::BTreeMap;
use std::sync::Arc;

use protocol::{Body, Envelope, Hash, Incarnation, LogKey, NeedId, Network, PartyId, Role, Roster};

use crate::author::AuthorState;
use crate::index::Index;
use crate::lineage::{Lineage, Next, Placed};
use crate::void::Void;

/// All that is known, as a pure function of the envelopes that were admitted.
#[derive(Debug, Clone)]
pub struct Picture {
    network: Network,
    roster: Roster,
    authors: BTreeMap<PartyId, Author>,
    index: Index,
}

/// What is known of one author.
#[derive(Debug, Clone, Default)]
pub struct Author {
    /// Its logs.
    pub lineage: Lineage,
    /// What they say.
    pub state: AuthorState,
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

impl Picture {
    /// An empty picture of a network.
    pub fn new(network: Network) -> Self {
        let roster = Roster::new(&network);
        Self {
            network,
            roster,
            authors: BTreeMap::new(),
            index: Index::default(),
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

    /// What an author's log says; empty if nothing is known of it.
    pub fn state(&self, author: PartyId) -> Option<&AuthorState> {
        self.authors.get(&author).map(|author| &author.state)
    }

    pub(crate) fn index(&self) -> &Index {
        &self.index
    }

    /// Shows an envelope whose signature has been checked to the picture.
    pub fn admit(&mut self, envelope: &Arc<Envelope>) -> Admission {
        let header = envelope.header();
        let author = header.log.author;
        if let Err(reason) = self.may_keep_a_log(author, envelope) {
            return Admission::Refused(reason);
        }
        let known = self.authors.entry(author).or_default();
        let stored = match known.lineage.place(envelope) {
            Placed::Extends(stored) => stored,
            Placed::Duplicate => return Admission::Duplicate,
            Placed::Parked | Placed::Dropped => return Admission::Parked,
            Placed::Equivocates => return Admission::Equivocates,
        };
        let ready = match known.lineage.next() {
            Next::Read(ready) => ready,
            Next::Again => return Admission::Refold { stored },
        };
        let orphan = known.lineage.is_orphan(header.log.incarnation, header.seq);
        let folded = self.fold(author, ready);
        Admission::Admitted {
            folded,
            stored,
            orphan,
        }
    }

    /// Gives back entries of an author that were read from the store, before [`Picture::refold`].
    /// Logs may come in any order; the entries of each log in theirs, from the first.
    pub fn recollect(&mut self, author: PartyId, entries: Vec<Arc<Envelope>>) {
        self.authors
            .entry(author)
            .or_default()
            .lineage
            .recollect(entries);
    }

    /// Begins an author's fold again with the entries that were given back.
    pub fn refold(&mut self, author: PartyId) {
        let known = self.authors.entry(author).or_default();
        known.state = AuthorState::default();
        known.lineage.rewind();
        self.index.forget(author);
        if author == self.network.region {
            self.roster = Roster::new(&self.network);
        }
        let known = self.authors.entry(author).or_default();
        if let Next::Read(ready) = known.lineage.next() {
            self.fold(author, ready);
        }
    }

    fn fold(&mut self, author: PartyId, ready: Vec<Arc<Envelope>>) -> Vec<Folded> {
        let mut folded = Vec::with_capacity(ready.len());
        for envelope in ready {
            let known = self.authors.entry(author).or_default();
            let void = known.state.fold(author, &envelope);
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

    fn may_keep_a_log(&self, author: PartyId, envelope: &Envelope) -> Result<(), &'static str> {
        if author == self.network.region {
            return Ok(());
        }
        let member = self
            .roster
            .member(author)
            .ok_or("the author is not in the roster")?;
        if !member.role.is_author() {
            return Err("a party of this role keeps no log");
        }
        match self.roster.key(author, envelope.header().key) {
            Some((_, true)) => Ok(()),
            Some((_, false)) => Err("the key is revoked"),
            None => Err("the key is not in the roster"),
        }
    }

    /// Notes that somebody holds a log up to an entry; whether some of it is missing here.
    pub fn heard_of(&mut self, log: LogKey, seq: u64) -> bool {
        let role = self.roster.member(log.author).map(|member| member.role);
        let known = role.is_some_and(Role::is_author) || log.author == self.network.region;
        known && {
            let author = self.authors.entry(log.author).or_default();
            author.lineage.heard_of(log.incarnation, seq)
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
