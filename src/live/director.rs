//! The exercise director of a free-running drill: owns the clock, gives the faults, records, ends.

mod apart;
use apart::Apart;

mod clock;
mod faults;
pub(crate) use faults::left_out;

mod gather;
pub(crate) use gather::{SAY, waiting_for_bus};

mod hearing;

mod pace;
use pace::Pace;

mod progress;
pub(crate) use progress::Progress;

mod settle;
pub(crate) use settle::CONVERGE;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use broker::{LinkConfig, LinkEvent};
use protocol::{
    Body, BusId, ClockState, Direct, DrillClock, Envelope, Frame, Hash, Moment, PartyId, RequestId,
    Role, Said, Span, Speaker, Topic, Truth, Verified,
};
use simulator::scenario::Disk;
use simulator::{Judge, Recorder};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use crate::failure::{Code, Failure};
use crate::live::hop::SharedHops;
use crate::live::lines::Spoiled;
use crate::live::refusals::{Refusals, oversized};
use crate::live::shell::Handle;
use crate::live::stage::Stage;
use crate::live::time::Clocks;
use crate::live::wires::{Plug, Wires};
use crate::live::witness::Seen;
use crate::outcome::RecordingFile;

/// How often the clock is told again, link time; a late joiner has it retained.
const TELL: Duration = Duration::from_secs(5);

/// What is asked of whoever owns the offices.
#[derive(Debug)]
pub(crate) enum Boot {
    /// Start this office again, on what its disk holds.
    Again(PartyId, Disk),
}

/// The director at work.
pub(crate) struct Director {
    stage: Arc<Stage>,
    wires: Wires,
    speaker: Speaker,
    clocks: Clocks,
    clock: DrillClock,
    handles: BTreeMap<PartyId, Handle>,
    boots: mpsc::UnboundedSender<Boot>,
    seen: mpsc::UnboundedReceiver<(Moment, Seen)>,
    recorder: Recorder,
    file: RecordingFile,
    /// Every log as it was published: what the run decided.
    pub(crate) judge: Judge,
    /// What truly happened.
    pub(crate) happened: Vec<Truth>,
    /// The buses that have ever answered.
    met: BTreeSet<BusId>,
    /// Those that had answered and are gone, and since when.
    away: BTreeMap<BusId, Instant>,
    alive: BTreeSet<PartyId>,
    /// Offices that run as processes of their own.
    apart: BTreeMap<PartyId, Apart>,
    end: Moment,
    /// Faults that have not begun or not ended, by their place in the plan.
    waiting: BTreeSet<usize>,
    running: BTreeSet<usize>,
    /// What faults did to the frames of the offices, as these last said.
    spoiled: Spoiled,
    /// What the bus carried that nobody takes.
    pub(crate) refusals: Refusals,
    /// Commands for the clock that were carried out: a repeat is answered and not done again.
    done: BTreeSet<RequestId>,
    progress: Progress,
    pace: Pace,
}

