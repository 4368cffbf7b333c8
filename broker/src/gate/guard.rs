//! What each address takes of the gate: connections at a time, new ones in a second, and wrong
//! passwords, each of which makes the next answer slower. And whose rates are whose.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use protocol::PartyId;
use tokio::sync::mpsc::Sender;

use super::keeper::Who;
use super::rates::{Rate, Rates};
use super::unpoisoned;
use crate::config::Limits;
use crate::embedded::BrokerEvent;

/// New connections of an address that may come at once, in seconds of its rate.
const BURST_S: u32 = 10;

/// How long the first wrong password of an address delays its answer; each next one twice as long.
const DELAY: Duration = Duration::from_millis(250);

/// The longest such delay. With it an address tries some 20,000 passwords a day.
const DELAY_MAX: Duration = Duration::from_secs(4);

/// How long an address keeps its wrong passwords.
const REMEMBERED: Duration = Duration::from_secs(15 * 60);

/// Wrong passwords of an address that are told to whoever runs the gate, and each time they double.
const TOLD_FROM: u32 = 5;

/// How long it counts that somebody was let in from an address: as long as a session waits for its client.
const LATELY: Duration = Duration::from_secs(24 * 3_600);

/// Addresses that are remembered without having a connection.
const ADDRESSES: usize = 4_096;

/// The bits of an address of IPv6 that tell one line from another.
const HOUSEHOLD: u128 = !0 << 64;

/// The watch over all addresses.
#[derive(Debug)]
pub(super) struct Guard {
    limits: Limits,
    visits: Arc<Mutex<HashMap<IpAddr, Visits>>>,
    events: Sender<BrokerEvent>,
    /// Of each party that ever came in: there are no more than the roster has.
    parties: Mutex<HashMap<PartyId, Arc<Mutex<Rates>>>>,
}

#[derive(Debug)]
struct Visits {
    open: usize,
    rate: Rate,
    wrong: u32,
    latest: Instant,
    /// When the next password may be looked at: the last wrong one holds it up, whether or not whoever
    /// showed it waits for the answer.
    until: Instant,
    /// Whether somebody came in from there by a password.
    known: bool,
    /// When somebody was let in from there last.
    let_in: Option<Instant>,
    /// Whose password is looked at: one of an address at a time.
    turn: Arc<tokio::sync::Mutex<()>>,
}

/// One connection's place; given back when dropped. A password that is looked at has a share of it, so that
/// it counts however soon the connection is gone.
#[derive(Debug)]
pub(super) struct Visit {
    /// Whence it came.
    from: IpAddr,
    /// To what that is charged.
    address: IpAddr,
    visits: Arc<Mutex<HashMap<IpAddr, Visits>>>,
    events: Sender<BrokerEvent>,
}

impl Guard {
    pub(super) fn new(limits: Limits, events: Sender<BrokerEvent>) -> Self {
        Self {
            limits,
            visits: Arc::default(),
            events,
            parties: Mutex::default(),
        }
    }

    /// How many sessions a party may have; processes of this machine share one name.
    pub(super) fn sessions(&self, who: Who) -> usize {
        match who {
            Who::Own => usize::MAX,
            Who::Party(_) => self.limits.sessions,
        }
    }

    /// How quickly a client may publish: a party over all of its connections together, so that it gains
    /// nothing by coming again.
    pub(super) fn rates(&self, who: Who) -> Arc<Mutex<Rates>> {
        let fresh = || Arc::new(Mutex::new(Rates::new(self.limits)));
        match who {
            Who::Own => fresh(),
            Who::Party(party) => {
                let mut parties = unpoisoned(&self.parties);
                Arc::clone(parties.entry(party).or_insert_with(fresh))
            }
        }
    }

