//! An office alive: its link, its journal and its clocks around the one door.

mod bearing;
mod booted;
pub(crate) use booted::Booted;
mod door;
mod handle;
mod membership;
pub(crate) use door::Door;
pub(crate) use handle::{Account, Ask, Handle};

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use agents::{FOREIGN_SYNC, Input, LinkChange, Office, Output, Phase, Seed, Ticket, WakeAt};
use broker::{LinkEvent, Post};
use protocol::{
    BusId, Decoder, Direct, Envelope, Frame, NetId, Refusal, Role, Roster, Said, Verified,
};
use tokio::sync::{mpsc, watch};

use crate::failure::Failure;
use crate::live::hop::SharedHops;
use crate::live::lines::{Lines, Parcel};
use crate::live::reach::SharedReach;
use crate::live::refusals::oversized;
use crate::live::scribe::{Report, Scribe};
use crate::live::time::Clocks;
use crate::live::wires::{Plug, Wires};

/// How long an ending office waits for the bus to acknowledge what it said.
const GOODBYE: Duration = Duration::from_secs(5);

/// How long an entry of another office waits for the disk.
const FOREIGN_WAIT: Duration = Duration::from_micros(FOREIGN_SYNC.0);

/// How long one waits in an office on several buses, who is to relay it: others wait for it there.
const RELAY_WAIT: Duration = Duration::from_millis(50);

/// One decoder a process: a line is decoded and verified once, however many offices hear it.
pub(crate) type SharedDecoder = Arc<Mutex<Decoder>>;

/// What a shell needs besides its office.
pub(crate) struct Surroundings {
    /// The buses.
    pub(crate) plugs: Vec<Plug>,
    /// The process's decoder.
    pub(crate) decoder: SharedDecoder,
    /// The process's clocks.
    pub(crate) clocks: Clocks,
    /// The drill's seed: what faults draw for the lines comes from it.
    pub(crate) seed: u64,
    /// Where hops between the offices of the process are measured, if they are.
    pub(crate) hops: Option<SharedHops>,
    /// Where it is measured how long entries take to every disk, if it is.
    pub(crate) reach: Option<SharedReach>,
    /// Where everything goes that enters a log here, for a screen; if anybody looks.
    pub(crate) tap: Option<mpsc::UnboundedSender<Heard>>,
    /// Where the roster goes whenever it has changed, for a gate that lets in by it; if there is one.
    pub(crate) roster: Option<watch::Sender<Roster>>,
    /// Where each entry of the roster's log goes that the journal is given, for the roster file; if there is one.
    pub(crate) learned: Option<mpsc::UnboundedSender<Arc<Envelope>>>,
    /// Where it is counted and told what is refused, if it is the only office of its process.
    pub(crate) door: Option<Door>,
    /// Pages that the journal may take at most; as many as its disk has if `None`.
    pub(crate) journal_pages: Option<u32>,
}

/// What a screen is told by a shell.
#[derive(Clone, Debug)]
pub(crate) enum Heard {
    /// An envelope entered a log.
    Envelope(Arc<Envelope>),
    /// A frame came.
    Frame(Verified<Frame>),
    /// A bus came or went.
    Link(BusId, bool),
    /// Something was refused.
    Refused(Refusal),
}

pub(crate) struct Shell {
    office: Office,
    net: NetId,
    wires: Wires,
    scribe: Scribe,
    reports: mpsc::UnboundedReceiver<Report>,
    asks: mpsc::UnboundedReceiver<Ask>,
    around: Surroundings,
    wake: Option<WakeAt>,
    lines: Lines,
    /// The buses that are there, whether a fault cuts the office from them or not.
    linked: BTreeSet<BusId>,
    /// The buses that have ever let it in.
    met: BTreeSet<BusId>,
}

/// How a shell goes on after an ask.
enum Next {
    On,
    End,
    Crash,
}