/// What a director needs besides the stage.
pub(crate) struct Props {
    pub(crate) clocks: Clocks,
    pub(crate) boots: mpsc::UnboundedSender<Boot>,
    /// What the world saw.
    pub(crate) seen: mpsc::UnboundedReceiver<(Moment, Seen)>,
    pub(crate) speed_permille: u64,
    pub(crate) hops: SharedHops,
    pub(crate) until: Option<Span>,
    pub(crate) apart: BTreeSet<PartyId>,
    /// Those that take part by invitation.
    pub(crate) guests: BTreeSet<PartyId>,
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
    /// Whether the bus was gone at the end.
    pub(crate) bus_away: bool,
    /// What faults did to frames.
    pub(crate) spoiled: Spoiled,
    /// The speed asked for and the slowest, in permille, if it was ever slowed.
    pub(crate) slowed: Option<(u64, u64)>,
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
        let config = |plug: &Plug| LinkConfig {
            filters: filters.clone(),
            seed: boot,
            ..LinkConfig::new(plug.url.clone(), format!("director-{boot:016x}"))
        };
        let wires = Wires::open(&stage.buses.all(), config)?.each_once();
        let mut judge = Judge::new(cast.network.clone());
        for envelope in &cast.roster_log {
            judge.admit(scenario.start, envelope);
        }
        let whole = stage.drill.end();
        Ok(Self {
            wires,
            speaker: Speaker::new(net, cast.network.mode, cast.director.signer.clone(), boot),
            clocks: props.clocks,
            clock: DrillClock {
                state: ClockState::Initialised,
                now: scenario.start,
                speed_permille: props.speed_permille,
                revision: 1,
                title: clock::title(scenario, net, &props.guests),
            },
            handles: BTreeMap::new(),
            boots: props.boots,
            seen: props.seen,
            recorder: stage.drill.recorder(env!("CARGO_PKG_VERSION")),
            file: RecordingFile::begin(stage.folder.path())?,
            judge,
            happened: Vec::new(),
            met: BTreeSet::new(),
            away: BTreeMap::new(),
            alive: BTreeSet::new(),
            apart: (props.apart.into_iter())
                .map(|party| (party, Apart::new(false)))
                .chain(
                    props
                        .guests
                        .into_iter()
                        .map(|party| (party, Apart::new(true))),
                )
                .collect(),
            end: props
                .until
                .map_or(whole, |until| whole.min(scenario.start + until)),
            waiting: faults::live_faults(scenario),
            running: BTreeSet::new(),
            spoiled: Spoiled::default(),
            refusals: Refusals::default(),
            done: BTreeSet::new(),
            progress: props.progress,
            pace: Pace::new(props.speed_permille, props.hops),
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
        self.stage.folder.begin();
        if !*stop.borrow() {
            self.set_clock(ClockState::Started);
        }
        let mut tell = tokio::time::interval(TELL);
        let mut look_at_pace = tokio::time::interval(pace::LOOK);
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
                event = self.wires.recv() => match event {
                    Some((bus, event)) => self.linked(bus, event)?,
                    None => return Err(Failure::bug("the director's link ended by itself")),
                },
                Some((at, seen)) = self.seen.recv() => self.saw(at, seen),
                _ = tell.tick() => {
                    self.tell_clock();
                    self.say_progress();
                }
                _ = look_at_pace.tick() => self.keep_pace(),
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
            bus_away: !self.away.is_empty(),
            spoiled: self.spoiled,
            slowed: self.pace.slowed(),
        })
    }

    /// The offices that run.
    pub(crate) fn handles(&self) -> impl Iterator<Item = &Handle> {
        self.handles.values()
    }

    /// What the invariants say of everything that was published, a line each.
    pub(crate) fn judged(&mut self, at: Moment) -> Vec<String> {
        self.hear_the_world_out();
        self.judge.inspect(at);
        let tally = self.judge.tally();
        let mut lines = vec![format!(
            "{}, {} served, {} aid requests, {} aid commitments, {} double commitments, {} envelopes",
            tally.incidents_told(),
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
        let refused = self.refusals.counts();
        self.recorder.refused(self.clock.now, refused);
        let lines = self.recorder.end(self.clock.now, digest);
        self.file.write(&lines)?;
        // Everything that matters was acknowledged while the offices settled.
        self.wires.close(Duration::from_secs(2)).await;
        self.file.end()
    }

    /// A digest over every office's decisions, in the order of their logs.
    fn decisions(&self) -> Hash {
        self.judge.picture().hash()
    }

    fn linked(&mut self, bus: BusId, event: LinkEvent) -> Result<(), Failure> {
        let url = self.stage.buses.url(bus).clone();
        match event {
            LinkEvent::Up => {
                self.met.insert(bus);
                if let Some(since) = self.away.remove(&bus) {
                    let gone = since.elapsed().as_secs();
                    self.tell(&format!("the bus at {url} is back after {gone} s"));
                }
                self.tell_clock();
            }
            LinkEvent::Down { reason, .. } => {
                if self.met.contains(&bus) && !self.away.contains_key(&bus) {
                    self.away.insert(bus, Instant::now());
                    self.tell(&format!(
                        "the bus at {url} is gone ({reason}); offices keep what they write until it is back"
                    ));
                } else {
                    tracing::debug!(%url, reason, "no bus");
                }
            }
            LinkEvent::Denied { filter } => {
                return Err(Failure::new(
                    Code::NoPermission,
                    format!(
                        "{url} denies the director filter {filter}; give it a user that may read it"
                    ),
                ));
            }
            LinkEvent::Oversized { bytes, .. } => self.refusals.refused(&oversized(bytes)),
            LinkEvent::Message {
                topic,
                payload,
                retained,
            } => self.message((&topic, &payload), retained),
        }
        Ok(())
    }

    fn message(&mut self, (topic, payload): (&str, &[u8]), retained: bool) {
        let stage = Arc::clone(&self.stage);
        let roster = &stage.drill.cast().roster;
        let verified = {
            let mut decoder = stage.decoder.lock().expect("no decoding panics");
            decoder.frame(topic, payload, roster)
        };
        let frame = match verified {
            Ok(frame) => frame,
            Err(refusal) => return self.refusals.refused(&refusal),
        };
        self.refusals.heard(frame.get(), retained);
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
                body: Direct::Digest(digest),
                ..
            } => {
                if digest.logs.iter().any(|held| held.log.author == *from) {
                    // It has begun, even if nobody was here yet to hear it.
                    self.alive.insert(*from);
                }
                if let Some(apart) = self.apart.get_mut(from) {
                    apart.said(digest);
                }
            }
            Said::Direct {
                from,
                body: Direct::Presence(presence),
                ..
            } => {
                let apart = self.apart.get_mut(from);
                if let Some(news) = apart.and_then(|apart| apart.present(presence.online)) {
                    self.tell(&format!("guest {from} {news}"));
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

    fn write_lines(&mut self) -> Result<(), Failure> {
        let lines = self.recorder.take();
        self.file.write(&lines)
    }
}
