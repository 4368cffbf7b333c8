//! A machine in virtual time: one office, its disk, and the loop that a live shell runs too.

mod checks;
pub(super) use checks::is_duplicated;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use agents::{
    Input, LinkChange, Now, Office, Origin, Output, PlanFigures, Range, Seed, Stored, Ticket,
};
use picture::SharedFolds;
use protocol::{
    AidId, Body, Direct, Envelope, FieldReport, Frame, LogKey, Moment, PartyId, ResourceId, Said,
    Verified, Wall, limit,
};

use crate::disk::Disk;
use crate::drill::Drill;
use crate::engine::{Deed, Engine, Hears, Turn, decision_of};
use crate::judge::{Judge, invariant};
use crate::scenario;

/// How many alarms of one office are kept in words.
const ALARMS_KEPT: usize = 50;

/// One office with its disk.
#[derive(Debug)]
pub(super) struct Machine {
    party: PartyId,
    /// `None` before its first boot.
    office: Option<Office>,
    disk: Disk,
    roster_log: Vec<Arc<Envelope>>,
    folds: SharedFolds,
    loads: BTreeMap<u64, Range>,
    /// The entries, and all before them, for which it took a state.
    took: Vec<(LogKey, u64)>,
    /// Commitments of its own that are durable.
    committed: BTreeSet<AidId>,
    /// The life that this one says it follows.
    follows: Option<LogKey>,
    /// Units that have spoken to it in this life.
    spoke: BTreeSet<ResourceId>,
    /// Whether its disk had something that it wrote when it booted.
    is_kept: bool,
    /// When it last had a bus in this life.
    linked: Moment,
    /// Whether it has said in this life that it serves alone.
    is_alone: bool,
    /// When it may begin to write in this life.
    listens_until: Moment,
    /// The latest that its wall clock ever showed.
    latest: Wall,
    alarms: Vec<String>,
    /// How planning went in lives that are over.
    planned: PlanFigures,
}

impl Machine {
    /// A machine whose disk holds the roster alone.
    pub(super) fn new(party: PartyId, roster_log: &[Arc<Envelope>], folds: &SharedFolds) -> Self {
        Self {
            party,
            office: None,
            disk: Disk::holding(Origin::Founded, roster_log.to_vec()),
            roster_log: roster_log.to_vec(),
            folds: folds.clone(),
            loads: BTreeMap::new(),
            took: Vec::new(),
            committed: BTreeSet::new(),
            follows: None,
            spoke: BTreeSet::new(),
            is_kept: false,
            linked: Moment::default(),
            is_alone: false,
            listens_until: Moment::default(),
            latest: Wall::default(),
            alarms: Vec::new(),
            planned: PlanFigures::default(),
        }
    }

    /// What a copy of its disk holds that was made at that time.
    pub(super) fn image(&self, taken: Moment) -> Disk {
        self.disk.image(taken)
    }

    /// Its disk becomes a copy of another's.
    pub(super) fn take_image(&mut self, image: Disk) {
        self.disk = image;
    }

    /// Whether it has said in this life that it serves alone.
    pub(super) fn is_alone(&self) -> bool {
        self.is_alone
    }

    pub(super) fn party(&self) -> PartyId {
        self.party
    }

    pub(super) fn office(&self) -> Option<&Office> {
        self.office.as_ref()
    }

    /// How planning went in all of its lives.
    pub(super) fn plan_figures(&self) -> PlanFigures {
        let mut figures = self.planned;
        figures += self.office().map(Office::plan_figures).unwrap_or_default();
        figures
    }

    /// The entries, and all before them, for which it took a state since the last call.
    pub(super) fn take_took(&mut self) -> Vec<(LogKey, u64)> {
        std::mem::take(&mut self.took)
    }

    /// What it holds of an author's logs.
    pub(super) fn entries_of(&self, author: PartyId) -> impl Iterator<Item = &Arc<Envelope>> {
        let all = self.disk.synced().iter();
        all.filter(move |it| it.header().log.author == author)
    }

    /// How far each log on its disk goes, but for lives before the snapshot with which its author begins
    /// here: these it no longer tells of, and nobody asks for them.
    pub(super) fn held(&self) -> impl Iterator<Item = (LogKey, u64)> {
        let begins = |author: PartyId| {
            let known = self.office.as_ref()?.picture().authors().get(&author)?;
            known.begins()
        };
        let logs = self.disk.logs().map(|(log, (_, last))| (log, last));
        logs.filter(move |(log, _)| begins(log.author).is_none_or(|life| log.incarnation >= life))
    }

    pub(super) fn alarms(&self) -> impl Iterator<Item = String> {
        self.alarms.iter().cloned()
    }