impl Shell {
    /// Boots an office and opens its link; see [`Booted`].
    pub(crate) fn start(
        office: Office,
        stored: (&Path, &[Arc<Envelope>]),
        around: Surroundings,
        seed: Seed,
    ) -> Result<(Handle, Self), Failure> {
        Booted::new(office, stored, around, seed)?.join()
    }

    /// Runs until it is asked to end, or its disk fails.
    pub(crate) async fn run(mut self) -> Result<(), Failure> {
        loop {
            let sleep = self.sleep();
            let held = self
                .lines
                .next()
                .and_then(|due| self.around.clocks.until(due));
            tokio::select! {
                event = self.wires.recv() => match event {
                    Some((bus, event)) => self.linked(bus, event),
                    None => return Ok(()),
                },
                report = self.reports.recv() => match report {
                    Some(Report::Failed(error)) => return Err(error.into()),
                    Some(Report::Durable(ticket)) => self.durable(ticket),
                    Some(Report::Loaded(ticket, found)) => self.tell(Input::Loaded(ticket, found)),
                    None => return Ok(()),
                },
                ask = self.asks.recv() => match ask.map_or(Next::End, |ask| self.asked(ask)) {
                    Next::On => {}
                    Next::End => return self.end().await,
                    Next::Crash => {
                        self.wires.cut();
                        return Ok(());
                    }
                },
                () = tokio::time::sleep(sleep) => self.tell(Input::Wake),
                () = tokio::time::sleep(held.unwrap_or_default()), if held.is_some() => {
                    self.release();
                }
            }
        }
    }

    async fn end(mut self) -> Result<(), Failure> {
        if let Some(refused) = self.refused() {
            tracing::warn!(office = %self.office.party(), "{refused}");
        }
        self.around.tap = None;
        // Who goes in order says so, as its will would have.
        let will = self.office.will();
        for bus in self.linked.clone() {
            self.publish(bus, &will);
        }
        let (wires, scribe) = (self.wires, self.scribe);
        // What a bus did not take is in the journal; peers ask for it at the next meeting.
        wires.close(GOODBYE).await;
        tokio::task::spawn_blocking(|| scribe.close())
            .await
            .map_err(Failure::bug)?;
        Ok(())
    }

    fn asked(&mut self, ask: Ask) -> Next {
        match ask {
            Ask::Account(answer) => {
                let account = Account {
                    holds: self.office.picture().holds(),
                    drill_over: self.around.clocks.stopped(),
                    spoiled: self.lines.spoiled(),
                    serves: matches!(self.office.phase(), Phase::Serving | Phase::Watching),
                    has_met: !self.met.is_empty(),
                };
                // Who asked may have gone away; then nobody misses the answer.
                drop(answer.send(account));
            }
            Ask::Hash(answer) => drop(answer.send(self.office.picture().hash())),
            Ask::Refused(answer) => drop(answer.send(self.refused())),
            Ask::Suffer(faults) => self.suffer(faults),
            Ask::Learn(envelopes) => self.learn(envelopes),
            Ask::End => return Next::End,
            Ask::Crash => return Next::Crash,
        }
        Next::On
    }

    fn linked(&mut self, bus: BusId, event: LinkEvent) {
        match event {
            LinkEvent::Up => self.link_changed(bus, LinkChange::Up),
            LinkEvent::Down { reason, .. } => {
                let office = self.office.party();
                if self.met.contains(&bus) {
                    tracing::info!(%office, reason, "link down");
                } else {
                    // It may wait for ever to be let in.
                    tracing::warn!(%office, reason, "the bus is not there yet");
                }
                self.link_changed(bus, LinkChange::Down);
            }
            LinkEvent::Denied { filter } => {
                tracing::warn!(office = %self.office.party(), filter, "the bus denies a filter");
            }
            LinkEvent::Message { topic, payload, .. } => self.message(bus, &topic, &payload),
            LinkEvent::Oversized { bytes, .. } => self.refuse(oversized(bytes)),
        }
    }

