//! What an office refuses at its door, by rule and by who is said to have sent it: its people are told of the
//! first and at each doubling, so that a flood fills no log.
//!
//! In a drill its director counts for all offices, each message once.

use std::collections::BTreeMap;

use protocol::{Frame, PartyId, Refusal, Said};

use super::{Heard, Shell};

/// Senders that are counted apart. A stranger makes up names as it likes; more of them are counted as one.
const SENDERS: usize = 256;

/// Counts of what was refused.
#[derive(Debug, Default)]
pub(crate) struct Door {
    counts: BTreeMap<(&'static str, Option<PartyId>), u64>,
}

impl Door {
    /// Counts a refusal; how many there were of its rule and sender, if that is to be told.
    pub(super) fn refuse(&mut self, refusal: &Refusal) -> Option<u64> {
        let code = refusal.code();
        let named = (code, sender(refusal));
        let is_counted = self.counts.contains_key(&named) || self.counts.len() < SENDERS;
        let count = self
            .counts
            .entry(if is_counted { named } else { (code, None) });
        let count = count.or_default();
        *count += 1;
        count.is_power_of_two().then_some(*count)
    }

    /// The counts in words; `None` if nothing was refused.
    pub(super) fn told(&self) -> Option<String> {
        let counts = self.counts.iter();
        let counts = counts.map(|((code, sender), count)| match sender {
            Some(sender) => format!("{code} {count} said to be of {sender}"),
            None => format!("{code} {count} of nobody named"),
        });
        let counts: Vec<String> = counts.collect();
        (!counts.is_empty()).then(|| format!("refused so far: {}", counts.join(", ")))
    }
}

/// Who is said to have sent it, as far as it could be read.
fn sender(refusal: &Refusal) -> Option<PartyId> {
    match refusal {
        Refusal::UnknownKey { party, .. }
        | Refusal::RevokedKey { party, .. }
        | Refusal::ExpiredKey { party, .. }
        | Refusal::Bodyless { party }
        | Refusal::Signature { party } => Some(*party),
        Refusal::Network { .. }
        | Refusal::Mode { .. }
        | Refusal::Suite { .. }
        | Refusal::Topic { .. }
        | Refusal::Line(_)
        | Refusal::Payload { .. }
        | Refusal::NotText
        | Refusal::Misplaced { .. } => None,
    }
}

impl Shell {
    /// Refuses a message.
    pub(super) fn refuse(&mut self, refusal: Refusal) {
        self.note_refused(&refusal);
        self.show(Heard::Refused(refusal));
    }

    /// Counts what was refused of a frame that is taken otherwise.
    pub(super) fn refuse_within(&mut self, frame: &Frame) {
        let (Said::Append { batch, .. } | Said::Direct { batch, .. }) = frame.said() else {
            return;
        };
        for refusal in &batch.refused {
            self.note_refused(refusal);
        }
    }

    fn note_refused(&mut self, refusal: &Refusal) {
        let office = self.office.party();
        tracing::debug!(%office, %refusal, "refused");
        let door = self.around.door.as_mut();
        if let Some(count) = door.and_then(|door| door.refuse(refusal)) {
            let code = refusal.code();
            tracing::warn!(%office, code, count, "refused: {refusal}");
        }
    }

    /// What it refused so far, in words, where it is counted here; `None` if nothing was refused.
    pub(super) fn refused(&self) -> Option<String> {
        self.around.door.as_ref().and_then(Door::told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forged(party: &str) -> Refusal {
        let party = party.parse().unwrap();
        Refusal::Signature { party }
    }

    #[test]
    fn a_refusal_is_told_at_the_first_and_at_each_doubling_of_its_rule_and_sender() {
        let mut door = Door::default();
        assert_eq!(door.told(), None);
        let mut told = |refusal| {
            (0..9)
                .filter_map(|_| door.refuse(&refusal))
                .collect::<Vec<_>>()
        };
        assert_eq!(told(forged("990200")), [1, 2, 4, 8]);
        assert_eq!(told(forged("990300")), [1, 2, 4, 8]);
        assert_eq!(told(Refusal::NotText), [1, 2, 4, 8]);
        assert_eq!(
            door.told().unwrap(),
            "refused so far: R02 9 said to be of 990200, R02 9 said to be of 990300, R07 9 of nobody named"
        );
    }

    #[test]
    fn a_stranger_of_many_names_takes_no_memory() {
        let mut door = Door::default();
        for name in 0..10 * SENDERS {
            door.refuse(&forged(&format!("stranger-{name}")));
        }
        assert_eq!(door.counts.len(), SENDERS + 1);
        assert_eq!(door.counts.values().sum::<u64>(), 10 * SENDERS as u64);
    }
}
