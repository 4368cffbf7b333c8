//! The gate: all that touches a client. rumqttd routes behind it and is never seen from outside.
//!
//! ```text
//! client ── client.rs ── codec ────▶ hub.rs ──▶ router.rs ──▶ rumqttd
//!    ▲                                 ▲                         │
//!    └── codec ◀──── outbox.rs ◀──────┴─────────────────────────┘
//! ```
//!
//! A message is acknowledged when it has come back from the router and stands in every outbox that
//! wants it. Nothing that was acknowledged is dropped in silence: an outbox that holds more than it
//! may ends its session, and the next CONNACK says so.

mod burden;
mod client;
mod files;
mod guard;
mod hall;
mod hub;
mod keeper;
mod listen;
mod outbox;
mod parcel;
mod rates;
mod retained;
mod router;
mod status;
mod table;
mod tally;
mod telling;
mod tls;
mod websocket;

use std::io;
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::net::TcpListener as Listener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio_rustls::TlsAcceptor;

use crate::config::{Access, Limits, Wire};
use crate::embedded::BrokerEvent;
pub use files::Files;
use hall::Hall;
pub(crate) use hub::{Hub, Judged};
use keeper::Keeper;
use listen::Entrance;
use router::{Came, Outlet, Router};
pub use tls::TlsError;
pub(crate) use tls::{Certified, acceptor, judges};

/// Connections at a time, with those that have not said who they are; fewer where the process may not have
/// so many files open.
const CONNECTIONS: usize = 10_000;

/// Of these, for doors of this machine's own processes, if a gate has any: its offices and screens, whatever
/// comes to the other doors.
const OWN_CONNECTIONS: usize = 128;

/// How long it rests before a router that could not be built is tried again.
const REST: Duration = Duration::from_millis(100);

/// How long the tasks of a gate may take to end.
const SHUTDOWN: Duration = Duration::from_secs(2);

/// How long a gate that closes waits for what was published to be acknowledged and delivered.
const DRAIN: Duration = Duration::from_secs(2);

/// A gate that runs. It ends when [`Gate::end`] is called, and not before.
#[derive(Debug)]
pub(crate) struct Gate {
    runtime: Runtime,
    hub: Arc<Hub>,
    router: Arc<Router>,
    stopped: Arc<AtomicBool>,
    outlet: std::thread::JoinHandle<()>,
}

/// What a gate stands on.
pub(crate) struct Ground {
    /// Where clients come in, each bound, how they speak there, and whether they say who they are.
    pub(crate) sockets: Vec<(TcpListener, Wire, Asking)>,
    /// What shakes hands where they speak in private, as it is now.
    pub(crate) acceptor: Option<watch::Receiver<TlsAcceptor>>,
    /// Who comes in.
    pub(crate) access: Access,
    /// How much anybody may take.
    pub(crate) limits: Limits,
    /// Whose pages may come in.
    pub(crate) origins: Vec<String>,
    /// Where it is told what happens at the doors.
    pub(crate) events: mpsc::Sender<BrokerEvent>,
}

/// Whether a client is asked who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asking {
    /// As the gate is told.
    AsTold,
    /// Nothing: it is a process of this machine.
    Nothing,
}

/// What happens to the router of a gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is dead.
    Died(String),
    /// It was built anew, this long after it was last well.
    Rebuilt(Duration),
    /// It cannot be built anew yet.
    Stuck(String),
}