    fn link_changed(&mut self, bus: BusId, change: LinkChange) {
        let up = change == LinkChange::Up;
        if up {
            self.linked.insert(bus);
            self.met.insert(bus);
        } else {
            self.linked.remove(&bus);
        }
        self.show(Heard::Link(bus, up));
        if !self.lines.is_cut_from(bus) {
            self.tell(Input::Link(bus, change));
        }
    }

    fn message(&mut self, bus: BusId, topic: &str, payload: &[u8]) {
        let verified = {
            let roster = self.office.picture().roster();
            let mut decoder = self.around.decoder.lock().expect("no decoding panics");
            decoder.frame(topic, payload, roster)
        };
        let frame = match verified {
            Ok(frame) => frame,
            Err(refusal) => return self.refuse(refusal),
        };
        if let Some(hops) = &self.around.hops {
            hops.heard(frame.get(), self.office.party(), Instant::now());
        }
        self.refuse_within(frame.get());
        self.pass(Parcel::In(bus, frame));
    }

    fn hear(&mut self, bus: BusId, frame: Verified<Frame>) {
        if let Said::Direct {
            from,
            body: Direct::Clock(clock),
            ..
        } = frame.get().said()
        {
            let director = self.office.picture().roster().member(*from);
            if director.is_some_and(|member| member.role == Role::Director) {
                self.around.clocks.hear(clock);
            }
        }
        self.show(Heard::Frame(frame.clone()));
        self.tell(Input::Heard(bus, frame));
    }

    fn tell(&mut self, input: Input) {
        let outputs = self.office.handle(self.around.clocks.now(), input);
        self.perform(outputs);
        self.show_roster();
    }

    fn durable(&mut self, ticket: Ticket) {
        if let Some(reach) = &self.around.reach {
            reach.durable(self.office.party(), ticket, Instant::now());
        }
        self.tell(Input::Durable(ticket));
    }

    fn perform(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Append(ticket, envelope) => {
                    self.hand_on(&envelope);
                    self.show(Heard::Envelope(Arc::clone(&envelope)));
                    if let Some(reach) = &self.around.reach {
                        reach.appended(self.office.party(), ticket, &envelope, Instant::now());
                    }
                    let own = envelope.header().log.author == self.office.party();
                    let patience = match (own, self.around.plugs.len()) {
                        (true, _) => Duration::ZERO,
                        (false, 1) => FOREIGN_WAIT,
                        (false, _) => RELAY_WAIT,
                    };
                    self.scribe.append(ticket, envelope, patience);
                }
                Output::Keep(ticket, at) => self.scribe.keep(ticket, at),
                Output::Mark(at) => self.scribe.mark(at),
                Output::Load(range, ticket) => self.scribe.load(ticket, range),
                Output::Publish(bus, frame) => self.pass(Parcel::Out(bus, frame)),
                Output::Alarm(alarm) => {
                    tracing::warn!(office = %self.office.party(), code = alarm.code, "{}", alarm.text);
                }
                Output::WakeAt(at) => self.wake = Some(at),
            }
        }
    }

    fn publish(&self, bus: BusId, frame: &Frame) {
        if let Some(hops) = &self.around.hops {
            hops.handed(frame, Instant::now());
        }
        if let Err(error) = self.wires.publish(bus, Post::frame(self.net, frame)) {
            tracing::warn!(office = %self.office.party(), %error, "not published");
        }
    }

    fn show(&self, heard: Heard) {
        if let Some(tap) = &self.around.tap {
            // A screen that has closed sees nothing more; the office goes on.
            drop(tap.send(heard));
        }
    }

    fn sleep(&self) -> Duration {
        let Some(wake) = self.wake else {
            return Duration::from_secs(3_600);
        };
        let link = self.around.clocks.until_link(wake.link);
        self.around
            .clocks
            .until(wake.drill)
            .map_or(link, |drill| drill.min(link))
    }
}
