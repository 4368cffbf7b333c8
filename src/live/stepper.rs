//! An office in a lock-step drill: it holds what comes over the bus until its step cues it.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use agents::{Input, LinkChange, Now, Office, Output, Range, Seed, Ticket};
use broker::{Link, LinkConfig, LinkEvent, Post};
use journal::{Base, Journal, Queue};
use protocol::{
    Act, Cue, Direct, Done, Envelope, Frame, Hash, Moment, PartyId, Span, Speaker, Step, Topic,
    Verified, Wall, limit,
};
use simulator::decision_of;
use tokio::sync::{mpsc, oneshot};

use crate::failure::Failure;
use crate::live::lockstep::{is_boot, step_of};
use crate::live::scribe;
use crate::live::stage::Stage;

/// Frames that wait for their cue; one that the network model lost never gets one.
const INBOX: usize = 50_000;

/// How long an ending office waits for the bus.
const GOODBYE: Duration = Duration::from_secs(2);

/// What was handed to the disk.
struct Appended {
    ticket: u64,
    entry: Arc<Envelope>,
    /// The state, if the entry's log begins with it.
    state: Option<String>,
}

/// One office on the bus, driven by steps.
pub(crate) struct Stepper {
    stage: Arc<Stage>,
    party: PartyId,
    file: PathBuf,
    /// Closed for a moment only, while the office boots.
    journal: Option<Journal>,
    office: Option<Office>,
    speaker: Speaker,
    link: Link,
    events: mpsc::Receiver<LinkEvent>,
    inbox: BTreeMap<Hash, Verified<Frame>>,
    order: VecDeque<Hash>,
    /// A step whose frame has not come yet.
    next: Option<Step>,
    appended: VecDeque<Appended>,
    loads: BTreeMap<u64, Range>,
}

impl Stepper {
    /// Opens the journal, with the roster in it, and the link.
    pub(crate) fn start(stage: &Arc<Stage>, party: PartyId) -> Result<Self, Failure> {
        let cast = stage.drill.cast();
        let net = cast.network.id;
        let file = stage.journal(party);
        let (mut journal, opened) = Journal::open(&file, net)?;
        if opened.envelopes.is_empty() {
            journal.append_all(cast.roster_log.iter().map(Arc::clone))?;
        }
        let boot = u64::from_be_bytes(crate::live::stage::random()?);
        let mut filters = Topic::holder_filters(net);
        filters.extend(Topic::of_office(net, party));
        filters.push(Topic::Step(party).on(net));
        let config = LinkConfig {
            filters,
            seed: boot,
            ..LinkConfig::new(stage.buses.first().clone(), format!("{party}-{boot:016x}"))
        };
        let (link, events) = Link::open(config)?;
        let signer = cast.offices[&party].signer.clone();
        Ok(Self {
            stage: Arc::clone(stage),
            party,
            file,
            journal: Some(journal),
            office: None,
            speaker: Speaker::new(net, cast.network.mode, signer, boot),
            link,
            events,
            inbox: BTreeMap::new(),
            order: VecDeque::new(),
            next: None,
            appended: VecDeque::new(),
            loads: BTreeMap::new(),
        })
    }

    /// Waits until the bus is there.
    pub(crate) async fn come_up(&mut self) -> Result<(), Failure> {
        while let Some(event) = self.events.recv().await {
            match event {
                LinkEvent::Up => return Ok(()),
                LinkEvent::Down { reason, .. } => {
                    tracing::warn!(office = %self.party, reason, "the bus is not there yet");
                }
                LinkEvent::Denied { filter } => {
                    tracing::warn!(office = %self.party, filter, "the bus denies a filter");
                }
                LinkEvent::Message { .. } | LinkEvent::Oversized { .. } => {}
            }
        }
        Err(Failure::bug("an office's link ended by itself"))
    }

    /// Performs steps until told to end.
    pub(crate) async fn run(mut self, mut end: oneshot::Receiver<()>) -> Result<(), Failure> {
        loop {
            tokio::select! {
                event = self.events.recv() => match event {
                    Some(LinkEvent::Message { topic, payload, .. }) => {
                        self.message(&topic, &payload)?;
                    }
                    Some(_) => {}
                    None => return Ok(()),
                },
                _ = &mut end => break,
            }
        }
        // What follows the last answer is in the journal, and nobody waits for it.
        let _ = self.link.close(GOODBYE).await;
        Ok(())
    }

    fn message(&mut self, topic: &str, payload: &[u8]) -> Result<(), Failure> {
        let verified = {
            let roster = &self.stage.drill.cast().roster;
            let mut decoder = self.stage.decoder.lock().expect("no decoding panics");
            decoder.frame(topic, payload, roster)
        };
        let Ok(frame) = verified else { return Ok(()) };
        if matches!(frame.get().topic(), Topic::Step(_)) {
            if let Some(step) = step_of(&frame, self.party) {
                self.next = Some(step);
            }
        } else {
            let digest = frame.get().digest();
            if self.inbox.insert(digest, frame).is_none() {
                self.order.push_back(digest);
            }
            if self.order.len() > INBOX
                && let Some(oldest) = self.order.pop_front()
            {
                self.inbox.remove(&oldest);
            }
        }
        if let Some(step) = self.next.take() {
            self.try_step(step)?;
        }
        Ok(())
    }

