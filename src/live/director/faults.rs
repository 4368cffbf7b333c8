//! The faults of a free-running drill: crashes, and lines that the offices are told to bear.

use std::collections::BTreeSet;
use std::sync::Arc;

use protocol::{Moment, PartyId, Truth};
use simulator::scenario::Links;
use simulator::{Chance, FaultKind, NetworkProfile, Scenario};

use super::{Boot, Director};
use crate::live::lines::LineFaults;
use crate::live::shell::{Ask, Handle};
use crate::live::witness::Seen;

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
                let truth = Truth::Fault {
                    detail: faults[*fault].id.clone(),
                    begins,
                    breakdown: Some(faults[*fault].what.breakdown()),
                };
                self.saw(now, Seen::Happened(truth));
            }
        }
        for fault in &begin {
            self.waiting.remove(fault);
            self.running.insert(*fault);
            if let FaultKind::OfficeCrash { office, .. } = &faults[*fault].what
                && let Some(handle) = self.handles.get(office)
            {
                handle.ask(Ask::Crash);
                stage.buses.fall(*office);
            }
        }
        for fault in &end {
            self.running.remove(fault);
            self.boot_after(&faults[*fault].what);
        }
        if !begin.is_empty() || !end.is_empty() {
            self.spoil_lines();
        }
    }

    /// Tells every office what its lines are like under the faults that run.
    fn spoil_lines(&self) {
        let faults = &self.stage.drill.scenario().faults.faults;
        let running: Vec<&FaultKind> = self
            .running
            .iter()
            .map(|fault| &faults[*fault].what)
            .collect();
        let ground = Ground {
            each: self.stage.buses.are_many(),
            all: self.stage.drill.cast().offices.keys().copied().collect(),
            apart: self.apart.keys().copied().collect(),
        };
        for (party, handle) in &self.handles {
            handle.ask(Ask::Suffer(ground.lines_of(*party, &running)));
        }
    }

    /// A handle to an office that was started again.
    pub(crate) fn replace(&mut self, handle: Handle) {
        self.handles.insert(handle.party, handle);
        self.spoil_lines();
    }

    pub(super) fn heal(&mut self) {
        let faults = std::mem::take(&mut self.running);
        self.waiting.clear();
        let stage = Arc::clone(&self.stage);
        for fault in faults {
            self.boot_after(&stage.drill.scenario().faults.faults[fault].what);
        }
        self.spoil_lines();
    }

    /// An office whose crash is over boots again; one that runs apart is started by its owner.
    fn boot_after(&self, fault: &FaultKind) {
        if let FaultKind::OfficeCrash { office, disk } = fault
            && self.handles.contains_key(office)
        {
            // Whoever owns the offices has gone only when the drill is over.
            drop(self.boots.send(Boot::Again(*office, *disk)));
        }
    }
}

/// The faults of a scenario that a bus can bring about, by their place.
pub(super) fn live_faults(scenario: &Scenario) -> BTreeSet<usize> {
    let faults = scenario.faults.faults.iter().enumerate();
    let live = faults.filter(|(_, fault)| fault.what.is_live());
    live.map(|(place, _)| place).collect()
}

/// Who takes part: all offices, and those of them that bear no fault because they run apart.
struct Ground {
    /// Whether each has a broker of its own.
    each: bool,
    all: BTreeSet<PartyId>,
    apart: BTreeSet<PartyId>,
}

impl Ground {
    /// What faults make of an office's lines; of several on one way, the latest begun counts.
    fn lines_of(&self, us: PartyId, running: &[&FaultKind]) -> LineFaults {
        let others = || self.all.iter().copied().filter(|other| *other != us);
        let cut = |from, to| {
            let cuts = |fault: &&FaultKind| matches!(fault, FaultKind::LinkCut { links } if links.touch(from, to));
            running.iter().any(cuts)
        };
        if self.each {
            let of = |way: fn(PartyId, PartyId) -> (PartyId, PartyId)| {
                let ways = others().map(move |other| (other, way(us, other)));
                ways.filter_map(|(other, (from, to))| Some((other, *worse(running, from, to)?.1)))
                    .collect()
            };
            return LineFaults {
                deaf_to: others().filter(|other| cut(*other, us)).collect(),
                mute_to: others().filter(|other| cut(us, *other)).collect(),
                from: of(|us, other| (other, us)),
                to: of(|us, other| (us, other)),
                ..LineFaults::default()
            };
        }
        LineFaults {
            isolated: others().count() > 0
                && others().all(|other| cut(us, other) && cut(other, us)),
            deaf_to: others().filter(|other| cut(*other, us)).collect(),
            out: self.way_out(us, running).copied(),
            from: others()
                .filter(|other| {
                    self.apart.contains(other) || self.way_out(*other, running).is_none()
                })
                .filter_map(|other| Some((other, *worse(running, other, us)?.1)))
                .collect(),
            ..LineFaults::default()
        }
    }

