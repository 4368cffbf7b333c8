//! The exercise director of a free-running drill: owns the clock, gives the faults, records, ends.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use broker::{Link, LinkConfig, LinkEvent, Post};
use protocol::{
    Action, Body, Civil, ClockCommand, ClockState, CommandReply, Direct, DrillClock, Envelope,
    Frame, Hash, Moment, Outcome, PartyId, Role, Said, Span, Speaker, Topic, Truth, Verified, Wall,
};
use simulator::{FaultKind, Judge, Recorder};
use tokio::sync::{mpsc, watch};

use crate::failure::{Code, Failure};
use crate::live::shell::{Ask, Handle};
use crate::live::stage::Stage;
use crate::live::time::Clocks;
use crate::outcome::RecordingFile;

/// How often the clock is told again, link time; a late joiner has it retained.
const TELL: Duration = Duration::from_secs(5);

/// How long the offices may take to come to life.
const COME_TO_LIFE: Duration = Duration::from_secs(60);

/// How long the offices may take to converge after the end.
const CONVERGE: Duration = Duration::from_secs(60);

/// How often convergence is looked at.
const LOOK: Duration = Duration::from_millis(200);

/// What is asked of whoever owns the offices.
#[derive(Debug)]
pub(crate) enum Boot {
    /// Start this office again.
    Again(PartyId),
}

/// The director at work.
pub(crate) struct Director {
    stage: Arc<Stage>,
    link: Link,
    events: mpsc::Receiver<LinkEvent>,
    speaker: Speaker,
    clocks: Clocks,
    clock: DrillClock,
    handles: BTreeMap<PartyId, Handle>,
    boots: mpsc::UnboundedSender<Boot>,
    truths: mpsc::UnboundedReceiver<(Moment, Truth)>,
    recorder: Recorder,
    file: RecordingFile,
    /// Every log as it was published: what the run decided.
    pub(crate) judge: Judge,
    /// What truly happened.
    pub(crate) happened: Vec<Truth>,
    alive: BTreeSet<PartyId>,
    end: Moment,
    /// Faults that have not begun or not ended, by their place in the plan.
    waiting: BTreeSet<usize>,
    running: BTreeSet<usize>,
    progress: Progress,
}

/// Where progress goes.
pub(crate) enum Progress {
    /// Lines on standard error, each so often.
    Lines(std::time::Instant),
    /// Nowhere: a dashboard is there.
    Silent,
}

/// What a director needs besides the stage.
pub(crate) struct Props {
    pub(crate) clocks: Clocks,
    pub(crate) handles: BTreeMap<PartyId, Handle>,
    pub(crate) boots: mpsc::UnboundedSender<Boot>,
    pub(crate) truths: mpsc::UnboundedReceiver<(Moment, Truth)>,
    pub(crate) speed_permille: u64,
    pub(crate) until: Option<Span>,
    pub(crate) progress: Progress,
}

/// How a free-running drill ended.
pub(crate) struct Ended {
    /// Whether all offices hold the same in the end.
    pub(crate) converged: bool,
    /// Drill time at the end.
    pub(crate) at: Moment,
    /// Whether it was stopped before its end.
    pub(crate) stopped: bool,
}

