//! The fixed header: type, flags and remaining length (MQTT 3.1.1, 2.2). It is judged before the
//! body is waited for.

use crate::codec::packet::{NUMBER_BYTES, Qos};
use crate::codec::refusal::Refusal;

/// Bytes that a remaining length takes at most (MQTT 3.1.1, 2.2.3).
const LENGTH_BYTES: usize = 4;

/// The bit of a length's byte that says that another one follows (MQTT 3.1.1, 2.2.3).
const FOLLOWED: u8 = 0b1000_0000;

/// The flags that PUBREL, SUBSCRIBE and UNSUBSCRIBE must have (MQTT 3.1.1, 2.2.2).
const ASKING: u8 = 0b0010;

/// The DUP flag of PUBLISH (MQTT 3.1.1, 3.3.1.1).
const DUP: u8 = 0b1000;

/// The retain flag of PUBLISH (MQTT 3.1.1, 3.3.1.3).
const RETAIN: u8 = 0b0001;

/// The type of a packet that a client may send, with what its flags say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Connect,
    Publish { dup: bool, qos: Qos, retain: bool },
    PubAck,
    PubRec,
    PubRel,
    PubComp,
    Subscribe,
    Unsubscribe,
    PingReq,
    Disconnect,
}

impl Kind {
    /// What the first byte of a packet says.
    pub(super) fn of(first: u8) -> Result<Self, Refusal> {
        let flags = first & 0b1111;
        let (kind, allowed) = match first >> 4 {
            1 => (Self::Connect, 0),
            3 => return publish(flags),
            4 => (Self::PubAck, 0),
            5 => (Self::PubRec, 0),
            6 => (Self::PubRel, ASKING),
            7 => (Self::PubComp, 0),
            8 => (Self::Subscribe, ASKING),
            10 => (Self::Unsubscribe, ASKING),
            12 => (Self::PingReq, 0),
            14 => (Self::Disconnect, 0),
            found => return Err(Refusal::Kind { found }),
        };
        if flags != allowed {
            return Err(Refusal::Flags {
                packet: kind.name(),
                found: flags,
                allowed,
            });
        }
        Ok(kind)
    }

    /// Its name in the standard.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Connect => "CONNECT",
            Self::Publish { .. } => "PUBLISH",
            Self::PubAck => "PUBACK",
            Self::PubRec => "PUBREC",
            Self::PubRel => "PUBREL",
            Self::PubComp => "PUBCOMP",
            Self::Subscribe => "SUBSCRIBE",
            Self::Unsubscribe => "UNSUBSCRIBE",
            Self::PingReq => "PINGREQ",
            Self::Disconnect => "DISCONNECT",
        }
    }

    /// Refuses a length that this packet never has, while its body is still on the way.
    pub(super) fn fits(self, found: usize) -> Result<(), Refusal> {
        let allowed = match self {
            Self::Connect | Self::Publish { .. } | Self::Subscribe | Self::Unsubscribe => {
                return Ok(());
            }
            Self::PubAck | Self::PubRec | Self::PubRel | Self::PubComp => NUMBER_BYTES,
            Self::PingReq | Self::Disconnect => 0,
        };
        if found == allowed {
            return Ok(());
        }
        Err(Refusal::Length {
            packet: self.name(),
            found,
            allowed,
        })
    }
}

/// The remaining length with the bytes that it takes, or nothing while it is not all there.
///
/// A length in more bytes than it needs is taken: 3.1.1 does not forbid it, as MQTT 5 does.
pub(super) fn remaining_length(bytes: &[u8]) -> Result<Option<(usize, usize)>, Refusal> {
    let mut length = 0;
    for (place, byte) in bytes.iter().take(LENGTH_BYTES).enumerate() {
        length |= usize::from(byte & !FOLLOWED) << (7 * place);
        if byte & FOLLOWED == 0 {
            return Ok(Some((length, place + 1)));
        }
    }
    if bytes.len() < LENGTH_BYTES {
        Ok(None)
    } else {
        Err(Refusal::LengthUnended)
    }
}

