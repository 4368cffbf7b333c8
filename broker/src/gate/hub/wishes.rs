//! What clients wish to hear: filters are granted, or not, and taken back.

use std::sync::Arc;

use super::{Hub, Offence, Seat};
use crate::codec::filter::Change;
use crate::codec::packet::Qos;
use crate::codec::write;
use crate::gate::outbox::{Haste, Parcel};
use crate::gate::unpoisoned;

/// Filters of one session.
pub(super) const FILTERS: usize = 256;

/// How the filters of shared subscriptions begin, which 3.1.1 does not know and some brokers do.
const SHARED: &str = "$share/";

/// The answer to a filter that is not granted (MQTT 3.1.1, 3.9.3).
const NOT_GRANTED: u8 = 0x80;

impl Hub {
    /// Grants filters as they stand, answers, and tells what is retained.
    pub(in crate::gate) fn subscribe(
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
    pub(in crate::gate) fn unsubscribe(&self, seat: &Seat, id: u16, filters: &[String]) {
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
}