impl Director {
    /// Opens the director's link and the recording.
    pub(crate) fn start(stage: &Arc<Stage>, props: Props) -> Result<Self, Failure> {
        let cast = stage.drill.cast();
        let net = cast.network.id;
        let scenario = stage.drill.scenario();
        let boot = u64::from_be_bytes(crate::live::stage::random()?);
        let mut filters = Topic::holder_filters(net);
        filters.extend(["field", "command", "order", "reply"].map(|it| Topic::filter(net, it)));
        let config = LinkConfig {
            filters,
            seed: boot,
            ..LinkConfig::new(stage.bus.clone(), format!("director-{boot:016x}"))
        };
        let (link, events) = Link::open(config)?;
        let header = stage.drill.header(env!("CARGO_PKG_VERSION"));
        let mut judge = Judge::new(cast.network.clone());
        for envelope in &cast.roster_log {
            judge.admit(scenario.start, envelope);
        }
        let whole = stage.drill.end();
        Ok(Self {
            link,
            events,
            speaker: Speaker::new(net, cast.network.mode, cast.director.signer.clone(), boot),
            clocks: props.clocks,
            clock: DrillClock {
                state: ClockState::Initialised,
                now: scenario.start,
                speed_permille: props.speed_permille,
                revision: 1,
                title: scenario.title_zh.clone(),
            },
            handles: props.handles,
            boots: props.boots,
            truths: props.truths,
            recorder: Recorder::new(&header),
            file: RecordingFile::begin(&stage.folder)?,
            judge,
            happened: Vec::new(),
            alive: BTreeSet::new(),
            end: props
                .until
                .map_or(whole, |until| whole.min(scenario.start + until)),
            waiting: (0..scenario.faults.faults.len()).collect(),
            running: BTreeSet::new(),
            progress: props.progress,
            stage: Arc::clone(stage),
        })
    }

    /// Runs the drill to its end, or until told to stop. `look` is called whenever a fault may have
    /// ended, so that offices can be started again.
    pub(crate) async fn run(
        &mut self,
        mut stop: watch::Receiver<bool>,
        mut look: impl FnMut(&mut Self) -> Result<(), Failure>,
    ) -> Result<Ended, Failure> {
        self.gather(&mut stop).await?;
        if !*stop.borrow() {
            self.set_clock(ClockState::Started);
        }
        let mut tell = tokio::time::interval(TELL);
        while !*stop.borrow() && self.clock.state != ClockState::Stopped {
            self.give_faults();
            look(self)?;
            self.write_lines()?;
            let now = self.clocks.now().drill;
            if now >= self.end {
                break;
            }
            let next = self.next_fault().unwrap_or(self.end).min(self.end);
            let sleep = self.clocks.until(next).unwrap_or(TELL);
            tokio::select! {
                event = self.events.recv() => match event {
                    Some(event) => self.linked(event)?,
                    None => return Err(Failure::bug("the director's link ended by itself")),
                },
                Some((at, truth)) = self.truths.recv() => self.true_event(at, truth),
                _ = tell.tick() => {
                    self.tell_clock();
                    self.say_progress();
                }
                () = tokio::time::sleep(sleep) => {}
                changed = stop.changed() => if changed.is_err() { break },
            }
        }
        let stopped = self.clocks.now().drill < self.end;
        self.set_clock(ClockState::Stopped);
        self.heal();
        look(self)?;
        let converged = self.settle().await?;
        Ok(Ended {
            converged,
            at: self.clock.now,
            stopped,
        })
    }

    /// The offices that run.
    pub(crate) fn handles(&self) -> impl Iterator<Item = &Handle> {
        self.handles.values()
    }

    /// What the invariants say of everything that was published, a line each.
    pub(crate) fn judged(&mut self, at: Moment) -> Vec<String> {
        self.judge.inspect(at);
        let tally = self.judge.tally();
        let mut lines = vec![format!(
            "{} incidents, {} served, {} aid requests, {} aid commitments, {} double commitments, {} envelopes",
            tally.incidents,
            tally.served,
            tally.aid_requests(),
            tally.aid_commits,
            tally.double_commits,
            tally.envelopes,
        )];
        lines.extend(
            self.judge
                .violations()
                .iter()
                .take(10)
                .map(|it| format!("VIOLATED {} {}", it.invariant, it.text)),
        );
        lines
    }

    /// Ends the recording.
    pub(crate) async fn close(mut self) -> Result<std::path::PathBuf, Failure> {
        let digest = self.decisions();
        let lines = self.recorder.end(self.clock.now, digest);
        self.file.write(&lines)?;
        // Everything that matters was acknowledged while the offices settled.
        let _ = self.link.close(Duration::from_secs(2)).await;
        self.file.end()
    }

