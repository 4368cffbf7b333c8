//! The faults of a free-running drill: crashes, and links that the offices are told to cut.

use std::collections::BTreeSet;
use std::sync::Arc;

use protocol::{Moment, PartyId, Truth};
use simulator::FaultKind;

use super::{Boot, Director};
use crate::live::shell::{Ask, Handle};

impl Director {
    pub(super) fn next_fault(&self) -> Option<Moment> {
        let faults = &self.stage.drill.scenario().faults.faults;
        let begins = self.waiting.iter().map(|fault| faults[*fault].from);
        let ends = self.running.iter().map(|fault| faults[*fault].until);
        begins.chain(ends).min()
    }

    /// Begins and ends faults that are due.
    pub(super) fn give_faults(&mut self) {
        let now = self.clocks.now().drill;
        let stage = Arc::clone(&self.stage);
        let faults = &stage.drill.scenario().faults.faults;
        let begin: Vec<usize> = self
            .waiting
            .iter()
            .copied()
            .filter(|fault| faults[*fault].from <= now)
            .collect();
        let end: Vec<usize> = self
            .running
            .iter()
            .copied()
            .filter(|fault| faults[*fault].until <= now)
            .collect();
        for (list, begins) in [(&begin, true), (&end, false)] {
            for fault in list {
                let detail = faults[*fault].id.clone();
                self.true_event(now, Truth::Fault { detail, begins });
            }
        }
        for fault in &begin {
            self.waiting.remove(fault);
            self.running.insert(*fault);
            if let FaultKind::OfficeCrash { office, .. } = &faults[*fault].what
                && let Some(handle) = self.handles.get(office)
            {
                handle.ask(Ask::Crash);
            }
        }
        for fault in &end {
            self.running.remove(fault);
            if let FaultKind::OfficeCrash { office, .. } = &faults[*fault].what {
                // Whoever owns the offices has gone only when the drill is over.
                drop(self.boots.send(Boot::Again(*office)));
            }
        }
        if !begin.is_empty() || !end.is_empty() {
            self.cut_links();
        }
    }

    /// Tells every office whom it cannot hear under the faults that run.
    pub(super) fn cut_links(&self) {
        let faults = &self.stage.drill.scenario().faults.faults;
        let cuts: Vec<_> = self
            .running
            .iter()
            .filter_map(|fault| match &faults[*fault].what {
                FaultKind::LinkCut { links } => Some(links),
                FaultKind::LinkDegrade { .. } | FaultKind::OfficeCrash { .. } => None,
            })
            .collect();
        for (party, handle) in &self.handles {
            let mut deaf_to: BTreeSet<PartyId> = self
                .handles
                .keys()
                .filter(|sender| cuts.iter().any(|links| links.touch(**sender, *party)))
                .copied()
                .collect();
            if deaf_to.len() + 1 == self.handles.len() && deaf_to.len() > 1 {
                deaf_to.insert(*party);
            }
            handle.ask(Ask::Cut(deaf_to));
        }
    }

    /// A handle to an office that was started again.
    pub(crate) fn replace(&mut self, handle: Handle) {
        self.handles.insert(handle.party, handle);
        self.cut_links();
    }

    pub(super) fn heal(&mut self) {
        let faults = self.running.clone();
        self.running.clear();
        self.waiting.clear();
        let stage = Arc::clone(&self.stage);
        for fault in faults {
            if let FaultKind::OfficeCrash { office, .. } =
                &stage.drill.scenario().faults.faults[fault].what
            {
                drop(self.boots.send(Boot::Again(*office)));
            }
        }
        self.cut_links();
    }
}