    /// Lets a connection of an address in; `None` if it has too many, or too many came at once.
    pub(super) fn enter(&self, from: IpAddr) -> Option<Arc<Visit>> {
        let address = household(from);
        let now = Instant::now();
        let mut visits = unpoisoned(&self.visits);
        if visits.len() > ADDRESSES {
            let guessed = |it: &Visits| it.wrong > 0 && it.is_fresh(now);
            visits.retain(|_, it| it.open > 0 || it.known || it.is_familiar(now) || guessed(it));
        }
        let limits = self.limits;
        let visit = visits.entry(address).or_insert_with(|| Visits {
            open: 0,
            rate: Rate::new(limits.connections_per_s, BURST_S, now),
            wrong: 0,
            latest: now,
            until: now,
            known: false,
            let_in: None,
            turn: Arc::default(),
        });
        if visit.open >= limits.connections || !visit.rate.take(now) {
            return None;
        }
        visit.open += 1;
        Some(Arc::new(Visit {
            from,
            address,
            visits: Arc::clone(&self.visits),
            events: self.events.clone(),
        }))
    }
}

impl Visit {
    /// Whoever holds this has its password looked at; the others of its address wait.
    pub(super) fn turn(&self) -> Arc<tokio::sync::Mutex<()>> {
        let visits = unpoisoned(&self.visits);
        visits
            .get(&self.address)
            .map_or_else(Arc::default, |it| Arc::clone(&it.turn))
    }

    /// Whether somebody came in from its address by a password since the gate opened.
    pub(super) fn is_known(&self) -> bool {
        let visits = unpoisoned(&self.visits);
        visits.get(&self.address).is_some_and(|it| it.known)
    }

    /// Whether somebody was let in from its address lately.
    pub(super) fn is_familiar(&self) -> bool {
        let visits = unpoisoned(&self.visits);
        let visits = visits.get(&self.address);
        visits.is_some_and(|it| it.is_familiar(Instant::now()))
    }

    /// It is let in.
    pub(super) fn let_in(&self) {
        let mut visits = unpoisoned(&self.visits);
        if let Some(visit) = visits.get_mut(&self.address) {
            visit.let_in = Some(Instant::now());
        }
    }

    /// How long its address has to rest before its next password is looked at.
    pub(super) fn rest(&self) -> Duration {
        let visits = unpoisoned(&self.visits);
        let until = visits.get(&self.address).map(|it| it.until);
        until.map_or(Duration::ZERO, |it| {
            it.saturating_duration_since(Instant::now())
        })
    }

    /// Its password is right.
    pub(super) fn right_password(&self) {
        let mut visits = unpoisoned(&self.visits);
        if let Some(visit) = visits.get_mut(&self.address) {
            visit.known = true;
        }
    }

    /// Its password is wrong: so long the answer waits.
    pub(super) fn wrong_password(&self) -> Duration {
        let now = Instant::now();
        let mut visits = unpoisoned(&self.visits);
        let Some(visit) = visits.get_mut(&self.address) else {
            return DELAY;
        };
        if !visit.is_fresh(now) {
            visit.wrong = 0;
        }
        visit.wrong = visit.wrong.saturating_add(1);
        visit.latest = now;
        let doublings = (visit.wrong - 1).min(16);
        let multiple = visit.wrong / TOLD_FROM;
        let is_told = visit.wrong.is_multiple_of(TOLD_FROM) && multiple.is_power_of_two();
        let delay = (DELAY * 2_u32.pow(doublings)).min(DELAY_MAX);
        visit.until = now + delay;
        let times = visit.wrong;
        drop(visits);
        if is_told {
            self.alarm(times);
        }
        delay
    }

    /// Somebody guesses passwords. Whoever runs the gate is told, if there is room: another follows.
    fn alarm(&self, times: u32) {
        let address = self.from;
        tracing::warn!(%address, times, "passwords are guessed");
        let _ = self
            .events
            .try_send(BrokerEvent::Guessed { address, times });
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        let mut visits = unpoisoned(&self.visits);
        if let Some(visit) = visits.get_mut(&self.address) {
            visit.open -= 1;
        }
    }
}

impl Visits {
    fn is_fresh(&self, now: Instant) -> bool {
        now.duration_since(self.latest) < REMEMBERED
    }

    fn is_familiar(&self, now: Instant) -> bool {
        let is_late = |at: Instant| now.saturating_duration_since(at) < LATELY;
        self.let_in.is_some_and(is_late)
    }
}

/// What counts as one address: of IPv6 all that one line is given, a /64, from which whoever has it can
/// take as many addresses as he likes (RFC 6177).
fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & HOUSEHOLD).into(),
    }
}

#[cfg(test)]
mod tests;
