//! Clients come and go: each has a seat in its session for as long as its connection lives.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use protocol::Wall;
use tokio::sync::Notify;

use super::{HELD_BACK_TO, Hub};
use crate::codec::packet::Connect;
use crate::gate::keeper::{Denial, Who};
use crate::gate::outbox::{Bells, Outbox};
use crate::gate::rates::Rates;
use crate::gate::router::Carried;
use crate::gate::table::{Edition, Session, Table};
use crate::gate::unpoisoned;

/// What a client comes in by.
#[derive(Clone, Copy, Debug)]
pub(in crate::gate) struct Pass {
    pub(in crate::gate) who: Who,
    /// By what it was judged.
    pub(in crate::gate) edition: Edition,
    /// The last moment at which its certificate counts, if it showed one.
    pub(in crate::gate) until: Option<Wall>,
}

/// A client's place in the gate.
#[derive(Debug)]
pub(in crate::gate) struct Seat {
    pub(in crate::gate) session: u64,
    pub(in crate::gate) connection: u64,
    pub(in crate::gate) who: Who,
    pub(in crate::gate) outbox: Arc<Mutex<Outbox>>,
    pub(in crate::gate) bells: Arc<Bells>,
    /// Rings when something was taken from it.
    pub(in crate::gate) taken: Notify,
    /// Whether a session of an earlier connection goes on.
    pub(in crate::gate) present: bool,
    /// What it may publish while an office that hears it is behind.
    pub(in crate::gate) held_back: Mutex<Rates>,
}

impl Hub {
    /// By what clients are judged now.
    pub(in crate::gate) fn edition(&self) -> Edition {
        unpoisoned(&self.table).edition
    }

    /// Seats a client, if there is room for another session. A connection that the client has elsewhere
    /// ends, and its will is told. A session goes on if neither of its connections is clean (MQTT 3.1.1,
    /// 3.1.2.4), and only with the party that it is of.
    ///
    /// Between the first look at a client and this lie seconds, in which its certificate or password may
    /// have been taken back or its key may have ended: so it is looked again under the lock under which
    /// who belongs no more is put off.
    pub(in crate::gate) fn enter(&self, connect: Connect, pass: Pass) -> Result<Seat, Denial> {
        let Pass {
            who,
            edition,
            until,
        } = pass;
        let mut table = unpoisoned(&self.table);
        if let Who::Party(party) = who {
            if edition != table.edition {
                return Err(Denial::Overtaken);
            }
            if !self.keeper.admits(who) {
                return Err(Denial::Stranger(party));
            }
        }
        let will = connect.will.as_ref().map(|will| &will.message);
        if will.is_some_and(|will| !self.keeper.may_write(who, will)) {
            return Err(Denial::Will);
        }
        let mut known = table.known(who, &connect.client);
        if let Some(number) = known {
            self.part(&mut table, number, true);
            let before = table.sessions.get(&number);
            if connect.clean || before.is_none_or(|session| session.clean) {
                table.end(number);
                known = None;
            }
        }
        if known.is_none() && !table.makes_room(who, self.guard.sessions(who)) {
            return Err(Denial::Full);
        }
        table.last += 1;
        let connection = table.last;
        let number = known.unwrap_or_else(|| table.begin(&connect, who));
        let session = table.sessions.get_mut(&number);
        let session = session.expect("it was known, or has begun");
        session.connection = connection;
        session.clean = connect.clean;
        session.will = connect.will.map(|will| will.message);
        session.until = until;
        session.left = None;
        session.is_waited_for = self.keeper.is_waited_for(who);
        let bells = Arc::new(Bells::default());
        unpoisoned(&session.outbox).attach(connection, Arc::clone(&bells));
        Ok(Seat {
            session: number,
            connection,
            who,
            outbox: Arc::clone(&session.outbox),
            bells,
            taken: Notify::new(),
            present: known.is_some(),
            held_back: Mutex::new(Rates::new(HELD_BACK_TO)),
        })
    }

    /// A connection has ended; with a goodbye its will is not told.
    pub(in crate::gate) fn leave(&self, seat: &Seat, with_goodbye: bool) {
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
    pub(super) fn part(&self, table: &mut Table, number: u64, tells_will: bool) {
        let Some(session) = table.sessions.get_mut(&number) else {
            return;
        };
        let will = session.will.take().filter(|_| tells_will);
        let mut outbox = unpoisoned(&session.outbox);
        outbox.detach(session.connection);
        session.connection = 0;
        session.left.get_or_insert_with(Instant::now);
        if let Some(will) = will {
            // Nobody is left to wait for room on its behalf: it waits in the router.
            self.router.submit(Carried {
                message: Arc::new(will),
                origin: None,
            });
        }
    }
}
