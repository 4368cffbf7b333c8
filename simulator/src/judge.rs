//! The judge: sees everything that is said and done, and holds it against the named invariants.
//!
//! It is one more holder of the logs, but one that hears every frame wherever links are cut, so its
//! picture is that of the union of all logs. What it finds wrong it collects; it never interferes.

mod commits;
mod injects;
pub mod invariant;
pub mod liveness;
mod promises;
mod rounds;
mod tally;
mod whole;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use picture::{Admission, Picture, Void};
use protocol::{
    Batch, Body, Envelope, Frame, LogKey, Moment, Network, PartyId, ReportKind, ResourceId, Said,
    Truth, UnitState,
};

pub use injects::Injects;
pub use rounds::Rounds;
pub use tally::{Response, Tally};

use crate::world::{Obeyed, World};
use commits::Commits;
use promises::Promises;
pub(crate) use promises::{i3_seals_what_it_follows, r20_clock_is_not_dragged};

/// How many violations are kept in words; all are counted.
const KEPT: usize = 100;

/// That an invariant did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Drill time.
    pub at: Moment,
    /// The invariant, as the design papers number it.
    pub invariant: &'static str,
    /// What was found.
    pub text: String,
}

/// Collects violations over a run.
#[derive(Debug)]
pub struct Judge {
    picture: Picture,
    /// Every entry heard, to fold an author anew when its life in force changes.
    entries: BTreeMap<LogKey, Vec<Arc<Envelope>>>,
    commits: Commits,
    promises: Promises,
    chains: BTreeMap<protocol::IncidentId, (u32, ReportKind)>,
    tally: Tally,
    /// What was counted when the scenario ended.
    at_end: Option<Tally>,
    violations: Vec<Violation>,
    count: u64,
    /// The nonces of second machines under an office's name.
    seconds: BTreeSet<u64>,
}

impl Judge {
    /// A judge who has heard nothing.
    pub fn new(network: Network) -> Self {
        Self {
            picture: Picture::new(network),
            entries: BTreeMap::new(),
            commits: Commits::default(),
            promises: Promises::default(),
            chains: BTreeMap::new(),
            tally: Tally::default(),
            at_end: None,
            violations: Vec::new(),
            count: 0,
            seconds: BTreeSet::new(),
        }
    }

    /// Hears a frame, whoever else does.
    pub fn hear(&mut self, at: Moment, frame: &Frame) {
        let batch: &Batch = match frame.said() {
            Said::Append { batch, .. } | Said::Direct { batch, .. } => batch,
            Said::View => return,
        };
        for envelope in &batch.envelopes {
            self.admit(at, envelope);
        }
    }

    /// Takes an entry into the union of all logs.
    pub fn admit(&mut self, at: Moment, envelope: &Arc<Envelope>) {
        let log = envelope.header().log;
        let stored = match self.picture.admit(envelope) {
            Admission::Admitted { folded, stored, .. } => {
                for entry in &folded {
                    self.folded(at, &entry.envelope, entry.void.as_ref());
                }
                // What several entries came to says nothing of those before the last.
                if let Some(last) = folded.last().filter(|last| last.void.is_none()) {
                    self.offered(at, &last.envelope);
                }
                stored
            }
            Admission::Refold { stored } => {
                self.remember(log, &stored);
                self.refold(at, log);
                return;
            }
            Admission::Equivocates => {
                let seq = envelope.header().seq;
                let text = format!("two entries of {log} are numbered {seq}");
                return self.violate(at, "J8", text);
            }
            Admission::Refused(reason) => {
                let text = format!("an entry of {log} was published and is refused: {reason}");
                return self.violate(at, "I11", text);
            }
            Admission::Duplicate | Admission::Parked => return,
        };
        self.remember(log, &stored);
    }

    /// Whether an entry is in the union of all logs.
    pub fn holds(&self, log: LogKey, seq: u64) -> bool {
        let known = self.picture.log(log);
        known.is_some_and(|known| known.prefix >= seq)
    }

