//! The packets of a client, as bytes. Nothing is checked: a test may want it wrong.

/// A CONNECT. Clean, with a keepalive of 60 s, unless it says otherwise.
#[derive(Clone, Debug)]
pub(crate) struct Connect {
    id: String,
    protocol: (&'static str, u8),
    is_clean: bool,
    keep_alive_s: u16,
    will: Option<(String, String)>,
    login: Option<(String, String)>,
}

impl Connect {
    /// By a client of this id.
    pub(crate) fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            protocol: ("MQTT", 4),
            is_clean: true,
            keep_alive_s: 60,
            will: None,
            login: None,
        }
    }

    /// With a session that outlives its connections.
    #[must_use]
    pub(crate) fn lasting(mut self) -> Self {
        self.is_clean = false;
        self
    }

    /// With another keepalive.
    #[must_use]
    pub(crate) fn keep_alive_s(mut self, keep_alive_s: u16) -> Self {
        self.keep_alive_s = keep_alive_s;
        self
    }

    /// With a will of QoS 1 that is not retained.
    #[must_use]
    pub(crate) fn will(mut self, topic: &str, payload: &str) -> Self {
        self.will = Some((topic.to_owned(), payload.to_owned()));
        self
    }

    /// With a name and its password.
    #[must_use]
    pub(crate) fn login(mut self, name: &str, password: &str) -> Self {
        self.login = Some((name.to_owned(), password.to_owned()));
        self
    }

    /// In another protocol: its name and its level.
    #[must_use]
    pub(crate) fn protocol(mut self, name: &'static str, level: u8) -> Self {
        self.protocol = (name, level);
        self
    }

    /// The packet.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let (name, level) = self.protocol;
        let mut flags = 0;
        if self.is_clean {
            flags |= 0b0000_0010;
        }
        if self.will.is_some() {
            flags |= 0b0000_1100;
        }
        if self.login.is_some() {
            flags |= 0b1100_0000;
        }
        let mut body = text(name);
        body.extend([level, flags]);
        body.extend(self.keep_alive_s.to_be_bytes());
        if level == 5 {
            body.push(0); // No properties.
        }
        body.extend(text(&self.id));
        if let Some((topic, payload)) = &self.will {
            if level == 5 {
                body.push(0);
            }
            body.extend(text(topic));
            body.extend(text(payload));
        }
        if let Some((name, password)) = &self.login {
            body.extend(text(name));
            body.extend(text(password));
        }
        packet(0x10, &body)
    }
}

/// How often a publication arrives, with the packet id that there is from once on.
#[expect(clippy::enum_variant_names, reason = "the standard's own names")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Qos {
    /// QoS 0.
    AtMostOnce,
    /// QoS 1.
    AtLeastOnce(u16),
    /// QoS 2.
    ExactlyOnce(u16),
}

/// A PUBLISH, in either direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Publication {
    /// Where to.
    pub(crate) topic: String,
    /// What.
    pub(crate) payload: Vec<u8>,
    /// How surely.
    pub(crate) qos: Qos,
    /// Whether the broker keeps it, or had kept it.
    pub(crate) is_retained: bool,
    /// Whether the sender had sent it before.
    pub(crate) is_again: bool,
}

impl Publication {
    /// With QoS 0, not retained, for the first time.
    pub(crate) fn new(topic: &str, payload: impl Into<Vec<u8>>) -> Self {
        Self {
            topic: topic.to_owned(),
            payload: payload.into(),
            qos: Qos::AtMostOnce,
            is_retained: false,
            is_again: false,
        }
    }

    /// With another QoS.
    #[must_use]
    pub(crate) fn qos(mut self, qos: Qos) -> Self {
        self.qos = qos;
        self
    }

    /// To be kept by the broker.
    #[must_use]
    pub(crate) fn retained(mut self) -> Self {
        self.is_retained = true;
        self
    }

    /// Marked as sent before.
    #[must_use]
    pub(crate) fn again(mut self) -> Self {
        self.is_again = true;
        self
    }

    /// The payload, for people.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.payload).into_owned()
    }

    /// The packet.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let (level, id) = match self.qos {
            Qos::AtMostOnce => (0, None),
            Qos::AtLeastOnce(id) => (1, Some(id)),
            Qos::ExactlyOnce(id) => (2, Some(id)),
        };
        let again = u8::from(self.is_again) << 3;
        let mut body = text(&self.topic);
        body.extend(id.iter().flat_map(|id| id.to_be_bytes()));
        body.extend(&self.payload);
        packet(
            0x30 | again | level << 1 | u8::from(self.is_retained),
            &body,
        )
    }
}

/// A SUBSCRIBE to one filter.
pub(crate) fn subscribe(id: u16, filter: &str, qos: u8) -> Vec<u8> {
    subscribe_to_all(id, &[(filter, qos)])
}

/// A SUBSCRIBE to several.
pub(crate) fn subscribe_to_all(id: u16, filters: &[(&str, u8)]) -> Vec<u8> {
    let mut body = id.to_be_bytes().to_vec();
    for (filter, qos) in filters {
        body.extend(text(filter));
        body.push(*qos);
    }
    packet(0x82, &body)
}

/// An UNSUBSCRIBE from one filter.
pub(crate) fn unsubscribe(id: u16, filter: &str) -> Vec<u8> {
    let mut body = id.to_be_bytes().to_vec();
    body.extend(text(filter));
    packet(0xa2, &body)
}

/// A PUBACK.
pub(crate) fn puback(id: u16) -> Vec<u8> {
    packet(0x40, &id.to_be_bytes())
}

/// A PUBREC.
pub(crate) fn pubrec(id: u16) -> Vec<u8> {
    packet(0x50, &id.to_be_bytes())
}

/// A PUBREL.
pub(crate) fn pubrel(id: u16) -> Vec<u8> {
    packet(0x62, &id.to_be_bytes())
}

/// A PUBCOMP.
pub(crate) fn pubcomp(id: u16) -> Vec<u8> {
    packet(0x70, &id.to_be_bytes())
}

/// A PINGREQ.
pub(crate) fn ping() -> Vec<u8> {
    packet(0xc0, &[])
}

/// A DISCONNECT.
pub(crate) fn disconnect() -> Vec<u8> {
    packet(0xe0, &[])
}

fn text(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).expect("a text of a test is short");
    let mut bytes = length.to_be_bytes().to_vec();
    bytes.extend(text.as_bytes());
    bytes
}

fn packet(first: u8, body: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    let mut left = body.len();
    loop {
        let seven = u8::try_from(left % 128).expect("it is below 128");
        left /= 128;
        if left == 0 {
            bytes.push(seven);
            break;
        }
        bytes.push(seven | 128);
    }
    bytes.extend(body);
    bytes
}
