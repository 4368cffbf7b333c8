//! Who holds which log how far, as each said itself: the second answer to 'is it safe', and whom to
//! ask for what is missing.
//!
//! Every holder says it every minute, of every log, and hardly anything of it is news: so what was
//! said and found to agree is kept in the order in which it comes again.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{HashMark, LogKey, Moment, PartyId, Prefix};

/// What holders said.
#[derive(Debug, Default)]
pub(crate) struct Holders(BTreeMap<PartyId, Holder>);

/// What one holder said.
#[derive(Debug, Default)]
pub(crate) struct Holder {
    /// In the order of the logs.
    logs: Vec<Held>,
    /// Whether it spoke itself on a bus of ours. Of one whose entries others brought we know no more
    /// than that it has them.
    pub(crate) spoke: bool,
    /// When it first said what it holds since it heard that this office has booted, link time.
    pub(crate) answered: Option<Moment>,
}

/// A log as one holder has it.
#[derive(Debug)]
pub(crate) struct Held {
    log: LogKey,
    /// The last entry without a gap before it.
    pub(crate) seq: u64,
    /// The last entry that it named which was found to be the same as here.
    pub(crate) agreed: Option<(u64, HashMark)>,
}

impl Holders {
    /// Notes that a party holds a log up to an entry, because it said that entry.
    pub(crate) fn note(&mut self, holder: PartyId, log: LogKey, seq: u64) {
        let held = self.of(holder).held(&mut 0, log);
        held.seq = held.seq.max(seq);
    }

    /// What an author's holders say of its logs is news again.
    pub(crate) fn doubt(&mut self, author: PartyId) {
        for holder in self.0.values_mut() {
            let logs = holder.logs.iter_mut();
            for held in logs.filter(|held| held.log.author == author) {
                held.agreed = None;
            }
        }
    }

    /// What a party said.
    pub(crate) fn of(&mut self, holder: PartyId) -> &mut Holder {
        self.0.entry(holder).or_default()
    }

    /// The parties that speak on a bus of ours, in the order of their ids.
    pub(crate) fn speakers(&self) -> impl Iterator<Item = PartyId> {
        let speakers = self.0.iter().filter(|(_, holder)| holder.spoke);
        speakers.map(|(party, _)| *party)
    }

    /// When each party first said what it holds since it heard of this boot, link time.
    pub(crate) fn answered(&self) -> impl Iterator<Item = (PartyId, Moment)> {
        let holders = self.0.iter();
        holders.filter_map(|(party, holder)| Some((*party, holder.answered?)))
    }

    /// No line is up any more: who answered may have come to hold more by the time that one is.
    pub(crate) fn forget_answers(&mut self) {
        for holder in self.0.values_mut() {
            holder.answered = None;
        }
    }

    /// The parties that hold an entry, in the order of their ids.
    pub(crate) fn holding(&self, log: LogKey, seq: u64) -> impl Iterator<Item = PartyId> {
        let holders = self.0.iter();
        holders.filter_map(move |(party, holder)| (holder.seq(log) >= seq).then_some(*party))
    }
}

impl Holder {
    /// Of logs that it did not name among all that it has, it holds nothing: its disk was lost, or an
    /// older one came back. Returns those logs.
    pub(crate) fn has_only(&mut self, named: &[Prefix]) -> Vec<LogKey> {
        // Both come in the order of the logs, and hardly ever is one missing.
        let mut rest = named.iter();
        if self
            .logs
            .iter()
            .all(|held| rest.any(|it| it.log == held.log))
        {
            return Vec::new();
        }
        let named: BTreeSet<LogKey> = named.iter().map(|held| held.log).collect();
        let gone = self.logs.extract_if(.., |held| !named.contains(&held.log));
        gone.map(|held| held.log).collect()
    }

    /// Whether it says of a log, looked for first where `next` points, what was found to agree when it
    /// last said so; then `next` points behind it.
    pub(crate) fn repeats(&mut self, next: &mut usize, log: LogKey, said: (u64, HashMark)) -> bool {
        let place = self.expected(*next, log).ok();
        let held = place.map(|place| &mut self.logs[place]);
        let said_last = |held: &mut Held| held.agreed == Some(said) && held.seq == said.0;
        if !held.is_some_and(said_last) {
            return false;
        }
        *next = place.map_or(*next, |place| place + 1);
        true
    }

    /// The place of a log, looked for first where `next` points; `next` then points behind it.
    pub(crate) fn held(&mut self, next: &mut usize, log: LogKey) -> &mut Held {
        let place = self.expected(*next, log).unwrap_or_else(|place| {
            let (seq, agreed) = (0, None);
            self.logs.insert(place, Held { log, seq, agreed });
            place
        });
        *next = place + 1;
        &mut self.logs[place]
    }

    /// Where a log is, perhaps there, or where it belongs.
    fn expected(&self, there: usize, log: LogKey) -> Result<usize, usize> {
        let expected = self.logs.get(there).is_some_and(|held| held.log == log);
        if expected { Ok(there) } else { self.find(log) }
    }

    fn seq(&self, log: LogKey) -> u64 {
        self.find(log).map_or(0, |place| self.logs[place].seq)
    }

    fn find(&self, log: LogKey) -> Result<usize, usize> {
        self.logs.binary_search_by(|held| held.log.cmp(&log))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::Incarnation;

    fn log(author: &str, epoch: u32) -> LogKey {
        LogKey {
            author: author.parse().unwrap(),
            incarnation: Incarnation { epoch, nonce: 1 },
        }
    }

    #[test]
    fn who_holds_an_entry_is_known_in_whatever_order_it_was_said() {
        let mut holders = Holders::default();
        let parties: [PartyId; 2] = ["990100", "990200"].map(|name| name.parse().unwrap());
        for (author, epoch, seq) in [("990300", 2, 5), ("990100", 1, 9), ("990300", 1, 7)] {
            holders.note(parties[0], log(author, epoch), seq);
        }
        holders.note(parties[1], log("990300", 2), 4);
        holders.note(parties[0], log("990300", 2), 3);
        let holding = |log, seq| holders.holding(log, seq).collect::<Vec<_>>();
        assert_eq!(holding(log("990300", 2), 5), [parties[0]]);
        assert_eq!(holding(log("990300", 2), 4), parties);
        assert_eq!(holding(log("990100", 1), 10), []);
        assert_eq!(holding(log("990100", 2), 1), []);
    }

    #[test]
    fn who_lost_its_disk_holds_what_it_names_and_nothing_else() {
        let mut holders = Holders::default();
        let party: PartyId = "990100".parse().unwrap();
        for (author, seq) in [("990200", 4), ("990300", 5)] {
            holders.note(party, log(author, 1), seq);
        }
        let named = Prefix {
            log: log("990300", 1),
            seq: 5,
            head: protocol::Hash::default().mark(),
        };
        holders.of(party).has_only(&[named]);
        assert_eq!(holders.holding(log("990300", 1), 5).count(), 1);
        assert_eq!(holders.holding(log("990200", 1), 1).count(), 0);
    }

    #[test]
    fn what_comes_in_order_is_found_where_it_is_expected() {
        let mut holder = Holder::default();
        let logs = [log("990100", 1), log("990200", 1), log("990200", 2)];
        for round in 1..4 {
            let mut next = 0;
            for log in logs {
                holder.held(&mut next, log).seq = round;
            }
            assert_eq!(next, logs.len());
        }
        assert!(logs.iter().all(|log| holder.seq(*log) == 3));
    }
}