    /// Performs a step if what it cues is here; else it waits for the frame.
    fn try_step(&mut self, step: Step) -> Result<(), Failure> {
        if let Cue::Frame { frame, .. } = &step.cue
            && !self.inbox.contains_key(frame)
        {
            self.next = Some(step);
            return Ok(());
        }
        let acts = self.perform(&step)?;
        let net = self.stage.drill.cast().network.id;
        let done = Direct::Done(Done {
            number: step.number,
            acts,
        });
        let times = (Wall::at(step.at), Span::minutes(1));
        let frame = Frame::direct(&mut self.speaker, net, Topic::Done(self.party), done, times);
        self.publish(&frame);
        Ok(())
    }

    fn perform(&mut self, step: &Step) -> Result<Vec<Act>, Failure> {
        if is_boot(step) {
            self.reboot();
        }
        let input = self.input(step)?;
        let Some(office) = &mut self.office else {
            return Ok(Vec::new());
        };
        let outputs = office.handle(clocks(step.at), input);
        let mut acts = Vec::with_capacity(outputs.len() + 1);
        if is_boot(step) {
            let text = office.will().text().to_string();
            acts.push(Act::Will { text });
        }
        for output in outputs {
            match output {
                Output::Append(Ticket(ticket), envelope) => {
                    let decision = decision_of(self.party, &envelope);
                    acts.push(Act::Append { ticket, decision });
                    self.appended.push_back(Appended {
                        ticket,
                        entry: envelope,
                        state: None,
                    });
                }
                Output::Keep(Ticket(ticket), at) => {
                    let decision = decision_of(self.party, &at.entry);
                    acts.push(Act::Append { ticket, decision });
                    self.appended.push_back(Appended {
                        ticket,
                        state: Some(at.text()),
                        entry: at.entry,
                    });
                }
                // A step of lock-step has no act for it: the next boot reads all entries instead.
                Output::Mark(_) => {}
                Output::Load(range, Ticket(ticket)) => {
                    self.loads.insert(ticket, range);
                    acts.push(Act::Load { ticket });
                }
                Output::Publish(bus, frame) => {
                    self.publish(&frame);
                    acts.push(Act::Publish {
                        bus,
                        frame: frame.digest(),
                    });
                }
                Output::Alarm(alarm) => {
                    tracing::warn!(office = %self.party, code = alarm.code, "{}", alarm.text);
                }
                Output::WakeAt(wish) => acts.push(Act::WakeAt {
                    at: wish.drill.min(wish.link),
                }),
            }
        }
        Ok(acts)
    }

    /// A new life on what the disk holds; what was handed over and not durable is gone.
    fn reboot(&mut self) {
        self.appended.clear();
        self.loads.clear();
        self.office = self.stage.drill.office(self.party);
    }

    fn input(&mut self, step: &Step) -> Result<Input, Failure> {
        Ok(match &step.cue {
            Cue::Boot { seed } => {
                // As a new process would, in the order in which the entries were recorded.
                self.journal = None;
                let net = self.stage.drill.cast().network.id;
                let (journal, stored) = scribe::open(&self.file, net)?;
                self.journal = Some(journal);
                Input::Boot(stored, Seed(*seed))
            }
            Cue::Frame { bus, frame } => {
                // It stays for a duplicate that the network model may deliver.
                let heard = self.inbox.get(frame).cloned();
                Input::Heard(
                    *bus,
                    heard.ok_or_else(|| Failure::bug("the frame was there"))?,
                )
            }
            Cue::Durable { ticket } => {
                let mut ready = Queue::default();
                let due = self.appended.iter();
                let due = due.take_while(|it| it.ticket <= *ticket).count();
                for it in self.appended.drain(..due) {
                    let (ticket, entry) = (journal::Ticket(it.ticket), it.entry);
                    match it.state {
                        Some(state) => ready.push_base(ticket, Base { entry, state }),
                        None => ready.push(ticket, entry),
                    }
                }
                ready.flush(self.journal()?)?;
                Input::Durable(Ticket(*ticket))
            }
            Cue::Loaded { ticket } => {
                let found = match self.loads.remove(ticket) {
                    Some(it) => {
                        self.journal()?
                            .load(it.log, it.from, it.to, limit::PAYLOAD_BYTES)?
                    }
                    None => Vec::new(),
                };
                Input::Loaded(Ticket(*ticket), found)
            }
            Cue::Link { bus, up } => Input::Link(
                *bus,
                if *up {
                    LinkChange::Up
                } else {
                    LinkChange::Down
                },
            ),
            Cue::Wake => Input::Wake,
        })
    }

    fn journal(&mut self) -> Result<&mut Journal, Failure> {
        let open = self.journal.as_mut();
        open.ok_or_else(|| Failure::bug("the journal is open between boots"))
    }

    fn publish(&self, frame: &Frame) {
        let net = self.stage.drill.cast().network.id;
        if let Err(error) = self.link.publish(Post::frame(net, frame)) {
            let file = self.file.display();
            tracing::warn!(office = %self.party, journal = %file, %error, "not published");
        }
    }
}

/// All clocks agree in a lock-step drill, as they do in virtual time.
fn clocks(at: Moment) -> Now {
    Now {
        drill: at,
        link: at,
        wall: Wall::at(at),
    }
}