    fn remember(&mut self, log: LogKey, stored: &[Arc<Envelope>]) {
        let known = self.entries.entry(log).or_default();
        known.extend(stored.iter().map(Arc::clone));
        self.tally.envelopes += stored.len() as u64;
    }

    /// Another life of an author is in force: what counts now is judged from its first entry, for some of
    /// it was never in force before.
    fn refold(&mut self, at: Moment, log: LogKey) {
        let author = log.author;
        let logs = self.entries.iter().filter(|(log, _)| log.author == author);
        for (_, entries) in logs {
            self.picture.recollect(author, entries.clone());
        }
        self.commits.forget(author);
        self.promises.forget(author);
        self.chains.retain(|incident, _| incident.author != author);
        for entry in self.picture.refold(author) {
            if let Some(body) = entry.envelope.body() {
                self.judge_again(at, (author, body), entry.void.is_some());
            }
        }
    }

    /// What an entry says that is read again: whether it follows from those before it. What it says of the
    /// moment at which it was written was judged then, if it was in force.
    fn judge_again(&mut self, at: Moment, (author, body): (PartyId, &Body), is_void: bool) {
        if let Err(text) = self.promises.written(body) {
            self.violate(at, "I17", text);
        }
        if is_void {
            return;
        }
        for (invariant, text) in self.commits.follows(&self.picture, author, body) {
            self.violate(at, invariant, text);
        }
        self.judge_promises(at, author, body);
    }

    /// R05, R12 and I7, by what its author said before.
    fn judge_promises(&mut self, at: Moment, author: PartyId, body: &Body) {
        if let Some((invariant, text)) = self.promises.said(&self.picture, author, body) {
            self.violate(at, invariant, text);
        }
        if let Body::Incident(report) = body {
            let before = self
                .chains
                .insert(report.incident, (report.report_no, report.kind));
            if let Err(text) = invariant::i7_report_follows(before, report) {
                self.violate(at, "I7", text);
            }
        }
    }

    fn folded(&mut self, at: Moment, envelope: &Envelope, void: Option<&Void>) {
        let Some(body) = envelope.body() else { return };
        let author = envelope.header().log.author;
        if let Err(text) = self.promises.written(body) {
            self.violate(at, "I17", text);
        }
        if let Some(void) = void {
            let log = envelope.header().log;
            self.tally.void(format!(
                "{} {log} {}: {} {void}",
                at.0 / 1_000_000,
                envelope.header().seq,
                body.decision_json()
            ));
            return;
        }
        self.tally.said(author, body);
        for (invariant, text) in self.commits.said(&self.picture, author, body) {
            self.violate(at, invariant, text);
        }
        self.judge_promises(at, author, body);
    }

    /// The latest entry of an author that was read.
    fn offered(&mut self, at: Moment, envelope: &Envelope) {
        if let Some(Body::AidOffer(offer)) = envelope.body()
            && let Err(text) = promises::i16_floor_is_kept(&self.picture, offer)
        {
            self.violate(at, "I16", text);
        }
    }

    /// A terminal obeyed an order.
    pub fn obeyed(&mut self, at: Moment, obeyed: &Obeyed) {
        if let Err(text) = invariant::j6_fence_rises(obeyed) {
            self.violate(at, "J6", text);
        }
        if let Err(text) = invariant::j3_serves_one(obeyed) {
            self.tally.double_commits += 1;
            self.violate(at, "J3", text);
        }
    }

    /// A crew went from one state to another.
    pub fn moved(&mut self, at: Moment, unit: ResourceId, step: (UnitState, UnitState)) {
        if let Err(text) = invariant::j2_step_exists(unit, step) {
            self.violate(at, "J2", text);
        }
    }

    /// Something truly happened.
    pub fn truth(&mut self, at: Moment, event: &Truth) {
        self.tally.happened(at, event);
    }

    /// Walks the union of all logs.
    pub fn inspect(&mut self, at: Moment) {
        self.inspect_resources(at);
        self.inspect_aid(at);
    }

