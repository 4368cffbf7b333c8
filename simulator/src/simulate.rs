//! Virtual time: the same offices as on the live bus, driven by the engine in one thread.

mod alive;
mod apart;
mod compare;
mod machine;
mod outcome;
mod owed;

use std::collections::BTreeMap;
use std::sync::Arc;

use picture::SharedFolds;
use protocol::{LogKey, Moment, PartyId, Planning, Resource, Span, Suite};
use region::Region;

use crate::cast::Cast;
use crate::chaos::{drawn_brokers, storm};
use crate::drill::Drill;
use crate::engine::{Engine, Turn};
use crate::judge::Violation;
use crate::judge::invariant;
use crate::scenario::{Brokers, Scenario};
use alive::Healing;
use machine::Machine;
pub use outcome::{Outcome, Summary};
use owed::Owed;

/// How often the judge walks all aid that there ever was, which takes longer the longer a drill is.
const INSPECT_EVERY: Span = Span::minutes(10);

/// How many events may be in flight: far above what a healthy region has, far below what would
/// fill a machine's memory.
const IN_FLIGHT_MAX: usize = 500_000;

/// How a scenario is run.
#[derive(Clone, Debug)]
pub struct SimulateOptions {
    /// The seed; the scenario's own if `None`.
    pub seed: Option<u64>,
    /// How everything is signed. The digest of the run is the same under every suite.
    pub suite: Suite,
    /// Drill time at which the run ends early.
    pub until: Option<Moment>,
    /// How long offices and crews go on after the end, so that they may converge.
    pub drain: Span,
    /// The version of the program, for the summary and the recording.
    pub version: String,
    /// Whether the run is recorded.
    pub recording: Recording,
    /// Inventories that replace the demo fleets of some offices.
    pub inventories: BTreeMap<PartyId, Vec<Resource>>,
    /// Which faults there are.
    pub chaos: Chaos,
    /// Whose brokers there are; as the scenario says or, in a storm, as the seed draws them if `None`.
    pub brokers: Option<Brokers>,
    /// How offices plan; as the scenario says if `None`.
    pub policy: Option<Planning>,
    /// Whether the harm of a dispatcher who knew all calls is reckoned besides.
    pub foresight: bool,
}

/// Which faults a run has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chaos {
    /// Those of the scenario.
    AsWritten,
    /// Those of the scenario and a storm drawn from the seed: `--chaos`.
    Storm,
}

/// Whether a run is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recording {
    /// Lines come with every progress.
    On,
    /// Nothing is kept.
    Off,
}

impl Default for SimulateOptions {
    fn default() -> Self {
        Self {
            seed: None,
            suite: Suite::Virtual,
            until: None,
            drain: Span::minutes(30),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            recording: Recording::Off,
            inventories: BTreeMap::new(),
            chaos: Chaos::AsWritten,
            brokers: None,
            policy: None,
            foresight: false,
        }
    }
}

/// How far a run is; told once each simulated minute.
#[derive(Debug)]
pub struct Progress {
    /// Drill time.
    pub at: Moment,
    /// When the run began.
    pub start: Moment,
    /// When the scenario ends.
    pub end: Moment,
    /// Incidents that began.
    pub incidents: u64,
    /// Incidents whose work is done.
    pub served: u64,
    /// Entries in all logs.
    pub envelopes: u64,
    /// Lines of the recording since the last time.
    pub lines: Vec<String>,
    /// What was found broken so far.
    pub violations: Vec<Violation>,
}

/// Runs a scenario in virtual time and says how it went.
pub fn simulate(
    scenario: &Scenario,
    region: &Arc<Region>,
    options: &SimulateOptions,
    mut watch: impl FnMut(Progress),
) -> Outcome {
    let seed = options.seed.unwrap_or(scenario.seed);
    let cast = Cast::of_seed(region, seed, options.suite, scenario.start);
    let scenario = played(scenario, region, options, seed);
    let start = scenario.start;
    let drill = Drill::new(scenario, Arc::clone(region), seed, cast)
        .with_inventories(options.inventories.clone());
    let recorder = (options.recording == Recording::On).then(|| drill.recorder(&options.version));
    let engine = drill.engine(options.until, options.drain, recorder);
    let mut run = Run::new(&drill, engine);
    while let Some(turn) = run.engine.next() {
        if turn.at >= run.minute {
            run.pass_minute(turn.at);
            watch(run.progress());
        }
        run.perform(&turn);
    }
    let (mut outcome, lines) = run.close(options);
    if options.foresight {
        let foreseen = drill.foreseen_harm_min(options.until);
        outcome.summary.foreseen_harm_min = Some(foreseen);
    }
    let (at, tally) = (outcome.ended_at, &outcome.summary);
    watch(Progress {
        at,
        start,
        end: drill.end(),
        incidents: tally.incidents,
        served: tally.served,
        envelopes: tally.envelopes,
        lines,
        violations: outcome.violations.clone(),
    });
    outcome
}

