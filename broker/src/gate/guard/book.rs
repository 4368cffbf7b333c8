//! What is remembered of each address, and of which: of all that have a connection, and of so many others.
//! Whoever has very many addresses fills no memory with them, and makes nobody's harder to find.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::config::Limits;
use crate::gate::rates::Rate;

/// New connections of an address that may come at once, in seconds of its rate.
const BURST_S: u32 = 10;

/// How long an address keeps its wrong passwords.
const REMEMBERED: Duration = Duration::from_secs(15 * 60);

/// How long it counts that somebody was let in from an address, and by a password: as long as a session
/// waits for its client.
const LATELY: Duration = Duration::from_secs(24 * 3_600);

/// Addresses that are remembered without having a connection, of each worth: far more than a region's
/// offices and terminals have, and together 3 MiB.
const ADDRESSES: usize = 4_096;

/// What is remembered of all of them.
#[derive(Debug, Default)]
pub(super) struct Book {
    records: HashMap<IpAddr, Record>,
    /// Those without a connection, by their worth: first the one that is forgotten next.
    away: [BTreeSet<(Instant, IpAddr)>; 3],
}

/// What is remembered of one.
#[derive(Debug)]
pub(super) struct Record {
    open: usize,
    /// Of those, the ones that were let in.
    inside: usize,
    rate: Rate,
    pub(super) wrong: u32,
    /// When it showed the latest wrong password.
    latest: Instant,
    /// When the next password may be looked at: the last wrong one holds it up, whether or not whoever
    /// showed it waits for the answer.
    pub(super) until: Instant,
    /// When somebody came in from there by a password last, or was there who had.
    known: Option<Instant>,
    /// When somebody was let in from there last, or was there.
    let_in: Option<Instant>,
    /// Whose password is looked at: one of an address at a time.
    pub(super) turn: Arc<tokio::sync::Mutex<()>>,
    /// Where it stands among those that have no connection.
    away: Option<(Worth, Instant)>,
}

/// For what an address without a connection is remembered. None makes room for one of another worth.
#[derive(Clone, Copy, Debug)]
enum Worth {
    /// How often it came.
    Came,
    /// Its wrong passwords.
    Guessed,
    /// That somebody was let in from there.
    LetIn,
}

impl Book {
    /// A connection of an address comes in, unless it has too many or too many came at once.
    pub(super) fn enter(&mut self, address: IpAddr, limits: Limits, now: Instant) -> bool {
        let fresh = || Record::new(limits, now);
        let record = self.records.entry(address).or_insert_with(fresh);
        if let Some((worth, since)) = record.away.take() {
            self.away[worth as usize].remove(&(since, address));
        }
        let is_in = record.open < limits.connections && record.rate.take(now);
        if is_in {
            record.open += 1;
        } else if record.open == 0 {
            self.part(address, now);
        }
        is_in
    }

    /// A connection of an address goes.
    pub(super) fn leave(&mut self, address: IpAddr, now: Instant) {
        let Some(record) = self.records.get_mut(&address) else {
            return;
        };
        record.open -= 1;
        if record.open == 0 {
            self.part(address, now);
        }
    }

    /// What is remembered of an address that has a connection.
    pub(super) fn of(&mut self, address: IpAddr) -> Option<&mut Record> {
        self.records.get_mut(&address)
    }

    /// An address has no connection any more. The one that has been of its worth the longest makes room.
    fn part(&mut self, address: IpAddr, now: Instant) {
        let Some(record) = self.records.get_mut(&address) else {
            return;
        };
        let (worth, since) = record.worth(now);
        record.away = Some((worth, since));
        let away = &mut self.away[worth as usize];
        away.insert((since, address));
        if away.len() > ADDRESSES
            && let Some((_, oldest)) = away.pop_first()
        {
            self.records.remove(&oldest);
        }
    }
}

impl Record {
    fn new(limits: Limits, now: Instant) -> Self {
        Self {
            open: 0,
            inside: 0,
            rate: Rate::new(limits.connections_per_s, BURST_S, now),
            wrong: 0,
            latest: now,
            until: now,
            known: None,
            let_in: None,
            turn: Arc::default(),
            away: None,
        }
    }

    /// Whether somebody came in from there by a password lately.
    pub(super) fn is_known(&self, now: Instant) -> bool {
        self.counts(self.known, now)
    }

    /// Whether somebody was let in from there lately.
    pub(super) fn is_familiar(&self, now: Instant) -> bool {
        self.counts(self.let_in, now)
    }

    /// Connections of it that are not let in yet.
    pub(super) fn outside(&self) -> usize {
        self.open - self.inside
    }

    /// One of its connections is let in.
    pub(super) fn let_in(&mut self, now: Instant) {
        self.known = self.known.filter(|at| self.counts(Some(*at), now));
        self.inside += 1;
        self.let_in = Some(now);
    }

    /// One that was let in goes: until now somebody was there.
    pub(super) fn let_out(&mut self, now: Instant) {
        self.inside -= 1;
        self.let_in = Some(now);
        self.known = self.known.map(|_| now);
    }

    /// One of its passwords is right.
    pub(super) fn right_password(&mut self, now: Instant) {
        self.known = Some(now);
    }

    /// One of its passwords is wrong: so many it has shown of late.
    pub(super) fn wrong_password(&mut self, now: Instant) -> u32 {
        if !self.is_guessing(now) {
            self.wrong = 0;
        }
        self.wrong = self.wrong.saturating_add(1);
        self.latest = now;
        self.wrong
    }

    fn is_guessing(&self, now: Instant) -> bool {
        self.wrong > 0 && now.saturating_duration_since(self.latest) < REMEMBERED
    }

    /// Whether what was so at some time counts: for as long as somebody is there who was let in, and then for
    /// a while.
    fn counts(&self, at: Option<Instant>, now: Instant) -> bool {
        at.is_some_and(|at| self.inside > 0 || now.saturating_duration_since(at) < LATELY)
    }

    /// For what it is remembered, and since when.
    fn worth(&self, now: Instant) -> (Worth, Instant) {
        let of_late = [self.let_in, self.known];
        let of_late = of_late.into_iter().filter(|at| self.counts(*at, now));
        match of_late.max().flatten() {
            Some(at) => (Worth::LetIn, at),
            None if self.is_guessing(now) => (Worth::Guessed, self.latest),
            None => (Worth::Came, now),
        }
    }
}

#[cfg(test)]
mod tests;
