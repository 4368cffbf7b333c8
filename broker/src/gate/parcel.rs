//! A message on its way to one session, and how soon it is to be told.

use std::sync::Arc;

use crate::codec::packet::{Message, Qos};

/// How soon a message is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Haste {
    /// Orders, commands and their replies, who is there, the clock.
    Urgent,
    /// What offices write.
    Usual,
    /// Repairs and views, which may be long.
    Bulk,
}

impl Haste {
    pub(super) const ALL: [Self; 3] = [Self::Urgent, Self::Usual, Self::Bulk];

    /// The haste of a topic. One topic has one haste, so that its messages stay in order (MQTT 3.1.1,
    /// 4.6); between topics nothing of ours relies on an order.
    pub(super) fn of(topic: &str) -> Self {
        // Below the root `liandong/1/{net}/` the next level says what a message is.
        let mut levels = topic.split('/');
        let ours = levels.next() == Some("liandong");
        match levels.nth(2).filter(|_| ours) {
            Some("order" | "command" | "reply" | "presence" | "clock") => Self::Urgent,
            Some("fill" | "view") => Self::Bulk,
            _ => Self::Usual,
        }
    }
}

/// A message for one session.
#[derive(Clone, Debug)]
pub(super) struct Parcel {
    pub(super) message: Arc<Message>,
    /// The lesser of the publish's and the subscription's.
    pub(super) qos: Qos,
    /// Whether it is told because it was retained.
    pub(super) retain: bool,
}
