//! The middle of the gate: who is there, who wants what, and where each message goes.
//!
//! One lock guards the table of sessions, filters and retained messages, and each session's outbox
//! has its own; the table's is always taken first. Nothing waits for a socket under either.

mod upkeep;
pub(crate) use upkeep::Judged;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::Sender;
use tokio::sync::{Notify, Semaphore, watch};

use super::guard::Guard;
use super::keeper::{Keeper, Who};
use super::outbox::{Haste, Outbox, Parcel};
use super::router::{Carried, OUTSTANDING_BYTES, Origin, Router};
use super::table::{Session, Table};
use super::tally::Tally;
use super::unpoisoned;
use crate::codec::filter::Change;
use crate::codec::packet::{Connect, Message, Qos};
use crate::codec::write;
use crate::config::{Access, Limits};
use crate::embedded::BrokerEvent;

/// Filters of one session.
const FILTERS: usize = 256;

/// QoS 2 messages that a client may leave unreleased.
const UNRELEASED: usize = 1_024;

/// Bytes that one permit of the way through the router stands for.
const PERMIT_BYTES: usize = 256;

/// Permits of the way through the router.
const ROOM: usize = OUTSTANDING_BYTES / PERMIT_BYTES;

/// Bytes a millisecond of a client that publishes to one that is behind. An office in a storm sends less
/// than that; a flood becomes what its readers can read.
const HELD_BACK_BYTES: usize = 1_024;

/// How the filters of shared subscriptions begin, which 3.1.1 does not know and some brokers do.
const SHARED: &str = "$share/";

/// The answer to a filter that is not granted (MQTT 3.1.1, 3.9.3).
const NOT_GRANTED: u8 = 0x80;

/// The middle of a gate.
#[derive(Debug)]
pub(crate) struct Hub {
    table: Mutex<Table>,
    router: Arc<Router>,
    /// Room on the way through the router.
    room: Semaphore,
    pub(super) tally: Tally,
    pub(super) keeper: Keeper,
    pub(super) guard: Guard,
    events: Sender<BrokerEvent>,
    closing: watch::Sender<bool>,
}

/// A client's place in the gate.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) session: u64,
    pub(super) connection: u64,
    pub(super) who: Who,
    pub(super) outbox: Arc<Mutex<Outbox>>,
    /// Rings when there is something to take from the outbox, or when it is another's.
    pub(super) bell: Arc<Notify>,
    /// Whether a session of an earlier connection goes on.
    pub(super) present: bool,
}

/// Whether those who are there keep up with what they are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pace {
    /// They do.
    Kept,
    /// One of them is behind.
    Behind,
}

/// Why a client's packet ends its connection.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Offence {
    /// Too many filters.
    #[error("it asks for more than {FILTERS} filters")]
    Filters,
    /// Too many QoS 2 messages are not released.
    #[error("it leaves more than {UNRELEASED} messages of QoS 2 unreleased")]
    Unreleased,
    /// It is not the client's to write. An acknowledgement would say that it was taken.
    #[error("it published to {}, which is not its to write", .0.escape_debug())]
    Writing(String),
}

impl Hub {
    pub(super) fn new(
        router: Arc<Router>,
        (access, limits): (Access, Limits),
        events: Sender<BrokerEvent>,
    ) -> Self {
        Self {
            table: Mutex::default(),
            router,
            room: Semaphore::new(ROOM),
            tally: Tally::default(),
            keeper: Keeper::new(access),
            guard: Guard::new(limits),
            events,
            closing: watch::Sender::new(false),
        }
    }

    /// Seats a client; `None` if there is no room for another session. A connection that the client
    /// has elsewhere ends, and its will is told.
    pub(super) fn enter(&self, connect: Connect, who: Who) -> Option<Seat> {
        let mut table = unpoisoned(&self.table);
        let known = table.numbers.get(connect.client.as_str()).copied();
        if let Some(number) = known {
            self.part(&mut table, number, true);
        }
        if connect.clean
            && let Some(number) = known
        {
            table.end(number);
        }
        let known = table.numbers.get(connect.client.as_str()).copied();
        if known.is_none() && !table.makes_room() {
            return None;
        }
        table.last += 1;
        let connection = table.last;
        let number = known.unwrap_or_else(|| table.begin(&connect, who));
        let session = table.sessions.get_mut(&number)?;
        session.connection = connection;
        session.who = who;
        session.clean = connect.clean;
        session.will = connect.will.map(|will| will.message);
        session.left = None;
        let bell = Arc::new(Notify::new());
        unpoisoned(&session.outbox).attach(connection, Arc::clone(&bell));
        Some(Seat {
            session: number,
            connection,
            who,
            outbox: Arc::clone(&session.outbox),
            bell,
            present: known.is_some(),
        })
    }

