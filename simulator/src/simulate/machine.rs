//! A machine in virtual time: one office, its disk, and the loop that a live shell runs too.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use agents::{Input, LinkChange, Now, Office, Output, Range, Seed, Stored, Ticket};
use picture::SharedFolds;
use protocol::{
    AidId, Body, CommandReply, Direct, Envelope, FieldReport, Frame, LogKey, Moment, Outcome,
    PartyId, ResourceId, Said, Task, Topic, Verified, Wall, limit,
};

use crate::disk::Disk;
use crate::drill::Drill;
use crate::engine::{Deed, Engine, Hears, Turn, decision_of};
use crate::judge::invariant::{self, Durable};
use crate::judge::{Judge, i3_seals_what_it_follows, r20_clock_is_not_dragged};
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
    /// Commitments of its own that are durable.
    committed: BTreeSet<AidId>,
    /// The life that this one says it follows.
    follows: Option<LogKey>,
    /// Units that have spoken to it in this life.
    spoke: BTreeSet<ResourceId>,
    /// The latest that its wall clock ever showed.
    latest: Wall,
    alarms: Vec<String>,
}

impl Machine {
    /// A machine whose disk holds the roster alone.
    pub(super) fn new(party: PartyId, roster_log: &[Arc<Envelope>], folds: &SharedFolds) -> Self {
        Self {
            party,
            office: None,
            disk: Disk::holding(roster_log.to_vec()),
            roster_log: roster_log.to_vec(),
            folds: folds.clone(),
            loads: BTreeMap::new(),
            committed: BTreeSet::new(),
            follows: None,
            spoke: BTreeSet::new(),
            latest: Wall::default(),
            alarms: Vec::new(),
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

    pub(super) fn office(&self) -> Option<&Office> {
        self.office.as_ref()
    }

    /// How far each log on its disk goes.
    pub(super) fn held(&self) -> impl Iterator<Item = (LogKey, u64)> {
        self.disk.logs().map(|(log, (_, last))| (log, last))
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
                    self.disk.keep(ticket, at);
                }
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
        let authors = self.office.iter().flat_map(|it| it.picture().authors());
        let logs = authors.flat_map(|(author, known)| {
            let logs = known.lineage.logs().iter();
            logs.map(move |(life, log)| (author, life, log.parked()))
        });
        for (author, life, parked) in logs {
            let what = format!("entries of {author}/{life} at {}", self.party);
            let bound = limit::PARKED_ENVELOPES;
            if let Err(text) = invariant::j14_within(&what, parked, bound) {
                judge.violate(now, "J14", text);
            }
        }
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
                scenario::Disk::Old(age) => {
                    let taken = Moment(crashed_at.0.saturating_sub(age.0));
                    self.disk.restore(taken);
                }
                scenario::Disk::Lost => self.disk = Disk::holding(self.roster_log.clone()),
            }
        }
        self.loads.clear();
        self.follows = None;
        self.spoke.clear();
        let stored = self.disk.stored();
        self.committed = commitments_of(self.party, &stored).collect();
        let office = drill.office(self.party);
        self.office = office.map(|office| office.sharing(&self.folds));
    }

    fn input(&mut self, turn: &Turn) -> Input {
        match &turn.hears {
            Hears::Boot(seed) => {
                let stored = Stored {
                    snapshots: self.disk.snapshots(),
                    envelopes: self.disk.stored(),
                };
                Input::Boot(stored, Seed(*seed))
            }
            Hears::Frame(bus, frame) => Input::Heard(*bus, frame.clone()),
            Hears::Durable(ticket) => {
                let durable = self.disk.sync(*ticket, turn.at);
                self.committed.extend(commitments_of(self.party, durable));
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
        {
            self.spoke.insert(report.unit);
        }
    }

    /// What an office writes: R20; I3, for it knows what it lived before; R8, for what binds is dated in
    /// drill time; and R3 by the amnesia guard, for whoever follows a life commits no unit that has not
    /// spoken to it in this one.
    fn check_written(&mut self, now: Moment, it: &Envelope, (drill, judge): (&Drill, &mut Judge)) {
        let log = it.header().log;
        let writes = self.office.as_ref().map(Office::incarnation);
        // What an earlier life wrote and others gave back is no word of this one.
        if log.author != self.party || writes != Some(log.incarnation) {
            return;
        }
        if let Err(text) = r20_clock_is_not_dragged(it, self.latest) {
            judge.violate(now, "R20", text);
        }
        if let Some(Body::Seal(seal)) = it.body() {
            self.follows = seal.predecessor.map(|before| before.log);
            // A second machine may have no memory and nobody to ask.
            let sealed = i3_seals_what_it_follows(judge.picture(), it);
            if let Err(text) = sealed
                && !is_duplicated(drill, self.party)
            {
                judge.violate(now, "I3", text);
            }
        }
        let Some(Body::AidCommit(commit)) = it.body() else {
            return;
        };
        if commit.at != now {
            let text = format!("{} is dated by another clock than the drill's", commit.aid);
            judge.violate(now, "R8", text);
        }
        let unit = commit.resource;
        if self.follows.is_some() && self.is_unit(unit) && !self.spoke.contains(&unit) {
            let text = format!("{unit} is committed and has not spoken since its office booted");
            judge.violate(now, "R3", text);
        }
    }

    fn is_unit(&self, resource: ResourceId) -> bool {
        let office = self.office.as_ref();
        let own = office.and_then(|office| office.picture().state(self.party));
        let holding = own.and_then(|own| own.holdings.get(&resource));
        holding.is_some_and(|holding| holding.unit().is_some())
    }

    /// J9: what an office says that it holds, in a digest or an answer, is on its disk.
    fn check_promised(&self, now: Moment, body: &Direct, judge: &mut Judge) {
        let said = match body {
            Direct::Digest(digest) => digest
                .logs
                .iter()
                .map(|held| (held.log, held.seq))
                .collect(),
            Direct::Reply(CommandReply {
                outcome: Outcome::Done { log, seq, .. },
                ..
            }) => vec![(*log, *seq)],
            _ => Vec::new(),
        };
        for (log, seq) in said {
            if self.disk.load(log, seq, seq).is_empty() {
                let party = self.party;
                let text = format!("{party} says that it holds {log} up to {seq}, and does not");
                judge.violate(now, "J9", text);
            }
        }
    }

    /// J9: every entry that is published is on this disk. Its own entries are swapped for the ones
    /// that everybody else holds, so that memory has each but once.
    fn check_published(&mut self, now: Moment, frame: &Frame, judge: &mut Judge) {
        if let Said::Direct {
            body: Direct::Order(order),
            ..
        } = frame.said()
            && matches!(order.task, Task::Go { .. })
            && !self.committed.contains(&order.aid)
        {
            let text = format!(
                "{}: {} is ordered before it is durable",
                self.party, order.aid
            );
            judge.violate(now, "J9", text);
        }
        if let Said::Direct { body, .. } = frame.said() {
            self.check_promised(now, body, judge);
        }
        if !matches!(frame.topic(), Topic::Log(_) | Topic::Fill(_)) {
            return;
        }
        let (Said::Append { batch, .. } | Said::Direct { batch, .. }) = frame.said() else {
            return;
        };
        for envelope in &batch.envelopes {
            let header = envelope.header();
            let durable = if self.disk.share(envelope) {
                Durable::Yes
            } else {
                Durable::No
            };
            let checked = invariant::j9_published_is_durable(header.log, header.seq, durable);
            if let Err(text) = checked {
                judge.violate(now, "J9", format!("{}: {text}", self.party));
            }
        }
    }
}

/// Whether a second machine runs under an office's name at some time of the drill.
fn is_duplicated(drill: &Drill, party: PartyId) -> bool {
    let mut faults = drill.scenario().faults.faults.iter();
    faults.any(|fault| {
        matches!(fault.what, scenario::FaultKind::OfficeDuplicate { office, .. } if office == party)
    })
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
