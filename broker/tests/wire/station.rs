//! A bus and the links of a test, and waiting for what is expected to happen.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use broker::{BrokerEvent, BusUrl, Embedded, Link, LinkConfig, LinkEvent};
use tokio::sync::mpsc::Receiver;
use tokio::time::timeout;

/// How long anything may take on a busy machine before a test fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Any free port.
pub(crate) fn anywhere() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

/// A bus on a port of the system.
pub(crate) fn bus() -> (Embedded, Receiver<BrokerEvent>) {
    Embedded::start(anywhere()).unwrap()
}

/// A link to a bus with a filter of everything below `town`.
pub(crate) fn config(bus: BusUrl, client_id: &str) -> LinkConfig {
    let mut config = LinkConfig::new(bus, client_id);
    config.filters = vec!["town/+".to_owned()];
    config
}

/// A link that is up.
pub(crate) async fn up(config: LinkConfig) -> (Link, Receiver<LinkEvent>) {
    let (link, mut events) = Link::open(config).unwrap();
    wait_for(&mut events, &LinkEvent::Up).await;
    (link, events)
}

/// The next event.
pub(crate) async fn next<T>(events: &mut Receiver<T>) -> T {
    timeout(PATIENCE, events.recv()).await.unwrap().unwrap()
}

/// Reads until an event comes.
pub(crate) async fn wait_for(events: &mut Receiver<LinkEvent>, wanted: &LinkEvent) {
    while next(events).await != *wanted {}
}

/// Reads until the link is down.
pub(crate) async fn wait_down(events: &mut Receiver<LinkEvent>) {
    while !matches!(next(events).await, LinkEvent::Down { .. }) {}
}

/// The payloads of the next messages, as text.
pub(crate) async fn payloads(events: &mut Receiver<LinkEvent>, count: usize) -> Vec<String> {
    let mut heard = Vec::new();
    while heard.len() < count {
        if let LinkEvent::Message { payload, .. } = next(events).await {
            heard.push(String::from_utf8(payload.to_vec()).unwrap());
        }
    }
    heard
}

/// A message as a link tells it.
pub(crate) fn message(topic: &str, payload: &str) -> LinkEvent {
    LinkEvent::Message {
        topic: topic.to_owned(),
        payload: payload.to_owned().into(),
        retained: false,
    }
}
