//! What each entry of a bundle comes to, judged as the office would on hearing it: by the decoder that
//! it has, and a picture folded from the journal that it holds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use picture::{Admission, Folded, LogStatus, Picture};
use protocol::{Decoder, Envelope, Hash, LogKey, Network, PartyId, Refusal, Roster, Stretch};

use super::shelf::Shelf;
use super::since::dated;

/// An entry.
pub(super) type Entry = Arc<Envelope>;

/// An office's knowledge, and what a bundle adds to it.
pub(super) struct Judge {
    picture: Picture,
    decoder: Decoder,
    /// Every entry in its place in its log, to fold an author again.
    logs: BTreeMap<LogKey, Vec<Entry>>,
    new: BTreeSet<(LogKey, u64)>,
    to_record: Vec<Entry>,
    waiting: BTreeMap<(LogKey, u64), Entry>,
    voids: BTreeMap<(LogKey, u64), String>,
    orphans: u64,
    held: u64,
    evidence: u64,
    /// What is missing only if what nobody signed is true.
    claimed: BTreeSet<LogKey>,
}

/// What stands behind the first line of a bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// The signature of the closing line.
    Signed,
    /// Nothing: it may say anything.
    Claimed,
}

/// Why an entry is not taken.
pub(super) struct Refused {
    /// The code of the rule.
    pub(super) code: &'static str,
    /// In words.
    pub(super) why: String,
}

/// What is missing of an author's log.
pub(super) struct Gap {
    /// The log.
    pub(super) log: LogKey,
    /// The first entry that is missing, and the last that is known to exist.
    pub(super) from: u64,
    pub(super) to: u64,
    /// How many of them are missing.
    pub(super) missing: u64,
    /// When its author wrote the last entry before, in this life or an earlier one.
    pub(super) since: Option<protocol::Wall>,
    /// Who says so.
    pub(super) word: Word,
}

/// What became of the entries of a bundle.
pub(super) struct Verdict {
    /// Entries that entered their log.
    pub(super) new: u64,
    /// Entries that were there before.
    pub(super) held: u64,
    /// New entries that mean nothing, by the rule that they break.
    pub(super) void: BTreeMap<String, u64>,
    /// R03: new entries of a life that is not in force.
    pub(super) orphans: u64,
    /// R06: entries that wait for an earlier one, and are not recorded.
    pub(super) waiting: u64,
    /// R04: entries that contradict another, kept beside it.
    pub(super) evidence: u64,
}

impl Judge {
    /// An office that holds this.
    pub(super) fn new(network: &Network, shelf: &Shelf) -> Self {
        let mut judge = Self {
            picture: Picture::new(network.clone()),
            decoder: Decoder::new(network.clone()),
            logs: BTreeMap::new(),
            new: BTreeSet::new(),
            to_record: Vec::new(),
            waiting: BTreeMap::new(),
            voids: BTreeMap::new(),
            orphans: 0,
            held: 0,
            evidence: 0,
            claimed: BTreeSet::new(),
        };
        let states = shelf.states.iter();
        let states: BTreeMap<Hash, _> = states.map(|at| (at.entry.hash(), at)).collect();
        for envelope in &shelf.entries {
            let state = states.get(&envelope.hash());
            if state.is_some_and(|at| judge.picture.bridge(at)) {
                judge.keep(&[Arc::clone(envelope)]);
                continue;
            }
            match judge.picture.admit(envelope) {
                Admission::Admitted { stored, .. } => judge.keep(&stored),
                Admission::Refold { stored } => {
                    judge.keep(&stored);
                    // At once: whether a state is needed shows by what was read before it.
                    judge.read_again(envelope.header().log.author);
                }
                _ => {}
            }
        }
        judge
    }

    /// Who belongs, as far as is known by now.
    pub(super) fn roster(&self) -> &Roster {
        self.picture.roster()
    }

    /// The digest of what is known.
    pub(super) fn picture(&self) -> Hash {
        self.picture.hash()
    }

    /// Reads an entry's line and lets it in, or says why not.
    pub(super) fn hear(&mut self, line: &str) -> Result<(), Refused> {
        let roster = self.picture.roster();
        let envelope = self.decoder.envelope(line, roster);
        let envelope = envelope.map_err(|refusal| refused(&refusal))?;
        let place = (envelope.header().log, envelope.header().seq);
        let known = self
            .picture
            .log(place.0)
            .and_then(|log| log.hash_at(place.1));
        if known == Some(envelope.hash()) {
            // Asked first: what was written under a key before it was revoked stays where it is.
            self.held += 1;
            return Ok(());
        }
        match self.picture.admit(&envelope) {
            Admission::Admitted {
                folded,
                stored,
                orphan,
            } => {
                self.orphans += u64::from(orphan);
                self.enter(&stored);
                self.note(&folded);
            }
            Admission::Refold { stored } => {
                self.enter(&stored);
                self.read_again(place.0.author);
            }
            Admission::Duplicate => self.held += 1,
            Admission::Parked => {
                self.waiting.insert(place, envelope);
            }
            Admission::Equivocates => return self.contradicted(envelope),
            Admission::Refused(why) => {
                let why = format!("an entry of {}: {why}", place.0);
                return Err(Refused { code: "R02", why });
            }
        }
        Ok(())
    }

