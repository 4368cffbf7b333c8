//! A lock-step drill: the live bus under a barrier clock.
//!
//! The engine that runs virtual time also runs this: it says which office hears which frame at
//! which instant. The frames themselves, the steps and the answers all travel over the bus, and
//! every office writes its journal; an office hears nothing that did not come to it over MQTT.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use broker::{Link, LinkConfig, LinkEvent, Post};
use protocol::{
    Act, Civil, Cue, Direct, Done, Frame, Hash, Moment, PartyId, Said, Span, Speaker, Step, Topic,
    Verified, Wall,
};
use simulator::scenario::{Disk, FaultKind};
use simulator::{Deed, Engine, Turn};
use tokio::sync::{mpsc, watch};

use crate::failure::{Code, Failure};
use crate::live::stage::Stage;
use crate::outcome::RecordingFile;

/// How long an office may take to answer one step.
const ANSWER: Duration = Duration::from_secs(30);

/// How long the director waits for the bus when it ends.
const GOODBYE: Duration = Duration::from_secs(2);

/// Steps mean nothing after this, link time.
const LIFE: Span = Span::minutes(1);

/// The director of a lock-step drill.
pub(crate) struct LockStep {
    stage: Arc<Stage>,
    pub(crate) engine: Engine,
    link: Link,
    events: mpsc::Receiver<LinkEvent>,
    speaker: Speaker,
    /// Frames that came over the bus and that no answer has named yet.
    heard: BTreeMap<Hash, Verified<Frame>>,
    answers: BTreeMap<PartyId, Done>,
    file: RecordingFile,
}

/// How a lock-step drill ended.
pub(crate) struct Ended {
    /// The digest of its decisions: equal to virtual time's.
    pub(crate) digest: Hash,
    /// Where the recording is.
    pub(crate) recording: std::path::PathBuf,
    /// Whether it was stopped before its end.
    pub(crate) stopped: bool,
    /// Drill time at the end.
    pub(crate) at: Moment,
}

impl LockStep {
    /// Opens the director's link. The offices must be connected already.
    pub(crate) fn start(
        stage: &Arc<Stage>,
        until: Option<Span>,
        drain: Span,
    ) -> Result<Self, Failure> {
        can_lock_step(stage)?;
        let cast = stage.drill.cast();
        let net = cast.network.id;
        let boot = u64::from_be_bytes(crate::live::stage::random()?);
        let mut filters = Topic::holder_filters(net);
        filters.extend(
            ["field", "command", "order", "reply", "done"].map(|it| Topic::filter(net, it)),
        );
        let config = LinkConfig {
            filters,
            seed: boot,
            ..LinkConfig::new(stage.buses.first().clone(), format!("director-{boot:016x}"))
        };
        let (link, events) = Link::open(config)?;
        let until = until.map(|until| stage.drill.scenario().start + until);
        let recorder = Some(stage.drill.recorder(env!("CARGO_PKG_VERSION")));
        Ok(Self {
            engine: stage.drill.engine(until, drain, recorder).with_live_world(),
            link,
            events,
            speaker: Speaker::new(net, cast.network.mode, cast.director.signer.clone(), boot),
            heard: BTreeMap::new(),
            answers: BTreeMap::new(),
            file: RecordingFile::begin(stage.folder.path())?,
            stage: Arc::clone(stage),
        })
    }

    /// Runs to the end of the drill, or until told to stop; `progress` is told each drill minute.
    pub(crate) async fn run(
        mut self,
        stop: watch::Receiver<bool>,
        mut progress: impl FnMut(&str),
    ) -> Result<Ended, Failure> {
        self.come_up().await?;
        self.stage.folder.begin();
        let offset = self.stage.drill.scenario().offset_min;
        let mut minute = self.engine.setup().start;
        let mut steps = 0_u64;
        let mut stopped = false;
        while let Some(turn) = self.engine.next() {
            if *stop.borrow() {
                stopped = true;
                break;
            }
            self.world_speaks();
            self.perform(turn).await?;
            steps += 1;
            if self.engine.now() >= minute + Span::minutes(1) {
                minute = self.engine.now();
                let lines = self.engine.take_lines();
                self.file.write(&lines)?;
                progress(&format!(
                    "{}  {steps} steps",
                    Civil::at(minute, offset).clock()
                ));
            }
        }
        self.engine.close();
        let at = self.engine.now().min(self.engine.setup().end);
        let (lines, digest) = self.engine.finish();
        self.file.write(&lines)?;
        // Everything that was published was answered; there is nothing left to wait for.
        let _ = self.link.close(GOODBYE).await;
        Ok(Ended {
            digest,
            recording: self.file.end()?,
            stopped,
            at,
        })
    }

    async fn come_up(&mut self) -> Result<(), Failure> {
        let deadline = tokio::time::sleep(ANSWER);
        tokio::pin!(deadline);
        loop {
            tokio::select! {
                event = self.events.recv() => match event {
                    Some(LinkEvent::Up) => return Ok(()),
                    Some(LinkEvent::Denied { filter }) => return Err(self.denied(&filter)),
                    Some(_) => {}
                    None => return Err(Failure::bug("the director's link ended by itself")),
                },
                () = &mut deadline => return Err(self.unreachable()),
            }
        }
    }