    /// What the way out of an office is like, if one fault spoils it towards everybody.
    fn way_out<'a>(&self, us: PartyId, running: &[&'a FaultKind]) -> Option<&'a NetworkProfile> {
        let others = self.all.iter().filter(|other| **other != us);
        let mut faults = others.map(|other| worse(running, us, *other));
        let (first, profile) = faults.next()??;
        faults
            .all(|fault| fault.is_some_and(|(number, _)| number == first))
            .then_some(profile)
    }
}

/// The fault that spoils a way, by its place, and what the way is like.
fn worse<'a>(
    running: &[&'a FaultKind],
    from: PartyId,
    to: PartyId,
) -> Option<(usize, &'a NetworkProfile)> {
    let degraded = running
        .iter()
        .enumerate()
        .filter_map(|(number, fault)| match fault {
            FaultKind::LinkDegrade { links, profile } if links.touch(from, to) => {
                Some((number, profile))
            }
            _ => None,
        });
    degraded.max_by_key(|(number, _)| *number)
}

/// What a free-running drill leaves out of a scenario's faults, a line each, to be said at its start.
pub(crate) fn left_out(scenario: &Scenario, apart: &[PartyId]) -> Vec<String> {
    let usual = &scenario.network;
    let mut lines = Vec::new();
    if [usual.loss, usual.duplicate, usual.reorder] != [Chance::NEVER; 3]
        || usual.bits_per_s.is_some()
    {
        lines.push(
            "left out: the scenario's [network] is what virtual time draws; here the bus is as it is, and only faults spoil lines"
                .to_owned(),
        );
    }
    for fault in &scenario.faults.faults {
        let id = &fault.id;
        if !fault.what.is_live() {
            lines.push(format!(
                "left out: fault {id} is one that virtual time alone brings about; use `liandong simulate`"
            ));
            continue;
        }
        let touched = |office: &PartyId| {
            let ends = |links: &Links| links.from.contains(office) || links.to.contains(office);
            fault.what.office() == Some(*office) || fault.what.links().is_some_and(ends)
        };
        lines.extend(apart.iter().filter(|it| touched(it)).map(|office| {
            let crashes = matches!(fault.what, FaultKind::OfficeCrash { .. });
            if crashes {
                format!("left out: fault {id} crashes {office}, which runs apart; end its process and start it again")
            } else {
                format!("left out: fault {id} does not keep from {office}, which runs apart, what others say")
            }
        }));
    }
    lines
}

#[cfg(test)]
mod tests {
    use simulator::scenario::Ways;

    use super::*;

    const OFFICES: [&str; 3] = ["990100", "990200", "990300"];

    fn party(name: &str) -> PartyId {
        name.parse().unwrap()
    }

    fn ground(apart: &[&str]) -> Ground {
        Ground {
            each: false,
            all: OFFICES.map(party).into(),
            apart: apart.iter().map(|name| party(name)).collect(),
        }
    }

    fn links(from: &str, to: &[&str], ways: Ways) -> Links {
        Links {
            from: [party(from)].into(),
            to: to.iter().map(|name| party(name)).collect(),
            ways,
        }
    }

    fn degrade(from: &str, to: &[&str], ways: Ways) -> FaultKind {
        FaultKind::LinkDegrade {
            links: links(from, to, ways),
            profile: NetworkProfile::default(),
        }
    }

    #[test]
    fn a_line_that_is_bad_towards_everybody_is_spoiled_at_both_its_ends_once() {
        let fault = degrade("990100", &OFFICES, Ways::Both);
        let bad = ground(&[]).lines_of(party("990100"), &[&fault]);
        assert!(bad.out.is_some() && bad.from.len() == 2, "{bad:?}");
        let other = ground(&[]).lines_of(party("990200"), &[&fault]);
        assert_eq!(other, LineFaults::default(), "its sender spoils the way");
    }

    #[test]
    fn a_way_between_two_is_spoiled_at_its_receiver() {
        let fault = degrade("990100", &["990200"], Ways::OneWay);
        let receiver = ground(&[]).lines_of(party("990200"), &[&fault]);
        assert_eq!(receiver.from.len(), 1);
        for untouched in ["990100", "990300"] {
            let lines = ground(&[]).lines_of(party(untouched), &[&fault]);
            assert_eq!(lines, LineFaults::default(), "{untouched}");
        }
    }

    #[test]
    fn what_an_office_apart_cannot_spoil_itself_is_spoiled_at_its_receivers() {
        let fault = degrade("990100", &OFFICES, Ways::Both);
        let receiver = ground(&["990100"]).lines_of(party("990200"), &[&fault]);
        assert!(receiver.from.contains_key(&party("990100")));
    }

    #[test]
    fn an_office_that_is_only_not_heard_is_not_isolated() {
        let cut = |ways| FaultKind::LinkCut {
            links: links("990100", &OFFICES, ways),
        };
        let mute = ground(&[]).lines_of(party("990100"), &[&cut(Ways::OneWay)]);
        assert_eq!(mute, LineFaults::default(), "the others are deaf to it");
        let alone = ground(&[]).lines_of(party("990100"), &[&cut(Ways::Both)]);
        assert!(alone.isolated && alone.deaf_to.len() == 2, "{alone:?}");
    }
}
