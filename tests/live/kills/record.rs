//! What a storm did and heard: one side of the account. The other is in the journals.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{LogKey, PartyId};

use super::disk::Heads;
use super::faults::Fault;
use super::ledger::Ledger;

/// A disk that forgot: what it lost, and what others held then.
#[derive(Clone)]
pub(crate) struct Forgotten {
    pub(crate) office: PartyId,
    pub(crate) before: Heads,
    pub(crate) after: Heads,
    pub(crate) elsewhere: Vec<Heads>,
}

/// What the storm did and heard.
#[derive(Clone, Default)]
pub(crate) struct Record {
    pub(crate) ledger: Ledger,
    pub(crate) faults: BTreeMap<Fault, usize>,
    /// What was recorded by then and each office's journal lacked when the office came back.
    pub(crate) missed: BTreeMap<PartyId, BTreeSet<(LogKey, u64)>>,
    pub(crate) forgotten: Vec<Forgotten>,
    /// Journals that were refused as damaged and moved away.
    pub(crate) moved_away: usize,
    /// Offices that ended because their disk was full.
    pub(crate) filled: usize,
    /// Offices that were started with a wall clock that was wrong.
    pub(crate) wrong_clocks: usize,
}

impl Record {
    /// Processes that were killed.
    pub(crate) fn kills(&self) -> usize {
        let kills = self.faults.iter().filter(|(fault, _)| fault.kills());
        kills.map(|(_, count)| count).sum()
    }

    /// How often something failed.
    pub(crate) fn count(&self, fault: Fault) -> usize {
        self.faults.get(&fault).copied().unwrap_or_default()
    }

    /// Entries that disks had recorded and forgot.
    pub(crate) fn forgotten_entries(&self) -> u64 {
        let lacking = |it: &Forgotten| -> u64 {
            let left = |log| it.after.get(log).copied().unwrap_or_default();
            it.before.iter().map(|(log, seq)| seq - left(log)).sum()
        };
        self.forgotten.iter().map(lacking).sum()
    }
}
