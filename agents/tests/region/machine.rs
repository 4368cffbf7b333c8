//! One machine: an office that may not be running, and a disk that loses what is not synced.

use std::sync::Arc;

use agents::{Office, Origin, Range, Stored, Ticket};
use picture::StateAt;
use protocol::{Envelope, LogKey, PartyId};

use crate::cast::{Setting, Straight, party};

pub(crate) struct Machine {
    pub(crate) name: &'static str,
    pub(crate) party: PartyId,
    pub(crate) office: Option<Office>,
    /// Counts boots; what was meant for an earlier one is dropped.
    pub(crate) life: u32,
    /// Counts wishes to be woken; only the last counts.
    pub(crate) wish: u64,
    appended: Vec<(Ticket, Arc<Envelope>)>,
    synced: Vec<Arc<Envelope>>,
    bases: Vec<StateAt>,
    origin: Origin,
}

impl Machine {
    pub(crate) fn new(name: &'static str, roster: &[Arc<Envelope>]) -> Self {
        Self {
            name,
            party: party(name),
            office: None,
            life: 0,
            wish: 0,
            appended: Vec::new(),
            synced: roster.to_vec(),
            bases: Vec::new(),
            origin: Origin::Founded,
        }
    }

    /// A second machine with the same disk and the same name.
    pub(crate) fn twin(&self) -> Self {
        let mut twin = Self::new(self.name, &self.synced);
        // Boots draw other seeds than the first machine's.
        twin.life = 1_000;
        twin
    }

    pub(crate) fn start(&mut self, setting: &Setting) -> Stored {
        self.life += 1;
        let config = setting.config(self.name);
        let office = Office::new(config, Box::new(Straight));
        self.office = Some(office.unwrap());
        Stored {
            snapshots: self.bases.clone(),
            envelopes: self.synced.clone(),
            logs: Vec::new(),
            origin: self.origin,
        }
    }

    /// The power goes.
    pub(crate) fn crash(&mut self) {
        self.office = None;
        self.life += 1;
        self.appended.clear();
    }

    /// The disk is lost too; only the roster is put back.
    pub(crate) fn lose_disk(&mut self, roster: &[Arc<Envelope>]) {
        self.synced = roster.to_vec();
        self.bases.clear();
        self.origin = Origin::Unknown;
    }

    /// The machine is restored from an image that holds so many entries.
    pub(crate) fn restore(&mut self, entries: usize) {
        self.synced.truncate(entries);
    }

    pub(crate) fn append(&mut self, ticket: Ticket, envelope: Arc<Envelope>) {
        self.appended.push((ticket, envelope));
    }

    /// A snapshot and its state; synced at once, so that no test has to wait for it.
    pub(crate) fn keep(&mut self, ticket: Ticket, at: StateAt) {
        self.append(ticket, Arc::clone(&at.entry));
        self.bases.push(at);
    }

    pub(crate) fn sync(&mut self, upto: Ticket) {
        while self
            .appended
            .first()
            .is_some_and(|(ticket, _)| *ticket <= upto)
        {
            self.synced.push(self.appended.remove(0).1);
        }
    }

    /// What is synced of a range; what is not is not there.
    pub(crate) fn load(&self, range: Range) -> Vec<Arc<Envelope>> {
        let mut found: Vec<Arc<Envelope>> = self
            .synced
            .iter()
            .filter(|entry| entry.header().log == range.log)
            .filter(|entry| (range.from..=range.to).contains(&entry.header().seq))
            .cloned()
            .collect();
        found.sort_by_key(|entry| entry.header().seq);
        found
    }

    pub(crate) fn holds(&self, log: LogKey, seq: u64) -> bool {
        let mut synced = self.synced.iter().rev().map(|entry| entry.header());
        synced.any(|header| header.log == log && header.seq == seq)
    }

    pub(crate) fn disk(&self) -> &[Arc<Envelope>] {
        &self.synced
    }
}
