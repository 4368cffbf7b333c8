//! A link: one connection to one bus that comes back by itself and loses nothing in silence.
//!
//! The traps of rumqttc that it disarms: a new session forgets what was queued (so the outbox keeps
//! everything until it is acknowledged, and every session subscribes anew), a full queue blocks
//! (so nothing here ever waits), an oversized packet hangs up (so it is refused before), and an
//! acknowledgement precedes delivery (so it is sent by hand, in order, after it).

mod backoff;
mod driver;
mod filters;
mod inbox;
mod way;

mod outbox;
pub use outbox::OutboxLimits;

mod reason;
pub use reason::Cause;

mod tls;
pub use tls::BusTlsError;

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use rumqttc::{AsyncClient, QoS};
use tokio::sync::{Notify, mpsc, watch};

use crate::post::{Post, PostError, check_filter};
use crate::url::BusUrl;
use outbox::Outbox;
use way::Way;

/// Characters of a client id: room for an office, an incarnation and the number of the connection.
const CLIENT_ID_CHARS: usize = 48;

/// Events that wait for a slow reader before the bus is asked to hold the rest.
const EVENTS: usize = 1_024;

/// What a link is to be.
#[derive(Clone, Debug)]
pub struct LinkConfig {
    /// The bus.
    pub bus: BusUrl,
    /// Who connects: letters, digits, `-` and `_`, with the incarnation in it.
    pub client_id: String,
    /// What is subscribed, at QoS 1, in every session.
    pub filters: Vec<String>,
    /// What the bus publishes when the connection ends without a goodbye.
    pub will: Option<Post>,
    /// How much waits while the bus is away.
    pub outbox: OutboxLimits,
    /// Spreads the attempts to reconnect.
    pub seed: u64,
}

/// A handle to publish on a link, from any thread. When the last one is dropped the connection is
/// cut as by a crash, and the will is published; [`Link::close`] says goodbye instead.
#[derive(Clone)]
pub struct Link {
    shared: Arc<Shared>,
    orders: Arc<watch::Sender<Order>>,
}

/// What happens on a link, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkEvent {
    /// Connected and subscribed, as far as nothing was told to be denied; told again when the bus
    /// grants what it denied. What was retained may precede it.
    Up,
    /// The bus denies a filter and was asked for it long enough; the others hold, and it is asked again.
    Denied {
        /// The filter.
        filter: String,
    },
    /// Not connected; told once for each new reason, and tried again for ever.
    Down {
        /// Why.
        reason: String,
        /// Whose doing it is.
        cause: Cause,
    },
    /// A message of the bus, at least once; what others published while the link was down is not
    /// among them.
    Message {
        /// Where it was published.
        topic: String,
        /// What.
        payload: Bytes,
        /// Whether it was kept by the bus from before the subscription.
        retained: bool,
    },
    /// A message of the bus over the limit, which is not handed on.
    Oversized {
        /// Where it was published.
        topic: String,
        /// How large its payload is.
        bytes: usize,
    },
}

/// Why a link cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// rumqttd dies of other characters.
    #[error("client id {0:?} is not usable; use 1 to 48 letters, digits, - and _")]
    ClientId(String),
    /// A filter or the will.
    #[error(transparent)]
    Post(#[from] PostError),
    /// Files that the address names for TLS.
    #[error(transparent)]
    Tls(#[from] BusTlsError),
}

/// Why a message was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// It could never be sent.
    #[error(transparent)]
    Post(#[from] PostError),
    /// All that waits is urgent.
    #[error(
        "the outbox of {client_id} is full with {waiting} messages that may not be dropped; wait until the bus is back"
    )]
    Full {
        /// Whose outbox.
        client_id: String,
        /// How many wait.
        waiting: usize,
    },
    /// The link was closed.
    #[error("the link of {client_id} is closed; open a new one")]
    Closed {
        /// Whose link.
        client_id: String,
    },
}

/// The bus did not acknowledge everything in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{left} messages were not acknowledged by the bus within {} ms; keep them and publish them again", patience.as_millis())]
pub struct Undelivered {
    /// How many.
    pub left: usize,
    /// How long was waited.
    pub patience: Duration,
}

/// What a link has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LinkCounters {
    /// Messages taken for publishing.
    pub published: u64,
    /// Messages that the bus acknowledged.
    pub acknowledged: u64,
    /// Messages dropped from a full outbox.
    pub dropped: u64,
    /// Messages handed to the reader.
    pub received: u64,
    /// Messages of the bus not handed on: too large, which the reader is told, or unacknowledged
    /// ones that a slow reader left no room for.
    pub discarded: u64,
    /// Sessions after the first.
    pub reconnects: u64,
}

/// What the handles ask of the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Run,
    Goodbye,
    Cut,
}

/// What the handles and the driver share.
pub(crate) struct Shared {
    client_id: String,
    client: AsyncClient,
    desk: Mutex<Desk>,
    /// Told at every acknowledgement and at the end.
    settled: Notify,
    counters: Counters,
}

struct Desk {
    outbox: Outbox,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Down,
    Up,
    Ended,
}

#[derive(Default)]
struct Counters {
    published: AtomicU64,
    acknowledged: AtomicU64,
    dropped: AtomicU64,
    received: AtomicU64,
    discarded: AtomicU64,
    sessions: AtomicU64,
}

impl LinkConfig {
    /// A link without filters and without a will.
    pub fn new(bus: BusUrl, client_id: impl Into<String>) -> Self {
        Self {
            bus,
            client_id: client_id.into(),
            filters: Vec::new(),
            will: None,
            outbox: OutboxLimits::default(),
            seed: 0,
        }
    }

