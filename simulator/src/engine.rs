//! The engine: which office hears what, and when, in virtual time and in a lock-step drill alike.
//!
//! [`Engine::next`] says what an office hears at an instant; whoever runs the offices performs
//! it and answers with [`Engine::done`]. Between the two the engine holds the frames in flight, the
//! broker's retained messages, the disks' latency, the wishes to be woken, the faults and the world.
//! It never looks into an office.

mod desk;
mod erring;
mod fault;
mod flight;
mod meet;
mod relay;
mod traffic;
mod turn;
mod twin;
mod wiring;

use std::collections::BTreeMap;
use std::sync::Arc;

use protocol::{
    Decoder, Envelope, Frame, Hash, LogKey, Moment, Network, PartyId, Refusal, Roster, Span,
    Verified, Wall,
};

use crate::calendar::Calendar;
use crate::judge::Judge;
use crate::network::Mesh;
use crate::recorder::Recorder;
use crate::run_digest::RunDigest;
use crate::scenario::{BusPlan, FaultPlan, NetworkProfile};
use crate::world::{World, WorldInput, WorldOutput};
use desk::Desk;
use fault::known;
use flight::Flight;
use relay::Relay;
pub use turn::{Deed, Hears, Turn, decision_of};
use twin::{TakeOver, duplicates};
use wiring::{Bus, Hearers, Place};

/// From an append to its being on the disk: an SSD's flush with a margin (model).
///
/// One flush covers all that was appended until it ends, as a journal's group commit does.
const SYNC: Span = Span::millis(2);

/// From asking for old entries to having them (model).
const LOAD: Span = Span::millis(1);

/// An office that wishes to be woken at once is woken after this, so that time goes on.
const WAKE_LEAST: Span = Span::millis(1);

/// What an engine is made of, the world aside.
#[derive(Clone, Debug)]
pub struct EngineSetup {
    /// The seed of the run.
    pub seed: u64,
    /// The network.
    pub network: Network,
    /// The roster, by which frames are verified.
    pub roster: Roster,
    /// The offices, in the order in which they boot.
    pub offices: Vec<PartyId>,
    /// The buses, and who is on which.
    pub buses: Vec<BusPlan>,
    /// What links are like without a fault.
    pub links: NetworkProfile,
    /// What fails.
    pub faults: FaultPlan,
    /// Drill time at which the run begins.
    pub start: Moment,
    /// Drill time at which the scenario ends: everything heals and no decision is digested any more.
    pub end: Moment,
    /// How long crews and offices go on after the end, so that they may converge.
    pub drain: Span,
}

/// How long the run goes on with a world that stands still, at the end of the drain.
pub(crate) const STANDSTILL: Span = Span::minutes(5);

/// What happens in the engine at a time.
#[derive(Debug)]
enum Event {
    Deliver(u16, Place, Verified<Frame>),
    /// A frame comes to the broker on its host's machine, for those who are to hear it.
    Hand(Place, Hearers, Verified<Frame>),
    /// The world hears an order.
    Order(Verified<Frame>),
    /// A flush ends; void if the office has crashed since.
    Synced(u16, u32),
    Loaded(u16, u32, u64),
    Wake(u16, u32),
    Boot(u16),
    /// A bus of an office comes or goes, as the faults have it.
    Link(u16, Place),
    /// The office finds a bus gone, and connects anew.
    Unlink(u16, Place),
    /// The broker gives up on an office that stands still.
    GiveUp(u16),
    Fault(u32, Edge),
    /// An operator tells a machine to serve.
    TakeOver(usize),
    /// The scenario is over.
    Heal,
}

/// The two ends of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edge {
    Begins,
    Ends,
}

/// Drives offices and world.
#[derive(Debug)]
pub struct Engine {
    setup: EngineSetup,
    now: Moment,
    calendar: Calendar<Event>,
    desks: Vec<Desk>,
    /// The first machine of each office.
    by_party: BTreeMap<PartyId, u16>,
    /// The second machines that are there.
    twins: Vec<u16>,
    take_overs: Vec<TakeOver>,
    buses: Vec<Bus>,
    mesh: Mesh,
    relay: Relay,
    world: World,
    world_due: Option<Moment>,
    decoder: Decoder,
    digest: RunDigest,
    recorder: Option<Recorder>,
    judge: Judge,
    /// What the world and the broker published since somebody last asked, if anybody asks.
    published: Option<Vec<Verified<Frame>>>,
    refused: u64,
    /// How many faults of each kind have struck.
    struck: BTreeMap<&'static str, u64>,
    erred: Vec<Arc<Envelope>>,
    flight: Flight,
}