    /// Performs one turn and tells the engine what came of it.
    pub(super) fn perform(&mut self, engine: &mut Engine, drill: &Drill, turn: &Turn) {
        let now = turn.at;
        if turn.is_boot() {
            self.reset(engine, drill, turn);
        }
        let clock = Now {
            drill: now,
            link: now,
            wall: engine.wall(turn),
        };
        self.latest = self.latest.max(clock.wall);
        self.note_listening(turn);
        self.listen(turn);
        let input = self.input(turn);
        let Some(office) = &mut self.office else {
            return;
        };
        let outputs = office.handle(clock, input);
        let mut deeds = Vec::with_capacity(outputs.len() + 1);
        if turn.is_boot() {
            deeds.push(Deed::Will(office.will().text().to_string()));
        }
        // What was said last, and may go to other buses too.
        let mut said: Option<Arc<Frame>> = None;
        for output in outputs {
            match output {
                Output::Append(Ticket(ticket), envelope) => {
                    self.check_written(now, &envelope, (drill, engine.judge()));
                    deeds.push(Deed::Append(ticket, decision_of(self.party, &envelope)));
                    self.disk.append(ticket, envelope);
                }
                Output::Keep(Ticket(ticket), at) => {
                    deeds.push(Deed::Append(ticket, decision_of(self.party, &at.entry)));
                    let header = at.entry.header();
                    self.took.push((header.log, header.seq));
                    self.disk.keep(ticket, at);
                }
                Output::Mark(at) => self.disk.mark(at),
                Output::Load(range, Ticket(ticket)) => {
                    self.loads.insert(ticket, range);
                    deeds.push(Deed::Load(ticket));
                }
                Output::Publish(bus, frame) => {
                    if said.as_ref().is_some_and(|said| Arc::ptr_eq(said, &frame)) {
                        deeds.push(Deed::Also(bus));
                    } else if let Some(decoded) = verified(engine, now, &frame) {
                        self.check_published(now, decoded.get(), engine.judge());
                        deeds.push(Deed::Publish(bus, decoded));
                        said = Some(frame);
                    }
                }
                Output::Alarm(alarm) => {
                    self.is_alone |= alarm.code == "alone";
                    if alarm.code == "twin" {
                        deeds.push(Deed::AlarmOfTwin);
                    }
                    if alarm.code == "own-void" {
                        let text = format!("{}: {}", self.party, alarm.text);
                        engine.judge().violate(now, "R11", text);
                    }
                    if self.alarms.len() < ALARMS_KEPT {
                        let seconds = now.0 / 1_000_000;
                        let (code, text) = (alarm.code, alarm.text);
                        self.alarms
                            .push(format!("{seconds} {} {code}: {text}", self.party));
                    }
                }
                Output::WakeAt(wish) => deeds.push(Deed::WakeAt(wish.drill.min(wish.link))),
            }
        }
        engine.done(turn, deeds);
    }

    /// J14: entries that wait for earlier ones of their log are as many as they may be at most.
    pub(super) fn inspect_buffers(&self, now: Moment, judge: &mut Judge) {
        let undurable = self
            .office
            .iter()
            .map(|it| it.keeping().pending_bytes())
            .sum();
        let what = format!("bytes that wait for the disk of {}", self.party);
        // One entry may close a gap before as many as may wait for it.
        let bound = limit::UNDURABLE_BYTES + limit::PARKED_ENVELOPES * limit::LINE_BYTES;
        if let Err(text) = invariant::j14_within(&what, undurable, bound) {
            judge.violate(now, "J14", text);
        }
        let authors = self.office.iter().flat_map(|it| it.picture().authors());
        for (author, known) in authors {
            let logs = known.lineage.logs().iter();
            let waits = logs.map(|(life, log)| (format!("{author}/{life}"), log.parked()));
            let waits: Vec<(String, usize)> = waits.filter(|(_, parked)| *parked > 0).collect();
            let all = waits.iter().map(|(_, parked)| parked).sum();
            let each = waits
                .into_iter()
                .map(|(log, parked)| (log, parked, limit::PARKED_ENVELOPES));
            let all = (author.to_string(), all, limit::PARKED_OF_AUTHOR);
            for (whose, parked, bound) in each.chain([all]) {
                let what = format!("entries of {whose} at {}", self.party);
                if let Err(text) = invariant::j14_within(&what, parked, bound) {
                    judge.violate(now, "J14", text);
                }
            }
        }
    }

    /// Whether an entry is on its disk.
    pub(super) fn stands(&self, log: LogKey, seq: u64) -> bool {
        self.disk.holds(log, seq)
    }

