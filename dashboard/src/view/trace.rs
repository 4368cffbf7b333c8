//! In which entry something was last said: the place in a log that 'who holds it' asks about.

use std::collections::BTreeMap;

use protocol::{AidId, Body, Envelope, IncidentId, LogKey, NeedId};

/// The last entries that tell of incidents, needs and commitments.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace {
    incidents: BTreeMap<IncidentId, Place>,
    needs: BTreeMap<NeedId, Place>,
    aids: BTreeMap<AidId, Place>,
}

/// An entry's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) log: LogKey,
    pub(crate) seq: u64,
}

impl Trace {
    /// Notes an entry that stands.
    pub(super) fn note(&mut self, envelope: &Envelope) {
        let header = envelope.header();
        let place = Place {
            log: header.log,
            seq: header.seq,
        };
        match envelope.body() {
            Some(Body::Incident(report)) => {
                later(&mut self.incidents, report.incident, place);
            }
            Some(Body::AidRequest(ask)) => later(&mut self.needs, ask.need, place),
            Some(Body::AidRequestUpdate(change)) => later(&mut self.needs, change.need, place),
            Some(Body::AidCommit(commit)) => later(&mut self.aids, commit.aid, place),
            _ => {}
        }
    }

    pub(crate) fn incident(&self, incident: IncidentId) -> Option<Place> {
        self.incidents.get(&incident).copied()
    }

    pub(crate) fn need(&self, need: NeedId) -> Option<Place> {
        self.needs.get(&need).copied()
    }

    pub(crate) fn aid(&self, aid: AidId) -> Option<Place> {
        self.aids.get(&aid).copied()
    }
}

fn later<K: Ord>(places: &mut BTreeMap<K, Place>, key: K, place: Place) {
    let known = places.entry(key).or_insert(place);
    *known = place.max(*known);
}
