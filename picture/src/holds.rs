//! What a holder has of all logs, and whether two have the same.

use std::collections::BTreeMap;

use protocol::{Hash, Incarnation, LogKey, PartyId};

use crate::picture::Picture;

/// What a holder has of all logs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holds {
    /// For every log, the last entry without a gap and its hash.
    pub version: BTreeMap<LogKey, (u64, Hash)>,
    /// Of authors whose fold begins with a snapshot: its life. It stands for all lives before.
    pub begins: BTreeMap<PartyId, Incarnation>,
}

impl Holds {
    /// Whether both hold the same. One who began with a snapshot has none of the lives before it.
    pub fn is_like(&self, other: &Self) -> bool {
        let same = |log: &LogKey| match (self.version.get(log), other.version.get(log)) {
            (None, _) => self.stands_for(log),
            (_, None) => other.stands_for(log),
            (one, two) => one == two,
        };
        self.version.keys().chain(other.version.keys()).all(same)
    }

    fn stands_for(&self, log: &LogKey) -> bool {
        let begins = self.begins.get(&log.author);
        begins.is_some_and(|life| log.incarnation < *life)
    }
}

impl Picture {
    /// What is held here.
    pub fn holds(&self) -> Holds {
        let authors = self.authors().iter();
        let begins = authors.filter_map(|(author, known)| Some((*author, known.begins()?)));
        Holds {
            version: self.version(),
            begins: begins.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(epoch: u32) -> LogKey {
        LogKey {
            author: "990100".parse().unwrap(),
            incarnation: Incarnation { epoch, nonce: 1 },
        }
    }

    fn holds(logs: &[(u32, u64)], begins: Option<u32>) -> Holds {
        let hash = |seq: u64| Hash::of(&seq.to_be_bytes());
        let logs = logs.iter();
        Holds {
            version: logs
                .map(|(epoch, seq)| (log(*epoch), (*seq, hash(*seq))))
                .collect(),
            begins: begins
                .map(|epoch| (log(epoch).author, log(epoch).incarnation))
                .into_iter()
                .collect(),
        }
    }

    #[test]
    fn a_snapshot_stands_for_the_lives_before_it_and_for_nothing_else() {
        let whole = holds(&[(1, 7), (2, 9)], None);
        assert!(whole.is_like(&whole));
        assert!(whole.is_like(&holds(&[(2, 9)], Some(2))));
        assert!(holds(&[(2, 9)], Some(2)).is_like(&whole));
        for other in [
            holds(&[(2, 9)], None),
            holds(&[(2, 8)], Some(2)),
            holds(&[(1, 6), (2, 9)], Some(2)),
            holds(&[(1, 7)], Some(1)),
        ] {
            assert!(!whole.is_like(&other), "{other:?}");
            assert!(!other.is_like(&whole), "{other:?}");
        }
    }
}
