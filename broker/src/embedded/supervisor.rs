//! The supervisor of a bus: probes it, and builds it anew on the same port when it is dead.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::Sender;

use super::BrokerEvent;
use super::bus::Bus;
use super::probe::{Probe, Pulse, greet};

/// How often the router is asked; an office notices a silent bus no sooner.
const ROUND: Duration = Duration::from_secs(1);

/// Every which round a client greets from outside as well.
const GREETING_ROUNDS: u32 = 5;

/// Rounds without an answer after which a bus is given up: a busy machine is no dead one.
const SILENT_ROUNDS: u32 = 10;

/// Greetings refused in a row after which a listener is given up.
const REFUSED_GREETINGS: u32 = 2;

/// Watches a bus until the other end of `stop` is gone, and ends it then.
pub(super) fn supervise(
    mut bus: Bus,
    stop: &Receiver<()>,
    rebuilds: &AtomicU64,
    events: &Sender<BrokerEvent>,
) {
    let addr = bus.addr();
    loop {
        let Some((reason, since)) = watch(&bus, stop) else {
            return bus.stop();
        };
        tracing::error!(%addr, reason, "the embedded bus died");
        tell(events, BrokerEvent::Died { reason });
        bus.stop();
        bus = loop {
            match Bus::start(addr) {
                Ok(bus) => break bus,
                Err(error) => {
                    let reason = error.to_string();
                    tell(events, BrokerEvent::Stuck { reason });
                }
            }
            if stop.recv_timeout(ROUND) != Err(RecvTimeoutError::Timeout) {
                return;
            }
        };
        let times = rebuilds.fetch_add(1, Ordering::Relaxed) + 1;
        let outage = since.elapsed();
        tracing::warn!(%addr, times, ?outage, "the embedded bus was built anew");
        tell(events, BrokerEvent::Rebuilt { times, outage });
    }
}

/// Asks round after round; what was seen when the bus is dead and when it was last well, or `None`
/// when it is to stop.
fn watch(bus: &Bus, stop: &Receiver<()>) -> Option<(String, Instant)> {
    let mut probe = Probe::new(bus.linker());
    let mut well = Instant::now();
    let (mut round, mut silent, mut refused) = (0_u32, 0, 0);
    loop {
        match probe.ask() {
            Pulse::Alive => silent = 0,
            Pulse::Silent => silent += 1,
            Pulse::Dead => return Some(("its router is gone".to_owned(), well)),
        }
        if silent >= SILENT_ROUNDS {
            return Some((format!("its router was silent {silent} times"), well));
        }
        if round % GREETING_ROUNDS == GREETING_ROUNDS - 1 {
            match greet(bus.addr()) {
                Ok(()) => refused = 0,
                Err(error) => {
                    refused += 1;
                    if refused >= REFUSED_GREETINGS {
                        return Some((format!("its listener refuses clients: {error}"), well));
                    }
                }
            }
        }
        if silent == 0 && refused == 0 {
            well = Instant::now();
        }
        round = round.wrapping_add(1);
        if stop.recv_timeout(ROUND) != Err(RecvTimeoutError::Timeout) {
            return None;
        }
    }
}

fn tell(events: &Sender<BrokerEvent>, event: BrokerEvent) {
    // Nobody has to listen; the counter tells it too.
    let _ = events.try_send(event);
}