impl Engine {
    /// An engine before the first instant.
    pub fn new(setup: EngineSetup, world: World, recorder: Option<Recorder>) -> Self {
        let numbers = || (0_u16..).zip(&setup.offices);
        let known = known(&setup);
        let by_party = numbers().map(|(n, party)| (*party, n)).collect();
        let by_party: BTreeMap<PartyId, u16> = by_party;
        let seconds = duplicates(&setup.faults);
        let seconds = seconds.map(|party| (party, by_party.get(&party).copied()));
        let firsts = setup.offices.iter().map(|party| (*party, None));
        let desks: Vec<Desk> = firsts
            .chain(seconds)
            .map(|(party, twin_of)| Desk::new(party, twin_of))
            .collect();
        let seats = desks.iter().map(|desk| desk.party).collect();
        let mut engine = Self {
            now: setup.start,
            calendar: Calendar::new(known),
            desks,
            twins: Vec::new(),
            take_overs: Vec::new(),
            buses: Bus::all(&setup.buses, &by_party),
            by_party,
            mesh: Mesh::new(seats, setup.links, setup.seed),
            relay: Relay::new(setup.seed),
            world_due: None,
            world,
            decoder: Decoder::new(setup.network.clone()).of_each_frame_once(),
            digest: RunDigest::default(),
            recorder,
            judge: Judge::new(setup.network.clone()),
            published: None,
            refused: 0,
            struck: BTreeMap::new(),
            erred: Vec::new(),
            flight: Flight::default(),
            setup,
        };
        engine.world_due = engine.world.due();
        engine
    }

    /// Keeps what the world and the broker publish for [`Engine::take_published`], as a lock-step drill needs.
    #[must_use]
    pub fn with_live_world(mut self) -> Self {
        self.published = Some(Vec::new());
        self
    }

