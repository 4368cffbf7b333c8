//! The world as one more client of the bus: it feeds `field/…` and obeys `order/…`.

use std::sync::Arc;
use std::time::Duration;

use broker::{Link, LinkConfig, LinkEvent, Post};
use protocol::{Direct, Moment, Roster, Said, Topic, Truth};
use simulator::{World, WorldInput, WorldOutput};
use tokio::sync::{mpsc, watch};

use crate::failure::Failure;
use crate::live::shell::SharedDecoder;
use crate::live::stage::Stage;
use crate::live::time::Clocks;

/// How long the world waits for the bus when it ends.
const GOODBYE: Duration = Duration::from_secs(2);

/// The world on the bus.
pub(crate) struct LiveWorld {
    world: World,
    stage: Arc<Stage>,
    roster: Roster,
    decoder: SharedDecoder,
    clocks: Clocks,
    link: Link,
    events: mpsc::Receiver<LinkEvent>,
    truths: mpsc::UnboundedSender<(Moment, Truth)>,
    due: Option<Moment>,
    up: bool,
}

impl LiveWorld {
    /// Opens the world's link.
    pub(crate) fn start(
        stage: &Arc<Stage>,
        clocks: Clocks,
        truths: mpsc::UnboundedSender<(Moment, Truth)>,
    ) -> Result<Self, Failure> {
        let cast = stage.drill.cast();
        let net = cast.network.id;
        let boot = u64::from_be_bytes(crate::live::stage::random()?);
        let config = LinkConfig {
            filters: ["order", "log", "reply"]
                .map(|level| Topic::filter(net, level))
                .into_iter()
                .chain([Topic::Clock.on(net)])
                .collect(),
            seed: boot,
            ..LinkConfig::new(stage.bus.clone(), format!("world-{boot:016x}"))
        };
        let (link, events) = Link::open(config)?;
        let mut world = stage.drill.world(boot, None);
        let due = world.due();
        Ok(Self {
            world,
            roster: cast.roster.clone(),
            decoder: Arc::clone(&stage.decoder),
            stage: Arc::clone(stage),
            clocks,
            link,
            events,
            truths,
            due,
            up: false,
        })
    }

    /// Runs until told to end.
    pub(crate) async fn run(mut self, mut end: watch::Receiver<bool>) -> Result<(), Failure> {
        while !*end.borrow() {
            let due = self
                .due
                .filter(|_| self.up)
                .and_then(|due| self.clocks.until(due));
            tokio::select! {
                event = self.events.recv() => match event {
                    Some(event) => self.linked(event),
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
        let _ = self.link.close(GOODBYE).await;
        Ok(())
    }

    fn linked(&mut self, event: LinkEvent) {
        match event {
            LinkEvent::Up => self.up = true,
            LinkEvent::Down { .. } => self.up = false,
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
                    if let Err(error) = self.link.publish(Post::frame(net, &frame)) {
                        tracing::warn!(%error, "the world was not heard");
                    }
                }
                // The recorder may have ended before the last event; nothing reads it then.
                WorldOutput::Truth(truth) => drop(self.truths.send((now, truth))),
                WorldOutput::WakeAt(at) => self.due = Some(at),
                WorldOutput::Obeyed(_) | WorldOutput::Moved(..) => {}
            }
        }
    }
}
