//! A post: one message on its way to a bus, checked before a library that hangs up on it sees it.

use std::sync::Arc;

use bytes::Bytes;
use protocol::limit::PAYLOAD_BYTES;
use protocol::{Frame, NetId, Topic};

use crate::limit::TOPIC_BYTES;

/// A message to publish: its topic, its bytes, whether the bus keeps the last one, and whether it
/// may be dropped when the outbox overflows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    pub(crate) topic: String,
    pub(crate) payload: Bytes,
    pub(crate) retained: bool,
    pub(crate) urgent: bool,
}

/// Why a topic, a filter or a payload cannot go on a bus.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PostError {
    /// The payload is over the limit of every link.
    #[error("a payload of {bytes} bytes for {topic} is over the limit of {limit}; send less at a time", limit = PAYLOAD_BYTES)]
    TooLarge {
        /// Where it was to go.
        topic: String,
        /// Its size.
        bytes: usize,
    },
    /// The topic is not one that every broker survives.
    #[error(
        "topic {0:?} cannot be published; use printable ASCII that begins with a letter, without + and #, at most {limit} bytes",
        limit = TOPIC_BYTES
    )]
    Topic(String),
    /// The filter is not one that every broker reads alike.
    #[error(
        "filter {0:?} cannot be subscribed; use printable ASCII that begins with a letter, + or #, with + a whole level and # the whole last one, at most {limit} bytes",
        limit = TOPIC_BYTES
    )]
    Filter(String),
}

/// The shared text of a frame as bytes, without a copy.
struct FrameText(Arc<str>);

impl AsRef<[u8]> for FrameText {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl Post {
    /// A message that passes and that may be dropped first when the outbox overflows.
    pub fn new(topic: impl Into<String>, payload: impl Into<Bytes>) -> Self {
        Self {
            topic: topic.into(),
            payload: payload.into(),
            retained: false,
            urgent: false,
        }
    }

    /// The bus keeps it for late subscribers.
    #[must_use]
    pub fn retained(self) -> Self {
        Self {
            retained: true,
            ..self
        }
    }

    /// It is never dropped in favour of another.
    #[must_use]
    pub fn urgent(self) -> Self {
        Self {
            urgent: true,
            ..self
        }
    }

    /// A frame of a network, retained and urgent as its topic asks.
    pub fn frame(net: NetId, frame: &Frame) -> Self {
        let topic = frame.topic();
        Self {
            topic: topic.on(net),
            payload: Bytes::from_owner(FrameText(Arc::clone(frame.text()))),
            retained: topic.is_retained(),
            urgent: !heals(topic),
        }
    }

    /// Whether every broker takes it.
    pub(crate) fn check(&self) -> Result<(), PostError> {
        if !is_topic(&self.topic) {
            return Err(PostError::Topic(self.topic.clone()));
        }
        if self.payload.len() > PAYLOAD_BYTES {
            return Err(PostError::TooLarge {
                topic: self.topic.clone(),
                bytes: self.payload.len(),
            });
        }
        Ok(())
    }
}

/// Whether a lost frame of the topic comes again by itself: entries of logs and their fills by the
/// next digest, digests and wants by the clock, views with the next change.
const fn heals(topic: Topic) -> bool {
    matches!(
        topic,
        Topic::Log(_) | Topic::Fill(_) | Topic::Digest(_) | Topic::Want(_) | Topic::View(..)
    )
}

/// Whether a topic is safe: rumqttd's router dies of a topic that begins with a multi-byte character.
fn is_topic(topic: &str) -> bool {
    topic.len() <= TOPIC_BYTES
        && topic.starts_with(|first: char| first.is_ascii_alphabetic())
        && topic
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'+' && byte != b'#')
}

/// Whether a filter is read alike by all brokers.
pub(crate) fn check_filter(filter: &str) -> Result<(), PostError> {
    let begins =
        filter.starts_with(|first: char| first.is_ascii_alphabetic() || "+#".contains(first));
    let last = filter.split('/').count() - 1;
    let levels = filter.split('/').enumerate().all(|(at, level)| {
        level.bytes().all(|byte| byte.is_ascii_graphic())
            && match level {
                "+" => true,
                "#" => at == last,
                _ => !level.contains(['+', '#']),
            }
    });
    if begins && levels && filter.len() <= TOPIC_BYTES {
        Ok(())
    } else {
        Err(PostError::Filter(filter.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_that_a_broker_dies_of_is_refused() {
        assert_eq!(
            Post::new("liandong/1/drill/log/440100", "x").check(),
            Ok(())
        );
        for topic in ["", "应急/广州", "$SYS/x", "a/+", "a/#", "a b", "/a"] {
            assert_eq!(
                Post::new(topic, "x").check(),
                Err(PostError::Topic(topic.to_owned()))
            );
        }
        assert!(Post::new("a".repeat(TOPIC_BYTES + 1), "x").check().is_err());
    }

    #[test]
    fn a_payload_of_exactly_the_limit_passes_and_one_more_does_not() {
        assert_eq!(Post::new("a", vec![0; PAYLOAD_BYTES]).check(), Ok(()));
        let error = Post::new("a", vec![0; PAYLOAD_BYTES + 1])
            .check()
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "a payload of 262145 bytes for a is over the limit of 262144; send less at a time"
        );
    }

    #[test]
    fn wildcards_stand_for_whole_levels_only() {
        for filter in ["#", "+/a", "liandong/1/drill/log/+", "a/#"] {
            assert_eq!(check_filter(filter), Ok(()));
        }
        for filter in ["", "a/#/b", "a#", "a/+b", "$SYS/#", "广州/#"] {
            assert!(check_filter(filter).is_err(), "{filter}");
        }
    }

    #[test]
    fn a_frame_takes_retention_and_urgency_from_its_topic() {
        let net: NetId = "drill-1".parse().unwrap();
        let party = "440400".parse().unwrap();
        let topic = Topic::View(party, protocol::View::Units);
        let post = Post::frame(net, &Frame::view(net, topic, "{}"));
        assert!(post.retained && !post.urgent);
        assert_eq!(post.topic, "liandong/1/drill-1/view/440400/units");
        assert_eq!(post.payload, "{}");
        assert!(!heals(Topic::Order(party)) && heals(Topic::Log(party)));
    }
}