    /// A connection has ended; with a goodbye its will is not told.
    pub(super) fn leave(&self, seat: &Seat, with_goodbye: bool) {
        let mut table = unpoisoned(&self.table);
        let session = table.sessions.get(&seat.session);
        if session.is_none_or(|session| session.connection != seat.connection) {
            return;
        }
        self.part(&mut table, seat.session, !with_goodbye);
        let gone = |session: &Session| session.clean;
        if table.sessions.get(&seat.session).is_some_and(gone) {
            table.end(seat.session);
        }
    }

    /// Parts a session from the connection that it has.
    fn part(&self, table: &mut Table, number: u64, tells_will: bool) {
        let Some(session) = table.sessions.get_mut(&number) else {
            return;
        };
        let will = session.will.take().filter(|_| tells_will);
        let mut outbox = unpoisoned(&session.outbox);
        outbox.detach(session.connection);
        session.connection = 0;
        session.left.get_or_insert_with(Instant::now);
        if let Some(will) = will {
            // Wills are few and no client waits for room on their behalf.
            self.router.submit(Carried {
                message: Arc::new(will),
                origin: None,
            });
        }
    }

    /// Grants filters as they stand, answers, and tells what is retained.
    pub(super) fn subscribe(
        &self,
        seat: &Seat,
        id: u16,
        filters: Vec<(String, Qos)>,
    ) -> Result<(), Offence> {
        let mut table = unpoisoned(&self.table);
        let table = &mut *table;
        let Some(session) = table.sessions.get_mut(&seat.session) else {
            return Ok(());
        };
        let mut codes = Vec::with_capacity(filters.len());
        let mut granted = Vec::with_capacity(filters.len());
        for (filter, qos) in filters {
            // A share of a subscription would be granted and mean nothing here; the other is not its own.
            if filter.starts_with(SHARED) || !self.keeper.may_read(seat.who, &filter) {
                codes.push(NOT_GRANTED);
                continue;
            }
            match table.filters.insert(&filter, seat.session, qos) {
                Change::Refused => {
                    codes.push(NOT_GRANTED);
                    continue;
                }
                Change::Added => session.filters.push(filter.clone()),
                Change::Replaced => {}
            }
            if session.filters.len() > FILTERS {
                return Err(Offence::Filters);
            }
            codes.push(qos.level());
            granted.push((filter, qos));
        }
        let mut outbox = unpoisoned(&session.outbox);
        outbox.answer(seat.connection, |to| write::suback(to, id, &codes));
        for (filter, qos) in &granted {
            for message in table.retained.matching(filter) {
                let parcel = Parcel {
                    message: Arc::clone(message),
                    qos: message.qos().min(*qos),
                    retain: true,
                };
                outbox.keep(parcel, Haste::of(message.topic()));
            }
        }
        Ok(())
    }

    /// Takes filters back and answers, whether or not they were granted (MQTT 3.1.1, 3.10.4).
    pub(super) fn unsubscribe(&self, seat: &Seat, id: u16, filters: &[String]) {
        let mut table = unpoisoned(&self.table);
        let table = &mut *table;
        if let Some(session) = table.sessions.get_mut(&seat.session) {
            session.filters.retain(|filter| !filters.contains(filter));
            for filter in filters {
                table.filters.remove(filter, seat.session);
            }
        }
        let mut outbox = unpoisoned(&seat.outbox);
        outbox.answer(seat.connection, |to| write::unsuback(to, id));
    }

