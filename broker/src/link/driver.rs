//! The task of a link: it polls rumqttc and nothing else, and begins anew whatever happens.
//!
//! A poll is never dropped half way unless the connection goes with it, because rumqttc loses the
//! packet that it is writing; what else there is to wait for is waited for beside it.

use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rumqttc::{
    AsyncClient, Event, EventLoop, MqttState, NetworkOptions, Outgoing, Packet, QoS, SubAck,
};
use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::backoff::Backoff;
use super::filters::Filters;
use super::inbox::Inbox;
use super::reason::reason;
use super::way::Way;
use super::{Cause, LinkEvent, Order, Shared, State};
use crate::limit;

/// How often the driver looks for a message that nobody acknowledges.
const PATROL: Duration = Duration::from_secs(1);

/// A connection that held this long was a good one: the next failure is a new one.
const HELD: Duration = Duration::from_secs(10);

pub(super) struct Driver {
    shared: Arc<Shared>,
    eventloop: EventLoop,
    events: mpsc::Sender<LinkEvent>,
    inbox: Inbox,
    filters: Filters,
    way: Way,
    backoff: Backoff,
    /// Attempts so far; part of the client id.
    attempts: u64,
    since: Option<Instant>,
    /// Why the link is down, as far as the reader knows it: a reason for each host at most.
    told: BTreeSet<String>,
}

/// Why a connection ended.
enum Ending {
    /// By an order.
    Asked,
    /// By a fault or a refusal.
    Lost(String, Cause),
}

/// The library's two halves, with its options set against its traps.
pub(super) fn connection(way: &mut Way) -> (AsyncClient, EventLoop) {
    let (client, mut eventloop) = AsyncClient::new(way.options(0, 0), limit::REQUESTS);
    let mut network = NetworkOptions::new();
    network.set_tcp_nodelay(true);
    network.set_connection_timeout(limit::HANDSHAKE.as_secs());
    eventloop.set_network_options(network);
    (client, eventloop)
}

impl Driver {
    pub(super) fn new(
        (way, filters, seed): (Way, Vec<String>, u64),
        shared: Arc<Shared>,
        eventloop: EventLoop,
        events: mpsc::Sender<LinkEvent>,
    ) -> Self {
        Self {
            inbox: Inbox::new(Arc::clone(&shared), events.clone()),
            shared,
            eventloop,
            events,
            filters: Filters::new(filters, way.hosts()),
            backoff: Backoff::new(seed, way.hosts()),
            way,
            attempts: 0,
            since: None,
            told: BTreeSet::new(),
        }
    }

    /// Connects again and again until an order ends it.
    pub(super) async fn run(mut self, mut orders: watch::Receiver<Order>) {
        loop {
            self.attempts += 1;
            let host = self.backoff.host();
            self.eventloop.mqtt_options = self.way.options(self.attempts, host);
            let (reason, cause) = match self.converse(&mut orders).await {
                Ending::Asked => break,
                Ending::Lost(reason, cause) => (self.way.concerning(host, reason), cause),
            };
            tracing::debug!(client = %self.shared.client_id, %reason, "link down");
            self.hang_up(State::Down);
            self.tell_down(reason, cause);
            let leaving = *orders.borrow() != Order::Run;
            if leaving || self.rest(&mut orders).await {
                break;
            }
        }
        self.hang_up(State::Ended);
        self.shared.settled.notify_waiters();
    }

