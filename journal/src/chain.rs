//! What a journal knows of each log without reading it: its end, its length, whether it forks.
//!
//! One rule serves appending, opening and verifying: what would be refused at the next opening is
//! never written. A second entry at a number already held is evidence against its author and is
//! kept whatever it names as its predecessor.

use std::collections::BTreeMap;

use protocol::{Hash, Head, Header, LogKey};

/// One log as a journal holds it, from its first entry without a gap.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Log {
    seq: u64,
    /// Zeros before the first entry, which is what the first entry names as its predecessor.
    hash: Hash,
    /// Other entries with the number of the last one.
    rivals: Vec<Hash>,
    entries: u64,
    forked_at: Option<u64>,
    begins: u64,
}

/// Whether a log has one history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chain {
    /// Every entry follows the one before it.
    Whole,
    /// Its author signed different entries under one number.
    Forked {
        /// The lowest such number.
        seq: u64,
    },
}

/// Why an entry has no place in its log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainFault {
    /// Numbers begin with 1.
    #[error("entry 0 of log {log}; entries are numbered from 1")]
    Zero {
        /// The log.
        log: LogKey,
    },
    /// Entries before it are missing.
    #[error("entry {found} of log {log} without entry {expected} before it")]
    Gap {
        /// The log.
        log: LogKey,
        /// The number that comes next.
        expected: u64,
        /// The number found.
        found: u64,
    },
    /// It names another predecessor.
    #[error("entry {seq} of log {log} does not name the entry before it as its predecessor")]
    Unlinked {
        /// The log.
        log: LogKey,
        /// Its number.
        seq: u64,
    },
}

impl Log {
    /// Its last entry; of several with one number, the first that was recorded.
    pub fn head(&self, log: LogKey) -> Head {
        Head {
            log,
            seq: self.seq,
            hash: self.hash,
        }
    }

    /// How many entries are held, evidence of a fork included.
    pub fn entries(&self) -> u64 {
        self.entries
    }

    /// Whether it has one history.
    pub fn chain(&self) -> Chain {
        match self.forked_at {
            Some(seq) => Chain::Forked { seq },
            None => Chain::Whole,
        }
    }

    /// A snapshot stands for what is before this entry: a gap before it is none, and no entry before it that
    /// its author contradicted is the one that it follows.
    pub(crate) fn begin_with(&mut self, header: &Header) {
        let follows =
            header.seq <= self.seq || (header.seq == self.seq + 1 && self.ends_with(header.prev));
        if !follows {
            self.seq = header.seq - 1;
            self.hash = header.prev;
            self.rivals.clear();
            self.begins = header.seq;
        }
    }

    /// The first entry behind the last gap that a snapshot stands for; 1 if there is none.
    pub fn begins(&self) -> u64 {
        self.begins.max(1)
    }

    /// Counts an entry of a log whose entries were checked when they were recorded, in the order of their
    /// numbers; `stands` if a snapshot stands for what may be missing before it.
    pub(crate) fn recount(
        &mut self,
        log: LogKey,
        (seq, hash): (u64, Hash),
        stands: bool,
    ) -> Result<(), ChainFault> {
        let expected = self.seq + 1;
        if seq > expected {
            if !stands {
                let found = seq;
                return Err(ChainFault::Gap {
                    log,
                    expected,
                    found,
                });
            }
            self.begins = seq;
            self.seq = seq - 1;
        }
        self.record(seq, hash);
        Ok(())
    }

    /// Whether the entry has a place here: next in the chain, or at a number already held.
    pub(crate) fn check(&self, header: &Header) -> Result<(), ChainFault> {
        let log = header.log;
        let expected = self.seq + 1;
        match header.seq {
            0 => Err(ChainFault::Zero { log }),
            found if found > expected => Err(ChainFault::Gap {
                log,
                expected,
                found,
            }),
            seq if seq == expected && !self.ends_with(header.prev) => {
                Err(ChainFault::Unlinked { log, seq })
            }
            _ => Ok(()),
        }
    }

    /// Counts an entry that was checked and is not held yet.
    pub(crate) fn record(&mut self, seq: u64, hash: Hash) {
        self.entries += 1;
        if seq > self.seq {
            self.seq = seq;
            self.hash = hash;
            self.rivals.clear();
            return;
        }
        if seq == self.seq {
            self.rivals.push(hash);
        }
        // What a snapshot stood for comes late: no fork.
        if seq < self.begins {
            return;
        }
        let lowest = self.forked_at.map_or(seq, |known| known.min(seq));
        self.forked_at = Some(lowest);
    }

    fn ends_with(&self, hash: Hash) -> bool {
        self.hash == hash || self.rivals.contains(&hash)
    }
}

/// Everything that a journal knows of its rows without reading them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Contents {
    pub(crate) logs: BTreeMap<LogKey, Log>,
    /// Rows held; they are numbered from 1 without a gap, since nothing is ever deleted.
    pub(crate) rows: u64,
    /// Bytes of their lines; `None` if they were not all read.
    pub(crate) line_bytes: Option<u64>,
}

impl Contents {
    /// A draft of what follows, holding the totals and none of the logs yet.
    pub(crate) fn draft(&self) -> Self {
        Self {
            logs: BTreeMap::new(),
            ..*self
        }
    }

    /// The log in this draft, copied from what the draft was made of when first touched.
    pub(crate) fn log(&mut self, before: &Self, key: LogKey) -> &mut Log {
        self.logs
            .entry(key)
            .or_insert_with(|| before.logs.get(&key).cloned().unwrap_or_default())
    }

    /// Counts the bytes of a line, if those before it are known.
    pub(crate) fn carry(&mut self, bytes: u64) {
        self.line_bytes = self.line_bytes.map(|before| before + bytes);
    }

    /// Makes a draft true, once it is on the disk.
    pub(crate) fn adopt(&mut self, draft: Self) {
        self.logs.extend(draft.logs);
        self.rows = draft.rows;
        self.line_bytes = draft.line_bytes;
    }
}
