//! An office's disk in virtual time: what is synced survives a crash, what is not does not.

use std::collections::BTreeMap;
use std::sync::Arc;

use agents::{Extent, Origin};
use picture::StateAt;
use protocol::{Envelope, Head, Incarnation, LogKey, Moment, PartyId};

/// What one office appended, in order, and how far it is synced.
#[derive(Debug, Default)]
pub(crate) struct Disk {
    origin: Origin,
    entries: Vec<Arc<Envelope>>,
    synced: usize,
    /// The tickets of entries that are not synced yet, each with its place.
    waiting: Vec<(u64, usize)>,
    /// When how many entries were synced, from the beginning: what an image of that time holds.
    images: Vec<(Moment, usize)>,
    /// The snapshots with which logs begin here, each at the place of its entry.
    bases: BTreeMap<usize, StateAt>,
    /// The states at snapshots that were read here, each at the place of its entry.
    marks: BTreeMap<usize, StateAt>,
    /// Synced entries of each log in the order of their numbers.
    logs: BTreeMap<LogKey, Vec<Place>>,
}

/// Where in `entries` the entry of a log with a number is: who looks for it need not look into others.
#[derive(Debug, Clone, Copy)]
struct Place {
    seq: u64,
    at: usize,
}

impl Disk {
    /// A disk that holds these entries, synced.
    pub(crate) fn holding(origin: Origin, entries: Vec<Arc<Envelope>>) -> Self {
        let mut disk = Self {
            origin,
            images: vec![(Moment(0), entries.len())],
            entries,
            ..Self::default()
        };
        disk.index_to(disk.entries.len());
        disk
    }

    /// What it means if nothing of the office's own is here.
    pub(crate) fn origin(&self) -> Origin {
        self.origin
    }

    pub(crate) fn append(&mut self, ticket: u64, envelope: Arc<Envelope>) {
        self.waiting.push((ticket, self.entries.len()));
        self.entries.push(envelope);
    }

    /// A snapshot, with the state that stands for all before it.
    pub(crate) fn keep(&mut self, ticket: u64, at: StateAt) {
        let entry = Arc::clone(&at.entry);
        self.bases.insert(self.entries.len(), at);
        self.append(ticket, entry);
    }

    /// The state at a snapshot that was appended before: a boot may begin with it.
    pub(crate) fn mark(&mut self, at: StateAt) {
        let places = self
            .entries
            .iter()
            .rposition(|it| it.hash() == at.entry.hash());
        if let Some(place) = places {
            self.marks.insert(place, at);
        }
    }

    /// The snapshots with which a boot begins, as far as they are synced: of each author the last.
    pub(crate) fn snapshots(&self) -> Vec<StateAt> {
        let marks = self.marks.range(..self.synced);
        let mut last: BTreeMap<PartyId, (usize, &StateAt)> = BTreeMap::new();
        for (place, at) in self.bases.range(..self.synced).chain(marks) {
            let author = at.entry.header().log.author;
            let known = last.entry(author).or_insert((*place, at));
            if known.0 <= *place {
                *known = (*place, at);
            }
        }
        last.into_values().map(|(_, at)| at.clone()).collect()
    }

    /// The last snapshot, with its state, with which an author's log begins here.
    pub(crate) fn base_of(&self, author: PartyId) -> Option<&StateAt> {
        let bases = self.bases.range(..self.synced).rev();
        let mut bases = bases.map(|(_, at)| at);
        bases.find(|at| at.entry.header().log.author == author)
    }

    /// How far each log is here: its first entry without a gap behind it, and its last.
    pub(crate) fn extents(&self) -> Vec<Extent> {
        let extent = |(log, places): (&LogKey, &Vec<Place>)| {
            let last = places.last()?;
            let numbers = places.iter().map(|place| place.seq);
            let mut first = 0;
            let mut before = 0;
            for seq in numbers {
                if seq != before + 1 {
                    first = seq;
                }
                before = seq;
            }
            let head = Head {
                log: *log,
                seq: last.seq,
                hash: self.entries[last.at].hash(),
            };
            Some(Extent {
                first: first.max(1),
                head,
            })
        };
        self.logs.iter().filter_map(extent).collect()
    }

