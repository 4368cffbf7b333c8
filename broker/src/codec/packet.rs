//! What a client may send, as types. What only a server sends has no type here; see `write`.

use std::fmt;

use bytes::Bytes;

/// The largest remaining length that a packet can state, in bytes (MQTT 3.1.1, 2.2.3).
pub(crate) const REMAINING_MAX: usize = 268_435_455;

/// Bytes of the length before a string (MQTT 3.1.1, 1.5.3) and of a packet id (2.3.1).
pub(crate) const NUMBER_BYTES: usize = 2;

/// The protocol level of MQTT 3.1.1, the only one that is spoken here (MQTT 3.1.1, 3.1.2.2).
pub(crate) const LEVEL: u8 = 4;

/// How hard a message is delivered (MQTT 3.1.1, 4.3).
#[expect(clippy::enum_variant_names, reason = "the standard's own names")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Qos {
    /// It is sent and forgotten.
    AtMostOnce,
    /// It is sent until it is acknowledged.
    AtLeastOnce,
    /// It is sent until it is acknowledged, and delivered once.
    ExactlyOnce,
}

impl Qos {
    /// The number on the wire.
    pub(crate) fn level(self) -> u8 {
        match self {
            Self::AtMostOnce => 0,
            Self::AtLeastOnce => 1,
            Self::ExactlyOnce => 2,
        }
    }

    /// What a number on the wire means; 3 and above mean nothing.
    pub(crate) fn of(level: u8) -> Option<Self> {
        match level {
            0 => Some(Self::AtMostOnce),
            1 => Some(Self::AtLeastOnce),
            2 => Some(Self::ExactlyOnce),
            _ => None,
        }
    }
}

/// What was published, kept in one buffer that is all its own.
///
/// `[u16 topic length][topic][payload]`, as on the wire but for the packet id, so that a delivery
/// copies it as it is. Never a part of a read buffer: a retained message of ten bytes would pin it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Message {
    bytes: Bytes,
    qos: Qos,
    retain: bool,
}

impl Message {
    /// Copies a topic and a payload, or nothing when they do not fit into a packet.
    ///
    /// The topic may have 65,535 bytes, and both together what [`REMAINING_MAX`] leaves beside a
    /// packet id. Whether the topic may be published to is not looked at.
    pub(crate) fn new(topic: &str, payload: &[u8], qos: Qos, retain: bool) -> Option<Self> {
        let topic_bytes = u16::try_from(topic.len()).ok()?;
        let room = REMAINING_MAX - 2 * NUMBER_BYTES - topic.len();
        if payload.len() > room {
            return None;
        }
        let mut bytes = Vec::with_capacity(NUMBER_BYTES + topic.len() + payload.len());
        bytes.extend_from_slice(&topic_bytes.to_be_bytes());
        bytes.extend_from_slice(topic.as_bytes());
        bytes.extend_from_slice(payload);
        Some(Self {
            bytes: Bytes::from(bytes),
            qos,
            retain,
        })
    }

    /// Where it was published. The text is checked anew at each call, so keep what is returned.
    pub(crate) fn topic(&self) -> &str {
        str::from_utf8(&self.bytes[NUMBER_BYTES..self.payload_start()])
            .expect("only `new` fills the buffer, and it takes the topic as text")
    }

    /// What was published.
    pub(crate) fn payload(&self) -> &[u8] {
        &self.bytes[self.payload_start()..]
    }

    /// The topic with its length, and the payload.
    pub(crate) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// How hard its publisher wants it delivered.
    pub(crate) fn qos(&self) -> Qos {
        self.qos
    }

    /// Whether the broker shall keep it for later subscribers.
    pub(crate) fn retain(&self) -> bool {
        self.retain
    }

    /// Where in the buffer the topic ends.
    pub(crate) fn payload_start(&self) -> usize {
        NUMBER_BYTES + usize::from(u16::from_be_bytes([self.bytes[0], self.bytes[1]]))
    }
}

/// The payload shows as its length: it may be large, and is not for logs.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("topic", &self.topic())
            .field("payload_bytes", &self.payload().len())
            .field("qos", &self.qos)
            .field("retain", &self.retain)
            .finish_non_exhaustive()
    }
}

/// What is published for a client that goes without a word (MQTT 3.1.1, 3.1.2.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Will {
    /// The message; its payload has at most 65,535 bytes.
    pub(crate) message: Message,
}

