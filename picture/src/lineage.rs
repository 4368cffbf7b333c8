//! The logs of one author: gapless prefixes, what waits for an earlier entry, and which lives of the
//! author count.
//!
//! Every boot begins a new log whose first entry seals the one before. The life in force is the
//! greatest incarnation whose seals lead back to a first log through entries that are known; what
//! lies beyond a seal, or in a life that is not on that way, is orphaned: kept, relayed, shown, and
//! void for authority.

use std::collections::{BTreeMap, VecDeque};
use std::iter;
use std::sync::Arc;

use protocol::{Body, Envelope, Hash, Incarnation, LogKey, PartyId, Predecessor, Seal, limit};

/// Logs of one author that are noted although nothing of them is here. An honest author has one or
/// two; the rest is somebody's invention.
const RUMOURS: usize = 64;

/// Contradicting entries of one log that are kept as evidence; one would do.
const EVIDENCE: usize = 16;

/// What is known of one log.
#[derive(Debug, Clone, Default)]
pub struct LogStatus {
    /// Entries without a gap from the first.
    pub prefix: u64,
    /// The hash of the last of them.
    pub head: Hash,
    /// The greatest entry that anybody is known to hold, with its hash.
    pub known_head: u64,
    /// Two entries of one number were seen (R04).
    pub equivocates: bool,
    /// The first entries that contradict another, so that each is evidence once.
    evidence: Vec<Hash>,
    hashes: Vec<Hash>,
    parked: BTreeMap<u64, Arc<Envelope>>,
    waiting: VecDeque<Arc<Envelope>>,
    seal: Option<SealState>,
}

impl LogStatus {
    /// The hash of an entry of the prefix.
    pub fn hash_at(&self, seq: u64) -> Option<Hash> {
        let index = usize::try_from(seq.checked_sub(1)?).ok()?;
        self.hashes.get(index).copied()
    }

    /// How many entries are known to exist and are not here.
    pub fn missing(&self) -> u64 {
        self.known_head
            .saturating_sub(self.prefix + self.parked.len() as u64)
    }

    /// The first range that is missing, if anything is.
    pub fn gap(&self) -> Option<(u64, u64)> {
        self.gaps().next()
    }

    /// The ranges that are missing, in their order: between the prefix, the entries that wait, and
    /// the greatest that anybody holds.
    pub fn gaps(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        let waiting = self.parked.keys();
        let from = iter::once(self.prefix).chain(waiting.clone().copied());
        let to = waiting.map(|seq| seq - 1).chain([self.known_head]);
        let ranges = from.map(|seq| seq + 1).zip(to);
        ranges.filter(|(from, to)| from <= to)
    }

    /// Entries that wait for an earlier one.
    pub fn parked(&self) -> usize {
        self.parked.len()
    }

    /// Whether somebody spoke of the log and nothing of it is here.
    fn is_rumour(&self) -> bool {
        self.prefix == 0 && self.parked.is_empty()
    }

    /// R04: another entry has this one's number or the chain does not lead to it.
    fn contradicted(&mut self, envelope: &Envelope) -> Placed {
        self.equivocates = true;
        if self.evidence.len() == EVIDENCE || self.evidence.contains(&envelope.hash()) {
            return Placed::Duplicate;
        }
        self.evidence.push(envelope.hash());
        Placed::Equivocates
    }
}

/// What the first entry of a log says of the one before.
#[derive(Debug, Clone, Copy)]
enum SealState {
    /// It is its author's first log.
    First,
    /// It follows this one.
    Follows(Predecessor),
}

/// What became of an envelope at the door of its log.
#[derive(Debug, Clone)]
pub enum Placed {
    /// It extends the prefix, and so do those that waited for it: all are to be stored.
    Extends(Vec<Arc<Envelope>>),
    /// R05: it is here already.
    Duplicate,
    /// R06: an earlier one is missing; it waits.
    Parked,
    /// R06: an earlier one is missing and too many wait; it is dropped and asked for later.
    Dropped,
    /// R04: another entry has its number; both are kept as evidence, once.
    Equivocates,
}

