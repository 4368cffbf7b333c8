//! The sizes and times of the wire, each with its reason; those of the words are in `protocol::limit`.

use std::time::Duration;

use protocol::limit::PAYLOAD_BYTES;

/// Bytes of a topic. Ours stay below 80; the rest is room for foreign views.
pub const TOPIC_BYTES: usize = 256;

/// Characters of others' topics that a line of the log shows, none of which moves a cursor: ours stay below
/// that, and one that anybody chose may have 65,535 bytes.
pub(crate) const TOLD_CHARS: usize = 80;

/// What a broker counts of a publish besides its payload: the topic with its length, the packet
/// id, and slack for a broker that counts its header too.
const OVERHEAD_BYTES: usize = TOPIC_BYTES + 256;

/// The largest packet that we send, so that a payload of exactly [`PAYLOAD_BYTES`] passes.
///
/// rumqttd calls the whole remaining length of a packet its payload.
pub(crate) const PACKET_BYTES: usize = PAYLOAD_BYTES + OVERHEAD_BYTES;

/// The largest packet that we read from a bus.
///
/// Far above [`PACKET_BYTES`]: rumqttc ends the connection at a larger one, and one retained giant
/// on a foreign broker would end every connection anew. Up to here it is read, counted and dropped.
pub(crate) const INCOMING_BYTES: usize = 16 * 1024 * 1024;

/// Messages of a link that wait for their acknowledgement; rumqttd numbers 1 to 100.
pub(crate) const WINDOW: usize = 100;

/// Packet ids of a link. More than [`WINDOW`], so that rumqttc never finds its own window full:
/// it would stop reading its queue, and with it our acknowledgements, while it is.
pub(crate) const PACKET_IDS: u16 = 1_000;

/// Requests queued inside rumqttc: an acknowledgement for every packet id there can be, the window
/// and the subscriptions, of which a link has a dozen. So no request is ever refused there.
pub(crate) const REQUESTS: usize = 65_535 + WINDOW + 256;

/// Bytes of a file of certificates, a key or revocations: a long list of the last has some megabytes.
pub(crate) const PEM_BYTES: u64 = 16 * 1024 * 1024;

/// How often a silent link pings; a dead peer is noticed after two.
pub(crate) const KEEP_ALIVE: Duration = Duration::from_secs(5);

/// How long a handshake may take, on both sides.
pub(crate) const HANDSHAKE: Duration = Duration::from_secs(5);

/// How long a publish may stay without its acknowledgement before the link starts over.
///
/// Three-node clusters answered within 11 s of a node's death (bus.md, section 17).
pub(crate) const ACKNOWLEDGEMENT: Duration = Duration::from_secs(20);

/// Messages without acknowledgement (QoS 0, of foreign publishers) that wait for a slow reader.
pub(crate) const UNACKED_WAITING: usize = 1_024;
