//! What others hold of an office when its disk is lost or set back: no life that it begins afterwards makes
//! that void (guarantees: what k peers hold comes back).

use std::collections::BTreeMap;

use picture::Picture;
use protocol::{LogKey, Moment, PartyId};

use super::Run;
use crate::engine::Turn;
use crate::scenario::Disk;

/// For each log of an office whose disk was lost or set back, how far another held it then.
#[derive(Debug, Default)]
pub(super) struct Owed(BTreeMap<LogKey, u64>);

impl Run<'_> {
    /// An office is about to boot. What was passed over before, whatever for, is owed no more.
    pub(super) fn note_what_is_owed(&mut self, turn: &Turn) {
        let machine = &self.machines[usize::from(turn.seat)];
        let party = machine.party();
        if machine.office().is_none() {
            return;
        }
        let (disk, _) = self.engine.disk_of(party);
        if !matches!(disk, Disk::Lost | Disk::Old(_)) {
            return;
        }
        let union = self.engine.judge().picture();
        let others = self.machines.iter().filter(|it| it.party() != party);
        let held = others.flat_map(super::Machine::held);
        let counts = |(log, last): &(LogKey, u64)| {
            log.author == party && !is_passed_over(union, *log, *last)
        };
        for (log, last) in held.filter(counts) {
            let known = self.owed.0.entry(log).or_default();
            *known = last.max(*known);
        }
    }

    /// An office that heard nobody and said so serves with what was on its disk.
    pub(super) fn waive_what_is_owed(&mut self, party: PartyId) {
        self.owed.0.retain(|log, _| log.author != party);
    }

    /// I3: what others held counts still, but for offices of which two machines ran, and what was held
    /// when an office served that heard nobody and said so.
    pub(super) fn look_at_what_is_owed(&mut self, now: Moment) {
        let drill = self.drill;
        let mut found = Vec::new();
        for (log, seq) in &self.owed.0 {
            if super::machine::is_duplicated(drill, log.author) {
                continue;
            }
            if is_passed_over(self.engine.judge().picture(), *log, *seq) {
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

fn is_passed_over(union: &Picture, log: LogKey, seq: u64) -> bool {
    let lineage = union.authors().get(&log.author).map(|it| &it.lineage);
    lineage.is_some_and(|it| it.is_read() && it.is_orphan(log.incarnation, seq))
}
