//! The bus in memory, deterministic: delays, losses, duplicates, cuts; disks that sync a little
//! later; crews that hear orders. One seed, one run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use agents::{Alarm, Input, LinkChange, Now, Office, Output, Range, Seed, Ticket};
use protocol::{
    BusId, CommandReply, Decoder, Direct, Envelope, FieldReport, Frame, Hash, Moment, PartyId,
    ResourceId, Roster, Said, Span, Speaker, Topic, Wall,
};

use crate::buses::Buses;
use crate::cast::{self, GROUND, MACHINES, Setting, network, party};
use crate::crew::Crew;
use crate::machine::Machine;

/// How long a disk takes to sync if nothing ails it.
const SYNC: Span = Span::millis(5);

/// What the network does to frames.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Weather {
    /// Lost, per hundred.
    pub(crate) loss: u64,
    /// Delivered twice, per hundred.
    pub(crate) twice: u64,
    /// Greatest delay beyond the usual 20 ms; more than a little means that frames overtake.
    pub(crate) jitter: Span,
    /// What every frame takes besides: a line by satellite, or a drill that runs fast.
    pub(crate) slow: Span,
}

#[derive(Clone, Debug)]
enum Event {
    Frame(usize, BusId, String, Arc<str>),
    Order(Arc<Frame>),
    Durable(usize, u32, Ticket),
    Loaded(usize, u32, Ticket, Range),
    Wake(usize, u64),
    Crew(ResourceId),
}

/// A region in one process and in virtual time.
pub(crate) struct Region {
    pub(crate) now: Moment,
    /// How long disks take to sync.
    pub(crate) sync: Span,
    pub(crate) weather: Weather,
    pub(crate) machines: Vec<Machine>,
    pub(crate) crews: BTreeMap<ResourceId, Crew>,
    /// Everything that offices published.
    pub(crate) said: Vec<(Moment, PartyId, Arc<Frame>)>,
    pub(crate) alarms: Vec<(PartyId, Alarm)>,
    pub(crate) replies: Vec<CommandReply>,
    pub(crate) turns: u64,
    setting: Setting,
    roster_log: Vec<Arc<Envelope>>,
    roster: Roster,
    decoder: Decoder,
    pub(crate) buses: Buses,
    cuts: BTreeSet<(usize, usize)>,
    pub(crate) speakers: BTreeMap<String, Speaker>,
    events: BTreeMap<(Moment, u64), Event>,
    counter: u64,
    dice: u64,
}

impl Region {
    /// Everybody's machine is there and none is running.
    pub(crate) fn dark(setting: Setting, seed: u64) -> Self {
        let (roster, roster_log) = cast::roster();
        let machines = MACHINES.map(|(name, ..)| Machine::new(name, &roster_log));
        let mut crews = BTreeMap::new();
        for (name, ..) in MACHINES {
            for resource in setting.inventory(name) {
                if resource.kind.form() == protocol::Form::Unit {
                    crews.insert(resource.resource, Crew::new(party(name), &resource));
                }
            }
        }
        Self {
            now: Moment(1_000_000_000_000),
            weather: Weather::default(),
            machines: machines.into(),
            crews,
            said: Vec::new(),
            alarms: Vec::new(),
            replies: Vec::new(),
            turns: 0,
            setting,
            roster_log,
            roster,
            decoder: Decoder::new(network()),
            buses: Buses::one(),
            cuts: BTreeSet::new(),
            speakers: BTreeMap::new(),
            events: BTreeMap::new(),
            sync: SYNC,
            counter: 0,
            dice: seed,
        }
    }

    /// Everybody has booted and serves.
    pub(crate) fn up(setting: Setting) -> Self {
        let mut region = Self::dark(setting, 7);
        for index in 0..MACHINES.len() {
            region.boot(index);
        }
        region.run(Span::seconds(10));
        region
    }

    pub(crate) fn index(name: &str) -> usize {
        MACHINES
            .iter()
            .position(|(other, ..)| *other == name)
            .unwrap()
    }

    pub(crate) fn office(&self, name: &str) -> &Office {
        self.machines[Self::index(name)].office.as_ref().unwrap()
    }

