//! What one asker may take of this office's time and lines (R21): whoever asks for more is passed over, and
//! asks again later as honest holders do.

use std::collections::BTreeMap;

use protocol::{Moment, PartyId};

/// Entries that one asker is given at once: thirteen logs that lack as much as is asked for of each.
const BURST: u64 = 16_384;

/// Entries that it may have more each second, link time: some 6 MB, half of what a line of 100 Mbit/s
/// carries.
const PER_SECOND: u64 = 8_192;

/// What a part of a state counts as: 64 KB are about so many entries.
pub(crate) const PART: u64 = 64;

/// What each asker has left.
#[derive(Debug, Default)]
pub(crate) struct Budgets(BTreeMap<PartyId, Budget>);

#[derive(Debug)]
struct Budget {
    left: u64,
    /// Up to when it was filled up.
    at: Moment,
}

impl Budgets {
    /// Takes so many entries out of an asker's budget; whether there were so many.
    pub(crate) fn take(&mut self, asker: PartyId, entries: u64, link: Moment) -> bool {
        let (left, at) = (BURST, link);
        let budget = self.0.entry(asker).or_insert(Budget { left, at });
        let earned = link.since(budget.at).0.saturating_mul(PER_SECOND) / 1_000_000;
        if earned > 0 {
            budget.left = budget.left.saturating_add(earned).min(BURST);
            budget.at = link;
        }
        let granted = budget.left >= entries;
        if granted {
            budget.left -= entries;
        }
        granted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::Span;

    #[test]
    fn who_asks_for_everything_again_and_again_waits_and_nobody_else_does() {
        let mut budgets = Budgets::default();
        let [greedy, other]: [PartyId; 2] = ["990100", "990200"].map(|name| name.parse().unwrap());
        let now = Moment(0);
        let granted = (0..1_000).filter(|_| budgets.take(greedy, 512, now));
        assert_eq!(granted.count(), 32);
        assert!(budgets.take(other, 512, now));
        let later = now + Span::seconds(1);
        let granted = (0..1_000).filter(|_| budgets.take(greedy, 512, later));
        assert_eq!(granted.count(), 16);
    }
}
