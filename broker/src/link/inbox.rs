//! The way of a message from the bus to the reader, and of its acknowledgement back.
//!
//! In order and by hand: rumqttd hangs up on an acknowledgement out of order, and rumqttc by itself
//! acknowledges before anybody has the message. A slow reader thus slows the bus, not the driver.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use protocol::limit::PAYLOAD_BYTES;
use rumqttc::{Publish, QoS};
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use super::{LinkEvent, Shared};
use crate::limit::{TOLD_CHARS, UNACKED_WAITING};

pub(super) struct Inbox {
    shared: Arc<Shared>,
    events: mpsc::Sender<LinkEvent>,
    waiting: VecDeque<Parcel>,
    session: u64,
    /// When something last waited for room.
    slow: Option<Instant>,
}

/// An event for the reader, an acknowledgement for the bus, or both.
struct Parcel {
    event: Option<LinkEvent>,
    acknowledge: Option<Publish>,
    session: u64,
}

impl Inbox {
    pub(super) fn new(shared: Arc<Shared>, events: mpsc::Sender<LinkEvent>) -> Self {
        Self {
            shared,
            events,
            waiting: VecDeque::new(),
            session: 0,
            slow: None,
        }
    }

    /// A new session: an acknowledgement for an older one would be unasked for.
    pub(super) fn begin_session(&mut self) {
        self.session += 1;
    }

    /// Tells the reader what became of the link.
    pub(super) fn tell(&mut self, event: LinkEvent) {
        self.take(Some(event), None);
    }

    /// A message of the bus.
    pub(super) fn message(&mut self, mut publish: Publish) {
        let acknowledged = publish.qos != QoS::AtMostOnce;
        let bytes = publish.payload.len();
        let too_large = bytes > PAYLOAD_BYTES;
        let no_room = !acknowledged && self.waiting.len() >= UNACKED_WAITING;
        let mut discarded = 0;
        if too_large || no_room {
            let counter = &self.shared.counters.discarded;
            discarded = counter.fetch_add(1, Ordering::Relaxed) + 1;
        }
        let topic = std::mem::take(&mut publish.topic);
        let payload = std::mem::take(&mut publish.payload);
        let event = if no_room {
            // Whoever floods decides how many these are.
            if discarded.is_power_of_two() {
                let topic = protocol::sanitise(&topic, TOLD_CHARS);
                tracing::warn!(
                    topic,
                    bytes,
                    discarded,
                    "message discarded: the reader is too slow"
                );
            }
            None
        } else if too_large {
            Some(LinkEvent::Oversized { topic, bytes })
        } else {
            Some(LinkEvent::Message {
                topic,
                payload,
                retained: publish.retain,
            })
        };
        self.take(event, acknowledged.then_some(publish));
    }

    /// Whether something waits for room in the reader's queue.
    pub(super) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Until when the reader was too slow, as far as it ever was.
    pub(super) fn slow_until(&self) -> Option<Instant> {
        if self.is_waiting() {
            Some(Instant::now())
        } else {
            self.slow
        }
    }

    /// Hands over what waits, as far as there is room.
    pub(super) fn flush(&mut self) {
        if self.waiting.len() > 1 {
            self.slow = Some(Instant::now());
        }
        while let Some(mut parcel) = self.waiting.pop_front() {
            if !self.hand_over(&mut parcel) {
                self.waiting.push_front(parcel);
                return;
            }
        }
    }

    fn take(&mut self, event: Option<LinkEvent>, acknowledge: Option<Publish>) {
        self.waiting.push_back(Parcel {
            event,
            acknowledge,
            session: self.session,
        });
        self.flush();
    }

    /// Gives the event to the reader and then acknowledges; `false` when there is no room.
    fn hand_over(&self, parcel: &mut Parcel) -> bool {
        if let Some(event) = parcel.event.take() {
            let message = matches!(event, LinkEvent::Message { .. });
            let counters = &self.shared.counters;
            let counter = match self.events.try_send(event) {
                Ok(()) => &counters.received,
                Err(TrySendError::Full(event)) => {
                    parcel.event = Some(event);
                    return false;
                }
                Err(TrySendError::Closed(_)) => &counters.discarded,
            };
            counter.fetch_add(u64::from(message), Ordering::Relaxed);
        }
        if let Some(publish) = &parcel.acknowledge
            && parcel.session == self.session
        {
            // The library's queue has room for every packet id; it refuses only at its end.
            let _ = self.shared.client.try_ack(publish);
        }
        true
    }
}
