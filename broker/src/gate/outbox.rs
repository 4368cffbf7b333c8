//! What one session is still to be told: messages that wait, messages under way, acknowledgements.
//!
//! It outlives its connections. No socket and no clock is in it: a connection takes bytes from it
//! and puts acknowledgements in. What does not fit is never dropped in silence; the session ends,
//! and its client is told so by the next CONNACK, which says that no session is present.

mod line;
pub(super) use line::Bells;
use line::Line;

mod gist;
use gist::Gist;

mod uptake;
use uptake::Uptake;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use bytes::BytesMut;

use crate::codec::packet::{Message, Qos};
use crate::codec::write::{self, Delivery};
use crate::gate::parcel::{Haste, Parcel};
use crate::gate::retained;

/// Messages under way without their acknowledgement; the rest wait behind them.
pub(super) const WINDOW: usize = 128;

/// Messages that wait for one session. At the pace of a region's nine offices in a storm (4,000
/// a second, bus.md section 17) a reader may stand still for 25 s.
const WAITING: usize = 100_000;

/// Bytes that wait for one session.
const WAITING_BYTES: usize = 64 * 1024 * 1024;

/// Retained messages, and their bytes, for which there is room besides: as many as a gate keeps, so that
/// whoever subscribes hears all of them.
const RETAINED: usize = retained::TOPICS;
const RETAINED_BYTES: usize = retained::BYTES;

/// Messages that wait for a client that is there and reads, beyond which whoever publishes more to it is
/// held back. With all that may be on its way through the router it is far from [`WAITING`], so that a
/// reader that reads keeps its session whoever floods it.
const BEHIND: usize = 10_000;

/// Their bytes.
const BEHIND_BYTES: usize = 8 * 1024 * 1024;

/// Bytes of answers that wait for a client, beyond which nothing more is read of it until it takes them.
const ANSWERS_BYTES: usize = 256 * 1024;

/// What a message takes of memory besides its own bytes, about: its places in the queue and in the heap.
const PARCEL_BYTES: usize = 128;

/// Bytes that are handed to a connection at a time.
const PORTION: usize = 64 * 1024;

/// How far a message under way has come.
#[derive(Clone, Debug)]
enum Under {
    /// Published; its acknowledgement is awaited.
    Way(Parcel),
    /// Received by the other side, for QoS 2; its release is to be completed.
    Release,
}

/// What a session is to be told.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    waiting: [VecDeque<Parcel>; 3],
    waiting_count: usize,
    waiting_bytes: usize,
    /// Retained messages that wait, each by where it lies in memory, with the greatest QoS: what is
    /// asked for again comes once.
    retained: BTreeMap<usize, Qos>,
    /// In the order in which they were first told, by their packet id.
    under: BTreeMap<u16, Under>,
    order: VecDeque<u16>,
    /// Ids that are told again on a new connection before anything else.
    again: VecDeque<u16>,
    last_id: u16,
    /// QoS 2 messages of the client that it has not released yet, by their packet id.
    received: BTreeMap<u16, Gist>,
    /// Acknowledgements and answers, ready to be sent.
    answers: BytesMut,
    line: Line,
    uptake: Uptake,
    /// Whether something that its client published is for a client that is behind.
    floods: bool,
}

/// It holds more than it may.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Overfull;

impl Outbox {
    /// A connection takes over; what was under way is told again.
    pub(super) fn attach(&mut self, connection: u64, bells: Arc<Bells>) {
        self.line.open(connection, bells);
        self.answers.clear();
        self.again = self.order.clone();
    }

    /// The connection is gone, unless another has taken over.
    pub(super) fn detach(&mut self, connection: u64) -> bool {
        let is_it = self.is_of(connection);
        if is_it {
            self.line.hang_up();
            self.answers = BytesMut::new();
            // Nobody acknowledges what was told without one.
            for queue in &mut self.waiting {
                let keeps = |parcel: &Parcel| parcel.qos > Qos::AtMostOnce;
                let (count, bytes) = (queue.len(), sum(queue));
                queue.retain(keeps);
                self.waiting_count -= count - queue.len();
                self.waiting_bytes -= bytes - sum(queue);
            }
            self.retained.retain(|_, qos| *qos > Qos::AtMostOnce);
        }
        is_it
    }

    /// Its session has ended: nobody is told anything more, and a connection that has it is off. The last
    /// of its connections may hold it for a while.
    pub(super) fn close(&mut self) {
        self.line.hang_up();
        *self = Self::default();
    }

