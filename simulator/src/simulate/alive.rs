//! Watching a run come alive again: what everybody is to hold once all is healed, and who serves.

use std::collections::BTreeMap;

use agents::Phase;
use protocol::{Autonomy, Incarnation, LogKey, Moment, PartyId, Span};

use super::Run;
use crate::judge::liveness;
use crate::stream::Chance;

/// How often it is looked whether all hold the same, link time.
const LOOK_EVERY: Span = Span::seconds(1);

/// R7: what digests, the asking for a gap and the boot of an office take, link time: a minute and its
/// jitter until a holder says what it holds, a minute at most until a gap is asked for again, and twenty
/// seconds in which an office that boots waits for its own log.
const REPAIRED_WITHIN: Span = Span::seconds(150);

/// What anybody held when all was healed, and when everybody held it.
#[derive(Debug)]
pub(super) struct Healing {
    at: Moment,
    look: Moment,
    held: BTreeMap<LogKey, u64>,
    reached: Option<Span>,
}

impl Healing {
    /// The first of these machines that lacks something, and what.
    fn lacking(&self, machines: &[super::Machine]) -> Option<String> {
        machines.iter().find_map(|machine| {
            let Some(office) = machine.office() else {
                return Some("a machine never booted".to_owned());
            };
            let (holder, picture) = (office.party(), office.picture());
            self.held.iter().find_map(|(log, last)| {
                let known = picture.log(*log).map_or(0, |known| known.prefix);
                // What counts of the lives before the one in force is read; the rest are orphans, and
                // nobody may have them from their first entry.
                let author = picture.authors().get(&log.author);
                let read = author.filter(|author| author.lineage.is_read());
                let force = read.and_then(|author| author.lineage.in_force());
                let over = force.is_some_and(|life| log.incarnation < life);
                let lacks = known < *last && !over;
                lacks.then(|| format!("{holder} holds {log} up to {known} of {last}"))
            })
        })
    }
}

impl Run<'_> {
    /// Once all is healed: looks whether everybody holds by now what anybody held then.
    pub(super) fn watch_healing(&mut self, now: Moment) {
        let setup = self.engine.setup();
        let offices = &self.machines[..setup.offices.len()];
        if now < setup.end || setup.drain == Span::ZERO {
            return;
        }
        let healing = self.healing.get_or_insert_with(|| {
            let mut held: BTreeMap<LogKey, u64> = BTreeMap::new();
            for (log, last) in offices.iter().flat_map(super::Machine::held) {
                let known = held.entry(log).or_default();
                *known = last.max(*known);
            }
            Healing {
                at: setup.end,
                look: now,
                held,
                reached: None,
            }
        });
        if healing.reached.is_some() || now < healing.look {
            return;
        }
        healing.look = now + LOOK_EVERY;
        if healing.lacking(offices).is_none() {
            healing.reached = Some(now.since(healing.at));
        }
    }

    /// J16: where something waits, somebody is there or will be.
    pub(super) fn look_for_owners(&mut self, now: Moment) {
        for (seat, office) in (0_u16..).zip(self.engine.setup().offices.clone()) {
            if self.is_served(office) || self.engine.is_due_back(seat) {
                continue;
            }
            let judge = self.engine.judge();
            if let Err(text) = liveness::j16_somebody_is_there(office, judge.picture()) {
                judge.violate(now, "J16", text);
            }
        }
    }

    fn is_served(&self, office: PartyId) -> bool {
        let seats = self.engine.seats().zip(&self.machines);
        let mut own = seats.filter(|(party, _)| *party == office);
        own.any(|(_, machine)| {
            let phase = machine.office().map(agents::Office::phase);
            matches!(phase, Some(Phase::Serving | Phase::Listening { .. }))
        })
    }

    /// L1 to L6 and R7, if the run went on after its end.
    pub(super) fn close_alive(&mut self, now: Moment) {
        if self.engine.setup().drain == Span::ZERO {
            return;
        }
        let policies = &self.drill.scenario().offices;
        self.engine
            .close_alive(|office| policies.policy(office).autonomy == Autonomy::Act);
        let seats = self.engine.setup().offices.len();
        let reached = self.healing.as_ref().map_or_else(
            || Err("nobody looked".to_owned()),
            |healing| match (healing.reached, healing.lacking(&self.machines[..seats])) {
                (Some(reached), _) => Ok(reached),
                (None, lacks) => Err(lacks.unwrap_or_default()),
            },
        );
        let mut found: Vec<(&'static str, String)> = Vec::new();
        // Over lines that go on losing what is said each loss costs a question more: R7 alone is asked there.
        if self.engine.setup().links.loss == Chance::NEVER {
            let minute = liveness::l2_all_hold_the_same(reached.as_ref());
            found.extend(minute.err().map(|it| ("L2", it)));
        }
        let repaired = liveness::r7_all_hold_the_same(reached.as_ref(), REPAIRED_WITHIN);
        found.extend(repaired.err().map(|it| ("R7", it)));
        let offices = self.engine.setup().offices.clone();
        let machines = &self.machines[..offices.len()];
        for (office, machine) in offices.iter().zip(machines) {
            let serves = machine.office().filter(|it| *it.phase() == Phase::Serving);
            let life = serves.map(agents::Office::incarnation);
            let serving: Vec<Incarnation> = life.into_iter().collect();
            let pictures = machines.iter().filter_map(super::Machine::office);
            let pictures = pictures.map(|it| (it.party(), it.picture()));
            let lives = liveness::l3_one_life_serves(*office, &serving, pictures);
            found.extend(lives.into_iter().map(|it| ("L3", it)));
        }
        let mut had: BTreeMap<LogKey, u64> = BTreeMap::new();
        for (log, last) in machines.iter().flat_map(super::Machine::held) {
            let known = had.entry(log).or_default();
            *known = last.max(*known);
        }
        let gone = self.engine.judge().second_machines().clone();
        for office in machines.iter().filter_map(super::Machine::office) {
            let held = (office.party(), office.picture());
            let waits = liveness::l6_nobody_waits_for_nothing(held, &had, &gone);
            found.extend(waits.into_iter().map(|it| ("L6", it)));
        }
        for (invariant, text) in found {
            self.engine.judge().violate(now, invariant, text);
        }
    }
}
