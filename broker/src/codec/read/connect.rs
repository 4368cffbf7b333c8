//! The body of CONNECT (MQTT 3.1.1, 3.1).

use super::fields::Fields;
use crate::codec::packet::{Connect, LEVEL, Message, Qos, Will};
use crate::codec::refusal::Refusal;

/// The protocol's name since 3.1.1 (MQTT 3.1.1, 3.1.2.1).
const NAME: &[u8] = b"MQTT";

/// The protocol's name and level in MQTT 3.1, whose clients deserve an answer that they know.
const OLD: (&[u8], u8) = (b"MQIsdp", 3);

/// Bytes of a foreign protocol's name that are shown: enough to know "GET /" or "SSH-2.0" by.
const SHOWN_BYTES: usize = 16;

/// The connect flags (MQTT 3.1.1, 3.1.2.3).
mod flag {
    pub(super) const RESERVED: u8 = 0b0000_0001;
    pub(super) const CLEAN: u8 = 0b0000_0010;
    pub(super) const WILL: u8 = 0b0000_0100;
    pub(super) const WILL_QOS: u8 = 0b0001_1000;
    pub(super) const WILL_QOS_SHIFT: u32 = WILL_QOS.trailing_zeros();
    pub(super) const WILL_RETAIN: u8 = 0b0010_0000;
    pub(super) const PASSWORD: u8 = 0b0100_0000;
    pub(super) const USER: u8 = 0b1000_0000;
}

/// Reads a body. Of another level than ours it reads no more than the level.
pub(super) fn connect(fields: &mut Fields<'_>) -> Result<Connect, Refusal> {
    let name = fields.binary("protocol name")?;
    let level = fields.byte("protocol level")?;
    if name != NAME && (name, level) != OLD {
        let shown = &name[..name.len().min(SHOWN_BYTES)];
        return Err(Refusal::Protocol {
            found: String::from_utf8_lossy(shown).into_owned(),
        });
    }
    if level != LEVEL {
        return Ok(Connect::of_level(level));
    }
    let flags = Flags::of(fields.byte("connect flags")?)?;
    let keepalive = fields.number("keep alive")?;
    let client = fields.text("client id")?.to_owned();
    let will = match flags.will {
        Some(wish) => Some(will(fields, wish)?),
        None => None,
    };
    let user = if flags.user {
        Some(fields.text("user name")?.to_owned())
    } else {
        None
    };
    let password = if flags.password {
        Some(fields.binary("password")?.to_vec())
    } else {
        None
    };
    fields.end()?;
    Ok(Connect {
        level,
        client,
        clean: flags.clean,
        keepalive,
        will,
        user,
        password,
    })
}

/// What the connect flags say of a will.
#[derive(Clone, Copy)]
struct Wish {
    qos: Qos,
    retain: bool,
}

/// What the connect flags say.
struct Flags {
    clean: bool,
    will: Option<Wish>,
    user: bool,
    password: bool,
}

impl Flags {
    fn of(found: u8) -> Result<Self, Refusal> {
        let has = |flag: u8| found & flag != 0;
        if has(flag::RESERVED) {
            return Err(Refusal::ConnectFlags { found });
        }
        if !has(flag::WILL) && has(flag::WILL_QOS | flag::WILL_RETAIN) {
            return Err(Refusal::WillFlags { found });
        }
        if has(flag::PASSWORD) && !has(flag::USER) {
            return Err(Refusal::PasswordWithoutUser { found });
        }
        let level = (found & flag::WILL_QOS) >> flag::WILL_QOS_SHIFT;
        let qos = Qos::of(level).ok_or(Refusal::Qos {
            packet: "CONNECT",
            field: "will",
            found: level,
        })?;
        let wish = Wish {
            qos,
            retain: has(flag::WILL_RETAIN),
        };
        Ok(Self {
            clean: has(flag::CLEAN),
            will: has(flag::WILL).then_some(wish),
            user: has(flag::USER),
            password: has(flag::PASSWORD),
        })
    }
}