/// The first packet of a connection (MQTT 3.1.1, 3.1).
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Connect {
    /// The protocol level. Unless it is [`LEVEL`], nothing else was read and the rest is empty.
    pub(crate) level: u8,
    /// The client id. Empty without `clean` is no fault of form; it is answered with code 2.
    pub(crate) client: String,
    /// Whether the session begins anew and ends with the connection.
    pub(crate) clean: bool,
    /// Seconds between packets after which the client counts as lost, by half as much again; 0
    /// means never.
    pub(crate) keepalive: u16,
    /// What is published if the client goes without a word.
    pub(crate) will: Option<Will>,
    /// The user's name.
    pub(crate) user: Option<String>,
    /// The user's password; never without a user.
    pub(crate) password: Option<Vec<u8>>,
}

impl Connect {
    /// A client of another level, of which no more is known.
    pub(crate) fn of_level(level: u8) -> Self {
        Self {
            level,
            ..Self::default()
        }
    }
}

/// Shows that there is a password, and nothing of it.
impl fmt::Debug for Connect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connect")
            .field("level", &self.level)
            .field("client", &self.client)
            .field("clean", &self.clean)
            .field("keepalive", &self.keepalive)
            .field("will", &self.will)
            .field("user", &self.user)
            .field("password", &self.password.as_ref().map(|_| "hidden"))
            .finish()
    }
}

/// What a client may send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Packet {
    /// It wants to be let in.
    Connect(Box<Connect>),
    /// It publishes.
    Publish {
        /// What it publishes.
        message: Message,
        /// Whether it may have sent this before; never with QoS 0.
        dup: bool,
        /// The packet id; 0 with QoS 0 and never otherwise.
        id: u16,
    },
    /// It has a message of QoS 1.
    PubAck(u16),
    /// It has a message of QoS 2.
    PubRec(u16),
    /// It will not send a message of QoS 2 again.
    PubRel(u16),
    /// It has forgotten the packet id of a message of QoS 2.
    PubComp(u16),
    /// It wants to hear.
    Subscribe {
        /// The packet id; never 0.
        id: u16,
        /// At least one filter with its greatest QoS. None is empty; more was not checked.
        filters: Vec<(String, Qos)>,
    },
    /// It wants to hear no more.
    Unsubscribe {
        /// The packet id; never 0.
        id: u16,
        /// At least one filter. None is empty; more was not checked.
        filters: Vec<String>,
    },
    /// It is still there.
    PingReq,
    /// It goes, and its will with it.
    Disconnect,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_qos_is_its_number_and_there_are_three() {
        for level in 0..=u8::MAX {
            assert_eq!(
                Qos::of(level).map(Qos::level),
                (level < 3).then_some(level),
                "level {level}"
            );
        }
        assert!(Qos::AtMostOnce < Qos::AtLeastOnce && Qos::AtLeastOnce < Qos::ExactlyOnce);
    }

    #[test]
    fn a_message_is_one_buffer_as_on_the_wire() {
        let message = Message::new("a/é", b"hi", Qos::AtLeastOnce, true).unwrap();
        assert_eq!(&message.bytes()[..], b"\x00\x04a/\xC3\xA9hi");
        assert_eq!(message.topic(), "a/é");
        assert_eq!(message.payload(), b"hi");
        assert_eq!((message.qos(), message.retain()), (Qos::AtLeastOnce, true));
    }

    #[test]
    fn a_topic_has_at_most_65535_bytes() {
        let longest = "t".repeat(65_535);
        let message = Message::new(&longest, b"", Qos::AtMostOnce, false).unwrap();
        assert_eq!(message.topic(), longest);
        assert!(message.payload().is_empty());
        assert_eq!(
            Message::new(&(longest + "t"), b"", Qos::AtMostOnce, false),
            None
        );
    }

    #[test]
    fn a_message_leaves_room_for_a_packet_id() {
        // Zeros that nobody touches take no memory, and a refused payload is not copied.
        let payload = vec![0; REMAINING_MAX - 2 - "t".len() - 2 + 1];
        assert_eq!(Message::new("t", &payload, Qos::AtMostOnce, false), None);
    }

    #[test]
    fn neither_password_nor_payload_are_shown() {
        let connect = Connect {
            user: Some("harbor".to_owned()),
            password: Some(b"sesame".to_vec()),
            will: Message::new("t", b"sesame", Qos::AtMostOnce, false)
                .map(|message| Will { message }),
            ..Connect::of_level(LEVEL)
        };
        let shown = format!("{connect:?}");
        let bytes = format!("{:?}", b"sesame");
        assert!(
            shown.contains("harbor") && shown.contains("hidden"),
            "{shown}"
        );
        assert!(
            !shown.contains("sesame") && !shown.contains(&bytes),
            "{shown}"
        );
        assert!(!format!("{:?}", Connect::of_level(LEVEL)).contains("hidden"));
    }
}
