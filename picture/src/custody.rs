//! Where entries are: who says to hold which log how far on its disk, and over whom entries came here.
//!
//! The second answer to 'is it safe', for who looks on. What holders say is their word; a machine that
//! came back with an older disk says less than before, so the last word stands.

use std::collections::BTreeMap;

use protocol::{Digest, LogKey, PartyId, limit};

/// Who holds what, and who handed on what.
#[derive(Clone, Debug, Default)]
pub struct Custody {
    holders: BTreeMap<PartyId, BTreeMap<LogKey, u64>>,
    handed: BTreeMap<LogKey, BTreeMap<u64, PartyId>>,
}

impl Custody {
    /// Notes what a holder says to have on its disk.
    pub fn said(&mut self, holder: PartyId, digest: &Digest) {
        let held = self.holders.entry(holder).or_default();
        // A digest that is full may leave logs out; any other says all that there is.
        if digest.logs.len() < limit::DIGEST_LOGS {
            held.clear();
        }
        held.extend(digest.logs.iter().map(|held| (held.log, held.seq)));
    }

    /// Notes that an entry first came here out of somebody's hands, not from its author.
    pub fn handed_on(&mut self, (log, seq): (LogKey, u64), by: PartyId) {
        let log = self.handed.entry(log).or_default();
        log.entry(seq).or_insert(by);
    }

    /// The parties that say to hold an entry, its author left out, in the order of their ids.
    pub fn holding(&self, log: LogKey, seq: u64) -> impl Iterator<Item = PartyId> + '_ {
        let others = self.holders.iter();
        let others = others.filter(move |(holder, _)| **holder != log.author);
        let holds = move |held: &BTreeMap<LogKey, u64>| held.get(&log).is_some_and(|to| *to >= seq);
        others.filter_map(move |(holder, held)| holds(held).then_some(*holder))
    }

    /// How far a party says to hold a log; `None` if it never said anything at all.
    pub fn held_by(&self, holder: PartyId, log: LogKey) -> Option<u64> {
        let held = self.holders.get(&holder)?;
        Some(held.get(&log).copied().unwrap_or(0))
    }

    /// The parties that said what they hold.
    pub fn holders(&self) -> impl Iterator<Item = PartyId> + '_ {
        self.holders.keys().copied()
    }

    /// Who handed an entry on, if it did not come on its log's own topic.
    pub fn by_hand_of(&self, log: LogKey, seq: u64) -> Option<PartyId> {
        self.handed.get(&log)?.get(&seq).copied()
    }

    /// How many entries came here out of each party's hands.
    pub fn handed(&self) -> BTreeMap<PartyId, u64> {
        let mut counts = BTreeMap::new();
        for by in self.handed.values().flat_map(BTreeMap::values) {
            *counts.entry(*by).or_default() += 1;
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::{Hash, Incarnation, Moment, Prefix};

    fn party(name: &str) -> PartyId {
        name.parse().unwrap()
    }

    fn log(author: &str) -> LogKey {
        LogKey {
            author: party(author),
            incarnation: Incarnation { epoch: 1, nonce: 1 },
        }
    }

    fn digest(logs: &[(&str, u64)]) -> Digest {
        Digest {
            plan: None,
            incarnation: Incarnation { epoch: 1, nonce: 1 },
            logs: logs
                .iter()
                .map(|(author, seq)| Prefix {
                    log: log(author),
                    seq: *seq,
                    head: Hash::default().mark(),
                })
                .collect(),
            drill: Moment(0),
        }
    }

    #[test]
    fn who_holds_an_entry_is_everybody_but_its_author_who_says_so() {
        let mut custody = Custody::default();
        custody.said(party("990100"), &digest(&[("990100", 9), ("990200", 4)]));
        custody.said(party("990300"), &digest(&[("990100", 8)]));
        let holding = |seq| custody.holding(log("990100"), seq).collect::<Vec<_>>();
        assert_eq!(holding(8), [party("990300")]);
        assert_eq!(holding(9), []);
        assert_eq!(custody.held_by(party("990300"), log("990200")), Some(0));
        assert_eq!(custody.held_by(party("990400"), log("990200")), None);
    }

    #[test]
    fn a_holder_that_came_back_with_an_older_disk_holds_less() {
        let mut custody = Custody::default();
        custody.said(party("990300"), &digest(&[("990100", 8), ("990200", 2)]));
        custody.said(party("990300"), &digest(&[("990100", 5)]));
        assert_eq!(custody.holding(log("990100"), 6).count(), 0);
        assert_eq!(custody.holding(log("990200"), 1).count(), 0);
    }

    #[test]
    fn the_first_hand_that_an_entry_came_out_of_is_the_one_that_is_told() {
        let mut custody = Custody::default();
        custody.handed_on((log("990100"), 3), party("990200"));
        custody.handed_on((log("990100"), 3), party("990300"));
        let by = custody.by_hand_of(log("990100"), 3);
        assert_eq!(by, Some(party("990200")));
        assert_eq!(custody.by_hand_of(log("990100"), 4), None);
        assert_eq!(custody.handed(), [(party("990200"), 1)].into());
    }
}
