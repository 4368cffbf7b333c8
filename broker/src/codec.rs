//! A strict MQTT 3.1.1 codec for the server's side of a hostile network. It holds no connections.

pub(crate) mod filter;
pub(crate) mod packet;
pub(crate) mod read;
pub(crate) mod refusal;
pub(crate) mod write;

#[cfg(any(test, feature = "promises"))]
mod client;
#[cfg(any(test, feature = "promises"))]
pub(crate) mod promises;
