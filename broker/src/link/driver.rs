//! The task of a link: it polls rumqttc and nothing else, and begins anew whatever happens.
//!
//! A poll is never dropped half way unless the connection goes with it, because rumqttc loses the
//! packet that it is writing; what else there is to wait for is waited for beside it.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rumqttc::{
    AsyncClient, ConnectionError, Event, EventLoop, LastWill, MqttOptions, MqttState,
    NetworkOptions, Outgoing, Packet, QoS, StateError, SubAck, SubscribeFilter,
    SubscribeReasonCode,
};
use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::backoff::Backoff;
use super::inbox::Inbox;
use super::{LinkConfig, LinkEvent, Order, Shared, State};
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
    filters: Vec<String>,
    backoff: Backoff,
    /// Attempts so far; part of the client id.
    attempts: u64,
    since: Option<Instant>,
    /// Why the link is down, as the reader knows it.
    told: Option<String>,
}

/// Why a connection ended.
enum Ending {
    /// By an order.
    Asked,
    /// By a fault.
    Lost(String),
}

/// The library's two halves, with its options set against its traps.
pub(super) fn connection(config: &LinkConfig) -> (AsyncClient, EventLoop) {
    let bus = &config.bus;
    let mut options = MqttOptions::new(config.client_id.as_str(), bus.host(), bus.port());
    options
        .set_keep_alive(limit::KEEP_ALIVE)
        .set_max_packet_size(limit::INCOMING_BYTES, limit::PACKET_BYTES)
        .set_clean_session(true)
        .set_inflight(limit::PACKET_IDS)
        .set_manual_acks(true);
    if let Some(login) = bus.login() {
        options.set_credentials(login.user.as_str(), login.password.as_str());
    }
    if let Some(will) = &config.will {
        let payload = will.payload.to_vec();
        let will = LastWill::new(&will.topic, payload, QoS::AtLeastOnce, will.retained);
        options.set_last_will(will);
    }
    let (client, mut eventloop) = AsyncClient::new(options, limit::REQUESTS);
    let mut network = NetworkOptions::new();
    network.set_tcp_nodelay(true);
    network.set_connection_timeout(limit::HANDSHAKE.as_secs());
    eventloop.set_network_options(network);
    (client, eventloop)
}

impl Driver {
    pub(super) fn new(
        config: LinkConfig,
        shared: Arc<Shared>,
        eventloop: EventLoop,
        events: mpsc::Sender<LinkEvent>,
    ) -> Self {
        Self {
            inbox: Inbox::new(Arc::clone(&shared), events.clone()),
            shared,
            eventloop,
            events,
            filters: config.filters,
            backoff: Backoff::new(config.seed),
            attempts: 0,
            since: None,
            told: None,
        }
    }

    /// Connects again and again until an order ends it.
    pub(super) async fn run(mut self, mut orders: watch::Receiver<Order>) {
        loop {
            self.attempts += 1;
            let client_id = format!("{}-{}", self.shared.client_id, self.attempts);
            self.eventloop.mqtt_options.set_client_id(client_id);
            let reason = match self.converse(&mut orders).await {
                Ending::Asked => break,
                Ending::Lost(reason) => reason,
            };
            tracing::debug!(client = %self.shared.client_id, %reason, "link down");
            self.hang_up(State::Down);
            self.tell_down(reason);
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
                        _ = patrol.tick() => if self.shared.stalled(self.inbox.slow_until()) {
                            return Ending::Lost(format!(
                                "no acknowledgement within {} s", limit::ACKNOWLEDGEMENT.as_secs()
                            ));
                        },
                    }
                }
            };
            match polled {
                Err(error) => return Ending::Lost(reason(&error)),
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
            // rumqttd answers no ping of a client that owes it a full window of acknowledgements:
            // while our reader is slow, silence says nothing about the bus.
            Event::Outgoing(Outgoing::PingReq) if self.inbox.is_waiting() => {
                self.eventloop.state.await_pingresp = false;
            }
            Event::Incoming(_) | Event::Outgoing(_) => {}
        }
    }

    /// A new session: it knows nothing, whatever it says.
    fn begin(&mut self) {
        self.since = Some(Instant::now());
        self.shared
            .counters
            .sessions
            .fetch_add(1, Ordering::Relaxed);
        self.inbox.begin_session();
        if self.filters.is_empty() {
            self.up();
        } else {
            let filters = self.filters.iter();
            let filters = filters.map(|path| SubscribeFilter::new(path.clone(), QoS::AtLeastOnce));
            // The queue is empty at the beginning of a session, and the filters are checked.
            let _ = self.shared.client.try_subscribe_many(filters);
        }
        let mut desk = self.shared.desk();
        desk.state = State::Up;
        self.shared.pump(&mut desk);
    }

    fn subscribed(&mut self, answer: &SubAck) {
        for (filter, code) in self.filters.iter().zip(&answer.return_codes) {
            if *code == SubscribeReasonCode::Failure {
                let filter = filter.clone();
                self.inbox.tell(LinkEvent::Denied { filter });
            }
        }
        self.up();
    }

    fn up(&mut self) {
        self.told = None;
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

    fn tell_down(&mut self, reason: String) {
        if self.told.as_ref() != Some(&reason) {
            self.told = Some(reason.clone());
            self.inbox.tell(LinkEvent::Down { reason });
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

/// What went wrong, for an operator.
fn reason(error: &ConnectionError) -> String {
    match error {
        ConnectionError::Io(error) | ConnectionError::MqttState(StateError::Io(error)) => {
            format!("the bus cannot be reached: {error}")
        }
        ConnectionError::ConnectionRefused(code) => format!("the bus refused the login: {code:?}"),
        ConnectionError::NetworkTimeout | ConnectionError::FlushTimeout => {
            format!(
                "the bus does not answer within {} s",
                limit::HANDSHAKE.as_secs()
            )
        }
        ConnectionError::MqttState(StateError::ConnectionAborted) => "the bus hung up".to_owned(),
        ConnectionError::MqttState(StateError::AwaitPingResp) => {
            "the bus no longer answers pings".to_owned()
        }
        other => format!("the bus broke the protocol: {other}"),
    }
}
