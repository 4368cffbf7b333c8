//! The truth of a drill: incidents, crews, roads and what people on the ground tell their offices.
//!
//! The world plays call intake, every crew terminal and the exercise controllers. It has the shape
//! of an office: it is told the time and what it hears, and answers with what it does. Offices only
//! ever learn what it publishes.

mod controller;
mod crew;
mod evaluation;
mod ground;
mod leg;
mod lookout;
mod scene;
mod telling;
mod terrain;
mod voice;

use std::collections::BTreeMap;
use std::sync::Arc;

use protocol::{
    Action, AidId, Body, Direct, Fence, Frame, Header, Incarnation, IncidentId, LogKey, Moment,
    PartyId, RequestId, Resource, ResourceId, Said, Truth, UnitState, Verified,
};

pub use ground::RegionTerrain;
pub(crate) use leg::SET_UP;
pub use terrain::{StraightLines, Terrain};
pub use voice::Voices;

use crate::calendar::Calendar;
use crate::scenario::{CrewPlan, Inject, Objective, Phase, PlannedIncident, Schedule};
use controller::Charge;
use crew::Crew;
use evaluation::AidTimes;
use scene::{Letter, Scene};

/// Everything that will happen, whatever the offices do.
#[derive(Clone, Debug)]
pub struct WorldPlan {
    /// The seed of the run.
    pub seed: u64,
    /// From when on nothing new begins; what has begun goes on.
    pub end: Moment,
    /// Incidents, in any order.
    pub incidents: Vec<PlannedIncident>,
    /// What hazards do and what is told of them.
    pub schedule: Schedule,
    /// Named windows.
    pub phases: Vec<Phase>,
    /// What exercise controllers give.
    pub injects: Vec<Inject>,
    /// What is to be exercised, with the grades, best first.
    pub objectives: (Vec<Objective>, Vec<String>),
    /// How crews behave.
    pub crews: CrewPlan,
    /// Every resource with its owner; units become crews.
    pub fleet: Vec<(PartyId, Resource)>,
}

/// What the world is told.
#[derive(Clone, Debug)]
pub enum WorldInput {
    /// A frame: an order to a unit, or a log from which the ground sees what its office knows.
    Heard(Verified<Frame>),
    /// An operator of an office gives a command, under this id.
    Operate(Box<(PartyId, RequestId, Action)>),
    /// The time that it asked for has come.
    Wake,
}

/// What the world does. Executed in order.
#[derive(Clone, Debug)]
pub enum WorldOutput {
    /// Publish this.
    Publish(Arc<Frame>),
    /// This truly happened.
    Truth(Truth),
    /// A terminal obeyed an order; the judge compares the fences.
    Obeyed(Obeyed),
    /// A crew went from one state to another; the judge knows which steps there are.
    Moved(ResourceId, UnitState, UnitState),
    /// Say [`WorldInput::Wake`] at this drill time; replaces the wish before it.
    WakeAt(Moment),
}

/// That a terminal obeyed an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obeyed {
    /// The unit.
    pub unit: ResourceId,
    /// The greatest fence that its terminal had seen.
    pub before: Option<Fence>,
    /// The order's fence.
    pub fence: Fence,
    /// The commitment that it served before, if it was not idle.
    pub served: Option<AidId>,
    /// The commitment that the order names.
    pub aid: AidId,
    /// The commitments that it turns the crew away from.
    pub turned_from: Vec<AidId>,
}

/// What the world has to do at a time.
#[derive(Clone, Copy, Debug)]
enum Due {
    Phase(u32),
    Travel(u32),
    Report(u32),
    Inject(u32, u8),
    /// The drill is over.
    Grade,
    /// Somebody calls an office about a scene, for the nth time.
    Call(u32, u8, u8),
    News(u32, u8),
    /// A letter is sent, for the nth time.
    Letter(u32, u8),
    /// A crew's leg ends, if it is still this one.
    Leg(u32, u32),
    /// A terminal repeats its report, if there was none since.
    Repeat(u32, u32),
}

