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

mod client;
mod hub;
mod outbox;
mod retained;
mod router;
mod status;
mod table;
mod tally;

use std::io;
use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::net::TcpListener as Listener;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;

use hub::Hub;
use router::{Came, Outlet, Router};

/// Connections at a time, with those that have not said who they are.
const CONNECTIONS: usize = 10_000;

/// How long a listener rests when the system gives it no connection: too many are open.
const REST: Duration = Duration::from_millis(100);

/// How long the tasks of a gate may take to end.
const SHUTDOWN: Duration = Duration::from_secs(2);

/// A gate that runs. It ends when [`Gate::end`] is called, and not before.
#[derive(Debug)]
pub(crate) struct Gate {
    runtime: Runtime,
    router: Arc<Router>,
    stopped: Arc<AtomicBool>,
    outlet: std::thread::JoinHandle<()>,
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
    /// Serves clients on a socket.
    pub(crate) fn open(
        socket: TcpListener,
        tell: impl Fn(Fate) + Send + 'static,
    ) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        let router = Arc::new(Router::default());
        let hub = Arc::new(Hub::new(Arc::clone(&router)));
        let outlet = router.start()?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .thread_name("gate")
            .build()?;
        let listener = {
            let _inside = runtime.enter();
            Listener::from_std(socket)?
        };
        let stopped = Arc::new(AtomicBool::new(false));
        let outlet = std::thread::Builder::new()
            .name("gate-outlet".to_owned())
            .spawn({
                let (hub, stopped) = (Arc::clone(&hub), Arc::clone(&stopped));
                move || let_out(outlet, &hub, (&stopped, &tell))
            })?;
        let began = Instant::now();
        status::say(&hub, &router, began);
        runtime.spawn(accept(listener, Arc::clone(&hub)));
        runtime.spawn(status::tell_status(hub, Arc::clone(&router), began));
        Ok(Self {
            runtime,
            router,
            stopped,
            outlet,
        })
    }

    /// Ends it: all clients are off and the socket is free when this returns. Not to be called where a
    /// runtime runs.
    pub(crate) fn end(self) {
        self.runtime.shutdown_timeout(SHUTDOWN);
        self.stopped.store(true, Ordering::Release);
        self.router.wake();
        // A panic of the outlet was printed when it happened; there is nothing to end then.
        let _ = self.outlet.join();
    }
}

/// Takes connections until the runtime ends.
async fn accept(listener: Listener, hub: Arc<Hub>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&room).acquire_owned().await else {
            return;
        };
        match listener.accept().await {
            Ok((stream, peer)) => {
                let hub = Arc::clone(&hub);
                tokio::spawn(async move {
                    // A small packet is not to wait for the acknowledgement of the one before.
                    if stream.set_nodelay(true).is_ok() {
                        client::serve(stream, peer, &hub).await;
                    }
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(REST).await;
            }
        }
    }
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
