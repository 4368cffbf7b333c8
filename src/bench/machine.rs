//! An office with its journal and without a clock: what it wants is done at once, at the time that it is
//! told.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use agents::{Input, Now, Office, Output, Seed, Ticket, WakeAt};
use journal::{Journal, Queue};
use protocol::{BusId, Decoder, Envelope, Frame, Moment, Network, Topic, Wall};

use crate::failure::{Code, Failure};
use crate::live::scribe::{base_of, open, within};

/// Entries that one commit gathers at most, as in a live office.
const GROUP: usize = 512;

/// An office and its disk.
pub(super) struct Machine {
    pub(super) office: Office,
    pub(super) journal: Journal,
    queue: Queue,
    decoder: Decoder,
    /// When it wants to be woken.
    pub(super) wake: Option<WakeAt>,
    /// What it said and nobody has carried yet.
    pub(super) said: Vec<Arc<Frame>>,
    /// How long its process worked, disk included.
    pub(super) worked: Duration,
}

/// The one bus.
pub(super) fn bus() -> BusId {
    "bus".parse().expect("a short word names a bus")
}

fn now(at: Moment) -> Now {
    Now {
        drill: at,
        link: at,
        wall: Wall::at(at),
    }
}

impl Machine {
    /// Boots an office on a journal. `first` enters an empty one: the roster's log.
    pub(super) fn boot(
        office: Office,
        (file, first): (&Path, &[Arc<Envelope>]),
        at: Moment,
        seed: Seed,
    ) -> Result<Self, Failure> {
        let began = Instant::now();
        let network = office.picture().network().clone();
        let (mut journal, mut stored) = open(file, network.id)?;
        if stored.envelopes.is_empty() {
            journal.append_all(first.iter().map(Arc::clone))?;
            stored.envelopes = first.to_vec();
        }
        let mut machine = Self::on(office, journal, network);
        machine.tell(at, Input::Boot(stored, seed))?;
        machine.worked = began.elapsed();
        Ok(machine)
    }

    fn on(office: Office, journal: Journal, network: Network) -> Self {
        Self {
            office,
            journal,
            queue: Queue::default(),
            decoder: Decoder::new(network),
            wake: None,
            said: Vec::new(),
            worked: Duration::ZERO,
        }
    }

    /// Hears a frame as it came over a bus.
    pub(super) fn hear(&mut self, at: Moment, topic: Topic, text: &str) -> Result<(), Failure> {
        let began = Instant::now();
        let picture = self.office.picture();
        let topic = topic.on(picture.network().id);
        let roster = picture.roster();
        let heard = self.decoder.frame(&topic, text.as_bytes(), roster);
        let frame = heard.map_err(|refusal| Failure::new(Code::Bug, refusal))?;
        self.perform(at, Input::Heard(bus(), frame))?;
        self.worked += began.elapsed();
        Ok(())
    }

    /// Tells the office something.
    pub(super) fn tell(&mut self, at: Moment, input: Input) -> Result<(), Failure> {
        let began = Instant::now();
        self.perform(at, input)?;
        self.worked += began.elapsed();
        Ok(())
    }

    /// Puts what waits on the disk. Whether anything did.
    pub(super) fn flush(&mut self, at: Moment) -> Result<bool, Failure> {
        let began = Instant::now();
        let durable = self.queue.flush(&mut self.journal)?;
        if let Some(ticket) = durable {
            self.perform(at, Input::Durable(Ticket(ticket.0)))?;
        }
        self.worked += began.elapsed();
        Ok(durable.is_some())
    }

    /// Whether as much waits for the disk as goes to it at once.
    pub(super) fn is_full(&self) -> bool {
        self.queue.len() >= GROUP
    }

    /// Whether anything waits for the disk.
    pub(super) fn waits(&self) -> bool {
        !self.queue.is_empty()
    }

    fn perform(&mut self, at: Moment, input: Input) -> Result<(), Failure> {
        let mut inputs = vec![input];
        while let Some(input) = inputs.pop() {
            for output in self.office.handle(now(at), input) {
                match output {
                    Output::Append(ticket, envelope) => {
                        self.queue.push(journal::Ticket(ticket.0), envelope);
                    }
                    Output::Keep(ticket, at) => {
                        let ticket = journal::Ticket(ticket.0);
                        self.queue.push_base(ticket, base_of(&at));
                    }
                    Output::Mark(at) => self.queue.push_mark(base_of(&at)),
                    Output::Load(range, ticket) => {
                        let found = within(&self.journal, range)?;
                        inputs.push(Input::Loaded(ticket, found));
                    }
                    Output::Publish(_, frame) => self.said.push(frame),
                    Output::Alarm(alarm) => {
                        tracing::warn!(code = alarm.code, "{}", alarm.text);
                    }
                    Output::WakeAt(wake) => self.wake = Some(wake),
                }
            }
        }
        Ok(())
    }
}
