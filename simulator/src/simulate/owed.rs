//! What others hold of an office when its disk is lost or set back: no life that it begins afterwards makes
//! that void (guarantees: what k peers hold comes back).

use std::collections::BTreeMap;

use protocol::{LogKey, Moment, PartyId};

use super::{Machine, Run};
use crate::engine::Turn;
use crate::scenario::Disk;

/// For each log of an office whose disk was lost or set back, how far another held it then.
#[derive(Debug, Default)]
pub(super) struct Owed(BTreeMap<LogKey, u64>);

impl Owed {
    fn note(&mut self, author: PartyId, others: &[Machine]) {
        let held = others.iter().filter(|it| it.party() != author);
        let held = held.flat_map(Machine::held);
        for (log, last) in held.filter(|(log, _)| log.author == author) {
            let known = self.0.entry(log).or_default();
            *known = last.max(*known);
        }
    }
}

impl Run<'_> {
    /// An office is about to boot.
    pub(super) fn note_what_is_owed(&mut self, turn: &Turn) {
        let machine = &self.machines[usize::from(turn.seat)];
        let party = machine.party();
        if machine.office().is_none() {
            return;
        }
        let (disk, _) = self.engine.disk_of(party);
        if matches!(disk, Disk::Lost | Disk::Old(_)) {
            self.owed.note(party, &self.machines);
        }
    }

    /// I3: what others held counts still, but for offices of which two machines ran, and those that heard
    /// nobody and said so.
    pub(super) fn look_at_what_is_owed(&mut self, now: Moment) {
        let drill = self.drill;
        let mut found = Vec::new();
        for (log, seq) in &self.owed.0 {
            let mut machines = self.machines.iter();
            let was_alone = machines.any(|it| it.party() == log.author && it.has_served_alone());
            if was_alone || super::machine::is_duplicated(drill, log.author) {
                continue;
            }
            let union = self.engine.judge().picture();
            let lineage = union.authors().get(&log.author).map(|it| &it.lineage);
            if lineage.is_some_and(|it| it.is_read() && it.is_orphan(log.incarnation, *seq)) {
                found.push(format!(
                    "{log} was held up to {seq} by another when its office's disk was lost or set back, and \
                     that entry is passed over"
                ));
            }
        }
        for text in found {
            self.engine.judge().violate(now, "I3", text);
        }
    }
}
