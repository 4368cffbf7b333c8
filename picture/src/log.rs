//! One log of an author: its gapless prefix, what waits for an earlier entry, what contradicts it.

use std::collections::{BTreeMap, VecDeque};
use std::iter;
use std::sync::Arc;

use protocol::{Body, Envelope, Hash, PartyId, Predecessor, Seal};

use crate::claim::Claim;
use crate::hashes::Hashes;
use crate::lineage::Placed;

/// Contradicting entries of one log that are kept as evidence; one would do.
const EVIDENCE: usize = 16;

/// What is known of one log.
#[derive(Debug, Clone, Default)]
pub struct LogStatus {
    /// Entries without a gap from the first.
    pub prefix: u64,
    /// The hash of the last of them.
    pub head: Hash,
    /// The greatest entry that is known to exist, because its author signed it or what follows it.
    pub known_head: u64,
    /// Who says to hold more than is here.
    pub(crate) claims: BTreeMap<PartyId, Claim>,
    /// Two entries of one number were seen (R04).
    pub equivocates: bool,
    /// The first entries that contradict another, so that each is evidence once.
    pub(crate) evidence: Vec<Hash>,
    pub(crate) hashes: Hashes,
    /// Entries at the beginning that are not here, because a snapshot stands for them.
    pub(crate) base: u64,
    pub(crate) parked: BTreeMap<u64, Arc<Envelope>>,
    pub(crate) waiting: VecDeque<Arc<Envelope>>,
    pub(crate) seal: Option<SealState>,
}

impl LogStatus {
    /// The hash of an entry of the prefix.
    pub fn hash_at(&self, seq: u64) -> Option<Hash> {
        // The snapshot's own hash stands first.
        let index = usize::try_from(seq.checked_sub(self.base.max(1))?).ok()?;
        self.hashes.get(index)
    }

    /// Entries at the beginning that are not here, because a snapshot stands for them.
    pub fn base(&self) -> u64 {
        self.base
    }

    /// The greatest entry that is known to exist, or said to by somebody whose word is not in doubt.
    fn last(&self) -> u64 {
        let claims = self.claims.values().filter(|claim| !claim.is_doubtful());
        let claimed = claims.map(|claim| claim.seq).max();
        self.known_head.max(claimed.unwrap_or_default())
    }

    /// How many entries are known to exist and are not here.
    pub fn missing(&self) -> u64 {
        self.last().saturating_sub(self.count())
    }

    /// How many entries are here, those included that wait for earlier ones.
    pub fn count(&self) -> u64 {
        self.prefix + self.parked.len() as u64
    }

    /// The first range that is missing, if anything is.
    pub fn gap(&self) -> Option<(u64, u64)> {
        self.gaps().next()
    }

    /// The ranges that are missing, in their order: between the prefix, the entries that wait, and
    /// the greatest that anybody holds.
    pub fn gaps(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.gaps_to(self.last())
    }

    /// The ranges to ask for, in their order: those that are missing, and what is doubtfully claimed.
    pub fn wanted(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        let claimed = self.claims.values().map(|claim| claim.seq).max();
        self.gaps_to(self.known_head.max(claimed.unwrap_or_default()))
    }

    fn gaps_to(&self, last: u64) -> impl Iterator<Item = (u64, u64)> + '_ {
        let waiting = self.parked.keys();
        let from = iter::once(self.prefix).chain(waiting.clone().copied());
        let to = waiting.map(|seq| seq - 1).chain([last]);
        let ranges = from.map(|seq| seq + 1).zip(to);
        ranges.filter(|(from, to)| from <= to)
    }

    /// Entries that wait for an earlier one.
    pub fn parked(&self) -> usize {
        self.parked.len()
    }

    /// Whether somebody spoke of the log and nothing of it is here.
    pub(crate) fn is_rumour(&self) -> bool {
        self.prefix == 0 && self.parked.is_empty()
    }

    /// R04: another entry has this one's number or the chain does not lead to it.
    pub(crate) fn contradicted(&mut self, envelope: &Envelope) -> Placed {
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
pub(crate) enum SealState {
    /// It is its author's first log.
    First,
    /// It follows this one.
    Follows(Predecessor),
}

pub(crate) fn follows(log: &LogStatus, envelope: &Envelope) -> bool {
    let header = envelope.header();
    header.prev
        == if log.prefix == 0 {
            Hash::default()
        } else {
            log.head
        }
}

/// Takes an entry and those that waited for it into the prefix.
pub(crate) fn extend(log: &mut LogStatus, envelope: &Arc<Envelope>) -> Vec<Arc<Envelope>> {
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
    let prefix = log.prefix;
    log.claims.retain(|_, claim| claim.seq > prefix);
    taken
}
