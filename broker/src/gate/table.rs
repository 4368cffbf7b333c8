//! The table of a gate: its sessions by number and by client, who wants what, and what is retained.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use protocol::Wall;

use super::burden::Burden;
use super::keeper::Who;
use super::outbox::Outbox;
use super::retained::Retained;
use super::unpoisoned;
use crate::codec::filter::Tree;
use crate::codec::packet::{Connect, Message};

/// Sessions at a time, with those whose clients are away.
pub(super) const SESSIONS: usize = 20_000;

/// By what clients are judged: certificates, revocations and passwords, each time they are read anew and
/// others count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Edition(u64);

/// All of it, under one lock.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) sessions: HashMap<u64, Session>,
    /// Each party's sessions by their clients: a party comes into no other's, whatever it calls itself.
    numbers: HashMap<Who, HashMap<Box<str>, u64>>,
    pub(super) filters: Tree<u64>,
    pub(super) retained: Retained,
    /// The number that was given last, to a session or a connection: none is ever given again.
    pub(super) last: u64,
    pub(super) edition: Edition,
}

/// A client's session, whether it is there or away.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) client: Box<str>,
    pub(super) who: Who,
    pub(super) clean: bool,
    pub(super) filters: Vec<String>,
    pub(super) outbox: Arc<Mutex<Outbox>>,
    pub(super) connection: u64,
    pub(super) will: Option<Message>,
    /// The last moment at which the certificate counts by which its client is there.
    pub(super) until: Option<Wall>,
    /// When its client left; `None` while it is there.
    pub(super) left: Option<Instant>,
    /// Whether others are held back while it is behind.
    pub(super) is_waited_for: bool,
}

impl Edition {
    /// The one that follows.
    pub(super) fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl Table {
    /// The session that a party's client has.
    pub(super) fn known(&self, who: Who, client: &str) -> Option<u64> {
        self.numbers.get(&who)?.get(client).copied()
    }

    /// Gives a client a session of its own.
    pub(super) fn begin(&mut self, connect: &Connect, who: Who) -> u64 {
        self.last += 1;
        let number = self.last;
        let client: Box<str> = connect.client.as_str().into();
        let numbers = self.numbers.entry(who).or_default();
        numbers.insert(client.clone(), number);
        self.sessions.insert(
            number,
            Session {
                client,
                who,
                clean: connect.clean,
                filters: Vec::new(),
                outbox: Arc::default(),
                connection: 0,
                will: None,
                until: None,
                left: None,
                is_waited_for: false,
            },
        );
        number
    }

    /// Ends a session, and all that it wanted.
    pub(super) fn end(&mut self, number: u64) {
        if let Some(session) = self.sessions.remove(&number) {
            unpoisoned(&session.outbox).close();
            if let Some(numbers) = self.numbers.get_mut(&session.who) {
                numbers.remove(&session.client);
                if numbers.is_empty() {
                    self.numbers.remove(&session.who);
                }
            }
            self.filters.remove_all(number, &session.filters);
        }
    }

    /// What waits for each session.
    pub(super) fn burdens(&self) -> impl Iterator<Item = Burden> {
        self.sessions.iter().map(|(number, session)| Burden {
            session: *number,
            who: session.who,
            left: session.left,
            bytes: unpoisoned(&session.outbox).weight(),
        })
    }

    /// Whether there is room for another session of a party, which may have so many. The one of its own
    /// that has waited longest makes it: nobody pushes out another's.
    pub(super) fn makes_room(&mut self, who: Who, limit: usize) -> bool {
        let own = self.numbers.get(&who);
        let count = own.map_or(0, HashMap::len);
        if count < limit && self.sessions.len() < SESSIONS {
            return true;
        }
        let own = own.into_iter().flat_map(HashMap::values);
        let away = own.filter_map(|number| Some((self.sessions.get(number)?.left?, *number)));
        let Some((_, longest)) = away.min() else {
            return false;
        };
        self.end(longest);
        true
    }
}
