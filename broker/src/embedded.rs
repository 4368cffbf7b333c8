//! The embedded bus: the gate in this process, stoppable.
//!
//! What dies behind the gate is built anew without its clients' noticing. Each stopped router leaves its
//! thread and its log behind, because rumqttd has no way to end one.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use protocol::AccessList;
use tokio::sync::{mpsc as events, watch};
use tokio_rustls::TlsAcceptor;

use crate::config::{Access, GateConfig, Listener, Passwords, TlsFiles};
use crate::gate::{Asking, Certified, Fate, Gate, Ground, Hub, Judged, TlsError, acceptor, judges};
use crate::url::BusUrl;

/// Events that wait for a reader; a later one is dropped, and [`Embedded::rebuilds`] still counts.
const EVENTS: usize = 64;

/// A running bus. It stops when it is dropped.
#[derive(Debug)]
pub struct Embedded {
    listeners: Vec<Listener>,
    hub: Arc<Hub>,
    hands: Option<Hands>,
    rebuilds: Arc<AtomicU64>,
    /// Dropped to stop the bus.
    running: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What shakes hands with clients, and what it judges them by.
struct Hands {
    acceptor: watch::Sender<TlsAcceptor>,
    judges: Mutex<Vec<u8>>,
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
    /// Somebody guesses passwords. The answers to that address come ever more slowly.
    Guessed {
        /// From where.
        address: IpAddr,
        /// How many were wrong by now.
        times: u32,
    },
}

/// Connections that wait to be accepted, as far as the system lets so many (net.core.somaxconn): two seconds
/// of a flood that the gate just bears.
const BACKLOG: i32 = 4_096;

/// Why the embedded bus does not start.
#[derive(Debug, thiserror::Error)]
pub enum BrokerError {
    /// It would listen nowhere.
    #[error("the bus has no address to listen on; give it one, such as mqtt://127.0.0.1:1883")]
    NoListener,
    /// Anybody on the network could read and write.
    #[error(
        "{0} is not a loopback address, and clients without a name and a key are not let in from a network; listen on 127.0.0.1 or [::1], or give the bus a roster"
    )]
    NotLoopback(SocketAddr),
    /// Passwords would cross a network in clear.
    #[error(
        "{0} is not a loopback address, and names and passwords would cross the network in clear; listen with mqtts:// or wss:// there"
    )]
    InClear(Listener),
    /// TLS cannot be set up.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Somebody else listens there.
    #[error("port {0} is in use; stop what listens there, or choose another port")]
    InUse(u16),
    /// The system refuses.
    #[error(
        "the embedded bus cannot listen on {addr}: {source}; choose an address of this machine and a port above 1023"
    )]
    Listen {
        /// Where.
        addr: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The system has no room for it.
    #[error("the embedded bus cannot start: {0}; end other processes")]
    Start(io::Error),
}

impl Embedded {
    /// Starts a bus on a loopback address for everybody, and returns when it accepts connections. Port 0
    /// lets the system choose.
    pub fn start(listen: SocketAddr) -> Result<(Self, events::Receiver<BrokerEvent>), BrokerError> {
        Self::open(GateConfig::open_to_all(vec![Listener::tcp(listen)]))
    }

