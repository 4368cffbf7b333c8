//! The wire: an embedded bus and the links to any bus. The only crate that knows MQTT.
//!
//! It carries bytes and is trusted with nothing: not with keeping (the journal does), not with
//! order or uniqueness (the envelopes' numbers do), not with authenticity (the signatures do).
//! rumqttd routes behind a gate, which owns all that touches a client and knows who may come in.

mod limit;
pub use limit::TOPIC_BYTES;

mod url;
pub use url::{BusHost, BusUrl, UrlError};

mod config;
pub use config::{
    Access, GateConfig, Limits, Listener, ListenerError, PasswordError, Passwords, TlsFiles, Wire,
};

mod pem;

mod post;
pub use post::{Post, PostError};

mod link;
pub use bytes::Bytes;
pub use link::{
    BusTlsError, Cause, Link, LinkConfig, LinkCounters, LinkError, LinkEvent, OutboxLimits,
    PublishError, Undelivered,
};

mod codec;
mod embedded;
mod gate;
#[cfg(any(test, feature = "promises"))]
pub use codec::promises::{Heard, assert_codec};
pub use embedded::{BrokerError, BrokerEvent, Embedded};
pub use gate::{Files, TlsError};