    fn denied(&self, filter: &str) -> Failure {
        let bus = self.stage.buses.first();
        Failure::new(
            Code::NoPermission,
            format!("{bus} denies the director filter {filter}"),
        )
    }

    fn unreachable(&self) -> Failure {
        Failure::new(
            Code::Unavailable,
            format!("{} cannot be reached", self.stage.buses.first()),
        )
    }

    /// What the world says goes over the bus before any office may hear it.
    fn world_speaks(&mut self) {
        let net = self.stage.drill.cast().network.id;
        for frame in self.engine.take_published() {
            self.publish(Post::frame(net, frame.get()));
        }
    }

    fn publish(&self, post: Post) {
        if let Err(error) = self.link.publish(post) {
            tracing::warn!(%error, "the director was not heard");
        }
    }

    /// Tells an office its step, and waits for its answer and for every frame that it published.
    async fn perform(&mut self, turn: Turn) -> Result<(), Failure> {
        let net = self.stage.drill.cast().network.id;
        let topic = Topic::Step(turn.office);
        let step = Direct::Step(turn.step());
        let times = (Wall::at(turn.at), LIFE);
        let frame = Frame::direct(&mut self.speaker, net, topic, step, times);
        self.publish(Post::frame(net, &frame));
        let deadline = tokio::time::Instant::now() + ANSWER;
        loop {
            if let Some(deeds) = self.answered(&turn) {
                self.engine.done(&turn, deeds);
                return Ok(());
            }
            let event = tokio::time::timeout_at(deadline, self.events.recv()).await;
            match event {
                Ok(Some(LinkEvent::Message { topic, payload, .. })) => self.hear(&topic, &payload),
                Ok(Some(LinkEvent::Down { reason, .. })) => {
                    let what = format!(
                        "{} was lost in mid-drill: {reason}",
                        self.stage.buses.first()
                    );
                    return Err(Failure::new(Code::Unavailable, what));
                }
                Ok(Some(LinkEvent::Denied { filter })) => return Err(self.denied(&filter)),
                Ok(Some(LinkEvent::Up | LinkEvent::Oversized { .. })) => {}
                Ok(None) => return Err(Failure::bug("the director's link ended by itself")),
                Err(_) => {
                    let (office, number) = (turn.office, turn.number);
                    let what =
                        format!("office {office} did not answer step {number} in {ANSWER:?}");
                    return Err(Failure::new(Code::TryLater, what));
                }
            }
        }
    }

    /// What an office did in a turn, once its answer and all its frames are here.
    fn answered(&mut self, turn: &Turn) -> Option<Vec<Deed>> {
        let done = self.answers.get(&turn.office)?;
        let all_here = done.acts.iter().all(|act| match act {
            Act::Publish { frame, .. } => self.heard.contains_key(frame),
            _ => true,
        });
        if done.number != turn.number || !all_here {
            return None;
        }
        let done = self.answers.remove(&turn.office)?;
        let deeds = done.acts.into_iter().filter_map(|act| match act {
            // A frame that was published twice in one turn is heard once.
            Act::Publish { bus, frame } => {
                let heard = self.heard.remove(&frame);
                heard.map(|frame| Deed::Publish(bus, frame))
            }
            Act::Append { ticket, decision } => Some(Deed::Append(ticket, decision)),
            Act::Load { ticket } => Some(Deed::Load(ticket)),
            Act::Will { text } => Some(Deed::Will(text)),
            Act::WakeAt { at } => Some(Deed::WakeAt(at)),
        });
        Some(deeds.collect())
    }

    fn hear(&mut self, topic: &str, payload: &[u8]) {
        let Ok(frame) = self.engine.verify(topic, payload) else {
            return;
        };
        match frame.get().said() {
            Said::Direct {
                from,
                body: Direct::Done(done),
                ..
            } => {
                self.answers.insert(*from, done.clone());
            }
            _ => {
                self.heard.insert(frame.get().digest(), frame);
            }
        }
    }
}

/// A step says that an office boots, not on which disk; and what is virtual time's alone no bus does.
fn can_lock_step(stage: &Stage) -> Result<(), Failure> {
    if stage.buses.are_many() {
        let what = "a lock-step drill has one broker; leave out --lockstep, or say --brokers one";
        return Err(Failure::new(Code::Config, what));
    }
    let faults = &stage.drill.scenario().faults.faults;
    let beyond = faults.iter().find(|fault| {
        let lost =
            matches!(&fault.what, FaultKind::OfficeCrash { disk, .. } if *disk != Disk::Keep);
        lost || !fault.what.is_live()
    });
    beyond.map_or(Ok(()), |fault| {
        let what = format!(
            "fault \"{}\" is one that a lock-step drill cannot bring about; leave out --lockstep, or \
             use `liandong simulate`",
            fault.id
        );
        Err(Failure::new(Code::Data, what))
    })
}

/// The step that a director's message gives, if it is one for this office.
pub(crate) fn step_of(frame: &Verified<Frame>, office: PartyId) -> Option<Step> {
    match frame.get().said() {
        Said::Direct {
            body: Direct::Step(step),
            ..
        } if frame.get().topic() == Topic::Step(office) => Some(step.clone()),
        _ => None,
    }
}

/// Whether a cue begins a life.
pub(crate) fn is_boot(step: &Step) -> bool {
    matches!(step.cue, Cue::Boot { .. })
}