    /// Starts a bus and returns when it accepts connections.
    pub fn open(config: GateConfig) -> Result<(Self, events::Receiver<BrokerEvent>), BrokerError> {
        check(&config)?;
        let hands = hands_of(&config)?;
        let mut sockets = Vec::new();
        let mut listeners = Vec::new();
        let own = config.own.iter().map(|it| (it, Asking::Nothing));
        let told = config.listeners.iter().map(|it| (it, Asking::AsTold));
        for (listener, asking) in own.chain(told) {
            let (socket, addr) = bind(listener.addr)?;
            sockets.push((socket, listener.wire, asking));
            listeners.push(Listener { addr, ..*listener });
        }
        let (tell, told) = events::channel(EVENTS);
        let ground = Ground {
            sockets,
            acceptor: hands.as_ref().map(|hands| hands.acceptor.subscribe()),
            access: config.access,
            limits: config.limits,
            origins: config.origins,
            events: tell.clone(),
        };
        let (running, stop) = mpsc::channel::<()>();
        let (started, outcome) = mpsc::channel();
        let rebuilds = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&rebuilds);
        let say = move |fate| {
            // Nobody has to listen; the counter tells it too.
            let _ = tell.try_send(happened(fate, &counter));
        };
        // All of it lives on a thread of its own: a runtime may not be dropped inside another.
        let thread = std::thread::Builder::new()
            .name("bus".to_owned())
            .spawn(move || match Gate::open(ground, say) {
                Err(error) => drop(started.send(Err(error))),
                Ok(gate) => {
                    drop(started.send(Ok(gate.hub())));
                    // Nothing is ever sent: the other end is dropped.
                    let _ = stop.recv();
                    gate.end();
                }
            })
            .map_err(BrokerError::Start)?;
        let hub = outcome
            .recv()
            .expect("the bus says how its start went")
            .map_err(BrokerError::Start)?;
        let embedded = Self {
            listeners,
            hub,
            hands,
            rebuilds,
            running: Some(running),
            thread: Some(thread),
        };
        Ok((embedded, told))
    }

    /// Where it listens first: for this machine's own processes, if it does that anywhere.
    pub fn local_addr(&self) -> SocketAddr {
        self.listeners[0].addr
    }

    /// Everywhere that it listens, with the ports that the system chose; for this machine's own processes
    /// first.
    pub fn listeners(&self) -> &[Listener] {
        &self.listeners
    }

    /// How to link to it, where it listens first.
    pub fn url(&self) -> BusUrl {
        BusUrl::from(self.local_addr())
    }

    /// How often its router had to be built anew.
    pub fn rebuilds(&self) -> u64 {
        self.rebuilds.load(Ordering::Relaxed)
    }

    /// The roster has changed: who does not belong any more is off, and reads nothing of what follows.
    /// Does nothing where anybody may come in.
    pub fn admit(&self, list: AccessList) {
        self.hub.admit(list);
    }

    /// Certificates, revocations and passwords are read anew, and count from now on. If others come in by
    /// them than before, whoever came in is asked anew. Where a file cannot be used nothing changes.
    pub fn renew(&self, tls: Option<&TlsFiles>, passwords: Passwords) -> Result<(), TlsError> {
        let mut judged = Judged::AsBefore;
        if let (Some(hands), Some(files)) = (&self.hands, tls) {
            let renewed = (acceptor(files, certified(&passwords))?, judges(files)?);
            let mut known = hands.judges.lock().unwrap_or_else(PoisonError::into_inner);
            if *known != renewed.1 {
                *known = renewed.1;
                judged = Judged::Anew;
            }
            hands.acceptor.send_replace(renewed.0);
        }
        self.hub.renew(passwords, judged);
        Ok(())
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

impl std::fmt::Debug for Hands {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hands")
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

/// Refuses what would let in anybody from a network, or passwords be read on it.
fn check(config: &GateConfig) -> Result<(), BrokerError> {
    let all = config.own.iter().chain(&config.listeners);
    if all.count() == 0 {
        return Err(BrokerError::NoListener);
    }
    let outside = |it: &&Listener| !it.addr.ip().is_loopback();
    if let Some(listener) = config.own.iter().find(outside) {
        return Err(BrokerError::NotLoopback(listener.addr));
    }
    for listener in config.listeners.iter().filter(outside) {
        if matches!(config.access, Access::Anyone { .. }) {
            return Err(BrokerError::NotLoopback(listener.addr));
        }
        if !listener.wire.is_private() {
            return Err(BrokerError::InClear(*listener));
        }
    }
    Ok(())
}

fn hands_of(config: &GateConfig) -> Result<Option<Hands>, TlsError> {
    let mut all = config.own.iter().chain(&config.listeners);
    let Some(files) = &config.tls else {
        let is_private = all.any(|it| it.wire.is_private());
        return if is_private {
            Err(TlsError::NoCertificate)
        } else {
            Ok(None)
        };
    };
    let clients = match &config.access {
        Access::Listed { passwords, .. } => certified(passwords),
        Access::Anyone { .. } => Certified::Always,
    };
    Ok(Some(Hands {
        acceptor: watch::Sender::new(acceptor(files, clients)?),
        judges: Mutex::new(judges(files)?),
    }))
}

/// Whether every client must have a certificate, where some have passwords.
fn certified(passwords: &Passwords) -> Certified {
    if passwords.is_empty() {
        Certified::Always
    } else {
        Certified::OrPassword
    }
}

fn bind(addr: SocketAddr) -> Result<(TcpListener, SocketAddr), BrokerError> {
    let refused = |source: io::Error| match source.kind() {
        io::ErrorKind::AddrInUse => BrokerError::InUse(addr.port()),
        _ => BrokerError::Listen { addr, source },
    };
    let socket = TcpListener::bind(addr).map_err(refused)?;
    // The library asks for 128, which a crowd of strangers fills between two looks.
    rustix::net::listen(&socket, BACKLOG).map_err(|error| refused(error.into()))?;
    let addr = socket.local_addr().map_err(refused)?;
    Ok((socket, addr))
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;

    #[test]
    fn three_hundred_connections_wait_where_nobody_accepts_them_yet() {
        let most = std::fs::read_to_string("/proc/sys/net/core/somaxconn");
        let most = most.ok().and_then(|it| it.trim().parse().ok());
        let (_socket, addr) = bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let connect = |_| TcpStream::connect_timeout(&addr, Duration::from_millis(900));
        let waiting: Vec<_> = (0..most.unwrap_or(128).min(300)).map(connect).collect();
        assert!(waiting.iter().all(Result::is_ok));
    }
}
