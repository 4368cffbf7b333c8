//! What is done about all sessions together: the roster changes, keys end, clients stay away.

use std::time::{Duration, Instant};

use protocol::AccessList;

use super::{Hub, ROOM};
use crate::config::Passwords;
use crate::gate::burden;
use crate::gate::keeper::{Who, wall};
use crate::gate::table::{Session, Table};
use crate::gate::unpoisoned;

/// How long a session waits for its client to come back.
pub(super) const EXPIRY: Duration = Duration::from_secs(24 * 3_600);

/// How often it is looked whose key or certificate has ended and how much waits for whom: nobody is on the
/// bus that much longer, and nobody publishes more in it than its rate.
const WATCH: Duration = Duration::from_secs(1);

/// How often a gate that closes looks whether all is told.
const LOOK: Duration = Duration::from_millis(10);

/// How many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::gate) struct Census {
    pub(in crate::gate) clients: usize,
    pub(in crate::gate) sessions: usize,
    pub(in crate::gate) retained: usize,
}

/// How certificates are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Judged {
    /// By the same authority and the same revocations.
    AsBefore,
    /// By others.
    Anew,
}

impl Hub {
    /// The roster has changed: who does not belong any more is off, and who may read less hears less.
    pub(crate) fn admit(&self, list: AccessList) {
        self.keeper.admit(list);
        self.review();
    }

    /// Puts off whose key or certificate ends when it ends, and sees to it that nobody fills the memory, for
    /// as long as the gate runs. It is looked again and again instead of waited for, because a clock may be
    /// set.
    pub(in crate::gate) async fn keep_watch(&self) {
        let mut looks = tokio::time::interval(WATCH);
        let mut before = wall();
        loop {
            looks.tick().await;
            let now = wall();
            if self.keeper.has_end_between(before, now) {
                self.review();
            }
            let has_ended = |session: &Session| session.until.is_some_and(|until| until < now);
            self.put_off(&mut unpoisoned(&self.table), has_ended);
            self.unburden();
            before = now;
        }
    }

    /// Ends sessions until no more waits than may for any party, and for all of them.
    pub(super) fn unburden(&self) {
        let mut table = unpoisoned(&self.table);
        let over = burden::too_much(table.burdens());
        for number in over {
            self.evict(&mut table, number);
        }
    }

    /// Passwords are what they now are, and certificates may be judged otherwise than before: whoever came
    /// in by either, if they are, is asked anew.
    pub(crate) fn renew(&self, passwords: Passwords, judged: Judged) {
        let is_new = self.keeper.renew(passwords);
        if !is_new && judged == Judged::AsBefore {
            return;
        }
        let mut table = unpoisoned(&self.table);
        // Who is on its way in was judged by what counted before.
        table.edition = table.edition.next();
        self.put_off(&mut table, |session| session.who != Who::Own);
    }

    /// Ends the connections of who is there and is meant. No will is told: it was put off, and whether it
    /// is well nobody knows.
    fn put_off(&self, table: &mut Table, is_meant: impl Fn(&Session) -> bool) {
        let sessions = table.sessions.iter();
        let there = sessions.filter(|(_, it)| it.left.is_none() && is_meant(it));
        let there: Vec<(u64, bool)> = there.map(|(number, it)| (*number, it.clean)).collect();
        for (number, clean) in there {
            self.part(table, number, false);
            if clean {
                table.end(number);
            }
        }
    }

    /// Ends the sessions of who does not belong, and filters that are not granted any more.
    fn review(&self) {
        let mut table = unpoisoned(&self.table);
        let table = &mut *table;
        let numbers: Vec<u64> = table.sessions.keys().copied().collect();
        for number in numbers {
            let Some(session) = table.sessions.get_mut(&number) else {
                continue;
            };
            let who = session.who;
            if !self.keeper.admits(who) {
                self.part(table, number, false);
                table.end(number);
                continue;
            }
            session.filters.retain(|filter| {
                let may = self.keeper.may_read(who, filter);
                if !may {
                    table.filters.remove(filter, number);
                }
                may
            });
        }
    }

    /// Ends the sessions whose clients did not come back; says how many clients and sessions there are.
    pub(in crate::gate) fn sweep(&self, now: Instant) -> Census {
        let mut table = unpoisoned(&self.table);
        let sessions = table.sessions.iter();
        let away = |(number, it): (&u64, &Session)| Some((*number, it.left?));
        let away: Vec<(u64, Instant)> = sessions.filter_map(away).collect();
        let is_over = |left: &Instant| now.saturating_duration_since(*left) > EXPIRY;
        for (number, _) in away.iter().filter(|(_, left)| is_over(left)) {
            table.end(*number);
        }
        Census {
            clients: table
                .sessions
                .values()
                .filter(|it| it.left.is_none())
                .count(),
            sessions: table.sessions.len(),
            retained: table.retained.count(),
        }
    }

    /// From now on nobody comes in and nothing is read; what was read is told.
    pub(in crate::gate) fn close(&self) {
        self.closing.send_replace(true);
    }

    /// Waits until the gate closes.
    pub(in crate::gate) async fn closed(&self) {
        let mut closing = self.closing.subscribe();
        // The sender lives as long as the hub.
        let _ = closing.wait_for(|closing| *closing).await;
    }

    /// Waits until all that was published has been acknowledged and told to who is there.
    pub(in crate::gate) async fn drained(&self) {
        let mut looks = tokio::time::interval(LOOK);
        loop {
            looks.tick().await;
            let table = unpoisoned(&self.table);
            let mut there = table.sessions.values().filter(|it| it.left.is_none());
            if self.room.available_permits() == ROOM
                && there.all(|session| unpoisoned(&session.outbox).is_told())
            {
                return;
            }
        }
    }
}
