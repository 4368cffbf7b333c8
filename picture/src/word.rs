//! Which digests count, for whoever listens: those of members that keep logs, each later than the
//! last that was heard in the boot of its sender.
//!
//! A bus gives its copy of a digest again, and so may anybody who has one: said again it makes no claim
//! older, and a disk that was lost since holds nothing of it.

use std::collections::{BTreeMap, VecDeque};

use protocol::{PartyId, Roster};

/// Boots of one sender that are remembered; what was said in a boot before those is taken for a word of a
/// new one. Ours: a machine that starts twice an hour is remembered for a day.
const BOOTS: usize = 64;

/// The last word of each sender in each of its boots.
#[derive(Clone, Debug, Default)]
pub struct Words(BTreeMap<PartyId, VecDeque<LastWord>>);

#[derive(Clone, Copy, Debug)]
struct LastWord {
    boot: u64,
    n: u64,
}

/// Why a digest does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unheeded {
    /// Its sender keeps no logs, or does not belong.
    Role,
    /// It is no later than what its sender said in that boot before.
    Repeat,
}

impl Words {
    /// Whether a digest, by its sender's boot and number, counts; then it is the last word.
    pub fn heed(
        &mut self,
        roster: &Roster,
        from: PartyId,
        place: (u64, u64),
    ) -> Result<(), Unheeded> {
        let member = roster.member(from);
        if !member.is_some_and(|member| member.role.holds_logs()) {
            return Err(Unheeded::Role);
        }
        if self.comes_later(from, place) {
            Ok(())
        } else {
            Err(Unheeded::Repeat)
        }
    }

    /// Whether a word, by its sender's boot and number, comes later than all before it in that boot; then
    /// it is the last one.
    pub fn comes_later(&mut self, from: PartyId, (boot, n): (u64, u64)) -> bool {
        let words = self.0.entry(from).or_default();
        let known = words.iter().position(|word| word.boot == boot);
        if known.is_some_and(|at| words[at].n >= n) {
            return false;
        }
        // Whoever spoke last is forgotten last.
        match known {
            Some(at) => drop(words.remove(at)),
            None if words.len() == BOOTS => drop(words.pop_front()),
            None => {}
        }
        words.push_back(LastWord { boot, n });
        true
    }

    /// Whether the last word of a sender that counted was said in this boot.
    pub fn spoke_last_in(&self, from: PartyId, boot: u64) -> bool {
        let last = self.0.get(&from).and_then(VecDeque::back);
        last.is_some_and(|word| word.boot == boot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_counts_once_and_none_before_the_last_of_its_boot_does() {
        let party: PartyId = "990100".parse().unwrap();
        let mut words = Words::default();
        for (place, later) in [
            ((7, 3), true),
            ((7, 3), false),
            ((7, 2), false),
            ((8, 1), true),
            ((7, 3), false),
            // Of two machines under one name each goes on.
            ((7, 4), true),
            ((8, 2), true),
        ] {
            assert_eq!(words.comes_later(party, place), later, "{place:?}");
        }
        let other = "990200".parse().unwrap();
        assert!(words.comes_later(other, (7, 1)));
    }

    #[test]
    fn so_many_boots_are_remembered_and_who_spoke_last_is_forgotten_last() {
        let party: PartyId = "990100".parse().unwrap();
        let mut words = Words::default();
        for boot in 0..BOOTS as u64 {
            assert!(words.comes_later(party, (boot, 1)));
        }
        assert!(words.comes_later(party, (0, 2)));
        assert!(words.comes_later(party, (999, 1)));
        assert!(!words.comes_later(party, (0, 2)));
        assert!(!words.comes_later(party, (2, 1)));
        assert_eq!(words.0[&party].len(), BOOTS);
    }
}
