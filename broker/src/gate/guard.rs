//! What each address takes of the gate: connections at a time, new ones in a second, and wrong
//! passwords, each of which makes the next answer slower. And whose rates are whose.

mod book;
use book::{Book, Record};

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use protocol::PartyId;
use tokio::sync::mpsc::Sender;

use super::keeper::Who;
use super::rates::Rates;
use super::telling::Telling;
use super::unpoisoned;
use crate::config::Limits;
use crate::embedded::BrokerEvent;

/// How long the first wrong password of an address delays its answer; each next one twice as long.
const DELAY: Duration = Duration::from_millis(250);

/// The longest such delay. With it an address tries some 20,000 passwords a day.
const DELAY_MAX: Duration = Duration::from_secs(4);

/// Wrong passwords of an address that are told to whoever runs the gate, and each time they double.
const TOLD_FROM: u32 = 5;

/// Connections of an address from which somebody was let in lately that are not in yet and are no strangers:
/// more than an office's processes open at once. Whoever has let one in cannot fill the gate with silent
/// ones.
const EXPECTED: usize = 16;

/// The bits of an address of IPv6 that tell one line from another.
const HOUSEHOLD: u128 = !0 << 64;

/// The watch over all addresses.
#[derive(Debug)]
pub(super) struct Guard {
    limits: Limits,
    book: Arc<Mutex<Book>>,
    events: Sender<BrokerEvent>,
    /// Of who guesses passwords.
    telling: Arc<Telling>,
    /// Of each party that ever came in: there are no more than the roster has.
    parties: Mutex<HashMap<PartyId, Arc<Mutex<Rates>>>>,
}

/// One connection's place; given back when dropped. A password that is looked at has a share of it, so that
/// it counts however soon the connection is gone.
#[derive(Debug)]
pub(super) struct Visit {
    /// Whence it came.
    from: IpAddr,
    /// To what that is charged, if to anything.
    address: Option<IpAddr>,
    is_in: AtomicBool,
    book: Arc<Mutex<Book>>,
    telling: Arc<Telling>,
    events: Sender<BrokerEvent>,
}

impl Guard {
    pub(super) fn new(limits: Limits, events: Sender<BrokerEvent>) -> Self {
        Self {
            limits,
            book: Arc::default(),
            events,
            telling: Arc::default(),
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
        let is_in = unpoisoned(&self.book).enter(address, self.limits, Instant::now());
        is_in.then(|| self.visit(from, Some(address)))
    }

    /// Lets a connection in that came by a door of this machine's own processes. It is charged to no
    /// address: whatever else comes from this machine, as through a proxy, has its own of it and makes these
    /// neither late nor known.
    pub(super) fn enter_own(&self, from: IpAddr) -> Arc<Visit> {
        self.visit(from, None)
    }

    fn visit(&self, from: IpAddr, address: Option<IpAddr>) -> Arc<Visit> {
        Arc::new(Visit {
            from,
            address,
            is_in: AtomicBool::new(false),
            book: Arc::clone(&self.book),
            telling: Arc::clone(&self.telling),
            events: self.events.clone(),
        })
    }
}

impl Visit {
    /// Whoever holds this has its password looked at; the others of its address wait.
    pub(super) fn turn(&self) -> Arc<tokio::sync::Mutex<()>> {
        let turn = self.of_address(|it, _| Arc::clone(&it.turn));
        turn.unwrap_or_default()
    }

    /// Whether somebody came in from its address by a password lately.
    pub(super) fn is_known(&self) -> bool {
        self.of_address(|it, now| it.is_known(now)) == Some(true)
    }

    /// Whether it is to be expected: somebody was let in from its address lately, and no more than a few
    /// others of it have not been.
    pub(super) fn is_expected(&self) -> bool {
        self.of_address(|it, now| it.is_familiar(now) && it.outside() <= EXPECTED) == Some(true)
    }

    /// It is let in.
    pub(super) fn let_in(&self) {
        if !self.is_in.swap(true, Ordering::Relaxed) {
            self.of_address(Record::let_in);
        }
    }

    /// How long its address has to rest before its next password is looked at.
    pub(super) fn rest(&self) -> Duration {
        let rest = self.of_address(|it, now| it.until.saturating_duration_since(now));
        rest.unwrap_or_default()
    }

    /// Its password is right.
    pub(super) fn right_password(&self) {
        self.of_address(Record::right_password);
    }

    /// Its password is wrong: so long the answer waits.
    pub(super) fn wrong_password(&self) -> Duration {
        let counted = self.of_address(|it, now| {
            let times = it.wrong_password(now);
            let delay = (DELAY * 2_u32.pow((times - 1).min(16))).min(DELAY_MAX);
            it.until = now + delay;
            (times, delay)
        });
        let (times, delay) = counted.unwrap_or((1, DELAY));
        if times.is_multiple_of(TOLD_FROM) && (times / TOLD_FROM).is_power_of_two() {
            self.alarm(times);
        }
        delay
    }

    /// Somebody guesses passwords. Whoever runs the gate is told, if there is room: another follows.
    fn alarm(&self, times: u32) {
        let address = self.from;
        let Some(untold) = self.telling.one_more(Instant::now()) else {
            return;
        };
        tracing::warn!(%address, times, untold, "passwords are guessed");
        let _ = self
            .events
            .try_send(BrokerEvent::Guessed { address, times });
    }

    /// What is remembered of its address, and the time.
    fn of_address<T>(&self, look: impl FnOnce(&mut Record, Instant) -> T) -> Option<T> {
        let mut book = unpoisoned(&self.book);
        let record = self.address.and_then(|address| book.of(address));
        record.map(|it| look(it, Instant::now()))
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        if *self.is_in.get_mut() {
            self.of_address(Record::let_out);
        }
        if let Some(address) = self.address {
            unpoisoned(&self.book).leave(address, Instant::now());
        }
    }
}

/// What counts as one address: of IPv6 all that one line is given, a /64, from which whoever has it can
/// take as many addresses as he likes (RFC 6177).
fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        // Of the gate's own line: all machines on it have the same first half, and none has another's rest.
        IpAddr::V6(address) if address.is_unicast_link_local() => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & HOUSEHOLD).into(),
    }
}

#[cfg(test)]
mod tests;
