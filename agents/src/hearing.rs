//! Direct messages are heard once: a window for each sender's boot tells a repeat from news.

use std::collections::BTreeMap;

use protocol::{PartyId, Refusal};

/// Boots of one sender that are remembered; a shell begins one with every command. What comes of an older
/// one, or after a reboot of this office, is taken for news. Commands and calls that were done are not done
/// again by their ids, which the log keeps; a crew's word counts if its terminal has heard this boot's
/// question.
const BOOTS: usize = 128;

/// What was heard of whom, and what was refused.
#[derive(Debug, Clone, Default)]
pub struct Hearing {
    windows: BTreeMap<PartyId, Vec<Window>>,
    refused: BTreeMap<&'static str, u64>,
    repeats: u64,
}

#[derive(Debug, Clone)]
struct Window {
    boot: u64,
    greatest: u64,
    /// Bit i: `greatest - i` was heard.
    seen: u128,
}

impl Hearing {
    /// Whether the message is news; a repeat is counted.
    pub(crate) fn is_news(&mut self, from: PartyId, boot: u64, n: u64) -> bool {
        let windows = self.windows.entry(from).or_default();
        let known = windows.iter_mut().find(|window| window.boot == boot);
        let news = if let Some(window) = known {
            window.take(n)
        } else {
            if windows.len() == BOOTS {
                windows.remove(0);
            }
            windows.push(Window {
                boot,
                greatest: n,
                seen: 1,
            });
            true
        };
        self.repeats += u64::from(!news);
        news
    }

    /// Counts by its code what was refused, void, kept apart or flagged.
    pub(crate) fn refuse(&mut self, code: &'static str) {
        *self.refused.entry(code).or_default() += 1;
    }

    pub(crate) fn refuse_all(&mut self, refusals: &[Refusal]) {
        for refusal in refusals {
            self.refuse(refusal.code());
        }
    }

    /// How often each rule was broken: what was refused, void, kept apart or flagged.
    pub fn refused(&self) -> &BTreeMap<&'static str, u64> {
        &self.refused
    }

    /// How many direct messages came more than once.
    pub fn repeats(&self) -> u64 {
        self.repeats
    }
}

impl Window {
    fn take(&mut self, n: u64) -> bool {
        if n > self.greatest {
            let step = n - self.greatest;
            self.seen = if step < 128 { self.seen << step | 1 } else { 1 };
            self.greatest = n;
            return true;
        }
        let back = self.greatest - n;
        if back >= 128 || self.seen >> back & 1 == 1 {
            return false;
        }
        self.seen |= 1 << back;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_out_of_order_are_heard_and_repeats_are_not() {
        let party: PartyId = "990100".parse().unwrap();
        let mut hearing = Hearing::default();
        for (n, news) in [
            (1, true),
            (3, true),
            (2, true),
            (3, false),
            (1, false),
            (200, true),
            (3, false),
            (199, true),
        ] {
            assert_eq!(hearing.is_news(party, 7, n), news, "message {n}");
        }
        assert!(hearing.is_news(party, 8, 1), "a new boot begins anew");
        assert_eq!(hearing.repeats(), 3);
    }
}
