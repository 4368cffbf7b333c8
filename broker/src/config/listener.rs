//! A place where a gate listens, as it is written: `mqtts://0.0.0.0:8883`.

use std::fmt;
use std::net::{AddrParseError, SocketAddr};
use std::str::FromStr;

/// A place where a gate listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listener {
    /// How clients speak there.
    pub wire: Wire,
    /// The address; port 0 lets the system choose.
    pub addr: SocketAddr,
}

/// How clients speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// MQTT over TCP.
    Tcp,
    /// MQTT over TLS.
    Tls,
    /// MQTT over WebSocket.
    WebSocket,
    /// MQTT over WebSocket over TLS.
    SecureWebSocket,
}

/// Why a listener cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListenerError {
    /// It does not say how clients speak there.
    #[error(
        "listener {0:?} has no scheme of a gate; write mqtt://, mqtts://, ws:// or wss://, then ADDRESS:PORT"
    )]
    Scheme(String),
    /// It has no address.
    #[error(
        "listener {text:?} has no address: {source}; write 127.0.0.1:1883 or [::1]:1883, no name"
    )]
    Address {
        /// As it is written.
        text: String,
        /// Why.
        source: AddrParseError,
    },
}

impl Listener {
    /// MQTT over TCP at an address.
    pub const fn tcp(addr: SocketAddr) -> Self {
        Self {
            wire: Wire::Tcp,
            addr,
        }
    }
}

impl Wire {
    /// The scheme of its addresses.
    pub const fn scheme(self) -> &'static str {
        match self {
            Self::Tcp => "mqtt",
            Self::Tls => "mqtts",
            Self::WebSocket => "ws",
            Self::SecureWebSocket => "wss",
        }
    }

    /// Whether nobody on the way can read it.
    pub const fn is_private(self) -> bool {
        matches!(self, Self::Tls | Self::SecureWebSocket)
    }
}

impl FromStr for Listener {
    type Err = ListenerError;

    fn from_str(text: &str) -> Result<Self, ListenerError> {
        let wires = [Wire::Tcp, Wire::Tls, Wire::WebSocket, Wire::SecureWebSocket];
        let written = text.split_once("://").and_then(|(scheme, addr)| {
            let wire = wires.into_iter().find(|wire| wire.scheme() == scheme)?;
            Some((wire, addr))
        });
        let (wire, addr) = written.ok_or_else(|| ListenerError::Scheme(text.to_owned()))?;
        let addr = addr.parse().map_err(|source| ListenerError::Address {
            text: text.to_owned(),
            source,
        })?;
        Ok(Self { wire, addr })
    }
}

impl fmt::Display for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.wire.scheme(), self.addr)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listener_reads_back_as_it_is_written() {
        for text in [
            "mqtt://127.0.0.1:0",
            "mqtts://[::1]:8883",
            "ws://0.0.0.0:80",
            "wss://10.0.0.1:443",
        ] {
            let listener: Listener = text.parse().unwrap();
            assert_eq!(listener.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_listener_is_refused_with_what_to_write() {
        let refused = |text: &str| text.parse::<Listener>().unwrap_err().to_string();
        assert!(refused("127.0.0.1:1883").contains("write mqtt://"));
        assert!(refused("http://127.0.0.1:1883").contains("write mqtt://"));
        assert!(refused("mqtt://localhost:1883").contains("no name"));
    }
}