    /// A digest over every office's decisions, in the order of their logs.
    fn decisions(&self) -> Hash {
        self.judge.picture().hash()
    }

    /// Waits until every office has begun its log.
    async fn gather(&mut self, stop: &mut watch::Receiver<bool>) -> Result<(), Failure> {
        let deadline = tokio::time::Instant::now() + COME_TO_LIFE;
        while self.alive.len() < self.handles.len() && !*stop.borrow() {
            tokio::select! {
                event = self.events.recv() => match event {
                    Some(event) => self.linked(event)?,
                    None => return Err(Failure::bug("the director's link ended by itself")),
                },
                () = tokio::time::sleep_until(deadline) => {
                    let missing: Vec<String> = self
                        .handles
                        .keys()
                        .filter(|party| !self.alive.contains(party))
                        .map(ToString::to_string)
                        .collect();
                    return Err(Failure::new(
                        Code::Unavailable,
                        format!("offices {} did not come to life on {}; is the bus reachable?", missing.join(", "), self.stage.bus),
                    ));
                }
                changed = stop.changed() => if changed.is_err() { break },
            }
        }
        Ok(())
    }

    fn linked(&mut self, event: LinkEvent) -> Result<(), Failure> {
        match event {
            LinkEvent::Up => self.tell_clock(),
            LinkEvent::Down { reason } => {
                if self.alive.is_empty() {
                    tracing::warn!(bus = %self.stage.bus, reason, "the bus is not there yet");
                }
            }
            LinkEvent::Denied { filter } => {
                let bus = &self.stage.bus;
                return Err(Failure::new(
                    Code::NoPermission,
                    format!(
                        "{bus} denies the director filter {filter}; give it a user that may read it"
                    ),
                ));
            }
            LinkEvent::Message { topic, payload, .. } => self.message(&topic, &payload),
        }
        Ok(())
    }

    fn message(&mut self, topic: &str, payload: &[u8]) {
        let stage = Arc::clone(&self.stage);
        let roster = &stage.drill.cast().roster;
        let verified = {
            let mut decoder = stage.decoder.lock().expect("no decoding panics");
            decoder.frame(topic, payload, roster)
        };
        let Ok(frame) = verified else { return };
        let at = self.clocks.now().drill.max(self.clock.now);
        self.record(at, &frame);
        match frame.get().said() {
            Said::Append { head, batch } => {
                let begun =
                    |envelope: &Arc<Envelope>| matches!(envelope.body(), Some(Body::Seal(_)));
                if batch.envelopes.iter().any(begun) {
                    self.alive.insert(head.log.author);
                }
            }
            Said::Direct {
                from,
                body: Direct::Command(command),
                ..
            } if frame.get().topic() == Topic::Command(self.speaker.party()) => {
                let role = roster.member(*from).map(|member| member.role);
                if matches!(role, Some(Role::Operator | Role::Director)) {
                    self.command(*from, command);
                }
            }
            _ => {}
        }
    }

    fn record(&mut self, at: Moment, frame: &Verified<Frame>) {
        self.judge.hear(at, frame.get());
        self.recorder.frame(at, frame.get());
    }

    fn true_event(&mut self, at: Moment, truth: Truth) {
        self.judge.truth(&truth);
        self.recorder.truth(at, truth.clone());
        self.happened.push(truth);
    }

    fn command(&mut self, from: PartyId, command: &protocol::OperatorCommand) {
        let Action::Clock(what) = &command.action else {
            return;
        };
        match what {
            ClockCommand::Pause => self.set_clock(ClockState::Paused),
            ClockCommand::Resume => self.set_clock(ClockState::Started),
            ClockCommand::Speed { permille } => {
                self.stand();
                self.clock.speed_permille = (*permille).clamp(100, 100_000_000);
                self.set_clock(self.clock.state);
            }
            ClockCommand::Stop => self.set_clock(ClockState::Stopped),
        }
        let reason = format!("drill clock: {:?}", self.clock.state);
        let outcome = Outcome::Refused { reason };
        // A clock keeps no log; the clock itself, retained, is the proof that it was done.
        let reply = CommandReply {
            request: command.request,
            outcome,
        };
        self.say(Topic::Reply(from), Direct::Reply(reply), Span::minutes(1));
    }

