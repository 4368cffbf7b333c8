//! The world as one more client of the bus: it feeds `field/…` and obeys `order/…`.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use broker::{LinkConfig, LinkEvent, Post};
use protocol::{BusId, Direct, Moment, Roster, Said, Topic};
use simulator::{World, WorldInput, WorldOutput};
use tokio::sync::{mpsc, watch};

use crate::failure::Failure;
use crate::live::shell::SharedDecoder;
use crate::live::stage::Stage;
use crate::live::time::Clocks;
use crate::live::wires::{Plug, Wires};
use crate::live::witness::Seen;

/// How long the world waits for the bus when it ends.
const GOODBYE: Duration = Duration::from_secs(2);

/// The world on the bus.
pub(crate) struct LiveWorld {
    world: World,
    stage: Arc<Stage>,
    roster: Roster,
    decoder: SharedDecoder,
    clocks: Clocks,
    wires: Wires,
    seen: mpsc::UnboundedSender<(Moment, Seen)>,
    due: Option<Moment>,
    /// The buses that are there.
    up: BTreeSet<BusId>,
}

impl LiveWorld {
    /// Opens the world's link.
    pub(crate) fn start(
        stage: &Arc<Stage>,
        clocks: Clocks,
        seen: mpsc::UnboundedSender<(Moment, Seen)>,
    ) -> Result<Self, Failure> {
        let cast = stage.drill.cast();
        let net = cast.network.id;
        let boot = u64::from_be_bytes(crate::live::stage::random()?);
        let config = |plug: &Plug| LinkConfig {
            filters: ["order", "log", "reply"]
                .map(|level| Topic::filter(net, level))
                .into_iter()
                .chain([Topic::Clock.on(net)])
                .collect(),
            seed: boot,
            ..LinkConfig::new(plug.url.clone(), format!("world-{boot:016x}"))
        };
        let wires = Wires::open(&stage.buses.all(), config)?.each_once();
        let mut world = stage.drill.world(boot, None);
        let due = world.due();
        Ok(Self {
            world,
            roster: cast.roster.clone(),
            decoder: Arc::clone(&stage.decoder),
            stage: Arc::clone(stage),
            clocks,
            wires,
            seen,
            due,
            up: BTreeSet::new(),
        })
    }

    /// Runs until told to end.
    pub(crate) async fn run(mut self, mut end: watch::Receiver<bool>) -> Result<(), Failure> {
        while !*end.borrow() {
            let due = self
                .due
                .filter(|_| !self.up.is_empty())
                .and_then(|due| self.clocks.until(due));
            tokio::select! {
                event = self.wires.recv() => match event {
                    Some((bus, event)) => self.linked(bus, event),
                    None => break,
                },
                () = tokio::time::sleep(due.unwrap_or(Duration::from_secs(3_600))) => {
                    self.due = None;
                    self.tell(WorldInput::Wake);
                }
                changed = end.changed() => if changed.is_err() { break },
            }
        }
        // What nobody acknowledged at the end is of no use to anybody after it.
        self.wires.close(GOODBYE).await;
        Ok(())
    }

    fn linked(&mut self, bus: BusId, event: LinkEvent) {
        match event {
            LinkEvent::Up => {
                self.up.insert(bus);
            }
            LinkEvent::Down { .. } => {
                self.up.remove(&bus);
            }
            LinkEvent::Denied { filter } => {
                tracing::warn!(filter, "the bus denies the world a filter");
            }
            LinkEvent::Oversized { .. } => {}
            LinkEvent::Message { topic, payload, .. } => {
                let mut decoder = self.decoder.lock().expect("no decoding panics");
                let Ok(frame) = decoder.frame(&topic, &payload, &self.roster) else {
                    return;
                };
                drop(decoder);
                if let Said::Direct {
                    body: Direct::Clock(clock),
                    ..
                } = frame.get().said()
                {
                    self.clocks.hear(clock);
                    // Where drill time stands, nothing else says that something is due: at the end, too.
                    if self.due.is_some_and(|due| due <= self.clocks.now().drill) {
                        self.due = None;
                        self.tell(WorldInput::Wake);
                    }
                } else {
                    self.tell(WorldInput::Heard(frame));
                }
            }
        }
    }

    fn tell(&mut self, input: WorldInput) {
        let now = self.clocks.now().drill;
        if now == Moment(0) {
            return;
        }
        let net = self.stage.drill.cast().network.id;
        for output in self.world.handle(now, input) {
            match output {
                WorldOutput::Publish(frame) => {
                    let to = match frame.topic() {
                        Topic::Field(office) | Topic::Command(office) => {
                            self.stage.buses.own(office)
                        }
                        _ => None,
                    };
                    let post = Post::frame(net, &frame);
                    let said = match to {
                        Some(bus) => self.wires.publish(bus, post),
                        None => self.wires.publish_everywhere(&post),
                    };
                    if let Err(error) = said {
                        tracing::warn!(%error, "the world was not heard");
                    }
                }
                WorldOutput::WakeAt(at) => self.due = Some(at),
                WorldOutput::Truth(truth) => self.tell_of(now, Seen::Happened(truth)),
                WorldOutput::Obeyed(obeyed) => self.tell_of(now, Seen::Obeyed(obeyed)),
                WorldOutput::Moved(unit, from, to) => {
                    self.tell_of(now, Seen::Moved(unit, (from, to)));
                }
            }
        }
    }

    /// Has the director know. It may have ended before the last event; nobody reads that then.
    fn tell_of(&self, now: Moment, seen: Seen) {
        drop(self.seen.send((now, seen)));
    }
}
