//! Whether anything was lost: what each office's journal lacks of the others' own logs.

use std::collections::BTreeMap;

use protocol::{Incarnation, LogKey, PartyId};

use crate::failure::Failure;
use crate::live::stage::Stage;

/// How far each journal holds each log.
#[derive(Debug, Default)]
pub(crate) struct Holdings {
    journals: BTreeMap<PartyId, BTreeMap<LogKey, u64>>,
    /// Lives that a journal begins in, with a snapshot that stands for the lives before; by whose journal
    /// it is and by author.
    begins: BTreeMap<(PartyId, PartyId), Incarnation>,
}

/// Entries that a journal lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lack {
    /// Whose journal.
    pub(crate) holder: PartyId,
    /// Of which log.
    pub(crate) log: LogKey,
    /// How many, at its end: a journal holds no log with a gap.
    pub(crate) entries: u64,
}

impl Holdings {
    /// Reads the journals of offices that have ended.
    pub(crate) fn read(stage: &Stage, offices: &[PartyId]) -> Result<Self, Failure> {
        let mut holdings = Self::default();
        for office in offices {
            let found = journal::verify(&stage.journal(*office))?;
            let logs = found.logs.iter();
            let held = logs.map(|(log, held)| (*log, held.head(*log).seq));
            holdings.journals.insert(*office, held.collect());
            let begun = found.logs.iter().filter(|(_, held)| held.begins() > 1);
            for (log, _) in begun {
                let place = (*office, log.author);
                holdings.begins.insert(place, log.incarnation);
            }
        }
        Ok(holdings)
    }

    /// Entries of offices' own logs, as their own journals hold them.
    pub(crate) fn entries(&self) -> u64 {
        self.own().map(|(_, _, entries)| entries).sum()
    }

    /// How many journals were read.
    pub(crate) fn journals(&self) -> usize {
        self.journals.len()
    }

    /// Everything that somebody else's journal lacks.
    pub(crate) fn lacks(&self) -> Vec<Lack> {
        let mut lacks = Vec::new();
        for (author, log, entries) in self.own() {
            for (holder, held) in self.journals.iter().filter(|(it, _)| **it != author) {
                let here = held.get(&log).copied();
                let missing = entries.saturating_sub(here.unwrap_or_default());
                let begins = self.begins.get(&(*holder, author));
                let stood_for = begins.is_some_and(|life| log.incarnation < *life);
                if missing > 0 && !stood_for {
                    lacks.push(Lack {
                        holder: *holder,
                        log,
                        entries: missing,
                    });
                }
            }
        }
        lacks
    }

    fn own(&self) -> impl Iterator<Item = (PartyId, LogKey, u64)> {
        self.journals.iter().flat_map(|(author, held)| {
            let own = held.iter().filter(|(log, _)| log.author == *author);
            own.map(|(log, entries)| (*author, *log, *entries))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(name: &str) -> PartyId {
        name.parse().unwrap()
    }

    fn log(author: &str) -> LogKey {
        let incarnation = Incarnation { epoch: 1, nonce: 7 };
        LogKey {
            author: party(author),
            incarnation,
        }
    }

    fn holdings(held: &[(&str, &[(&str, u64)])]) -> Holdings {
        let journals = held.iter().map(|(holder, logs)| {
            let logs = logs.iter().map(|(author, seq)| (log(author), *seq));
            (party(holder), logs.collect())
        });
        Holdings {
            journals: journals.collect(),
            begins: BTreeMap::new(),
        }
    }

    #[test]
    fn journals_that_hold_each_others_logs_lack_nothing() {
        let holdings = holdings(&[("a", &[("a", 3), ("b", 2)]), ("b", &[("a", 3), ("b", 2)])]);
        assert_eq!(holdings.lacks(), []);
        assert_eq!(holdings.entries(), 5);
    }

    #[test]
    fn what_a_journal_lacks_of_anothers_own_log_is_counted() {
        let holdings = holdings(&[
            ("a", &[("a", 3), ("b", 2)]),
            ("b", &[("a", 1), ("b", 2)]),
            ("c", &[("b", 2), ("c", 0)]),
        ]);
        let found: Vec<_> = holdings
            .lacks()
            .iter()
            .map(|it| (it.holder, it.log, it.entries))
            .collect();
        assert_eq!(
            found,
            [(party("b"), log("a"), 2), (party("c"), log("a"), 3)]
        );
    }

    #[test]
    fn a_life_before_the_snapshot_that_a_journal_begins_with_is_not_lacking() {
        let mut holdings = holdings(&[("a", &[("a", 3)]), ("b", &[])]);
        assert_eq!(holdings.lacks().len(), 1);
        let later = Incarnation { epoch: 2, nonce: 1 };
        holdings.begins.insert((party("b"), party("a")), later);
        assert_eq!(holdings.lacks(), []);
        let same = log("a").incarnation;
        holdings.begins.insert((party("b"), party("a")), same);
        assert_eq!(holdings.lacks().len(), 1);
    }

    #[test]
    fn a_relayed_log_whose_author_has_less_is_no_loss() {
        let holdings = holdings(&[("a", &[("a", 1)]), ("b", &[("a", 3)])]);
        assert_eq!(holdings.lacks(), []);
    }
}