    /// R04. What contradicts an entry that is recorded is recorded beside it; what contradicts one that
    /// waits has no place on the disk yet.
    fn contradicted(&mut self, envelope: Entry) -> Result<(), Refused> {
        let header = envelope.header();
        let (log, seq) = (header.log, header.seq);
        let known = self
            .picture
            .log(log)
            .is_some_and(|known| seq <= known.prefix);
        let (why, kept) = if known {
            ("another entry has this number", "kept as evidence")
        } else {
            ("it does not follow the entry before it", "not recorded")
        };
        if known {
            self.evidence += 1;
            self.to_record.push(envelope);
        }
        let why = format!("entry {seq} of {log}: {why}; its author contradicts itself: {kept}");
        Err(Refused { code: "R04", why })
    }

    /// Notes that somebody says to carry these entries, so that what is missing of them is told.
    pub(super) fn expect(&mut self, stretches: &[Stretch], word: Word) {
        for Stretch { log, to, .. } in stretches {
            let missing = |picture: &Picture| picture.log(*log).map_or(0, LogStatus::missing);
            let before = missing(&self.picture);
            self.picture.heard_of(*log, *to);
            if word == Word::Claimed && missing(&self.picture) > before {
                self.claimed.insert(*log);
            }
        }
    }

    /// What an office is to be handed: new entries and evidence in their order, then what waits.
    pub(super) fn to_offer(&self) -> (&[Entry], impl Iterator<Item = &Entry>) {
        (&self.to_record, self.waiting.values())
    }

    /// What became of the entries.
    pub(super) fn verdict(&self) -> Verdict {
        let mut void: BTreeMap<String, u64> = BTreeMap::new();
        for code in self.voids.values() {
            *void.entry(code.clone()).or_default() += 1;
        }
        Verdict {
            new: self.new.len() as u64,
            held: self.held,
            void,
            orphans: self.orphans,
            waiting: self.waiting.len() as u64,
            evidence: self.evidence,
        }
    }

    /// What is known to exist and is not here, in the order of the logs.
    pub(super) fn gaps(&self) -> Vec<Gap> {
        let authors = self.picture.authors().iter();
        let logs = authors.flat_map(|(author, known)| {
            let lives = known.lineage.logs().iter();
            lives.map(|(incarnation, log)| {
                let key = LogKey {
                    author: *author,
                    incarnation: *incarnation,
                };
                (key, log)
            })
        });
        logs.filter_map(|(log, known)| self.gap(log, known))
            .collect()
    }

    fn gap(&self, log: LogKey, known: &LogStatus) -> Option<Gap> {
        let (from, _) = known.gap()?;
        let to = known.gaps().last()?.1;
        let lives = self.logs.range(..=log).rev();
        let mut lives = lives.take_while(|(life, _)| life.author == log.author);
        let before = lives.find_map(|(_, entries)| entries.last());
        Some(Gap {
            log,
            from,
            to,
            missing: known.missing(),
            since: before.map(|entry| dated(entry)),
            word: if self.claimed.contains(&log) {
                Word::Claimed
            } else {
                Word::Signed
            },
        })
    }

    /// What entered a log now: the entry and those that waited for it.
    fn enter(&mut self, stored: &[Entry]) {
        self.keep(stored);
        for envelope in stored {
            let place = (envelope.header().log, envelope.header().seq);
            self.waiting.remove(&place);
            self.new.insert(place);
            self.to_record.push(Arc::clone(envelope));
        }
    }

    fn keep(&mut self, stored: &[Entry]) {
        for envelope in stored {
            let log = self.logs.entry(envelope.header().log).or_default();
            log.push(Arc::clone(envelope));
        }
    }

    fn note(&mut self, folded: &[Folded]) {
        for entry in folded {
            let place = (entry.envelope.header().log, entry.envelope.header().seq);
            if let Some(void) = entry.void.as_ref().filter(|_| self.new.contains(&place)) {
                self.voids.insert(place, void.code().to_owned());
            }
        }
    }

    /// Folds an author again, because its life in force has changed.
    fn read_again(&mut self, author: PartyId) {
        for (log, entries) in &self.logs {
            if log.author == author {
                self.picture.recollect(author, entries.clone());
            }
        }
        self.picture.refold(author);
        self.voids.retain(|(log, _), _| log.author != author);
        let state = self.picture.state(author);
        for void in state.iter().flat_map(|state| &state.voids) {
            if self.new.contains(&(void.log, void.seq)) {
                let place = (void.log, void.seq);
                self.voids.insert(place, void.code.to_string());
            }
        }
    }
}

fn refused(refusal: &Refusal) -> Refused {
    Refused {
        code: refusal.code(),
        why: refusal.to_string(),
    }
}
