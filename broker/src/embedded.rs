//! The embedded bus: rumqttd in this process, supervised, stoppable, on a loopback address only.
//!
//! The router of rumqttd can die in silence while its port still accepts; so it is probed each
//! second and built anew on the same port. Its retained messages and sessions are gone then; links
//! subscribe again and the offices heal the gap by digest. Each stopped router leaves its thread
//! and its log behind, because rumqttd has no way to end one.

mod bus;
mod probe;
mod relay;
mod supervisor;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::mpsc as events;

use crate::url::BusUrl;

/// Events that wait for a reader; a later one is dropped, and [`Embedded::rebuilds`] still counts.
const EVENTS: usize = 64;

/// A running bus. It stops when it is dropped.
#[derive(Debug)]
pub struct Embedded {
    addr: SocketAddr,
    rebuilds: Arc<AtomicU64>,
    /// Dropped to stop the supervisor.
    running: Option<Sender<()>>,
    supervisor: Option<JoinHandle<()>>,
}

/// What happens to the bus itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BrokerEvent {
    /// It no longer answers; all its clients are off.
    Died {
        /// What was seen.
        reason: String,
    },
    /// It runs again on the same port, and empty.
    Rebuilt {
        /// How often so far.
        times: u64,
        /// From the last good answer to the new bus.
        outage: Duration,
    },
    /// It cannot be built again yet; tried each second.
    Stuck {
        /// Why.
        reason: String,
    },
}

/// Why the embedded bus does not start.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// Anybody on the network could kill it.
    #[error(
        "{0} is not a loopback address, and the gate that protects the embedded bus from the network does not exist yet; listen on 127.0.0.1 or [::1]"
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
        let (running, stop) = mpsc::channel();
        let (started, outcome) = mpsc::channel();
        let (tell, told) = events::channel(EVENTS);
        let rebuilds = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&rebuilds);
        // All of it lives on a thread of its own: a runtime may not be dropped inside another.
        let supervisor = std::thread::Builder::new()
            .name("bus-supervisor".to_owned())
            .spawn(move || match bus::Bus::start(listen) {
                Err(error) => drop(started.send(Err(error))),
                Ok(bus) => {
                    drop(started.send(Ok(bus.addr())));
                    supervisor::supervise(bus, &stop, &counter, &tell);
                }
            })
            .map_err(BrokerError::Thread)?;
        let addr = outcome
            .recv()
            .expect("the supervisor says how the start went")?;
        let embedded = Self {
            addr,
            rebuilds,
            running: Some(running),
            supervisor: Some(supervisor),
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

    /// How often it had to be built anew.
    pub fn rebuilds(&self) -> u64 {
        self.rebuilds.load(Ordering::Relaxed)
    }

    /// Ends it: all clients are off and the port is free when this returns.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        drop(self.running.take());
        if let Some(supervisor) = self.supervisor.take() {
            // A panic of the supervisor was printed when it happened; there is nothing to end then.
            let _ = supervisor.join();
        }
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.end();
    }
}