    /// Syncs everything up to the ticket and returns what became durable by it.
    pub(crate) fn sync(&mut self, ticket: u64, now: Moment) -> &[Arc<Envelope>] {
        let count = self
            .waiting
            .partition_point(|(number, _)| *number <= ticket);
        let from = self.synced;
        let last = self.waiting.drain(..count).next_back();
        if let Some((_, last)) = last {
            self.index_to(last + 1);
            self.images.push((now, self.synced));
        }
        &self.entries[from..self.synced]
    }

    /// How many entries were appended and are not synced.
    pub(crate) fn unsynced(&self) -> u64 {
        (self.entries.len() - self.synced) as u64
    }

    /// The power goes: what was not synced is lost, but for as many entries as were just being
    /// written, a number taken by their count.
    pub(crate) fn crash(&mut self, torn: u64) {
        let kept = usize::try_from(torn % (self.unsynced() + 1)).unwrap_or(0);
        self.waiting.clear();
        self.entries.truncate(self.synced + kept);
        self.bases.split_off(&self.entries.len());
        self.marks.split_off(&self.entries.len());
        self.index_to(self.entries.len());
    }

    /// The machine is restored from an image of that time.
    pub(crate) fn restore(&mut self, taken: Moment) {
        let images = self.images.partition_point(|(at, _)| *at <= taken);
        self.images.truncate(images);
        let held = self.images.last().map_or(0, |(_, held)| *held);
        self.waiting.clear();
        self.entries.truncate(held);
        self.bases.split_off(&held);
        self.marks.split_off(&held);
        self.logs.clear();
        self.synced = 0;
        self.index_to(held);
    }

    /// What a copy of the disk holds that was made at that time.
    pub(crate) fn image(&self, taken: Moment) -> Self {
        let images = self.images.partition_point(|(at, _)| *at <= taken);
        let held = match self.images.get(images) {
            // Nothing was synced since: what a torn write left behind is there too.
            None => self.synced,
            Some(_) => self.images[..images].last().map_or(0, |(_, held)| *held),
        };
        let mut image = Self::holding(self.origin, self.entries[..held.min(self.synced)].to_vec());
        let bases = self.bases.range(..image.entries.len());
        image.bases = bases.map(|(place, at)| (*place, at.clone())).collect();
        let marks = self.marks.range(..image.entries.len());
        image.marks = marks.map(|(place, at)| (*place, at.clone())).collect();
        image
    }

    /// Everything synced that no snapshot stands for, in the order of appending.
    pub(crate) fn stored(&self) -> Vec<Arc<Envelope>> {
        let snapshots = self.snapshots();
        let begins = snapshots.iter().map(|at| at.entry.header());
        let begins: BTreeMap<PartyId, (Incarnation, u64)> = begins
            .map(|it| (it.log.author, (it.log.incarnation, it.seq)))
            .collect();
        let behind = |entry: &Arc<Envelope>| {
            let header = entry.header();
            let begin = begins.get(&header.log.author);
            begin.is_some_and(|begin| (header.log.incarnation, header.seq) < *begin)
        };
        let synced = self.entries[..self.synced].iter();
        synced.filter(|it| !behind(it)).map(Arc::clone).collect()
    }

    /// Everything synced, in the order of appending.
    pub(crate) fn synced(&self) -> &[Arc<Envelope>] {
        &self.entries[..self.synced]
    }

    /// Synced entries of a log, both ends included; shorter than asked if some are not there.
    pub(crate) fn load(&self, log: LogKey, from: u64, to: u64) -> Vec<Arc<Envelope>> {
        let Some(places) = self.logs.get(&log) else {
            return Vec::new();
        };
        let first = places.partition_point(|place| place.seq < from);
        let wanted = places[first..].iter().take_while(|place| place.seq <= to);
        wanted
            .map(|place| Arc::clone(&self.entries[place.at]))
            .collect()
    }

