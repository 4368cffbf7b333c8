//! How much of one author is kept that counts for nothing yet: entries that wait for earlier ones, and
//! lives that lead nowhere. An author signs as many as it likes, so both have a bound.
//!
//! What is let go of is asked for again: a log stays known to go as far as what waited there, and a life
//! of which nothing is here is told of by whoever holds it.

use std::sync::Arc;

use protocol::{Body, Envelope, Incarnation, Seal, limit};

use crate::lineage::Lineage;
use crate::log::SealState;

impl Lineage {
    /// Whether a life has a place here, perhaps in the place of another: lives that count always have.
    pub(crate) fn has_place_for(&mut self, envelope: &Arc<Envelope>) -> bool {
        let life = envelope.header().log.incarnation;
        let is_here = |life| self.logs.get(&life).is_some_and(|log| !log.is_rumour());
        if is_here(life) || self.goes_on_from_here(envelope) {
            return true;
        }
        let aside = self.logs.iter().filter(|(_, log)| !log.is_rumour());
        let aside = aside.filter(|(life, _)| !self.counts(**life)).count();
        if aside < limit::LIVES_ASIDE {
            return true;
        }
        // A new life is greater than those before it, unless its author makes them up.
        let needed = |life| self.logs.values().any(|log| log.follows(life));
        let mut waiting = self
            .logs
            .iter()
            .filter(|(_, log)| log.prefix == 0 && !log.is_rumour());
        let least = waiting
            .find(|(life, _)| !needed(**life))
            .map(|(life, _)| *life);
        match least.filter(|least| *least < life) {
            Some(least) => {
                self.logs.remove(&least);
                true
            }
            None => false,
        }
    }

    /// Whether an entry that must wait has room, perhaps in the place of another: of the log in which
    /// most wait the last gives way, for it will be needed last.
    pub(crate) fn has_room_for(&mut self, envelope: &Arc<Envelope>) -> bool {
        let header = envelope.header();
        let waits = |life| self.logs.get(life).map_or(0, |log| log.parked.len());
        if waits(&header.log.incarnation) >= limit::PARKED_ENVELOPES {
            return false;
        }
        let all: usize = self.logs.keys().map(waits).sum();
        if all < limit::PARKED_OF_AUTHOR {
            return true;
        }
        let fullest = self.logs.iter_mut().max_by_key(|(_, log)| log.parked.len());
        let other = fullest.filter(|(life, _)| **life != header.log.incarnation);
        other.is_some_and(|(_, log)| log.parked.pop_last().is_some())
    }

    fn counts(&self, life: Incarnation) -> bool {
        self.chain.iter().any(|(it, _)| *it == life)
    }

    /// Whether an entry begins a life that follows one that counts.
    fn goes_on_from_here(&self, envelope: &Envelope) -> bool {
        let follows = match envelope.body() {
            Some(Body::Seal(Seal { predecessor })) => *predecessor,
            _ => None,
        };
        let follows = follows.filter(|_| envelope.header().seq == 1);
        follows.is_some_and(|before| self.counts(before.log.incarnation))
    }
}

impl crate::log::LogStatus {
    fn follows(&self, life: Incarnation) -> bool {
        matches!(self.seal, Some(SealState::Follows(before)) if before.log.incarnation == life)
    }
}