/// The simulated world.
#[derive(Debug)]
pub struct World {
    seed: u64,
    plan: CrewPlan,
    schedule: Schedule,
    phases: Vec<Phase>,
    end: Moment,
    charges: Vec<Charge>,
    objectives: Vec<Objective>,
    scale: Vec<String>,
    aid_times: AidTimes,
    due: Calendar<Due>,
    voices: Voices,
    terrain: Box<dyn Terrain>,
    crews: Vec<Crew>,
    by_unit: BTreeMap<ResourceId, u32>,
    by_aid: BTreeMap<AidId, u32>,
    /// The greatest life of each office that the ground has heard.
    lives: BTreeMap<PartyId, Incarnation>,
    /// How far the ground has heard each log: what is said again is not new.
    heads: BTreeMap<LogKey, u64>,
    scenes: Vec<Scene>,
    by_call: BTreeMap<RequestId, u32>,
    by_incident: BTreeMap<IncidentId, u32>,
    letters: Vec<Letter>,
    /// Metres of trips that are over.
    driven_m: u64,
    /// When the shell was last asked to wake it.
    wish: Option<Moment>,
    out: Vec<WorldOutput>,
}

impl World {
    /// A world before anything has happened.
    pub fn new(plan: WorldPlan, voices: Voices, terrain: Box<dyn Terrain>) -> Self {
        let units = plan
            .fleet
            .into_iter()
            .filter(|(_, resource)| resource.form() == protocol::Form::Unit);
        let crews: Vec<Crew> = units
            .map(|(owner, resource)| Crew::new(owner, resource))
            .collect();
        let scenes: Vec<Scene> = plan.incidents.into_iter().map(Scene::new).collect();
        let mut due = Vec::new();
        due.extend(numbered(&plan.phases).map(|(n, phase)| (phase.at, Due::Phase(n))));
        due.extend(numbered(&plan.schedule.travel).map(|(n, it)| (it.at, Due::Travel(n))));
        due.extend(numbered(&plan.schedule.reports).map(|(n, it)| (it.at, Due::Report(n))));
        let charges: Vec<Charge> = plan.injects.into_iter().map(Charge::new).collect();
        due.extend(
            numbered(&charges).filter_map(|(n, it)| Some((it.begins()?, Due::Inject(n, 0)))),
        );
        for (n, scene) in numbered(&scenes) {
            due.extend(scene.beginnings(n));
        }
        due.retain(|(at, _)| *at < plan.end);
        due.push((plan.end, Due::Grade));
        let (objectives, scale) = plan.objectives;
        Self {
            seed: plan.seed,
            plan: plan.crews,
            schedule: plan.schedule,
            phases: plan.phases,
            end: plan.end,
            charges,
            objectives,
            scale,
            aid_times: AidTimes::default(),
            heads: BTreeMap::new(),
            due: Calendar::new(due),
            voices,
            terrain,
            by_unit: numbered(&crews).map(|(n, crew)| (crew.unit, n)).collect(),
            by_aid: BTreeMap::new(),
            lives: BTreeMap::new(),
            crews,
            by_call: numbered(&scenes)
                .map(|(n, scene)| (scene.plan.call, n))
                .collect(),
            by_incident: BTreeMap::new(),
            scenes,
            letters: Vec::new(),
            driven_m: 0,
            wish: None,
            out: Vec::new(),
        }
    }

    /// Hears a frame or does what is due, and says what it did.
    pub fn handle(&mut self, now: Moment, input: WorldInput) -> Vec<WorldOutput> {
        match input {
            WorldInput::Heard(frame) => self.hear(now, frame.get()),
            WorldInput::Operate(command) => {
                let (office, request, action) = *command;
                let frame = self.voices.command(now, office, (request, action));
                self.out.extend(frame.map(WorldOutput::Publish));
            }
            WorldInput::Wake => {
                while let Some((_, due)) = self.due.take_due(now) {
                    self.meet(now, due);
                }
                self.wish = None;
            }
        }
        let next = self.due.due();
        if next != self.wish
            && let Some(next) = next
        {
            self.out.push(WorldOutput::WakeAt(next));
            self.wish = Some(next);
        }
        std::mem::take(&mut self.out)
    }

    /// When it next has something to do.
    pub fn due(&mut self) -> Option<Moment> {
        self.due.due()
    }

    /// Incidents whose work is done, and those that began.
    pub fn served(&self) -> (usize, usize) {
        let begun = self.scenes.iter().filter(|scene| scene.begun);
        let served = begun.clone().filter(|scene| scene.served.is_some()).count();
        (served, begun.count())
    }

