//! Where entries are: who says to hold which log how far on its disk, and over whom entries came here.
//!
//! The second answer to 'is it safe', for who looks on. What holders say is their word; a machine that
//! came back with an older disk says less than before, so the last word stands, and none that is said
//! again.

use std::collections::BTreeMap;

use protocol::{Digest, LogKey, PartyId, Prefix, Roster};

use crate::word::Words;

/// Who holds what, and who handed on what.
#[derive(Clone, Debug, Default)]
pub struct Custody {
    holders: BTreeMap<PartyId, BTreeMap<LogKey, u64>>,
    handed: BTreeMap<LogKey, BTreeMap<u64, PartyId>>,
    words: Words,
}

impl Custody {
    /// Notes what a holder says to have on its disk, in which boot and under which number; whether that
    /// counts: see [`Words::heed`]. Where its entry is another than the one that is here it holds nothing
    /// of what is here.
    pub fn said(
        &mut self,
        roster: &Roster,
        (holder, place): (PartyId, (u64, u64)),
        digest: &Digest,
        is_another: impl Fn(&Prefix) -> bool,
    ) -> bool {
        if self.words.heed(roster, holder, place).is_err() {
            return false;
        }
        let held = self.holders.entry(holder).or_default();
        if digest.names_all() {
            held.clear();
        }
        for said in &digest.logs {
            let seq = if is_another(said) { 0 } else { said.seq };
            held.insert(said.log, seq);
        }
        true
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
    use protocol::{
        AreaCode, Hash, Incarnation, Member, Mode, Moment, Network, Role, RosterChange, Signer,
        Suite,
    };

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
            boots: Vec::new(),
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

    /// A region of four offices and a crew's terminal.
    fn roster() -> Roster {
        let root = Signer::new(party("region"), Suite::Virtual, [1; 32]);
        let mut roster = Roster::new(&Network {
            id: "stage".parse().unwrap(),
            mode: Mode::Exercise,
            region: root.party(),
            root: root.public(),
            suite: Suite::Virtual,
        });
        let offices = ["990100", "990200", "990300", "990400"].map(|name| (name, Role::City));
        for (name, role) in offices.into_iter().chain([("van", Role::Terminal)]) {
            roster.apply(&RosterChange::Admit(Box::new(Member {
                party: party(name),
                role,
                area: AreaCode(990_100),
                office: party("990100"),
                circle: String::new(),
                unit: None,
                name_zh: name.into(),
                name_en: name.into(),
                key: Signer::new(party(name), Suite::Virtual, [2; 32]).public(),
            })));
        }
        roster
    }

    /// A holder says how far it has logs; whether that counts.
    fn says(custody: &mut Custody, (holder, n): (&str, u64), logs: &[(&str, u64)]) -> bool {
        custody.said(&roster(), (party(holder), (7, n)), &digest(logs), |_| false)
    }

    #[test]
    fn who_holds_an_entry_is_everybody_but_its_author_who_says_so() {
        let mut custody = Custody::default();
        says(&mut custody, ("990100", 1), &[("990100", 9), ("990200", 4)]);
        says(&mut custody, ("990300", 1), &[("990100", 8)]);
        let holding = |seq| custody.holding(log("990100"), seq).collect::<Vec<_>>();
        assert_eq!(holding(8), [party("990300")]);
        assert_eq!(holding(9), []);
        assert_eq!(custody.held_by(party("990300"), log("990200")), Some(0));
        assert_eq!(custody.held_by(party("990400"), log("990200")), None);
    }

    #[test]
    fn a_holder_that_came_back_with_an_older_disk_holds_less() {
        let mut custody = Custody::default();
        says(&mut custody, ("990300", 1), &[("990100", 8), ("990200", 2)]);
        says(&mut custody, ("990300", 2), &[("990100", 5)]);
        assert_eq!(custody.holding(log("990100"), 6).count(), 0);
        assert_eq!(custody.holding(log("990200"), 1).count(), 0);
    }

    #[test]
    fn a_word_that_is_said_again_after_a_later_one_makes_nobody_hold_anything() {
        let mut custody = Custody::default();
        let held = [("990100", 8)];
        assert!(says(&mut custody, ("990300", 1), &held));
        assert!(says(&mut custody, ("990300", 2), &[]));
        assert!(!says(&mut custody, ("990300", 1), &held));
        assert_eq!(custody.holding(log("990100"), 1).count(), 0);
    }

    #[test]
    fn who_holds_another_entry_under_a_number_holds_none_of_what_is_here() {
        let mut custody = Custody::default();
        let said = digest(&[("990100", 8), ("990200", 2)]);
        let holder = (party("990300"), (7, 1));
        let is_another = |it: &Prefix| it.log == log("990100");
        assert!(custody.said(&roster(), holder, &said, is_another));
        assert_eq!(custody.holding(log("990100"), 1).count(), 0);
        assert_eq!(custody.holding(log("990200"), 2).count(), 1);
    }

    #[test]
    fn who_keeps_no_logs_or_does_not_belong_holds_nothing() {
        let mut custody = Custody::default();
        for nobody in ["van", "990900"] {
            assert!(!says(&mut custody, (nobody, 1), &[("990100", 8)]));
        }
        assert_eq!(custody.holders().count(), 0);
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
