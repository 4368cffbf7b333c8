//! The middle of the gate: who is there, who wants what, and where each message goes.
//!
//! One lock guards the table of sessions, filters and retained messages, and each session's outbox
//! has its own; the table's is always taken first. Nothing waits for a socket under either.

mod seats;
pub(super) use seats::{Pass, Seat};

mod upkeep;
pub(crate) use upkeep::Judged;

mod wishes;
use wishes::FILTERS;

use std::sync::{Arc, Mutex};
use std::time::Instant;

use tokio::sync::mpsc::Sender;
use tokio::sync::{Semaphore, watch};

use super::client::End;
use super::guard::Guard;
use super::keeper::Keeper;
use super::parcel::{Haste, Parcel};
use super::rates::Charge;
use super::router::{Carried, OUTSTANDING_BYTES, Origin, Router};
use super::table::Table;
use super::tally::Tally;
use super::telling::Telling;
use super::unpoisoned;
use crate::codec::packet::{Message, Qos};
use crate::codec::write;
use crate::config::Limits;
use crate::embedded::BrokerEvent;
use crate::limit;

/// QoS 2 messages that a client may leave unreleased.
const UNRELEASED: usize = 1_024;

/// Bytes that one permit of the way through the router stands for.
const PERMIT_BYTES: usize = 256;

/// Permits of the way through the router.
const ROOM: usize = OUTSTANDING_BYTES / PERMIT_BYTES;

/// Messages that a client may publish in a second while an office to which it publishes is behind, with as
/// many again at once. An office in a storm says less than that and is not held up; a flood becomes what its
/// readers can read.
const HELD_BACK: u32 = 1_000;

/// Their bytes.
const HELD_BACK_BYTES: u32 = 1024 * 1024;

/// Both.
const HELD_BACK_TO: Limits = Limits {
    messages_per_s: HELD_BACK,
    bytes_per_s: HELD_BACK_BYTES,
    ..Limits::OWN
};

/// The middle of a gate.
#[derive(Debug)]
pub(crate) struct Hub {
    table: Mutex<Table>,
    router: Arc<Router>,
    /// Room on the way through the router.
    room: Semaphore,
    pub(super) tally: Tally,
    pub(super) telling: Telling,
    /// Of readers that are too slow: strangers take no line of theirs.
    telling_slow: Telling,
    pub(super) keeper: Keeper,
    pub(super) guard: Guard,
    closing: watch::Sender<bool>,
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
    /// It is not the client's to write, to a topic that begins so. An acknowledgement would say that it was
    /// taken.
    #[error("it published to {0}, which is not its to write")]
    Writing(String),
}

impl Hub {
    pub(super) fn new(
        router: Arc<Router>,
        (keeper, limits): (Keeper, Limits),
        events: Sender<BrokerEvent>,
    ) -> Self {
        Self {
            table: Mutex::default(),
            router,
            room: Semaphore::new(ROOM),
            tally: Tally::default(),
            telling: Telling::default(),
            telling_slow: Telling::default(),
            keeper,
            guard: Guard::new(limits, events),
            closing: watch::Sender::new(false),
        }
    }

    /// A client publishes. Waits for room on the way through the router, and for who hears it and is
    /// behind: who floods, waits.
    pub(super) async fn publish(&self, seat: &Seat, message: Message, id: u16) -> Result<(), End> {
        if !self.keeper.may_write(seat.who, &message) {
            let topic = protocol::sanitise(message.topic(), limit::TOLD_CHARS);
            return Err(Offence::Writing(topic).into());
        }
        if message.qos() == Qos::ExactlyOnce {
            let mut outbox = unpoisoned(&seat.outbox);
            if outbox.has_received(id, &message) {
                outbox.answer(seat.connection, |to| write::pubrec(to, id));
                return Ok(());
            }
        }
        if unpoisoned(&seat.outbox).is_held_back() {
            let charge = Charge {
                messages: 1,
                bytes: message.bytes().len(),
            };
            let rest = unpoisoned(&seat.held_back).rest_after(charge);
            tokio::time::sleep(rest).await;
        }
        let room = self.room.acquire_many(permits(&message)).await;
        let room = room.expect("the semaphore is never closed");
        // From here on nothing waits: a connection that ends leaves it noted and on its way, or neither.
        let mut outbox = unpoisoned(&seat.outbox);
        if !outbox.is_of(seat.connection) {
            // Who was put off says nothing more. A client that is elsewhere by now brings it again there.
            return Err(End::Replaced);
        }
        if message.qos() == Qos::ExactlyOnce {
            if outbox.unreleased_beside(id) >= UNRELEASED {
                // It is not noted, or it would be taken for passed on when it comes again.
                return Err(Offence::Unreleased.into());
            }
            outbox.receive(id, &message);
        }
        drop(outbox);
        room.forget();
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
            if session.is_waited_for && outbox.is_behind() {
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
        if let Some(untold) = self.telling_slow.one_more(Instant::now()) {
            let client = session.client.escape_debug();
            tracing::warn!(%client, untold, "the session is closed: its reader is too slow");
        }
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