    /// What a unit truly does: its state, the commitment that it serves, the greatest fence that
    /// its terminal has obeyed.
    pub fn unit(&self, unit: ResourceId) -> Option<(UnitState, Option<AidId>, Option<Fence>)> {
        let crew = &self.crews[*self.by_unit.get(&unit)? as usize];
        Some((crew.state(), crew.aid(), crew.fence))
    }

    /// Metres that crews have driven by then, out and home.
    pub fn driven_m(&self, now: Moment) -> u64 {
        let under_way = self.crews.iter().map(|crew| crew.driven(now));
        self.driven_m + under_way.sum::<u64>()
    }

    /// Whether a unit's work is done and it waits for the order home.
    pub fn is_done(&self, unit: ResourceId) -> bool {
        let crew = self.by_unit.get(&unit).map(|n| &self.crews[*n as usize]);
        let leg = crew.and_then(|crew| Some(crew.service()?.leg));
        leg == Some(crew::Leg::Done)
    }

    fn meet(&mut self, now: Moment, due: Due) {
        match due {
            Due::Phase(n) => {
                let title = self.phases[n as usize].title.clone();
                self.happened(now, Truth::Phase { title });
            }
            Due::Grade => self.grade(now),
            Due::Travel(n) => {
                let change = &self.schedule.travel[n as usize];
                self.terrain.change(change.roads, change.percent);
            }
            Due::Report(n) => {
                let planned = self.schedule.reports[n as usize].clone();
                self.tell(now, planned.to, planned.report);
            }
            Due::Inject(n, tries) => self.inject(now, n, tries),
            Due::Call(scene, told, tries) => self.call(now, (scene, told), tries),
            Due::News(scene, n) => self.news(now, scene, n),
            Due::Letter(letter, tries) => self.post(now, letter, tries),
            Due::Leg(crew, turn) => self.end_leg(now, crew, turn),
            Due::Repeat(crew, report) => self.repeat(now, crew, report),
        }
    }

    fn hear(&mut self, now: Moment, frame: &Frame) {
        match frame.said() {
            Said::Direct {
                from,
                body: Direct::Order(order),
                ..
            } => self.order(now, *from, order),
            Said::Append { batch, .. } => {
                for envelope in &batch.envelopes {
                    if let Some(body) = envelope.body() {
                        self.read(now, envelope.header(), body);
                    }
                }
            }
            Said::Direct { .. } | Said::View => {}
        }
    }

    /// What a life of an office says of units means nothing once a greater one is heard: a second machine
    /// may have written it, and whoever serves has not.
    fn read(&mut self, now: Moment, header: &Header, body: &Body) {
        let log = header.log;
        let greatest = self.lives.entry(log.author).or_insert(log.incarnation);
        *greatest = log.incarnation.max(*greatest);
        let is_past = log.incarnation < *greatest;
        if !is_past || !matches!(body, Body::UnitStatus(_) | Body::Returned(_)) {
            self.learn(now, log.author, body);
        }
        let head = self.heads.entry(log).or_default();
        if header.seq > *head {
            *head = header.seq;
            self.aid_times.hear(now, log.author, body);
            self.overheard(now, (log, header.seq), body);
        }
    }

    /// The ground sees in its office's log what the office has taken in, and stops repeating it.
    fn learn(&mut self, now: Moment, author: PartyId, body: &Body) {
        match body {
            Body::Incident(report) => {
                let by_call = report.request.and_then(|call| self.by_call.get(&call));
                let scene = by_call.or_else(|| self.by_incident.get(&report.incident));
                if let Some(scene) = scene.copied() {
                    self.by_incident.insert(report.incident, scene);
                    self.scenes[scene as usize].learn(now, author, report);
                }
            }
            Body::UnitStatus(status) => {
                if let Some(crew) = self.by_unit.get(&status.unit) {
                    self.crews[*crew as usize].taken_in(status.as_of);
                }
            }
            Body::Returned(returned) => {
                if let Some(crew) = self.by_aid.get(&returned.aid) {
                    self.crews[*crew as usize].returned(returned.aid, returned.at);
                }
            }
            _ => {}
        }
    }
}

/// Items with their place, as a number that an event can hold.
fn numbered<T>(items: &[T]) -> impl Iterator<Item = (u32, &T)> {
    (0_u32..).zip(items)
}

#[cfg(test)]
mod tests;