impl Gate {
    /// Serves clients.
    pub(crate) fn open(ground: Ground, tell: impl Fn(Fate) + Send + 'static) -> io::Result<Self> {
        let router = Arc::new(Router::default());
        let places = Files::raised().connections();
        let hub = Arc::new(Hub::new(
            Arc::clone(&router),
            (Keeper::new(ground.access, places), ground.limits),
            ground.events,
        ));
        let outlet = router.start()?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .thread_name("gate")
            .build()?;
        let has_own = ground.sockets.iter().any(|it| it.2 == Asking::Nothing);
        let own = if has_own { own_of(places) } else { 0 };
        let others = places.saturating_sub(own).max(1);
        let (room, own_room) = (Semaphore::new(others), Semaphore::new(own));
        let (room, own_room) = (Arc::new(room), Arc::new(own_room));
        let hall = Hall::before(others);
        let origins: Arc<[String]> = ground.origins.into();
        let mut entrances = Vec::new();
        for (socket, wire, asking) in ground.sockets {
            socket.set_nonblocking(true)?;
            let _inside = runtime.enter();
            entrances.push(Entrance {
                listener: Listener::from_std(socket)?,
                wire,
                asking,
                acceptor: ground.acceptor.clone().filter(|_| wire.is_private()),
                room: Arc::clone(match asking {
                    Asking::AsTold => &room,
                    Asking::Nothing => &own_room,
                }),
                hall: Arc::clone(&hall),
                origins: Arc::clone(&origins),
            });
        }
        let stopped = Arc::new(AtomicBool::new(false));
        let outlet = std::thread::Builder::new()
            .name("gate-outlet".to_owned())
            .spawn({
                let (hub, stopped) = (Arc::clone(&hub), Arc::clone(&stopped));
                move || let_out(outlet, &hub, (&stopped, &tell))
            })?;
        let began = Instant::now();
        status::say(&hub, &router, began);
        for entrance in entrances {
            runtime.spawn(listen::accept(entrance, Arc::clone(&hub)));
        }
        let status = status::tell_status(Arc::clone(&hub), Arc::clone(&router), began);
        runtime.spawn(status);
        let watched = Arc::clone(&hub);
        runtime.spawn(async move { watched.keep_watch().await });
        Ok(Self {
            runtime,
            hub,
            router,
            stopped,
            outlet,
        })
    }

    /// Its middle, which outlives it and does nothing then.
    pub(crate) fn hub(&self) -> Arc<Hub> {
        Arc::clone(&self.hub)
    }

    /// Ends it: nobody else comes in, what was published is acknowledged and delivered if that takes no
    /// longer than [`DRAIN`], and all clients are off and the sockets free when this returns. Not to be
    /// called where a runtime runs.
    pub(crate) fn end(self) {
        self.hub.close();
        // Whoever is slower than that finds its session gone, and heals from its peers.
        let _ = self
            .runtime
            .block_on(async { tokio::time::timeout(DRAIN, self.hub.drained()).await });
        self.runtime.shutdown_timeout(SHUTDOWN);
        self.stopped.store(true, Ordering::Release);
        self.router.wake();
        // A panic of the outlet was printed when it happened; there is nothing to end then.
        let _ = self.outlet.join();
    }
}

/// How many of a gate's places are for its own doors. Where the process may have few files, the others keep
/// half of them all the same.
fn own_of(places: usize) -> usize {
    OWN_CONNECTIONS.min(places / 2).max(1)
}

/// Hands on what comes out of the router, and builds it anew when it is dead.
fn let_out(mut outlet: Outlet, hub: &Hub, (stopped, tell): (&AtomicBool, &dyn Fn(Fate))) {
    while !stopped.load(Ordering::Acquire) {
        match outlet.wait() {
            Came::Messages(messages) => hub.route(messages),
            Came::Nothing => {}
            Came::Dead(reason) => {
                if stopped.load(Ordering::Acquire) {
                    return;
                }
                tracing::error!(reason, "the router behind the gate died");
                tell(Fate::Died(reason));
                let since = Instant::now();
                while let Err(error) = outlet.rebuild() {
                    tell(Fate::Stuck(error.to_string()));
                    std::thread::sleep(REST);
                    if stopped.load(Ordering::Acquire) {
                        return;
                    }
                }
                tell(Fate::Rebuilt(since.elapsed()));
            }
        }
    }
}

/// A lock whether or not somebody panicked with it: what it guards is whole after every step.
fn unpoisoned<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
