//! The embedded bus: the gate in this process, on a loopback address only, stoppable.
//!
//! What dies behind the gate is built anew without its clients' noticing. Each stopped router leaves its
//! thread and its log behind, because rumqttd has no way to end one.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::mpsc as events;

use crate::gate::{Fate, Gate};
use crate::url::BusUrl;

/// Events that wait for a reader; a later one is dropped, and [`Embedded::rebuilds`] still counts.
const EVENTS: usize = 64;

/// A running bus. It stops when it is dropped.
#[derive(Debug)]
pub struct Embedded {
    addr: SocketAddr,
    rebuilds: Arc<AtomicU64>,
    /// Dropped to stop the bus.
    running: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What happens to the router behind the gate. Clients notice a pause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BrokerEvent {
    /// It no longer answers.
    Died {
        /// What was seen.
        reason: String,
    },
    /// It runs again, and has been given all that was under way.
    Rebuilt {
        /// How often so far.
        times: u64,
        /// How long it took.
        outage: Duration,
    },
    /// It cannot be built again yet; tried again and again.
    Stuck {
        /// Why.
        reason: String,
    },
}

/// Why the embedded bus does not start.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// Anybody on the network could read and write.
    #[error(
        "{0} is not a loopback address, and clients without a name and a key are not let in from a network; listen on 127.0.0.1 or [::1]"
    )]
    NotLoopback(SocketAddr),
    /// Somebody else listens there.
    #[error("port {0} is in use; stop the other broker or pass --port")]
    InUse(u16),
    /// The system refuses.
    #[error("the embedded bus cannot listen on {addr}: {source}; pass another --port")]
    Listen {
        /// Where.
        addr: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// There is no thread left for it.
    #[error("the embedded bus has no thread: {0}; end other processes")]
    Thread(io::Error),
}

impl Embedded {
    /// Starts a bus and returns when it accepts connections. Port 0 lets the system choose.
    pub fn start(listen: SocketAddr) -> Result<(Self, events::Receiver<BrokerEvent>), BrokerError> {
        if !listen.ip().is_loopback() {
            return Err(BrokerError::NotLoopback(listen));
        }
        let refused = |source: io::Error| match source.kind() {
            io::ErrorKind::AddrInUse => BrokerError::InUse(listen.port()),
            _ => BrokerError::Listen {
                addr: listen,
                source,
            },
        };
        let socket = TcpListener::bind(listen).map_err(refused)?;
        let addr = socket.local_addr().map_err(refused)?;
        let (running, stop) = mpsc::channel::<()>();
        let (started, outcome) = mpsc::channel();
        let (tell, told) = events::channel(EVENTS);
        let rebuilds = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&rebuilds);
        let say = move |fate| {
            // Nobody has to listen; the counter tells it too.
            let _ = tell.try_send(happened(fate, &counter));
        };
        // All of it lives on a thread of its own: a runtime may not be dropped inside another.
        let thread = std::thread::Builder::new()
            .name("bus".to_owned())
            .spawn(move || match Gate::open(socket, say) {
                Err(error) => drop(started.send(Err(error))),
                Ok(gate) => {
                    drop(started.send(Ok(())));
                    // Nothing is ever sent: the other end is dropped.
                    let _ = stop.recv();
                    gate.end();
                }
            })
            .map_err(BrokerError::Thread)?;
        outcome
            .recv()
            .expect("the bus says how its start went")
            .map_err(refused)?;
        let embedded = Self {
            addr,
            rebuilds,
            running: Some(running),
            thread: Some(thread),
        };
        Ok((embedded, told))
    }

    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.addr
    }

    /// How to link to it.
    pub fn url(&self) -> BusUrl {
        BusUrl::from(self.addr)
    }

    /// How often its router had to be built anew.
    pub fn rebuilds(&self) -> u64 {
        self.rebuilds.load(Ordering::Relaxed)
    }

    /// Ends it: all clients are off and the port is free when this returns.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        drop(self.running.take());
        if let Some(thread) = self.thread.take() {
            // A panic was printed when it happened; there is nothing to end then.
            let _ = thread.join();
        }
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.end();
    }
}

fn happened(fate: Fate, rebuilds: &AtomicU64) -> BrokerEvent {
    match fate {
        Fate::Died(reason) => BrokerEvent::Died { reason },
        Fate::Stuck(reason) => BrokerEvent::Stuck { reason },
        Fate::Rebuilt(outage) => BrokerEvent::Rebuilt {
            times: rebuilds.fetch_add(1, Ordering::Relaxed) + 1,
            outage,
        },
    }
}
