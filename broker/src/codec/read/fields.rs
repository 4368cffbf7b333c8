//! The fields of a body, taken one after another and never beyond its end.

use crate::codec::packet::NUMBER_BYTES;
use crate::codec::refusal::Refusal;

/// What is left of the body of a packet.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    packet: &'static str,
    left: &'a [u8],
}

impl<'a> Fields<'a> {
    /// All fields of a packet of this name.
    pub(super) fn new(packet: &'static str, body: &'a [u8]) -> Self {
        Self { packet, left: body }
    }

    /// The name of the packet.
    pub(super) fn packet(&self) -> &'static str {
        self.packet
    }

    /// Whether no field is left.
    pub(super) fn is_empty(&self) -> bool {
        self.left.is_empty()
    }

    /// One byte.
    pub(super) fn byte(&mut self, field: &'static str) -> Result<u8, Refusal> {
        self.array(field).map(|[byte]| byte)
    }

    /// Two bytes, the greater one first (MQTT 3.1.1, 1.5.2).
    pub(super) fn number(&mut self, field: &'static str) -> Result<u16, Refusal> {
        self.array::<NUMBER_BYTES>(field).map(u16::from_be_bytes)
    }

    /// A packet id, which is never 0 (MQTT 3.1.1, 2.3.1).
    pub(super) fn packet_id(&mut self) -> Result<u16, Refusal> {
        match self.number("packet id")? {
            0 => Err(Refusal::PacketId {
                packet: self.packet,
            }),
            id => Ok(id),
        }
    }

    /// Bytes after their length, which may be any.
    pub(super) fn binary(&mut self, field: &'static str) -> Result<&'a [u8], Refusal> {
        let needed = usize::from(self.number(field)?);
        let (taken, left) = self
            .left
            .split_at_checked(needed)
            .ok_or_else(|| self.truncated(field, needed))?;
        self.left = left;
        Ok(taken)
    }

    /// A string: UTF-8, which has no surrogates, without U+0000 (MQTT 3.1.1, 1.5.3).
    ///
    /// Other control characters and a byte order mark are taken as they are; the standard advises
    /// against the ones, and says of the other that it is a character.
    pub(super) fn text(&mut self, field: &'static str) -> Result<&'a str, Refusal> {
        let packet = self.packet;
        let bytes = self.binary(field)?;
        let text = str::from_utf8(bytes).map_err(|error| Refusal::NotText {
            packet,
            field,
            at: error.valid_up_to(),
        })?;
        match text.find('\0') {
            Some(at) => Err(Refusal::Nul { packet, field, at }),
            None => Ok(text),
        }
    }

    /// The name of a topic: not empty and without wildcards (MQTT 3.1.1, 3.3.2.1 and 4.7.3).
    pub(super) fn topic(&mut self, field: &'static str) -> Result<&'a str, Refusal> {
        let packet = self.packet;
        let topic = self.text(field)?;
        if topic.is_empty() {
            return Err(Refusal::EmptyTopic { packet, field });
        }
        match topic.chars().find(|character| "+#".contains(*character)) {
            Some(found) => Err(Refusal::Wildcard {
                packet,
                field,
                found,
            }),
            None => Ok(topic),
        }
    }

    /// All that is left.
    pub(super) fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.left)
    }

    /// Refuses what is left.
    pub(super) fn end(&self) -> Result<(), Refusal> {
        if self.is_empty() {
            return Ok(());
        }
        Err(Refusal::Trailing {
            packet: self.packet,
            found: self.left.len(),
        })
    }

    fn array<const COUNT: usize>(&mut self, field: &'static str) -> Result<[u8; COUNT], Refusal> {
        let (taken, left) = self
            .left
            .split_first_chunk()
            .ok_or_else(|| self.truncated(field, COUNT))?;
        self.left = left;
        Ok(*taken)
    }

    fn truncated(&self, field: &'static str, needed: usize) -> Refusal {
        Refusal::Truncated {
            packet: self.packet,
            field,
            needed,
            left: self.left.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(body: &[u8]) -> Result<&str, Refusal> {
        Fields::new("TEST", body).text("name")
    }

    fn topic(name: &str) -> Result<String, Refusal> {
        let length = u16::try_from(name.len()).unwrap().to_be_bytes();
        let body = [&length, name.as_bytes()].concat();
        Fields::new("TEST", &body).topic("topic").map(str::to_owned)
    }

    #[test]
    fn a_field_never_goes_beyond_its_packet() {
        assert!(matches!(
            text(b"\x00\x03ab"),
            Err(Refusal::Truncated {
                needed: 3,
                left: 2,
                ..
            })
        ));
        assert!(matches!(
            text(b"\x00"),
            Err(Refusal::Truncated {
                needed: 2,
                left: 1,
                ..
            })
        ));
        assert!(matches!(
            Fields::new("TEST", b"").byte("flags"),
            Err(Refusal::Truncated {
                needed: 1,
                left: 0,
                ..
            })
        ));
    }

    #[test]
    fn a_string_is_utf_8_without_surrogates_and_without_nul() {
        assert_eq!(text("\0\u{3}灾".as_bytes()), Ok("灾"));
        assert_eq!(text(b"\x00\x03\xEF\xBB\xBF"), Ok("\u{feff}"));
        assert_eq!(text(b"\x00\x00"), Ok(""));
        for (bad, at) in [
            (&b"\x00\x02a\xFF"[..], 1),
            (b"\x00\x03\xED\xA0\x80", 0),
            (b"\x00\x02\xC0\x80", 0),
            (b"\x00\x02\xE7\x81", 0),
        ] {
            let refused = Err(Refusal::NotText {
                packet: "TEST",
                field: "name",
                at,
            });
            assert_eq!(text(bad), refused, "{bad:x?}");
        }
        assert!(matches!(
            text(b"\x00\x02a\x00"),
            Err(Refusal::Nul { at: 1, .. })
        ));
    }

    #[test]
    fn a_topic_is_not_empty_and_has_no_wildcards() {
        assert_eq!(topic("/"), Ok("/".to_owned()));
        assert!(matches!(topic(""), Err(Refusal::EmptyTopic { .. })));
        for (name, found) in [("a/+/b", '+'), ("a/#", '#'), ("a+b", '+'), ("#+", '#')] {
            assert_eq!(
                topic(name),
                Err(Refusal::Wildcard {
                    packet: "TEST",
                    field: "topic",
                    found
                })
            );
        }
    }

    #[test]
    fn what_is_left_at_the_end_is_refused() {
        let mut fields = Fields::new("TEST", b"\x00\x01\x02");
        assert_eq!(fields.packet_id(), Ok(1));
        assert_eq!(
            fields.end(),
            Err(Refusal::Trailing {
                packet: "TEST",
                found: 1
            })
        );
        assert_eq!(fields.rest(), b"\x02");
        assert_eq!(fields.end(), Ok(()));
    }
}