    pub(crate) fn boot(&mut self, index: usize) {
        let stored = self.machines[index].start(&self.setting);
        let life = self.machines[index].life;
        let seed = Seed(Hash::of(format!("{index} {life}").as_bytes()));
        self.tell(index, Input::Boot(stored, seed));
        for bus in self.buses.of(index) {
            self.tell(index, Input::Link(bus, LinkChange::Up));
            for (topic, text) in self.buses.kept(bus) {
                self.enter(Span::millis(10), Event::Frame(index, bus, topic, text));
            }
        }
    }

    /// The broker forgets what it kept.
    pub(crate) fn forget_retained(&mut self) {
        self.buses.forget();
    }

    pub(crate) fn crash(&mut self, index: usize) {
        self.machines[index].crash();
    }

    pub(crate) fn lose_disk(&mut self, index: usize) {
        self.machines[index].lose_disk(&self.roster_log);
    }

    /// Starts a second machine under an office's name, from a copy of its disk.
    pub(crate) fn boot_twin(&mut self, name: &str) -> usize {
        let twin = self.machines[Self::index(name)].twin();
        self.machines.push(twin);
        let index = self.machines.len() - 1;
        self.boot(index);
        index
    }

    /// Cuts two groups from each other; crews hear their owners wherever these are.
    pub(crate) fn cut(&mut self, one: &[usize], other: &[usize]) {
        for a in one {
            for b in other {
                self.cuts.insert((*a, *b));
                self.cuts.insert((*b, *a));
            }
        }
    }

    /// Nothing that a machine says is heard by the others; it still hears them.
    pub(crate) fn mute(&mut self, index: usize) {
        self.cuts
            .extend((0..MACHINES.len()).map(|other| (index, other)));
    }

    pub(crate) fn heal(&mut self) {
        self.cuts.clear();
    }