    /// What it keeps in memory, in bytes. What lies in several outboxes counts in each.
    pub(super) fn weight(&self) -> usize {
        let under = self.under.values().map(|under| match under {
            Under::Way(parcel) => parcel.message.bytes().len(),
            Under::Release => 0,
        });
        let count = self.waiting_count + self.under.len();
        self.waiting_bytes + under.sum::<usize>() + count * PARCEL_BYTES
    }

    /// Whether this connection has it.
    pub(super) fn is_of(&self, connection: u64) -> bool {
        self.line.is_of(connection)
    }

    /// Whether nothing waits to be written; what was written may still lack its acknowledgement.
    pub(super) fn is_told(&self) -> bool {
        self.waiting_count == 0 && self.answers.is_empty()
    }

    /// Something to be told. Without a connection and an acknowledgement it is not kept (MQTT 3.1.1,
    /// 3.1.2.4).
    pub(super) fn push(&mut self, parcel: Parcel, haste: Haste) -> Result<(), Overfull> {
        if !self.line.is_open() && parcel.qos == Qos::AtMostOnce {
            return Ok(());
        }
        let bytes = parcel.message.bytes().len();
        if self.waiting_count >= WAITING || self.waiting_bytes + bytes > WAITING_BYTES {
            return Err(Overfull);
        }
        self.put(parcel, haste);
        Ok(())
    }

    /// Whether its client is there, reads, and is behind with its reading.
    pub(super) fn is_behind(&self) -> bool {
        let is_much = self.waiting_count > BEHIND || self.waiting_bytes > BEHIND_BYTES;
        is_much && !self.uptake.stands_still() && self.line.is_open()
    }

    /// Its client has published to one that is behind.
    pub(super) fn holds_back(&mut self) {
        self.floods = true;
    }

    /// Whether its client is to be held back before it publishes again; once for each time it was said.
    pub(super) fn is_held_back(&mut self) -> bool {
        std::mem::take(&mut self.floods)
    }

    /// A retained message to be told, unless it waits already.
    pub(super) fn keep(&mut self, parcel: Parcel, haste: Haste) -> Result<(), Overfull> {
        let place = place_of(&parcel.message);
        if self
            .retained
            .get(&place)
            .is_some_and(|qos| *qos >= parcel.qos)
        {
            return Ok(());
        }
        let bytes = self.waiting_bytes + parcel.message.bytes().len();
        if self.waiting_count >= WAITING + RETAINED || bytes > WAITING_BYTES + RETAINED_BYTES {
            return Err(Overfull);
        }
        self.retained.insert(place, parcel.qos);
        self.put(parcel, haste);
        Ok(())
    }

    fn put(&mut self, parcel: Parcel, haste: Haste) {
        let bytes = parcel.message.bytes().len();
        self.waiting_count += 1;
        self.waiting_bytes += bytes;
        self.uptake.came(bytes);
        self.waiting[haste as usize].push_back(parcel);
        self.line.ring();
    }

    /// An answer to the client, on this connection alone.
    pub(super) fn answer(&mut self, connection: u64, say: impl FnOnce(&mut BytesMut)) {
        if self.is_of(connection) {
            say(&mut self.answers);
            self.line.ring();
        }
    }

    /// Whether a QoS 2 message came before, and is not to be passed on again.
    ///
    /// It is the one that its packet id names if it says the same. A client that lost what it knew, as with
    /// its process, numbers from the beginning, and under an id that it never released sends another: to
    /// acknowledge that unheard would lose it. DUP does not tell the two apart. It is clear in what is sent
    /// for the first time \[MQTT-3.3.1-1\], but of that the first copy may have been lost on the way, and
    /// whoever hears DUP cannot assume to have heard an earlier one (MQTT 3.1.1, 3.3.1.1).
    pub(super) fn has_received(&self, id: u16, message: &Message) -> bool {
        self.received.get(&id) == Some(&Gist::of(message))
    }

    /// Whether more answers wait than a client may leave untaken.
    pub(super) fn is_unheard(&self) -> bool {
        self.answers.len() > ANSWERS_BYTES
    }

    /// A QoS 2 message is on its way to who wants it, and the one that had its id before is released: the
    /// client has forgotten it.
    pub(super) fn receive(&mut self, id: u16, message: &Message) {
        self.received.insert(id, Gist::of(message));
    }

    /// The client releases a QoS 2 message; `false` if there is none.
    pub(super) fn release(&mut self, connection: u64, id: u16) -> bool {
        self.answer(connection, |to| write::pubcomp(to, id));
        self.received.remove(&id).is_some()
    }

    /// QoS 2 messages under other ids that the client has not released.
    pub(super) fn unreleased_beside(&self, id: u16) -> usize {
        self.received.len() - usize::from(self.received.contains_key(&id))
    }

