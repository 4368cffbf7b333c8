//! What clients wish to hear: filters are granted, or not, and taken back.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Hub, Offence, Seat};
use crate::codec::filter::Change;
use crate::codec::packet::{Message, Qos};
use crate::codec::write;

use crate::gate::parcel::{Haste, Parcel};
use crate::gate::rates::Charge;
use crate::gate::unpoisoned;

/// Filters of one session.
pub(super) const FILTERS: usize = 256;

/// How the filters of shared subscriptions begin, which 3.1.1 does not know and some brokers do.
const SHARED: &str = "$share/";

/// The answer to a filter that is not granted (MQTT 3.1.1, 3.9.3).
const NOT_GRANTED: u8 = 0x80;

/// Retained messages that are told for one of a party's rate. A newcomer hears 20,000 at once without
/// a rest, and whoever asks for all of them again and again does so a few times a second.
const TOLD_FOR_ONE: usize = 16;

impl Hub {
    /// Grants filters as they stand, answers, and tells what is retained: each message once, however
    /// many of the filters match it.
    pub(in crate::gate) fn subscribe(
        &self,
        seat: &Seat,
        id: u16,
        filters: Vec<(String, Qos)>,
    ) -> Result<Charge, Offence> {
        let mut charge = charge(filters.iter().map(|(filter, _)| filter));
        let mut table = unpoisoned(&self.table);
        let of_session = &mut *table;
        let session = of_session.sessions.get_mut(&seat.session);
        let Some(session) = session.filter(|it| it.connection == seat.connection) else {
            return Ok(charge);
        };
        let mut codes = Vec::with_capacity(filters.len());
        let mut granted = BTreeMap::new();
        for (filter, qos) in filters {
            // A share of a subscription would be granted and mean nothing here; the other is not its own.
            if filter.starts_with(SHARED) || !self.keeper.may_read(seat.who, &filter) {
                codes.push(NOT_GRANTED);
                continue;
            }
            match of_session.filters.insert(&filter, seat.session, qos) {
                Change::Refused => {
                    codes.push(NOT_GRANTED);
                    continue;
                }
                Change::Added if session.filters.len() == FILTERS => {
                    // The session may outlive this connection.
                    of_session.filters.remove(&filter, seat.session);
                    return Err(Offence::Filters);
                }
                Change::Added => session.filters.push(filter.clone()),
                Change::Replaced => {}
            }
            codes.push(qos.level());
            granted.insert(filter, qos);
        }
        let mut outbox = unpoisoned(&session.outbox);
        outbox.answer(seat.connection, |to| write::suback(to, id, &codes));
        let mut found = 0;
        // By topic, each with the greatest QoS of the filters that match it.
        let mut told: BTreeMap<&str, (&Arc<Message>, Qos)> = BTreeMap::new();
        for (filter, qos) in &granted {
            for message in of_session.retained.matching(filter) {
                found += 1;
                let (_, greatest) = told.entry(message.topic()).or_insert((message, *qos));
                *greatest = (*qos).max(*greatest);
            }
        }
        let mut kept = Ok(());
        for (topic, (message, qos)) in told {
            let parcel = Parcel {
                message: Arc::clone(message),
                qos: message.qos().min(qos),
                retain: true,
            };
            kept = kept.and_then(|()| outbox.keep(parcel, Haste::of(topic)));
        }
        drop(outbox);
        if kept.is_err() {
            self.evict(&mut table, seat.session);
        }
        charge.messages += found / TOLD_FOR_ONE;
        Ok(charge)
    }

    /// Takes filters back and answers, whether or not they were granted (MQTT 3.1.1, 3.10.4).
    pub(in crate::gate) fn unsubscribe(&self, seat: &Seat, id: u16, filters: &[String]) -> Charge {
        let mut table = unpoisoned(&self.table);
        let table = &mut *table;
        let session = table.sessions.get_mut(&seat.session);
        if let Some(session) = session.filter(|it| it.connection == seat.connection) {
            session.filters.retain(|filter| !filters.contains(filter));
            for filter in filters {
                table.filters.remove(filter, seat.session);
            }
        }
        let mut outbox = unpoisoned(&seat.outbox);
        outbox.answer(seat.connection, |to| write::unsuback(to, id));
        charge(filters)
    }
}

/// What filters take of the rates of who names them: each as much as a message.
fn charge<'a>(filters: impl IntoIterator<Item = &'a String>) -> Charge {
    let one = |sum: Charge, filter: &String| Charge {
        messages: sum.messages + 1,
        bytes: sum.bytes + filter.len(),
    };
    filters.into_iter().fold(Charge::default(), one)
}