    /// The next turn; `None` when the run is over. The turn before must be done.
    #[expect(
        clippy::should_implement_trait,
        reason = "an iterator could be collected, and each turn must be done before the next"
    )]
    pub fn next(&mut self) -> Option<Turn> {
        loop {
            let stop = self.stop();
            let world = self.world_due.filter(|due| *due <= self.standstill());
            let event = self.calendar.due();
            if world.is_some_and(|world| event.is_none_or(|event| world <= event)) {
                let due = world.unwrap_or(self.now);
                self.now = self.now.max(due);
                self.world_due = None;
                let outputs = self.world.handle(self.now, WorldInput::Wake);
                self.enact(outputs);
                continue;
            }
            let (at, event) = self.calendar.take_due(stop)?;
            self.now = self.now.max(at);
            if let Some(turn) = self.meet(event) {
                return Some(turn);
            }
        }
    }

    /// An office has performed its turn: what it did, in order.
    pub fn done(&mut self, turn: &Turn, deeds: Vec<Deed>) {
        let number = turn.seat;
        let mut said = None;
        for deed in deeds {
            match deed {
                Deed::Publish(bus, frame) => {
                    self.publish(number, self.place(bus), &frame);
                    said = Some(frame);
                }
                Deed::Also(bus) => {
                    if let Some(frame) = &said {
                        self.publish_on(number, self.place(bus), frame);
                    }
                }
                Deed::Append(ticket, decision) => self.append(number, ticket, decision),
                Deed::Load(ticket) => {
                    let life = self.desks[usize::from(number)].life;
                    let due = self.now + LOAD;
                    self.calendar
                        .enter(due, Event::Loaded(number, life, ticket));
                }
                Deed::WakeAt(at) => self.wish(number, at),
                Deed::Will(text) => self.keep_will(number, &text),
                Deed::AlarmOfTwin => self.alarmed_of_twin(number),
            }
        }
        if turn.is_boot() {
            for place in self.buses_of(number) {
                self.calendar.enter(self.now, Event::Link(number, place));
            }
            self.relink_host(number);
        }
    }

    /// Checks a frame as every receiver does; what is refused reaches nobody.
    pub fn verify(&mut self, topic: &str, payload: &[u8]) -> Result<Verified<Frame>, Refusal> {
        let verified = self.decoder.frame(topic, payload, &self.setup.roster);
        self.refused += u64::from(verified.is_err());
        verified
    }

    /// What the world and the broker published since the last call; empty without [`Engine::with_live_world`].
    pub fn take_published(&mut self) -> Vec<Verified<Frame>> {
        self.published
            .as_mut()
            .map(std::mem::take)
            .unwrap_or_default()
    }

    /// Lines of the recording since the last call.
    pub fn take_lines(&mut self) -> Vec<String> {
        self.recorder
            .as_mut()
            .map(Recorder::take)
            .unwrap_or_default()
    }

    /// Ends the recording, which goes to the scenario's end, and returns its last lines and the digest of the run.
    pub fn finish(&mut self) -> (Vec<String>, Hash) {
        let digest = self.digest.finish();
        let at = self.now.min(self.setup.end);
        let lines = self
            .recorder
            .as_mut()
            .map(|recorder| recorder.end(at, digest));
        (lines.unwrap_or_default(), digest)
    }

    /// The time of the last turn.
    pub fn now(&self) -> Moment {
        self.now
    }

    /// Metres that crews have driven so far.
    pub fn driven_m(&self) -> u64 {
        self.world.driven_m(self.now)
    }

    /// The network, its offices and its times.
    pub fn setup(&self) -> &EngineSetup {
        &self.setup
    }

    /// The world.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Has the judge hold the union of all logs against the crews and the disks.
    pub(crate) fn inspect(&mut self, stands: impl Fn(LogKey, u64) -> bool) {
        self.judge.inspect_resources(self.now);
        self.judge.inspect_beside(self.now, &self.world, stands);
    }

    /// The judge, who hears every frame.
    pub fn judge(&mut self) -> &mut Judge {
        &mut self.judge
    }

    /// Frames that were refused at the edge.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// Events that wait, the faults and boots known beforehand aside.
    pub fn in_flight(&self) -> usize {
        self.calendar.queued()
    }

    /// Looks at what must hold when all has settled.
    pub fn close(&mut self) {
        self.inspect_flight();
        self.judge.close(self.now, &self.world);
    }

    /// Looks at what must have come true since all was healed, for offices that act by themselves.
    pub fn close_alive(&mut self, acts: impl Fn(PartyId) -> bool) {
        self.judge.close_alive(self.now, &self.world, acts);
    }

    /// Whether an office runs and is not cut off from the bus.
    pub fn is_reachable(&self, office: PartyId) -> bool {
        let desk = &self.desks[usize::from(self.by_party[&office])];
        desk.runs && !desk.linked.is_empty()
    }

    /// When the world stands still and the offices only settle.
    fn standstill(&self) -> Moment {
        self.setup.end + self.setup.drain
    }

    fn stop(&self) -> Moment {
        if self.setup.drain == Span::ZERO {
            self.setup.end
        } else {
            self.standstill() + STANDSTILL
        }
    }

    /// What an office's wall clock shows at a turn.
    pub fn wall(&self, turn: &Turn) -> Wall {
        self.desks[usize::from(turn.seat)].wall(turn.at)
    }

    /// Does what the world says.
    fn enact(&mut self, outputs: Vec<WorldOutput>) {
        for output in outputs {
            match output {
                WorldOutput::Publish(frame) => self.publish_for_world(&frame),
                WorldOutput::Truth(event) => self.judge_truth(event),
                WorldOutput::Obeyed(obeyed) => self.judge.obeyed(self.now, &obeyed),
                WorldOutput::Moved(unit, from, to) => self.judge.moved(self.now, unit, (from, to)),
                WorldOutput::WakeAt(at) => self.world_due = Some(at),
            }
        }
    }

    fn judge_truth(&mut self, event: protocol::Truth) {
        let now = self.now;
        self.judge.truth(now, &event);
        if let Some(recorder) = self.recording() {
            recorder.truth(now, event);
        }
    }

    /// The recorder, until the scenario's end.
    fn recording(&mut self) -> Option<&mut Recorder> {
        let goes_on = self.now <= self.setup.end;
        self.recorder.as_mut().filter(|_| goes_on)
    }
}

#[cfg(test)]
mod tests;