    /// Whether this entry is synced. If so, it is kept as this one, which others hold too.
    pub(crate) fn share(&mut self, envelope: &Arc<Envelope>) -> bool {
        let header = envelope.header();
        let Some(place) = self.place(header.log, header.seq) else {
            return false;
        };
        let kept = &mut self.entries[place];
        let same = kept.hash() == envelope.hash();
        if same {
            *kept = Arc::clone(envelope);
        }
        same
    }

    /// Every log with the count of its synced entries and the number of the last. What a snapshot
    /// stands for counts as held.
    pub(crate) fn logs(&self) -> impl Iterator<Item = (LogKey, (u64, u64))> {
        let mut begins: BTreeMap<LogKey, u64> = BTreeMap::new();
        for (_, at) in self.bases.range(..self.synced) {
            let header = at.entry.header();
            begins.insert(header.log, header.seq);
        }
        self.logs.iter().map(move |(log, places)| {
            if let Some(begins) = begins.get(log) {
                let before = places.partition_point(|place| place.seq < *begins);
                let last = places[places.len() - 1].seq;
                return (*log, ((places.len() - before) as u64 + begins - 1, last));
            }
            let last = places.last().map_or(0, |place| place.seq);
            (*log, (places.len() as u64, last))
        })
    }

    /// Whether an entry is synced.
    pub(crate) fn holds(&self, log: LogKey, seq: u64) -> bool {
        self.place(log, seq).is_some()
    }

    fn place(&self, log: LogKey, seq: u64) -> Option<usize> {
        let places = self.logs.get(&log)?;
        // It is nearly always the last that is asked for.
        let last = places.last().filter(|last| last.seq == seq);
        if let Some(last) = last {
            return Some(last.at);
        }
        let found = places.binary_search_by_key(&seq, |place| place.seq).ok()?;
        Some(places[found].at)
    }

    fn index_to(&mut self, end: usize) {
        for (at, entry) in self.entries.iter().enumerate().take(end).skip(self.synced) {
            let header = entry.header();
            let places = self.logs.entry(header.log).or_default();
            let place = Place {
                seq: header.seq,
                at,
            };
            if places.last().is_none_or(|last| last.seq < place.seq) {
                places.push(place);
            } else if let Err(gap) = places.binary_search_by_key(&place.seq, |it| it.seq) {
                places.insert(gap, place);
            }
        }
        self.synced = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe;

    #[test]
    fn what_was_not_synced_is_gone_after_a_crash() {
        let log = probe::log(1);
        let mut disk = Disk::default();
        let entries = probe::chain(log, 3);
        for (ticket, entry) in (1..).zip(&entries) {
            disk.append(ticket, Arc::clone(entry));
        }
        assert_eq!(disk.sync(2, Moment(2)).len(), 2);
        disk.crash(0);
        assert_eq!(disk.stored().len(), 2);
        assert!(disk.share(&entries[1]) && !disk.share(&entries[2]));
        assert_eq!(disk.logs().collect::<Vec<_>>(), [(log, (2, 2))]);
        disk.append(7, Arc::clone(&entries[2]));
        assert_eq!(disk.sync(7, Moment(7)).len(), 1);
        assert_eq!(disk.load(log, 2, 9).len(), 2);
    }

    #[test]
    fn entries_that_came_out_of_order_are_loaded_in_order() {
        let log = probe::log(1);
        let entries = probe::chain(log, 3);
        let mut disk = Disk::holding(
            Origin::Unknown,
            [2, 0, 1].map(|n| Arc::clone(&entries[n])).to_vec(),
        );
        let numbers: Vec<u64> = disk
            .load(log, 1, 3)
            .iter()
            .map(|entry| entry.header().seq)
            .collect();
        assert_eq!(numbers, [1, 2, 3]);
        assert!(disk.sync(1, Moment(1)).is_empty());
    }
}
