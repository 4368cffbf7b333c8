//! The logs of one author: gapless prefixes, what waits for an earlier entry, and which lives of the
//! author count.
//!
//! Every boot begins a new log whose first entry seals the one before. The life in force is the
//! greatest incarnation whose seals lead back to a first log through entries that are known; what
//! lies beyond a seal, or in a life that is not on that way, is orphaned: kept, relayed, shown, and
//! void for authority.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use protocol::{Envelope, Hash, Incarnation, LogKey, PartyId};

use crate::hashes::Hashes;
use crate::log::{LogStatus, SealState, extend, follows};

/// Logs of one author that are noted although nothing of them is here. An honest author has one or
/// two; the rest is somebody's invention.
pub(crate) const RUMOURS: usize = 64;

/// How many epochs a life that is only told of may lie ahead of all that is signed: an office that boots
/// every hour and is unheard of for seven years.
pub const BELIEVED: u32 = 1 << 16;

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
    pub(crate) logs: BTreeMap<Incarnation, LogStatus>,
    /// The lives that count, oldest first, each with the last entry that counts. Follows from the
    /// seals, and is found anew when one comes.
    pub(crate) chain: Vec<(Incarnation, u64)>,
    /// How many entries of each log the fold has read, oldest log first.
    read: Vec<(Incarnation, u64)>,
    /// The snapshot that stands for all before it, if one does: its life, and its number there.
    pub(crate) base: Option<(Incarnation, u64)>,
    /// Whether all is being fetched from the store, so that nothing may be read until it is here: what
    /// were read now would be missing when the fold begins again.
    fetching: bool,
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

    /// The keys of all logs, of this author.
    pub fn keys(&self, author: PartyId) -> impl Iterator<Item = LogKey> {
        self.logs.keys().map(move |incarnation| LogKey {
            author,
            incarnation: *incarnation,
        })
    }

    /// The greatest incarnation that is known, or told of and believable. Of what others merely tell
    /// nothing is believed that lies more than 65,536 epochs ahead of what is signed: one word could use
    /// up all that there are, and no later life of its author would count.
    pub fn greatest(&self) -> Option<Incarnation> {
        let signed = self.logs.iter().filter(|(_, log)| !log.is_rumour());
        let signed = signed.map(|(life, _)| life.epoch).next_back().unwrap_or(0);
        let reach = signed.saturating_add(BELIEVED);
        let lives = self.logs.iter().rev();
        let mut lives = lives.filter(|(life, log)| !log.is_rumour() || life.epoch <= reach);
        lives.next().map(|(life, _)| *life)
    }

    /// The incarnation in force, if any.
    pub fn in_force(&self) -> Option<Incarnation> {
        self.chain.last().map(|(incarnation, _)| *incarnation)
    }

    /// Puts an envelope in its place. Its signature has been checked.
    pub(crate) fn place(&mut self, envelope: &Arc<Envelope>) -> Placed {
        let header = envelope.header();
        if self.is_behind_base(header.log.incarnation, header.seq) {
            return Placed::Duplicate;
        }
        if !self.has_place_for(envelope) {
            return Placed::Dropped;
        }
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
            if !self.has_room_for(envelope) {
                return Placed::Dropped;
            }
            let log = self.logs.entry(header.log.incarnation).or_default();
            log.parked.insert(header.seq, Arc::clone(envelope));
            return Placed::Parked;
        }
        if !follows(log, envelope) {
            return log.contradicted(envelope);
        }
        let sealed = log.prefix == 0;
        let taken = extend(log, envelope);
        if sealed {
            // What a life follows is there, whoever holds it.
            if let Some(SealState::Follows(before)) = log.seal {
                self.sealed_at(before.log.incarnation, before.seq);
            }
            self.chain = self.linked();
        }
        Placed::Extends(taken)
    }

    /// Whether a snapshot stands for an entry.
    fn is_behind_base(&self, incarnation: Incarnation, seq: u64) -> bool {
        let behind = |(life, base)| (incarnation, seq) < (life, base);
        self.base.is_some_and(behind)
    }

    /// Whether a life begins beside the snapshot that stands for the ones before: it follows an entry
    /// that is not here, and whether the snapshot is on its way nobody here can tell.
    pub(crate) fn has_left_its_base(&self) -> bool {
        self.base.is_some_and(|base| self.leads_past(base))
    }

    /// Whether what is here of its log says otherwise than an entry: another has its number, or it does not
    /// follow the one before it.
    pub(crate) fn contradicts(&self, envelope: &Envelope) -> bool {
        let header = envelope.header();
        let Some(log) = self.logs.get(&header.log.incarnation) else {
            return false;
        };
        let held = log.hash_at(header.seq);
        let other = held.is_some_and(|held| held != envelope.hash());
        other || (log.prefix > 0 && header.seq == log.prefix + 1 && !follows(log, envelope))
    }

    /// Whether the greatest life that is known to lead anywhere leads past this entry: then the snapshot
    /// there is of a life that was passed over. A life that was passed over itself says nothing.
    pub(crate) fn leads_past(&self, (life, seq): (Incarnation, u64)) -> bool {
        let later = self.logs.range(life..).rev();
        let mut later = later.map(|(at, _)| *at).take_while(|at| *at > life);
        let origin = later.find_map(|from| self.origin_of(from, life));
        origin.is_some_and(|origin| origin < (life, seq))
    }

    /// The entry of this life, or of one before, that a later life leads back to; `None` if what is
    /// known of it does not say.
    fn origin_of(&self, from: Incarnation, life: Incarnation) -> Option<(Incarnation, u64)> {
        let mut at = from;
        loop {
            let Some(SealState::Follows(before)) = self.logs.get(&at)?.seal else {
                return None;
            };
            let origin = (before.log.incarnation, before.seq);
            if origin.0 <= life {
                return Some(origin);
            }
            if origin.0 >= at {
                return None;
            }
            at = origin.0;
        }
    }

    /// Begins at a snapshot, without what is before it. Returns the entries behind it that waited for
    /// an earlier one, and now belong to the log.
    pub(crate) fn begin_at(
        &mut self,
        life: Incarnation,
        (seq, hash): (u64, Hash),
    ) -> Vec<Arc<Envelope>> {
        let mut logs = self.logs.split_off(&life);
        let old = logs.remove(&life).unwrap_or_default();
        // What was here already behind the snapshot, on the disk too.
        let held: BTreeSet<Hash> = old.waiting.iter().map(|it| it.hash()).collect();
        let mut parked = old.parked;
        parked.extend(old.waiting.into_iter().map(|it| (it.header().seq, it)));
        let mut log = LogStatus {
            prefix: seq,
            head: hash,
            known_head: old.known_head.max(seq),
            claims: old.claims,
            hashes: Hashes::beginning(hash),
            base: seq,
            parked: parked.split_off(&(seq + 1)),
            seal: Some(SealState::First),
            ..LogStatus::default()
        };
        let next = log.parked.remove(&(seq + 1));
        let next = next.filter(|envelope| follows(&log, envelope));
        let taken = next.map(|envelope| extend(&mut log, &envelope));
        logs.insert(life, log);
        self.logs = logs;
        self.base = Some((life, seq));
        self.chain = self.linked();
        self.rewind();
        let mut taken = taken.unwrap_or_default();
        taken.retain(|it| !held.contains(&it.hash()));
        taken
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
        self.fetching |= !self.reads_along();
        if self.fetching {
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
        for (incarnation, mut entries) in logs {
            let Some(log) = self.logs.get_mut(&incarnation) else {
                continue;
            };
            let base = log.base;
            entries.retain(|it| it.header().seq > base);
            // What extended the log while the store was read waits behind what was read.
            let read = entries.last().map_or(base, |it| it.header().seq);
            let later = log.waiting.drain(..).filter(|it| it.header().seq > read);
            let later: Vec<_> = later.collect();
            log.waiting = entries.into_iter().chain(later).collect();
        }
    }

    /// Whether the fold has read all that is here of what counts.
    pub fn is_read(&self) -> bool {
        let Some(life) = self.in_force() else {
            return false;
        };
        // Later lives are read only once those before them are, up to their seals.
        self.reads_along() && self.last_read() == Some((life, self.logs[&life].prefix))
    }

    /// The last entry that the fold has read.
    pub(crate) fn last_read(&self) -> Option<(Incarnation, u64)> {
        let read = self.read.iter().rev();
        read.copied().find(|(_, seq)| *seq > 0)
    }

    /// All is here from the store: the fold begins again with what waits.
    pub(crate) fn begin_again(&mut self) {
        self.fetching = false;
        self.rewind();
    }

    /// Forgets what was read.
    fn rewind(&mut self) {
        self.read = self.base.into_iter().collect();
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
