//! The retained messages: the last of each topic that asked for it, for whoever subscribes later.
//!
//! Complete for every subscription, and erased only by a retained publish without a payload (MQTT
//! 3.1.1, 3.3.1.3).

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use crate::codec::filter::matches;
use crate::codec::packet::Message;

/// Topics with a retained message; a region of nine offices has about a hundred.
pub(super) const TOPICS: usize = 20_000;

/// Bytes of all retained messages.
pub(super) const BYTES: usize = 64 * 1024 * 1024;

/// All retained messages by topic.
#[derive(Debug, Default)]
pub(super) struct Retained {
    messages: BTreeMap<Box<str>, Arc<Message>>,
    bytes: usize,
}

/// There is no room for another.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

impl Retained {
    /// Keeps the message in place of the last of its topic, or erases that if it has no payload.
    pub(super) fn keep(&mut self, message: &Arc<Message>) -> Result<(), Full> {
        let topic = message.topic();
        let before = self.messages.get(topic).map(|it| it.bytes().len());
        if message.payload().is_empty() {
            self.messages.remove(topic);
            self.bytes -= before.unwrap_or_default();
            return Ok(());
        }
        let bytes = self.bytes - before.unwrap_or_default() + message.bytes().len();
        if bytes > BYTES || (before.is_none() && self.messages.len() >= TOPICS) {
            return Err(Full);
        }
        self.bytes = bytes;
        self.messages.insert(topic.into(), Arc::clone(message));
        Ok(())
    }

    /// The messages that a filter matches, in the order of their topics.
    pub(super) fn matching<'a>(
        &'a self,
        filter: &'a str,
    ) -> impl Iterator<Item = &'a Arc<Message>> {
        // What stands before the first wildcard is common to all.
        let fixed = filter.split(['+', '#']).next().unwrap_or_default();
        let fixed = if fixed.len() == filter.len() {
            fixed
        } else {
            fixed.strip_suffix('/').unwrap_or(fixed)
        };
        let from = (Bound::Included(fixed), Bound::Unbounded);
        let near = self.messages.range::<str, _>(from);
        let near = near.take_while(move |(topic, _)| topic.starts_with(fixed));
        near.filter(|(topic, _)| matches(filter, topic))
            .map(|(_, message)| message)
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.messages.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::packet::Qos;

    fn message(topic: &str, payload: &str) -> Arc<Message> {
        let message = Message::new(topic, payload.as_bytes(), Qos::AtMostOnce, true);
        Arc::new(message.unwrap())
    }

    fn topics(retained: &Retained, filter: &str) -> Vec<String> {
        let found = retained.matching(filter);
        found.map(|it| it.topic().to_owned()).collect()
    }

    #[test]
    fn every_retained_message_that_matches_is_found() {
        let mut retained = Retained::default();
        for topic in ["a", "a/b", "a/c", "ab", "b/c", "$SYS/x"] {
            retained.keep(&message(topic, "1")).unwrap();
        }
        assert_eq!(topics(&retained, "a/#"), ["a", "a/b", "a/c"]);
        assert_eq!(topics(&retained, "a/+"), ["a/b", "a/c"]);
        assert_eq!(topics(&retained, "a"), ["a"]);
        assert_eq!(topics(&retained, "+/c"), ["a/c", "b/c"]);
        assert_eq!(topics(&retained, "#"), ["a", "a/b", "a/c", "ab", "b/c"]);
        assert_eq!(topics(&retained, "$SYS/#"), ["$SYS/x"]);
    }

    #[test]
    fn a_message_without_a_payload_erases_and_its_bytes_are_free_again() {
        let mut retained = Retained::default();
        retained.keep(&message("a", "first")).unwrap();
        retained.keep(&message("a", "second")).unwrap();
        assert_eq!(retained.count(), 1);
        retained.keep(&message("a", "")).unwrap();
        retained.keep(&message("b", "")).unwrap();
        assert_eq!((retained.count(), retained.bytes), (0, 0));
    }

    #[test]
    fn more_topics_than_there_is_room_for_are_refused_and_known_ones_go_on() {
        let mut retained = Retained::default();
        for number in 0..TOPICS {
            retained.keep(&message(&number.to_string(), "1")).unwrap();
        }
        assert_eq!(retained.keep(&message("new", "1")), Err(Full));
        assert_eq!(retained.keep(&message("0", "2")), Ok(()));
    }
}