fn will(fields: &mut Fields<'_>, wish: Wish) -> Result<Will, Refusal> {
    let topic = fields.topic("will topic")?;
    let payload = fields.binary("will message")?;
    let message = Message::new(topic, payload, wish.qos, wish.retain)
        .ok_or_else(|| Refusal::undeliverable(payload.len()))?;
    Ok(Will { message })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &[u8]) -> Result<Connect, Refusal> {
        connect(&mut Fields::new("CONNECT", body))
    }

    /// A body of level 4 with these flags and this payload.
    fn body(flags: u8, payload: &[u8]) -> Vec<u8> {
        [b"\x00\x04MQTT\x04", &[flags][..], b"\x00\x3C", payload].concat()
    }

    #[test]
    fn a_full_connect_is_read_to_its_end() {
        let read = read(&body(
            0b1111_0110,
            b"\x00\x01c\x00\x01t\x00\x02\x00\xFF\x00\x01u\x00\x01\xFF",
        ));
        let will = Message::new("t", b"\x00\xFF", Qos::ExactlyOnce, true);
        let expected = Connect {
            level: 4,
            client: "c".to_owned(),
            clean: true,
            keepalive: 60,
            will: will.map(|message| Will { message }),
            user: Some("u".to_owned()),
            password: Some(vec![0xFF]),
        };
        assert_eq!(read, Ok(expected));
    }

    #[test]
    fn a_client_without_a_name_is_not_judged_here() {
        let connect = read(&body(0, b"\x00\x00")).unwrap();
        assert!(connect.client.is_empty() && !connect.clean);
    }

    #[test]
    fn another_level_is_reported_and_nothing_behind_it_is_read() {
        for (bytes, level) in [
            (&b"\x00\x04MQTT\x05\xFF"[..], 5),
            (b"\x00\x04MQTT\x03", 3),
            (b"\x00\x04MQTT\x84\x02", 0x84),
            (b"\x00\x06MQIsdp\x03\xFF\xFF", 3),
        ] {
            assert_eq!(read(bytes), Ok(Connect::of_level(level)));
        }
    }

    #[test]
    fn another_protocol_is_refused_and_shown_in_part() {
        for (bytes, shown) in [
            (&b"\x00\x06MQIsdp\x04"[..], "MQIsdp"),
            (b"\x00\x04mqtt\x04", "mqtt"),
            (b"\x00\x00\x04", ""),
            (
                b"\x00\x12\xFFbcdefghijklmnopqr\x04",
                "\u{fffd}bcdefghijklmnop",
            ),
        ] {
            let found = shown.to_owned();
            assert_eq!(read(bytes), Err(Refusal::Protocol { found }));
        }
    }

    #[test]
    fn flags_that_contradict_each_other_are_refused() {
        for found in 0..=u8::MAX {
            let expected = match found {
                _ if found & 1 != 0 => Some(Refusal::ConnectFlags { found }),
                _ if found & 0b100 == 0 && found & 0b11_1000 != 0 => {
                    Some(Refusal::WillFlags { found })
                }
                _ if found & 0b1100_0000 == 0b0100_0000 => {
                    Some(Refusal::PasswordWithoutUser { found })
                }
                _ if found & 0b1_1000 == 0b1_1000 => Some(Refusal::Qos {
                    packet: "CONNECT",
                    field: "will",
                    found: 3,
                }),
                _ => None,
            };
            assert_eq!(Flags::of(found).err(), expected, "{found:#010b}");
        }
    }

    #[test]
    fn a_will_goes_to_a_topic_and_not_to_a_filter() {
        for (payload, reason) in [
            (&b"\x00\x01c\x00\x01#\x00\x00"[..], "wildcard"),
            (b"\x00\x01c\x00\x00\x00\x00", "empty"),
        ] {
            let refused = read(&body(0b0000_0110, payload)).unwrap_err();
            assert!(refused.to_string().contains(reason), "{refused}");
        }
    }

    #[test]
    fn a_connect_too_short_or_too_long_is_refused() {
        let whole = body(0b1100_0010, b"\x00\x01c\x00\x01u\x00\x01p");
        assert!(read(&whole).is_ok());
        for cut in 0..whole.len() {
            let refused = read(&whole[..cut]);
            assert!(
                matches!(refused, Err(Refusal::Truncated { .. })),
                "{refused:?}"
            );
        }
        let long = [&whole[..], b"\x00"].concat();
        assert!(matches!(
            read(&long),
            Err(Refusal::Trailing { found: 1, .. })
        ));
    }

    #[test]
    fn names_are_text_and_passwords_are_bytes() {
        let bad_client = read(&body(2, b"\x00\x01\xFF"));
        assert!(matches!(
            bad_client,
            Err(Refusal::NotText {
                field: "client id",
                ..
            })
        ));
        let bad_user = read(&body(0b1000_0010, b"\x00\x01c\x00\x01\x00"));
        assert!(matches!(
            bad_user,
            Err(Refusal::Nul {
                field: "user name",
                ..
            })
        ));
    }
}