    /// Walks all units and stocks, each simulated minute.
    pub(crate) fn inspect_resources(&mut self, at: Moment) {
        let idle = invariant::i1_nobody_is_out_for_nothing(&self.picture);
        self.tell(at, "I1", idle);
        let stocks = invariant::i4_stock_is_conserved(&self.picture);
        self.tell(at, "I4", stocks);
    }

    /// Walks all commitments and needs there ever were, every ten simulated minutes: each was judged as it
    /// was written by what the judge remembers (I2, I5), and is now by what the fold says.
    pub(crate) fn inspect_aid(&mut self, at: Moment) {
        let bound = invariant::i1_one_aid_a_unit(&self.picture);
        self.tell(at, "I1", bound);
        let covered = invariant::i5_no_need_is_over_covered(&self.picture);
        self.tell(at, "I5", covered);
    }

    /// Walks what the union of all logs says beside what else is so: each simulated minute, for the rest of
    /// I6 and I11 takes that all has settled. `stands` tells what is on some disk.
    pub(crate) fn inspect_beside(
        &mut self,
        at: Moment,
        world: &World,
        stands: impl Fn(LogKey, u64) -> bool,
    ) {
        let gone = whole::i11_nothing_is_gone(&self.picture, &self.seconds, stands);
        self.tell(at, "I11", gone);
        let elsewhere = promises::i6_no_crew_is_elsewhere(&self.picture, world);
        self.tell(at, "I6", elsewhere);
    }

    fn tell(&mut self, at: Moment, invariant: &'static str, found: Vec<String>) {
        for text in found {
            self.violate(at, invariant, text);
        }
    }

    /// A second machine booted with this nonce: what it alone holds goes with it.
    pub(crate) fn second_machine(&mut self, nonce: u64) {
        self.seconds.insert(nonce);
    }

    /// The nonces of second machines.
    pub(crate) fn second_machines(&self) -> &BTreeSet<u64> {
        &self.seconds
    }

    /// Looks at what must hold when all has settled.
    pub fn close(&mut self, at: Moment, world: &World) {
        self.inspect(at);
        let lacking = whole::i11_logs_are_whole(&self.picture, &self.seconds);
        self.tell(at, "I11", lacking);
        let vanished = promises::i6_no_commitment_vanishes(&self.picture, world);
        self.tell(at, "I6", vanished);
        let open = promises::i6_nothing_is_left_open(&self.picture, world, at);
        self.tell(at, "I6", open);
    }

    /// Looks at what must have come true since all was healed, by what everybody has said.
    pub(crate) fn close_alive(
        &mut self,
        at: Moment,
        world: &World,
        acts: impl Fn(PartyId) -> bool,
    ) {
        let found = [
            (
                "L1",
                liveness::l1_every_need_is_answered(&self.picture, at, acts),
            ),
            ("L5", liveness::l5_all_aid_is_settled(&self.picture, at)),
        ];
        let authors = self.picture.authors().values();
        let orphans = authors.flat_map(|it| liveness::l4_no_orphan_commitment(&it.state, world));
        let orphans = ("L4", orphans.collect());
        for (invariant, texts) in found.into_iter().chain([orphans]) {
            self.tell(at, invariant, texts);
        }
    }

    /// Notes a violation that somebody else found.
    pub fn violate(&mut self, at: Moment, invariant: &'static str, text: String) {
        self.count += 1;
        self.tally.double_commits += u64::from(invariant == "I2");
        if self.violations.len() < KEPT {
            self.violations.push(Violation {
                at,
                invariant,
                text,
            });
        }
    }

    /// How many violations there were.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The first violations.
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// The union of all logs.
    pub fn picture(&self) -> &Picture {
        &self.picture
    }

    /// What was counted, what came after the scenario's end included.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The scenario is over: what crews and offices do from now on is no part of its figures.
    pub(crate) fn end_count(&mut self) {
        self.at_end = Some(self.tally.clone());
    }

    /// What was counted until the scenario's end.
    pub(crate) fn tally_at_end(&self) -> &Tally {
        self.at_end.as_ref().unwrap_or(&self.tally)
    }
}