    fn check(&self) -> Result<(), LinkError> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let length = self.client_id.len();
        if length == 0 || length > CLIENT_ID_CHARS || !self.client_id.bytes().all(plain) {
            return Err(LinkError::ClientId(self.client_id.clone()));
        }
        for filter in &self.filters {
            check_filter(filter)?;
        }
        self.will.as_ref().map_or(Ok(()), Post::check)?;
        Ok(())
    }
}

impl Link {
    /// Opens a link inside a tokio runtime; returns at once and connects in a task of its own.
    ///
    /// Sessions are clean, and each connection numbers its client id: an incarnation never comes
    /// back, so a kept session would only fill a foreign broker, and rumqttd confuses the wills of
    /// two connections with one id. What others published meanwhile is repaired by digest. A
    /// connection that the bus takes for alive after the link has left it publishes its will late:
    /// whoever publishes presence says so again on [`LinkEvent::Up`] and on hearing its own absence.
    pub fn open(config: LinkConfig) -> Result<(Self, mpsc::Receiver<LinkEvent>), LinkError> {
        config.check()?;
        let (events, received) = mpsc::channel(EVENTS);
        let (orders, ordered) = watch::channel(Order::Run);
        let id = config.client_id.clone();
        let mut way = Way::new(config.bus, id, config.will)?;
        let (client, eventloop) = driver::connection(&mut way);
        let shared = Arc::new(Shared {
            client_id: config.client_id,
            client,
            desk: Mutex::new(Desk {
                outbox: Outbox::new(config.outbox),
                state: State::Down,
            }),
            settled: Notify::new(),
            counters: Counters::default(),
        });
        let settings = (way, config.filters, config.seed);
        let driver = driver::Driver::new(settings, Arc::clone(&shared), eventloop, events);
        tokio::spawn(driver.run(ordered));
        let link = Self {
            shared,
            orders: Arc::new(orders),
        };
        Ok((link, received))
    }

    /// Takes a message for the bus; never waits. Messages of one link keep their order.
    ///
    /// A full outbox drops its oldest message that is not urgent and counts it: entries of logs
    /// heal by digest.
    pub fn publish(&self, post: Post) -> Result<(), PublishError> {
        post.check()?;
        let shared = &*self.shared;
        let mut desk = shared.desk();
        if desk.state == State::Ended {
            return Err(PublishError::Closed {
                client_id: shared.client_id.clone(),
            });
        }
        let Ok(dropped) = desk.outbox.push(post) else {
            return Err(PublishError::Full {
                client_id: shared.client_id.clone(),
                waiting: desk.outbox.len(),
            });
        };
        shared.counters.published.fetch_add(1, Ordering::Relaxed);
        shared
            .counters
            .dropped
            .fetch_add(dropped, Ordering::Relaxed);
        shared.pump(&mut desk);
        Ok(())
    }

    /// Messages that the bus has not acknowledged yet.
    pub fn unacknowledged(&self) -> usize {
        self.shared.desk().outbox.len()
    }

    /// What the link has done so far.
    pub fn counters(&self) -> LinkCounters {
        let counters = &self.shared.counters;
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        LinkCounters {
            published: read(&counters.published),
            acknowledged: read(&counters.acknowledged),
            dropped: read(&counters.dropped),
            received: read(&counters.received),
            discarded: read(&counters.discarded),
            reconnects: read(&counters.sessions).saturating_sub(1),
        }
    }

    /// Waits until the bus has acknowledged everything that was published before.
    pub async fn drain(&self, patience: Duration) -> Result<(), Undelivered> {
        let left = self.wait_until(patience, |desk| {
            desk.outbox.len() == 0 || desk.state == State::Ended
        });
        match left.await {
            0 => Ok(()),
            left => Err(Undelivered { left, patience }),
        }
    }

    /// Drains, says goodbye so that the will stays unpublished, and ends the link.
    pub async fn close(&self, patience: Duration) -> Result<(), Undelivered> {
        let drained = self.drain(patience).await;
        self.order(Order::Goodbye);
        self.wait_until(crate::limit::HANDSHAKE, |desk| desk.state == State::Ended)
            .await;
        self.order(Order::Cut);
        drained
    }

    /// Cuts the connection as a crash would, and ends the link: the will is published.
    pub fn cut(&self) {
        self.order(Order::Cut);
    }

    fn order(&self, order: Order) {
        self.orders.send_replace(order);
    }

    /// Waits until the desk is as asked, or patience ends; says how much is unacknowledged then.
    async fn wait_until(&self, patience: Duration, done: impl Fn(&Desk) -> bool) -> usize {
        let deadline = tokio::time::Instant::now() + patience;
        loop {
            let mut told = std::pin::pin!(self.shared.settled.notified());
            told.as_mut().enable();
            let left = {
                let desk = self.shared.desk();
                if done(&desk) {
                    return desk.outbox.len();
                }
                desk.outbox.len()
            };
            if tokio::time::timeout_at(deadline, told).await.is_err() {
                return left;
            }
        }
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Link({})", self.shared.client_id)
    }
}

impl Shared {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the library as much as the window allows.
    fn pump(&self, desk: &mut Desk) {
        if desk.state != State::Up {
            return;
        }
        while let Some(post) = desk.outbox.next() {
            let topic = post.topic.as_str();
            let payload = post.payload.as_ref();
            let sent = self
                .client
                .try_publish(topic, QoS::AtLeastOnce, post.retained, payload);
            if sent.is_err() {
                // The library's queue outsizes the window; it refuses only when the driver is gone.
                return;
            }
            desk.outbox.hand_over(Instant::now());
        }
    }
}