    /// One connection from its attempt to its end.
    async fn converse(&mut self, orders: &mut watch::Receiver<Order>) -> Ending {
        let mut patrol = interval(PATROL);
        patrol.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let polled = {
                let mut poll = pin!(self.eventloop.poll());
                loop {
                    tokio::select! {
                        biased;
                        polled = &mut poll => break polled,
                        room = self.events.reserve(), if self.inbox.is_waiting() => {
                            drop(room);
                            self.inbox.flush();
                        }
                        order = ordered(orders) => {
                            let up = self.since.is_some();
                            if order == Order::Cut || !up || self.shared.client.try_disconnect().is_err() {
                                return Ending::Asked;
                            }
                        }
                        _ = patrol.tick() => {
                            let now = Instant::now();
                            if self.shared.stalled(self.inbox.slow_until()) || self.filters.overdue(now) {
                                let patience = limit::ACKNOWLEDGEMENT.as_secs();
                                let reason = format!("no acknowledgement within {patience} s");
                                return Ending::Lost(reason, Cause::Fault);
                            }
                            self.shared.subscribe(self.filters.ask(now));
                        }
                    }
                }
            };
            match polled {
                Err(error) => {
                    let (reason, cause) = reason(&error);
                    return Ending::Lost(reason, cause);
                }
                Ok(Event::Outgoing(Outgoing::Disconnect)) => return Ending::Asked,
                Ok(event) => self.handle(event),
            }
        }
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Incoming(Packet::ConnAck(_)) => self.begin(),
            Event::Incoming(Packet::SubAck(answer)) => self.subscribed(&answer),
            Event::Incoming(Packet::Publish(publish)) => self.inbox.message(publish),
            Event::Incoming(Packet::PubAck(answer)) => self.shared.acknowledged(answer.pkid),
            Event::Outgoing(Outgoing::Publish(packet)) => {
                self.shared.desk().outbox.written(packet);
            }
            Event::Outgoing(Outgoing::Subscribe(packet)) => self.filters.written(packet),
            // rumqttd answers no ping of a client that owes it a full window of acknowledgements, and
            // NATS none of one whose subscription waits for an election: while our reader is slow or
            // the bus owes us that answer, which has a limit of its own, no pong says nothing.
            Event::Outgoing(Outgoing::PingReq)
                if self.inbox.is_waiting() || self.filters.are_asked() =>
            {
                self.eventloop.state.await_pingresp = false;
            }
            Event::Incoming(_) | Event::Outgoing(_) => {}
        }
    }

    /// A new session: it knows nothing, whatever it says. What waits is sent once it has granted something.
    fn begin(&mut self) {
        self.since = Some(Instant::now());
        self.shared
            .counters
            .sessions
            .fetch_add(1, Ordering::Relaxed);
        self.inbox.begin_session();
        let now = Instant::now();
        self.filters.begin(now);
        let asked = self.filters.ask(now);
        if asked.is_empty() {
            self.open();
            self.up();
        }
        self.shared.subscribe(asked);
    }

    /// From now on what waits is sent.
    fn open(&self) {
        let mut desk = self.shared.desk();
        desk.state = State::Up;
        self.shared.pump(&mut desk);
    }

    fn subscribed(&mut self, answer: &SubAck) {
        let now = Instant::now();
        let answer = self
            .filters
            .answered(answer.pkid, &answer.return_codes, now);
        for filter in answer.denied {
            self.inbox.tell(LinkEvent::Denied { filter });
        }
        // A NATS cluster without a leader grants nothing and stores nothing, and hangs up on who sends it
        // something: the session, and what was granted in it, would begin anew every five seconds.
        if answer.up || self.filters.some_are_granted() {
            self.open();
        }
        if answer.up {
            self.up();
        }
    }

    fn up(&mut self) {
        self.told.clear();
        self.inbox.tell(LinkEvent::Up);
    }

    /// Ends the connection and takes everything back from the library, which would forget it, mix
    /// it into the next session, or wait for ever for an answer of the old one.
    fn hang_up(&mut self, state: State) {
        while let Some(event) = self.eventloop.state.events.pop_front() {
            if let Event::Incoming(Packet::Publish(_) | Packet::PubAck(_)) = event {
                self.handle(event);
            }
        }
        self.filters.end();
        let mut desk = self.shared.desk();
        desk.state = state;
        self.eventloop.clean();
        self.eventloop.pending.clear();
        self.eventloop.state = MqttState::new(limit::PACKET_IDS, true);
        desk.outbox.take_back();
        drop(desk);
        let held = self.since.take().map(|since| since.elapsed());
        if held.is_some_and(|held| held >= HELD) {
            self.backoff.reset();
        }
    }

    fn tell_down(&mut self, reason: String, cause: Cause) {
        if self.told.insert(reason.clone()) {
            self.inbox.tell(LinkEvent::Down { reason, cause });
        }
    }

    /// Waits before the next attempt; `true` when an order ends the link meanwhile.
    async fn rest(&mut self, orders: &mut watch::Receiver<Order>) -> bool {
        let mut rested = pin!(sleep(self.backoff.wait()));
        loop {
            tokio::select! {
                () = &mut rested => return false,
                room = self.events.reserve(), if self.inbox.is_waiting() => {
                    drop(room);
                    self.inbox.flush();
                }
                _ = ordered(orders) => return true,
            }
        }
    }
}

impl Shared {
    fn subscribe(&self, asked: Vec<String>) {
        for filter in asked {
            // The queue has room for them all, and the filters are checked.
            let _ = self.client.try_subscribe(filter, QoS::AtLeastOnce);
        }
    }

    fn acknowledged(&self, packet: u16) {
        let mut desk = self.desk();
        if desk.outbox.acknowledged(packet) {
            self.counters.acknowledged.fetch_add(1, Ordering::Relaxed);
        }
        self.pump(&mut desk);
        drop(desk);
        self.settled.notify_waiters();
    }

    /// Whether the bus owes an acknowledgement for too long. Not while our reader was slow: rumqttd
    /// holds back what it owes to a client that owes it a full window.
    fn stalled(&self, slow_until: Option<Instant>) -> bool {
        let since = self.desk().outbox.unacknowledged_since();
        let since = since.map(|since| slow_until.map_or(since, |slow| slow.max(since)));
        since.is_some_and(|since| since.elapsed() > limit::ACKNOWLEDGEMENT)
    }
}

/// The next order; when all handles are gone, to cut.
async fn ordered(orders: &mut watch::Receiver<Order>) -> Order {
    match orders.changed().await {
        Ok(()) => *orders.borrow_and_update(),
        Err(_) => Order::Cut,
    }
}
