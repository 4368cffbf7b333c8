//! Why bytes are no packet that a client may send. Each ends the connection (MQTT 3.1.1, 4.8).
//!
//! A wrong protocol level is none of them: it is answered, so `Connect` carries it.

use crate::codec::packet::{NUMBER_BYTES, REMAINING_MAX};

/// Why bytes are no packet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// A type that is reserved, or that only a server sends.
    #[error("packet type {found} is none that a client sends; those are 1, 3 to 8, 10, 12 and 14")]
    Kind {
        /// Type found.
        found: u8,
    },
    /// Flags that the fixed header of this packet may not have.
    #[error("{packet} has the header flags {found:#06b}; only {allowed:#06b} is allowed")]
    Flags {
        /// Name of the packet.
        packet: &'static str,
        /// Flags found.
        found: u8,
        /// Flags allowed.
        allowed: u8,
    },
    /// A remaining length without an end.
    #[error("the remaining length goes on after 4 bytes; it has at most 4")]
    LengthUnended,
    /// More bytes than are taken.
    #[error("the packet has {found} bytes after its header; at most {limit} are accepted")]
    TooLarge {
        /// Remaining length found.
        found: usize,
        /// Remaining length accepted.
        limit: usize,
    },
    /// A packet of fixed length with another one.
    #[error("{packet} has {found} bytes after its header; it has exactly {allowed}")]
    Length {
        /// Name of the packet.
        packet: &'static str,
        /// Remaining length found.
        found: usize,
        /// Remaining length allowed.
        allowed: usize,
    },
    /// A field that goes beyond the end of its packet.
    #[error("the {field} of {packet} takes {needed} bytes; {left} are left in the packet")]
    Truncated {
        /// Name of the packet.
        packet: &'static str,
        /// Name of the field.
        field: &'static str,
        /// Bytes that the field takes.
        needed: usize,
        /// Bytes that are there.
        left: usize,
    },
    /// Bytes after the last field.
    #[error("{found} bytes follow the last field of {packet}; none may")]
    Trailing {
        /// Name of the packet.
        packet: &'static str,
        /// Bytes found.
        found: usize,
    },
    /// Packet id 0.
    #[error("{packet} has packet id 0; 1 to 65535 are allowed")]
    PacketId {
        /// Name of the packet.
        packet: &'static str,
    },
    /// QoS 3.
    #[error("the {field} of {packet} has QoS {found}; 0, 1 and 2 are allowed")]
    Qos {
        /// Name of the packet.
        packet: &'static str,
        /// What has the QoS.
        field: &'static str,
        /// QoS found.
        found: u8,
    },
    /// A message that is never sent again, marked as sent again.
    #[error("PUBLISH has DUP with QoS 0; DUP is allowed with QoS 1 and 2")]
    DupWithoutId,
    /// Bytes that are no text: broken UTF-8, or a surrogate.
    #[error("the {field} of {packet} is not UTF-8 from byte {at} on")]
    NotText {
        /// Name of the packet.
        packet: &'static str,
        /// Name of the field.
        field: &'static str,
        /// Good bytes before the first bad one.
        at: usize,
    },
    /// The one character that no string may have.
    #[error("the {field} of {packet} has U+0000 at byte {at}; every other character is allowed")]
    Nul {
        /// Name of the packet.
        packet: &'static str,
        /// Name of the field.
        field: &'static str,
        /// Bytes before it.
        at: usize,
    },
    /// A topic without a character.
    #[error("the {field} of {packet} is empty; a topic has at least 1 character")]
    EmptyTopic {
        /// Name of the packet.
        packet: &'static str,
        /// Name of the field.
        field: &'static str,
    },
    /// A filter where a topic belongs.
    #[error("the {field} of {packet} has the wildcard '{found}'; only filters may have + and #")]
    Wildcard {
        /// Name of the packet.
        packet: &'static str,
        /// Name of the field.
        field: &'static str,
        /// The first wildcard.
        found: char,
    },
    /// Another protocol.
    #[error("the protocol is {found:?}; \"MQTT\" with any level and \"MQIsdp\" with 3 are known")]
    Protocol {
        /// The beginning of the name found.
        found: String,
    },
    /// The lowest bit of the connect flags.
    #[error("the connect flags are {found:#010b}; the lowest bit is reserved and 0")]
    ConnectFlags {
        /// Flags found.
        found: u8,
    },
    /// QoS or retain of a will that is not there.
    #[error("the connect flags are {found:#010b}; without a will its QoS and retain are 0")]
    WillFlags {
        /// Flags found.
        found: u8,
    },
    /// A password of nobody.
    #[error("the connect flags are {found:#010b}; a password takes a user name")]
    PasswordWithoutUser {
        /// Flags found.
        found: u8,
    },
    /// Reserved bits beside the QoS of a filter.
    #[error("the options of a filter are {found:#010b}; the upper six bits are reserved and 0")]
    SubscribeOptions {
        /// Options found.
        found: u8,
    },
    /// Nothing to subscribe to.
    #[error("{packet} has no filter; it has at least 1")]
    NoFilters {
        /// Name of the packet.
        packet: &'static str,
    },
    /// A filter without a character.
    #[error("filter {number} of {packet} is empty; a filter has at least 1 character")]
    EmptyFilter {
        /// Name of the packet.
        packet: &'static str,
        /// Which one, from 1.
        number: usize,
    },
    /// More filters than are taken at once.
    #[error("{packet} has more than {limit} filters; spread them over several packets")]
    TooManyFilters {
        /// Name of the packet.
        packet: &'static str,
        /// Filters accepted.
        limit: usize,
    },
}

impl Refusal {
    /// A message that no packet could deliver again.
    pub(crate) fn undeliverable(found: usize) -> Self {
        Self::TooLarge {
            found,
            limit: REMAINING_MAX - NUMBER_BYTES,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_was_found_and_what_is_allowed() {
        let flags = Refusal::Flags {
            packet: "PUBREL",
            found: 0,
            allowed: 2,
        };
        assert_eq!(
            flags.to_string(),
            "PUBREL has the header flags 0b0000; only 0b0010 is allowed"
        );
        let options = Refusal::SubscribeOptions { found: 0b0000_0100 };
        assert_eq!(
            options.to_string(),
            "the options of a filter are 0b00000100; the upper six bits are reserved and 0"
        );
    }

    #[test]
    fn a_foreign_protocol_cannot_write_on_the_terminal() {
        let refusal = Refusal::Protocol {
            found: "\u{1b}[2J".to_owned(),
        };
        assert!(!refusal.to_string().contains('\u{1b}'), "{refusal}");
    }
}