    /// A client publishes. Waits for room on the way through the router, and for who hears it and is
    /// behind: who floods, waits.
    pub(super) async fn publish(
        &self,
        seat: &Seat,
        message: Message,
        id: u16,
    ) -> Result<(), Offence> {
        if !self.keeper.may_write(seat.who, &message) {
            return Err(Offence::Writing(message.topic().to_owned()));
        }
        if message.qos() == Qos::ExactlyOnce {
            let mut outbox = unpoisoned(&seat.outbox);
            if !outbox.receive(id) {
                outbox.answer(seat.connection, |to| write::pubrec(to, id));
                return Ok(());
            }
            if outbox.unreleased() > UNRELEASED {
                return Err(Offence::Unreleased);
            }
        }
        if unpoisoned(&seat.outbox).is_held_back() {
            let milliseconds = 1 + message.bytes().len() / HELD_BACK_BYTES;
            tokio::time::sleep(Duration::from_millis(milliseconds as u64)).await;
        }
        // The semaphore is never closed.
        if let Ok(room) = self.room.acquire_many(permits(&message)).await {
            room.forget();
        }
        self.tally.received();
        self.router.submit(Carried {
            message: Arc::new(message),
            origin: Some(Origin {
                session: seat.session,
                connection: seat.connection,
                id,
            }),
        });
        Ok(())
    }

    /// Messages have come through the router: each goes where it is wanted, and is acknowledged.
    pub(super) fn route(&self, messages: Vec<Carried>) {
        let mut table = unpoisoned(&self.table);
        let mut wanted = Vec::new();
        let mut overfull = Vec::new();
        for carried in messages {
            let message = carried.message;
            let has_origin = carried.origin.is_some();
            if has_origin {
                self.room.add_permits(permits(&message) as usize);
            }
            let pace = self.spread(&mut table, &message, (&mut wanted, &mut overfull));
            if let Some(origin) = carried.origin
                && let Some(session) = table.sessions.get(&origin.session)
                && (message.qos() > Qos::AtMostOnce || pace == Pace::Behind)
            {
                let mut outbox = unpoisoned(&session.outbox);
                if pace == Pace::Behind {
                    outbox.holds_back();
                }
                outbox.answer(origin.connection, |to| match message.qos() {
                    Qos::ExactlyOnce => write::pubrec(to, origin.id),
                    Qos::AtLeastOnce => write::puback(to, origin.id),
                    Qos::AtMostOnce => {}
                });
            }
        }
        for number in overfull {
            self.evict(&mut table, number);
        }
    }

    /// A message of the gate's own: what stands below `$SYS`.
    pub(super) fn tell(&self, message: Message) {
        let mut table = unpoisoned(&self.table);
        let (mut wanted, mut overfull) = (Vec::new(), Vec::new());
        let message = Arc::new(message);
        self.spread(&mut table, &message, (&mut wanted, &mut overfull));
        for number in overfull {
            self.evict(&mut table, number);
        }
    }

    fn spread(
        &self,
        table: &mut Table,
        message: &Arc<Message>,
        (wanted, overfull): (&mut Vec<(u64, Qos)>, &mut Vec<u64>),
    ) -> Pace {
        if message.retain() && table.retained.keep(message).is_err() {
            self.tally.unretained();
        }
        wanted.clear();
        table.filters.collect(message.topic(), wanted);
        let haste = Haste::of(message.topic());
        let mut pace = Pace::Kept;
        for (number, qos) in wanted.drain(..) {
            let Some(session) = table.sessions.get(&number) else {
                continue;
            };
            let parcel = Parcel {
                message: Arc::clone(message),
                qos: message.qos().min(qos),
                retain: false,
            };
            let mut outbox = unpoisoned(&session.outbox);
            match outbox.push(parcel, haste) {
                Ok(()) => self.tally.told(),
                Err(_) if overfull.contains(&number) => {}
                Err(_) => overfull.push(number),
            }
            if outbox.is_behind() {
                pace = Pace::Behind;
            }
        }
        pace
    }

    /// A session that holds more than it may ends, connection and all.
    fn evict(&self, table: &mut Table, number: u64) {
        let Some(session) = table.sessions.get(&number) else {
            return;
        };
        tracing::warn!(client = %session.client.escape_debug(), "the session is closed: its reader is too slow");
        self.tally.slow();
        self.part(table, number, true);
        table.end(number);
    }
}

fn permits(message: &Message) -> u32 {
    let bytes = message.bytes().len().min(OUTSTANDING_BYTES);
    u32::try_from(bytes.div_ceil(PERMIT_BYTES).max(1)).unwrap_or(1)
}

#[cfg(test)]
mod tests;