/// All logs of one author.
#[derive(Debug, Clone, Default)]
pub struct Lineage {
    logs: BTreeMap<Incarnation, LogStatus>,
    /// The lives that count, oldest first, each with the last entry that counts. Follows from the
    /// seals, and is found anew when one comes.
    chain: Vec<(Incarnation, u64)>,
    /// How many entries of each log the fold has read, oldest log first.
    read: Vec<(Incarnation, u64)>,
}

/// What the fold has to do next.
#[derive(Debug, Clone)]
pub(crate) enum Next {
    /// Read these entries, in order.
    Read(Vec<Arc<Envelope>>),
    /// The life in force changed under what was read: begin again with all entries from the store.
    Again,
}

impl Lineage {
    /// The logs by incarnation.
    pub fn logs(&self) -> &BTreeMap<Incarnation, LogStatus> {
        &self.logs
    }

    /// Notes that somebody holds the log up to an entry; whether some of it is missing here.
    pub(crate) fn heard_of(&mut self, incarnation: Incarnation, seq: u64) -> bool {
        if !self.logs.contains_key(&incarnation) {
            let rumours = self.logs.values().filter(|log| log.is_rumour()).count();
            if rumours >= RUMOURS {
                return false;
            }
        }
        let log = self.logs.entry(incarnation).or_default();
        log.known_head = log.known_head.max(seq);
        log.known_head > log.prefix
    }

    /// The greatest incarnation heard of, whether its entries are here or not.
    pub fn greatest(&self) -> Option<Incarnation> {
        self.logs.keys().next_back().copied()
    }

    /// The incarnation in force, if any.
    pub fn in_force(&self) -> Option<Incarnation> {
        self.chain.last().map(|(incarnation, _)| *incarnation)
    }

    /// Puts an envelope in its place. Its signature has been checked.
    pub(crate) fn place(&mut self, envelope: &Arc<Envelope>) -> Placed {
        let header = envelope.header();
        let log = self.logs.entry(header.log.incarnation).or_default();
        log.known_head = log.known_head.max(header.seq);
        if header.seq <= log.prefix {
            return if log.hash_at(header.seq) == Some(envelope.hash()) {
                Placed::Duplicate
            } else {
                log.contradicted(envelope)
            };
        }
        if let Some(parked) = log.parked.get(&header.seq) {
            return if parked.hash() == envelope.hash() {
                Placed::Duplicate
            } else {
                log.contradicted(envelope)
            };
        }
        if header.seq > log.prefix + 1 {
            if log.parked.len() >= limit::PARKED_ENVELOPES {
                return Placed::Dropped;
            }
            log.parked.insert(header.seq, Arc::clone(envelope));
            return Placed::Parked;
        }
        if !follows(log, envelope) {
            return log.contradicted(envelope);
        }
        let sealed = log.prefix == 0;
        let taken = extend(log, envelope);
        if sealed {
            self.chain = self.linked();
        }
        Placed::Extends(taken)
    }

    /// The chain, from the seals.
    fn linked(&self) -> Vec<(Incarnation, u64)> {
        for incarnation in self.logs.keys().rev() {
            let mut chain = vec![(*incarnation, u64::MAX)];
            let mut log = &self.logs[incarnation];
            loop {
                match log.seal {
                    Some(SealState::First) => {
                        chain.reverse();
                        return chain;
                    }
                    Some(SealState::Follows(before))
                        if before.log.incarnation < chain[chain.len() - 1].0 =>
                    {
                        let Some(older) = self.logs.get(&before.log.incarnation) else {
                            break;
                        };
                        chain.push((before.log.incarnation, before.seq));
                        log = older;
                    }
                    Some(SealState::Follows(_)) | None => break,
                }
            }
        }
        Vec::new()
    }

    /// What the fold may read now, given what it has read.
    pub(crate) fn next(&mut self) -> Next {
        if !self.reads_along() {
            return Next::Again;
        }
        let mut ready = Vec::new();
        for (index, (incarnation, limit)) in self.chain.iter().enumerate() {
            if self.read.len() == index {
                self.read.push((*incarnation, 0));
            }
            let read = &mut self.read[index].1;
            if read == limit {
                continue;
            }
            let log = self
                .logs
                .get_mut(incarnation)
                .expect("the chain is made of known logs");
            while *read < *limit {
                let Some(envelope) = log.waiting.pop_front() else {
                    break;
                };
                *read += 1;
                ready.push(envelope);
            }
            if *read < *limit {
                break;
            }
        }
        Next::Read(ready)
    }