    fn roll(&mut self, sides: u64) -> u64 {
        self.dice = self
            .dice
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.dice >> 33) % sides.max(1)
    }

    fn enter(&mut self, after: Span, event: Event) {
        self.counter += 1;
        self.events.insert((self.now + after, self.counter), event);
    }

    /// Lets time pass.
    pub(crate) fn run(&mut self, span: Span) {
        let end = self.now + span;
        while let Some(((at, _), event)) = self.events.pop_first() {
            if at > end {
                self.counter += 1;
                self.events.insert((at, self.counter), event);
                break;
            }
            self.now = self.now.max(at);
            self.happen(event);
        }
        self.now = end;
    }

    /// Lets time pass until something is so; fails after two hours.
    pub(crate) fn run_until(&mut self, what: &str, mut so: impl FnMut(&Self) -> bool) {
        for _ in 0..7_200 {
            if so(self) {
                return;
            }
            self.run(Span::seconds(1));
        }
        assert!(
            so(self),
            "{what} did not come within two hours:\n{}",
            self.story()
        );
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Frame(to, bus, topic, text) => self.arrive((to, bus), &topic, text.as_bytes()),
            Event::Order(frame) => self.order(&frame),
            Event::Durable(index, life, ticket) => {
                if self.machines[index].life == life {
                    self.machines[index].sync(ticket);
                    self.tell(index, Input::Durable(ticket));
                }
            }
            Event::Loaded(index, life, ticket, range) => {
                if self.machines[index].life == life {
                    let found = self.machines[index].load(range);
                    self.tell(index, Input::Loaded(ticket, found));
                }
            }
            Event::Wake(index, wish) => {
                if self.machines[index].wish == wish {
                    self.tell(index, Input::Wake);
                }
            }
            Event::Crew(unit) => self.crew(unit),
        }
    }

    /// Bytes reach a machine over the first of its buses.
    pub(crate) fn hear(&mut self, to: usize, topic: &str, bytes: &[u8]) {
        self.arrive((to, self.buses.of(to)[0]), topic, bytes);
    }

    fn arrive(&mut self, (to, bus): (usize, BusId), topic: &str, bytes: &[u8]) {
        match self.decoder.frame(topic, bytes, &self.roster) {
            Ok(frame) => self.tell(to, Input::Heard(bus, frame)),
            Err(refusal) => self.alarms.push((
                self.machines[to].party,
                Alarm {
                    code: refusal.code(),
                    text: refusal.to_string(),
                },
            )),
        }
    }

    pub(crate) fn tell(&mut self, index: usize, input: Input) {
        let now = Now {
            drill: self.now,
            link: self.now,
            wall: Wall::at(self.now),
        };
        let Some(office) = self.machines[index].office.as_mut() else {
            return;
        };
        self.turns += 1;
        for output in office.handle(now, input) {
            self.put_out(index, output);
        }
    }

    fn put_out(&mut self, index: usize, output: Output) {
        let life = self.machines[index].life;
        match output {
            Output::Append(ticket, envelope) => {
                self.machines[index].append(ticket, envelope);
                self.enter(self.sync, Event::Durable(index, life, ticket));
            }
            Output::Keep(ticket, at) => {
                self.machines[index].keep(ticket, at);
                self.enter(self.sync, Event::Durable(index, life, ticket));
            }
            // What is read from its first entry comes to the same.
            Output::Mark(_) => {}
            Output::Load(range, ticket) => {
                self.enter(SYNC, Event::Loaded(index, life, ticket, range));
            }
            Output::Publish(bus, frame) => self.publish((index, bus), &frame),
            Output::Alarm(alarm) => self.alarms.push((self.machines[index].party, alarm)),
            Output::WakeAt(at) => {
                self.machines[index].wish = self.counter;
                let after = at.drill.min(at.link).since(self.now);
                self.enter(after, Event::Wake(index, self.counter));
            }
        }
    }

    /// Puts a frame on a bus, as its sender would.
    pub(crate) fn publish(&mut self, (from, bus): (usize, BusId), frame: &Arc<Frame>) {
        self.is_durable_first(from, frame);
        self.said
            .push((self.now, self.machines[from].party, Arc::clone(frame)));
        let topic = frame.topic();
        self.buses.keep(bus, topic, frame.text());
        if let Said::Direct {
            body: Direct::Reply(reply),
            ..
        } = frame.said()
        {
            self.replies.push(reply.clone());
        }
        if let Topic::Order(_) = topic {
            for delay in self.delays() {
                self.enter(delay, Event::Order(Arc::clone(frame)));
            }
            return;
        }
        for to in 0..self.machines.len() {
            // A broker gives a client its own messages back.
            if self.buses.is_on(to, bus) && !self.cuts.contains(&(from, to)) {
                self.carry((to, bus), topic, frame.text());
            }
        }
    }

    /// Brings a frame to a machine over the first of its buses, its own.
    pub(crate) fn send(&mut self, to: usize, topic: Topic, text: &Arc<str>) {
        let own = self.buses.of(to)[0];
        self.carry((to, own), topic, text);
    }

    fn carry(&mut self, (to, bus): (usize, BusId), topic: Topic, text: &Arc<str>) {
        let topic = topic.on(network().id);
        for delay in self.delays() {
            let (topic, text) = (topic.clone(), Arc::clone(text));
            self.enter(delay, Event::Frame(to, bus, topic, text));
        }
    }

    /// When the copies of a frame arrive; none if it is lost.
    fn delays(&mut self) -> Vec<Span> {
        let Weather {
            loss,
            twice,
            jitter,
            slow,
        } = self.weather;
        if self.roll(100) < loss {
            return Vec::new();
        }
        let copies = 1 + u64::from(self.roll(100) < twice);
        (0..copies)
            .map(|_| Span(Span::millis(20).0 + slow.0 + self.roll(jitter.0 + 1)))
            .collect()
    }

    fn order(&mut self, frame: &Frame) {
        let Said::Direct {
            body: Direct::Order(order),
            ..
        } = frame.said()
        else {
            return;
        };
        let unit = order.unit;
        let Some(crew) = self.crews.get_mut(&unit) else {
            return;
        };
        crew.hear(order, self.now);
        self.crew(unit);
    }

    fn crew(&mut self, unit: ResourceId) {
        let Some(crew) = self.crews.get_mut(&unit) else {
            return;
        };
        let (report, owner) = (crew.pass(self.now), crew.owner);
        if crew.planned <= self.now {
            crew.planned = Moment(u64::MAX);
        }
        let next = crew.next();
        if next < crew.planned {
            crew.planned = next;
            self.enter(next.since(self.now), Event::Crew(unit));
        }
        if let Some(report) = report {
            self.report(GROUND, owner.as_str(), FieldReport::Unit(report));
        }
    }
}