    /// Notes the time that it is by the clock so far.
    fn stand(&mut self) {
        if self.clock.state == ClockState::Started {
            self.clock.now = self.clocks.now().drill.min(self.end);
        }
    }

    fn set_clock(&mut self, state: ClockState) {
        self.stand();
        self.clock.state = state;
        self.clock.revision += 1;
        self.clocks.hear(&self.clock);
        self.tell_clock();
    }

    /// Tells the clock as it is now, so that those who join late are not behind.
    fn tell_clock(&mut self) {
        self.stand();
        self.clock.revision += 1;
        self.clocks.hear(&self.clock);
        let clock = Direct::Clock(self.clock.clone());
        self.say(Topic::Clock, clock, Span::hours(24));
    }

    fn say(&mut self, topic: Topic, body: Direct, life: Span) {
        let net = self.stage.drill.cast().network.id;
        let times = (Wall::at(self.clock.now), life);
        let frame = Frame::direct(&mut self.speaker, net, topic, body, times);
        if let Err(error) = self.link.publish(Post::frame(net, &frame)) {
            tracing::warn!(%error, "the director was not heard");
        }
    }

    fn next_fault(&self) -> Option<Moment> {
        let faults = &self.stage.drill.scenario().faults.faults;
        let begins = self.waiting.iter().map(|fault| faults[*fault].from);
        let ends = self.running.iter().map(|fault| faults[*fault].until);
        begins.chain(ends).min()
    }

    /// Begins and ends faults that are due.
    fn give_faults(&mut self) {
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
    fn cut_links(&self) {
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

    fn heal(&mut self) {
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

    /// Waits until all offices hold the same, with the clock standing.
    async fn settle(&mut self) -> Result<bool, Failure> {
        let deadline = tokio::time::Instant::now() + CONVERGE;
        let mut look = tokio::time::interval(LOOK);
        let mut before = None;
        loop {
            tokio::select! {
                event = self.events.recv() => if let Some(event) = event { self.linked(event)? },
                Some((at, truth)) = self.truths.recv() => self.true_event(at, truth),
                _ = look.tick() => {
                    let mut accounts = Vec::new();
                    for handle in self.handles.values() {
                        accounts.push(handle.account().await);
                    }
                    self.write_lines()?;
                    let same = accounts.windows(2).all(|pair| match (&pair[0], &pair[1]) {
                        (Some(a), Some(b)) => a.version == b.version && a.hash == b.hash,
                        _ => false,
                    });
                    let here = accounts.first().cloned().flatten().map(|account| account.version);
                    // Twice the same in a row: nothing is in flight any more.
                    if same && before == here && here.is_some() {
                        return Ok(true);
                    }
                    before = here;
                    if tokio::time::Instant::now() >= deadline {
                        return Ok(false);
                    }
                }
            }
        }
    }

    fn write_lines(&mut self) -> Result<(), Failure> {
        let lines = self.recorder.take();
        self.file.write(&lines)
    }

    fn say_progress(&mut self) {
        let Progress::Lines(began) = &self.progress else {
            return;
        };
        let scenario = self.stage.drill.scenario();
        let tally = self.judge.tally();
        let now = self.clocks.now().drill;
        let line = format!(
            "[{:>4}s] {} {:?}  {} incidents, {} served, {} aid commitments, {} envelopes",
            began.elapsed().as_secs(),
            Civil::at(now, scenario.offset_min).clock(),
            self.clock.state,
            tally.incidents,
            tally.served,
            tally.aid_commits,
            tally.envelopes,
        );
        crate::drill::progress(&line);
    }
}