    /// Whether what was read is the beginning of the chain.
    pub(crate) fn reads_along(&self) -> bool {
        let mut complete = true;
        self.read
            .iter()
            .enumerate()
            .all(|(index, (incarnation, read))| {
                let Some((expected, limit)) = self.chain.get(index) else {
                    return *read == 0;
                };
                let along = incarnation == expected && read <= limit && (complete || *read == 0);
                complete = complete && read == limit;
                along
            })
    }

    /// Takes back entries from the store, those of each log in their order from the first.
    pub(crate) fn recollect(&mut self, entries: Vec<Arc<Envelope>>) {
        let mut logs: BTreeMap<Incarnation, Vec<Arc<Envelope>>> = BTreeMap::new();
        for envelope in entries {
            let incarnation = envelope.header().log.incarnation;
            logs.entry(incarnation).or_default().push(envelope);
        }
        for (incarnation, entries) in logs {
            let Some(log) = self.logs.get_mut(&incarnation) else {
                continue;
            };
            // What extended the log while the store was read waits behind what was read.
            let read = u64::try_from(entries.len()).unwrap_or(u64::MAX);
            let later = log.waiting.drain(..).filter(|it| it.header().seq > read);
            let later: Vec<_> = later.collect();
            log.waiting = entries.into_iter().chain(later).collect();
        }
    }

    /// Forgets what was read, so that the fold begins again with what waits.
    pub(crate) fn rewind(&mut self) {
        self.read.clear();
    }

    /// Whether an entry lies beyond its log's seal, or in a life that was passed over. A life greater
    /// than the one in force is no orphan: what it follows has yet to come.
    pub fn is_orphan(&self, incarnation: Incarnation, seq: u64) -> bool {
        let chain = &self.chain;
        if chain.last().is_some_and(|(force, _)| incarnation > *force) {
            return false;
        }
        let limit = chain
            .iter()
            .find(|(life, _)| *life == incarnation)
            .map(|(_, limit)| *limit);
        !chain.is_empty() && limit.is_none_or(|limit| seq > limit)
    }

    /// Entries that are here and not in force, by log: shown to the operator.
    pub fn orphans(&self, author: PartyId) -> Vec<(LogKey, u64)> {
        let chain: BTreeMap<Incarnation, u64> = self.chain.iter().copied().collect();
        let Some(force) = chain.keys().next_back().copied() else {
            return Vec::new();
        };
        let beyond = |(incarnation, log): (&Incarnation, &LogStatus)| {
            let limit = chain.get(incarnation).copied().unwrap_or(0);
            let count = log.prefix.saturating_sub(limit);
            (count > 0).then_some((
                LogKey {
                    author,
                    incarnation: *incarnation,
                },
                count,
            ))
        };
        self.logs.range(..=force).filter_map(beyond).collect()
    }
}

fn follows(log: &LogStatus, envelope: &Envelope) -> bool {
    let header = envelope.header();
    header.prev
        == if log.prefix == 0 {
            Hash::default()
        } else {
            log.head
        }
}

/// Takes an entry and those that waited for it into the prefix.
fn extend(log: &mut LogStatus, envelope: &Arc<Envelope>) -> Vec<Arc<Envelope>> {
    let mut taken = Vec::new();
    let mut next = Some(Arc::clone(envelope));
    while let Some(envelope) = next {
        if log.prefix == 0 {
            log.seal = Some(match envelope.body() {
                Some(Body::Seal(Seal {
                    predecessor: Some(before),
                })) => SealState::Follows(*before),
                _ => SealState::First,
            });
        }
        log.prefix += 1;
        log.head = envelope.hash();
        log.hashes.push(log.head);
        taken.push(Arc::clone(&envelope));
        log.waiting.push_back(envelope);
        next = log.parked.remove(&(log.prefix + 1));
        if next.as_ref().is_some_and(|parked| !follows(log, parked)) {
            log.equivocates = true;
            break;
        }
    }
    taken
}
