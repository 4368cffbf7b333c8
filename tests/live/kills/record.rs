//! What a storm did and heard: one side of the account. The other is in the journals.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{LogKey, PartyId, Wall};

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

/// An entry that an office recorded under a wall clock that was far off.
#[derive(Clone, Copy)]
pub(crate) struct Misdated {
    pub(crate) place: (LogKey, u64),
    /// How far its clock was set wrong.
    pub(crate) by_s: i64,
    /// When the storm heard of it, by the machine's own clock.
    pub(crate) heard: Wall,
}

/// What the storm did and heard.
#[derive(Clone, Default)]
pub(crate) struct Record {
    pub(crate) ledger: Ledger,
    /// How often each fault struck; one that was drawn and met nothing is not counted.
    pub(crate) faults: BTreeMap<Fault, usize>,
    /// What was recorded by then and each office's journal lacked when the office came back.
    pub(crate) missed: BTreeMap<PartyId, BTreeSet<(LogKey, u64)>>,
    pub(crate) forgotten: Vec<Forgotten>,
    /// Journals that were refused as damaged and moved away.
    pub(crate) moved_away: usize,
    /// Offices that were started with a wall clock that was wrong.
    pub(crate) wrong_clocks: usize,
    /// What bears witness to the clocks that were far off.
    pub(crate) misdated: Vec<Misdated>,
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

    /// Something failed.
    pub(crate) fn strike(&mut self, fault: Fault) {
        *self.faults.entry(fault).or_default() += 1;
    }

    /// Entries that disks had recorded and forgot.
    pub(crate) fn forgotten_entries(&self) -> u64 {
        self.forgotten.iter().map(Forgotten::entries).sum()
    }
}

impl Forgotten {
    /// How many entries it lost.
    pub(crate) fn entries(&self) -> u64 {
        let left = |log| self.after.get(log).copied().unwrap_or_default();
        self.before.iter().map(|(log, seq)| seq - left(log)).sum()
    }
}