/// The scenario as it is played with this seed: with the brokers that the options ask for, and in a
/// storm with those that the seed draws and with the storm's faults behind its own.
pub fn played(
    scenario: &Scenario,
    region: &Region,
    options: &SimulateOptions,
    seed: u64,
) -> Scenario {
    let mut scenario = scenario.clone();
    if let Some(planning) = options.policy {
        scenario.offices.plan_by(planning);
    }
    let stormy = options.chaos == Chaos::Storm;
    if let Some(brokers) = &options.brokers {
        scenario.brokers = brokers.clone();
    } else if stormy && scenario.brokers == Brokers::One {
        scenario.brokers = drawn_brokers(seed);
    }
    if stormy {
        let offices: Vec<PartyId> = region.offices().iter().map(|office| office.party).collect();
        let window = scenario.window_until(options.until);
        let storm = storm(seed, &offices, window, &scenario.brokers);
        scenario.faults.faults.extend(storm.faults);
    }
    scenario
}

/// A run under way.
struct Run<'a> {
    drill: &'a Drill,
    engine: Engine,
    /// In the order of the engine's seats: the offices, then their second machines.
    machines: Vec<Machine>,
    /// When the next simulated minute begins, and when the walk over all aid is due.
    minute: Moment,
    inspect: Moment,
    /// How many samples were compared: whose view of whom is next.
    samples: usize,
    turns: u64,
    /// What everybody is to come to hold since all was healed.
    healing: Option<Healing>,
    /// What others held of whoever lost its disk.
    owed: Owed,
}

impl<'a> Run<'a> {
    fn new(drill: &'a Drill, engine: Engine) -> Self {
        let start = engine.setup().start;
        let roster_log = &drill.cast().roster_log;
        let folds = SharedFolds::default();
        let machine = |party| Machine::new(party, roster_log, &folds);
        Self {
            machines: engine.seats().map(machine).collect(),
            drill,
            engine,
            minute: start + Span::minutes(1),
            inspect: start + INSPECT_EVERY,
            samples: 0,
            turns: 0,
            healing: None,
            owed: Owed::default(),
        }
    }

    /// A state stands for entries that may never have been on a bus: the judge, who reads every log from
    /// its first entry, is given them.
    fn hear_behind(&mut self, now: Moment, (log, seq): (LogKey, u64)) {
        let judge = self.engine.judge();
        for machine in &self.machines {
            let behind = machine.entries_of(log.author);
            let behind = behind.filter(|it| {
                let header = it.header();
                (header.log.incarnation, header.seq) <= (log.incarnation, seq)
            });
            for entry in behind {
                if !judge.holds(entry.header().log, entry.header().seq) {
                    judge.admit(now, entry);
                }
            }
        }
    }

    fn perform(&mut self, turn: &Turn) {
        self.turns += 1;
        self.watch_healing(turn.at);
        let copied = self.engine.copied(turn.seat).filter(|_| turn.is_boot());
        if let Some((original, taken)) = copied {
            let image = self.machines[usize::from(original)].image(taken);
            self.machines[usize::from(turn.seat)].take_image(image);
        }
        if turn.is_boot() {
            self.note_what_is_owed(turn);
        }
        let machine = &mut self.machines[usize::from(turn.seat)];
        machine.perform(&mut self.engine, self.drill, turn);
        let alone = machine.is_alone().then(|| machine.party());
        for upto in machine.take_took() {
            self.hear_behind(turn.at, upto);
        }
        if let Some(party) = alone {
            self.waive_what_is_owed(party);
        }
    }

    fn pass_minute(&mut self, now: Moment) {
        while self.minute <= now {
            self.minute += Span::minutes(1);
        }
        let queued = self.engine.in_flight();
        if let Err(text) = invariant::j14_within("events", queued, IN_FLIGHT_MAX) {
            self.engine.judge().violate(now, "J14", text);
        }
        self.look_for_owners(now);
        let machines = &self.machines;
        let stands = |log, seq| machines.iter().any(|it| it.stands(log, seq));
        self.engine.inspect(stands);
        if now >= self.inspect {
            self.inspect = now + INSPECT_EVERY;
            self.engine.judge().inspect_aid(now);
        }
        for machine in &self.machines {
            machine.inspect(now, self.engine.judge());
            machine.inspect_buffers(now, self.engine.judge());
        }
        self.compare_a_sample(now);
    }

    fn progress(&mut self) -> Progress {
        let lines = self.engine.take_lines();
        let violations = self.engine.judge().violations().to_vec();
        let (at, setup) = (self.engine.now(), self.engine.setup());
        let (start, end) = (setup.start, setup.end);
        let tally = self.engine.judge().tally();
        Progress {
            at,
            start,
            end,
            incidents: tally.incidents,
            served: tally.served,
            envelopes: tally.envelopes,
            lines,
            violations,
        }
    }

    fn close(mut self, options: &SimulateOptions) -> (Outcome, Vec<String>) {
        let now = self.engine.now();
        let apart = self.compare_pictures(now);
        for machine in &self.machines {
            machine.inspect(now, self.engine.judge());
        }
        self.engine.close();
        self.look_at_what_is_owed(now);
        self.close_alive(now);
        let (lines, digest) = self.engine.finish();
        let mut outcome = Outcome::of(self.drill, &mut self.engine, options, digest);
        outcome.summary.converged = apart.is_empty();
        outcome.apart = apart;
        outcome.turns = self.turns;
        for machine in &self.machines {
            outcome.alarms.extend(machine.alarms());
            outcome.summary.count_plans(machine.plan_figures());
        }
        (outcome, lines)
    }
}