    /// The client has a QoS 1 message. In whatever order; one that nobody waits for means nothing, and
    /// is `false`.
    pub(super) fn acknowledged(&mut self, id: u16) -> bool {
        let is_first = |parcel: &Parcel| parcel.qos == Qos::AtLeastOnce;
        let is_due = matches!(self.under.get(&id), Some(Under::Way(parcel)) if is_first(parcel));
        if is_due {
            self.end(id);
            self.line.ring();
        }
        is_due
    }

    /// The client has received a QoS 2 message; it is to forget the id next. `false` if that is not new.
    pub(super) fn arrived(&mut self, connection: u64, id: u16) -> bool {
        let is_due = match self.under.get_mut(&id) {
            Some(Under::Way(parcel)) if parcel.qos != Qos::ExactlyOnce => return false,
            Some(under) => matches!(std::mem::replace(under, Under::Release), Under::Way(_)),
            // An id that nobody knows is released, so that the client forgets it too.
            None => false,
        };
        if is_due {
            self.uptake.took();
        }
        self.answer(connection, |to| write::pubrel(to, id));
        is_due
    }

    /// The client has forgotten a QoS 2 message; `false` if it was told to forget none.
    pub(super) fn completed(&mut self, id: u16) -> bool {
        let is_due = matches!(self.under.get(&id), Some(Under::Release));
        if is_due {
            self.end(id);
            self.line.ring();
        }
        is_due
    }

    /// Appends what is to be sent now on this connection; `false` if it is no longer its.
    pub(super) fn take(&mut self, connection: u64, to: &mut BytesMut) -> bool {
        if !self.line.looks(connection) {
            return false;
        }
        if to.is_empty() {
            std::mem::swap(to, &mut self.answers);
        } else {
            to.extend_from_slice(&self.answers);
            self.answers.clear();
        }
        while to.len() < PORTION {
            let Some(id) = self.again.pop_front() else {
                break;
            };
            match self.under.get(&id) {
                Some(Under::Way(Parcel {
                    message,
                    qos,
                    retain,
                })) => {
                    let delivery = Delivery {
                        qos: *qos,
                        retain: *retain,
                        dup: true,
                        id,
                    };
                    write::publish(to, message, delivery);
                }
                Some(Under::Release) => write::pubrel(to, id),
                None => {}
            }
        }
        for haste in Haste::ALL {
            while to.len() < PORTION && self.tell_next(haste, to) {}
        }
        // Who has all that may be under way takes more when it acknowledges some.
        if self.under.len() < WINDOW {
            self.uptake.took();
        }
        true
    }

    /// Tells the next message of a haste, if there is one and the window has room.
    fn tell_next(&mut self, haste: Haste, to: &mut BytesMut) -> bool {
        let queue = &mut self.waiting[haste as usize];
        let Some(next) = queue.front() else {
            return false;
        };
        if next.qos > Qos::AtMostOnce && (self.under.len() >= WINDOW || !self.again.is_empty()) {
            return false;
        }
        let Some(parcel) = queue.pop_front() else {
            return false;
        };
        self.waiting_count -= 1;
        self.waiting_bytes -= parcel.message.bytes().len();
        let place = place_of(&parcel.message);
        if parcel.retain && self.retained.get(&place) == Some(&parcel.qos) {
            self.retained.remove(&place);
        }
        let id = match parcel.qos {
            Qos::AtMostOnce => 0,
            _ => self.free_id(),
        };
        let delivery = Delivery {
            qos: parcel.qos,
            retain: parcel.retain,
            dup: false,
            id,
        };
        write::publish(to, &parcel.message, delivery);
        if id != 0 {
            self.under.insert(id, Under::Way(parcel));
            self.order.push_back(id);
        }
        true
    }

    /// An id that is not under way: there are far more than the window has room for.
    fn free_id(&mut self) -> u16 {
        loop {
            self.last_id = self.last_id.wrapping_add(1);
            if self.last_id != 0 && !self.under.contains_key(&self.last_id) {
                return self.last_id;
            }
        }
    }

    fn end(&mut self, id: u16) {
        self.uptake.took();
        self.under.remove(&id);
        // Mostly the first: clients acknowledge in order.
        if let Some(place) = self.order.iter().position(|it| *it == id) {
            self.order.remove(place);
        }
    }
}

/// Where a message lies: no other lies there for as long as it waits.
fn place_of(message: &Arc<Message>) -> usize {
    Arc::as_ptr(message).addr()
}

fn sum(queue: &VecDeque<Parcel>) -> usize {
    queue.iter().map(|it| it.message.bytes().len()).sum()
}

#[cfg(test)]
mod tests;