/// What the flags of a publish say.
fn publish(flags: u8) -> Result<Kind, Refusal> {
    let level = (flags >> 1) & 0b11;
    let qos = Qos::of(level).ok_or(Refusal::Qos {
        packet: "PUBLISH",
        field: "header",
        found: level,
    })?;
    let dup = flags & DUP != 0;
    if dup && qos == Qos::AtMostOnce {
        return Err(Refusal::DupWithoutId);
    }
    Ok(Kind::Publish {
        dup,
        qos,
        retain: flags & RETAIN != 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::packet::REMAINING_MAX;

    #[test]
    fn of_all_first_bytes_nineteen_begin_a_packet() {
        // PUBLISH alone has choices: three QoS, retained or not, and QoS 1 and 2 again with DUP.
        let publishes = 3 * 2 + 2 * 2;
        let good = (0..=u8::MAX).filter(|first| Kind::of(*first).is_ok());
        assert_eq!(good.count(), 9 + publishes);
    }

    #[test]
    fn what_only_a_server_sends_is_refused() {
        for found in [0, 2, 9, 11, 13, 15] {
            assert_eq!(Kind::of(found << 4), Err(Refusal::Kind { found }));
        }
    }

    #[test]
    fn reserved_flags_are_refused() {
        for (first, packet, allowed) in [
            (0x11, "CONNECT", 0),
            (0x48, "PUBACK", 0),
            (0x60, "PUBREL", 2),
            (0x80, "SUBSCRIBE", 2),
            (0xA3, "UNSUBSCRIBE", 2),
            (0xC1, "PINGREQ", 0),
            (0xE2, "DISCONNECT", 0),
        ] {
            let found = first & 0b1111;
            assert_eq!(
                Kind::of(first),
                Err(Refusal::Flags {
                    packet,
                    found,
                    allowed
                })
            );
        }
    }

    #[test]
    fn a_publish_has_no_qos_3_and_without_qos_no_dup() {
        assert_eq!(Kind::of(0x38), Err(Refusal::DupWithoutId));
        for first in [0x36, 0x37, 0x3E, 0x3F] {
            assert!(matches!(
                Kind::of(first),
                Err(Refusal::Qos { found: 3, .. })
            ));
        }
    }

    #[test]
    fn a_length_has_one_to_four_bytes() {
        for (bytes, length) in [
            (&[0x00][..], 0),
            (&[0x7F], 127),
            (&[0x80, 0x01], 128),
            (&[0xFF, 0x7F], 16_383),
            (&[0x80, 0x80, 0x01], 16_384),
            (&[0xFF, 0xFF, 0xFF, 0x7F], REMAINING_MAX),
            (&[0x82, 0x80, 0x80, 0x00], 2),
        ] {
            assert_eq!(
                remaining_length(bytes),
                Ok(Some((length, bytes.len()))),
                "{bytes:x?}"
            );
            let cut = &bytes[..bytes.len() - 1];
            assert_eq!(remaining_length(cut), Ok(None), "{cut:x?}");
        }
        let unended = [0x80, 0x80, 0x80, 0x80];
        assert_eq!(remaining_length(&unended), Err(Refusal::LengthUnended));
    }

    #[test]
    fn a_packet_of_fixed_length_has_no_other() {
        assert_eq!(Kind::PubAck.fits(2), Ok(()));
        assert_eq!(Kind::PingReq.fits(0), Ok(()));
        for (kind, found, allowed) in [
            (Kind::PubAck, 3, 2),
            (Kind::PubRel, 0, 2),
            (Kind::Disconnect, 1, 0),
        ] {
            let packet = kind.name();
            assert_eq!(
                kind.fits(found),
                Err(Refusal::Length {
                    packet,
                    found,
                    allowed
                })
            );
        }
    }
}