    /// J7 over the whole disk.
    pub(super) fn inspect(&self, now: Moment, judge: &mut Judge) {
        for (log, extent) in self.disk.logs() {
            if let Err(text) = invariant::j7_no_gap(log, extent) {
                judge.violate(now, "J7", format!("{}: {text}", self.party));
            }
        }
    }

    /// The process is new; its disk holds what was synced, or nothing if it was replaced.
    fn reset(&mut self, engine: &Engine, drill: &Drill, turn: &Turn) {
        if self.office.is_some() {
            let (disk, crashed_at) = engine.disk_of(self.party);
            match disk {
                scenario::Disk::Keep => self.disk.crash(0),
                scenario::Disk::Torn => self.disk.crash(seed_of(turn)),
                scenario::Disk::Written => self.disk.crash(self.disk.unsynced()),
                scenario::Disk::Old(age) => {
                    let taken = Moment(crashed_at.0.saturating_sub(age.0));
                    self.disk.restore(taken);
                }
                scenario::Disk::Lost => {
                    self.disk = Disk::holding(Origin::Unknown, self.roster_log.clone());
                }
            }
        }
        self.loads.clear();
        self.follows = None;
        let wrote = self.entries_of(self.party).next().is_some();
        self.is_kept = wrote;
        self.is_alone = false;
        self.spoke.clear();
        self.committed = commitments_of(self.party, self.disk.synced()).collect();
        self.recall_committed();
        self.planned = self.plan_figures();
        let office = drill.office(self.party);
        self.office = office.map(|office| office.sharing(&self.folds));
    }

    /// Commitments of its own that came back in a state, if one that it took is on the disk.
    fn recall_committed(&mut self) {
        let own = self.disk.base_of(self.party);
        if let Some(at) = own {
            self.committed.extend(at.state.aids.keys().copied());
        }
    }

    fn input(&mut self, turn: &Turn) -> Input {
        match &turn.hears {
            Hears::Boot(seed) => {
                let stored = Stored {
                    snapshots: self.disk.snapshots(),
                    envelopes: self.disk.stored(),
                    logs: self.disk.extents(),
                    origin: self.disk.origin(),
                };
                Input::Boot(stored, Seed(*seed))
            }
            Hears::Frame(bus, frame) => Input::Heard(*bus, frame.clone()),
            Hears::Durable(ticket) => {
                let durable = self.disk.sync(*ticket, turn.at);
                self.committed.extend(commitments_of(self.party, durable));
                self.recall_committed();
                Input::Durable(Ticket(*ticket))
            }
            Hears::Loaded(ticket) => {
                let range = self.loads.remove(ticket);
                let load = |range: Range| self.disk.load(range.log, range.from, range.to);
                Input::Loaded(Ticket(*ticket), range.map(load).unwrap_or_default())
            }
            Hears::Link(bus, true) => Input::Link(*bus, LinkChange::Up),
            Hears::Link(bus, false) => Input::Link(*bus, LinkChange::Down),
            Hears::Wake => Input::Wake,
        }
    }

    /// Notes which units speak to the office.
    fn listen(&mut self, turn: &Turn) {
        if let Hears::Frame(_, frame) = &turn.hears
            && let Said::Direct {
                body: Direct::Field(message),
                ..
            } = frame.get().said()
            && let FieldReport::Unit(report) = &message.report
            && self
                .office
                .as_ref()
                .is_some_and(|it| report.asked == Some(it.question_number()))
        {
            self.spoke.insert(report.unit);
        }
    }
}

/// The frame as every receiver will decode it; a frame that none would believe is a violation.
fn verified(engine: &mut Engine, now: Moment, frame: &Frame) -> Option<Verified<Frame>> {
    let topic = frame.topic().on(engine.setup().network.id);
    match engine.verify(&topic, frame.text().as_bytes()) {
        Ok(frame) => Some(frame),
        Err(refusal) => {
            let text = format!("a frame on {topic} is refused: {refusal}");
            engine.judge().violate(now, "R02", text);
            None
        }
    }
}

/// A number that is the boot's own, to draw from.
fn seed_of(turn: &Turn) -> u64 {
    let Hears::Boot(seed) = &turn.hears else {
        return 0;
    };
    let (first, _) = seed.0.split_at(8);
    first
        .iter()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// The commitments that an office's own entries make.
fn commitments_of(party: PartyId, entries: &[Arc<Envelope>]) -> impl Iterator<Item = AidId> {
    let own = entries
        .iter()
        .filter(move |entry| entry.header().log.author == party);
    own.filter_map(|entry| match entry.body()? {
        Body::AidCommit(commit) => Some(commit.aid),
        _ => None,
    })
}
