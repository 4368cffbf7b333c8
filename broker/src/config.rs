//! What a gate is told: where it listens, who may come in, and how much anybody may take.

mod listener;
mod password;

use std::path::PathBuf;
use std::sync::Arc;

use protocol::AccessList;

pub use listener::{Listener, ListenerError, Wire};
pub use password::{PasswordError, Passwords};

/// What a gate is told.
#[derive(Clone, Debug)]
pub struct GateConfig {
    /// Where it listens for who may come in.
    pub listeners: Vec<Listener>,
    /// Where it listens for processes of this machine, of which nothing is asked: loopback addresses.
    pub own: Vec<Listener>,
    /// What the listeners with TLS show and ask for.
    pub tls: Option<TlsFiles>,
    /// Who may come in.
    pub access: Access,
    /// How much anybody may take.
    pub limits: Limits,
    /// Whose pages may come in over WebSocket, as browsers write it: `https://screens.example`. A browser
    /// says from where a page is; who says nothing of the kind is no browser.
    pub origins: Vec<String>,
}

/// The files of TLS, each PEM. They are read once, when the gate opens.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The gate's certificate, and those between it and its authority.
    pub cert: PathBuf,
    /// The certificate's key; nobody but its owner may be able to read it.
    pub key: PathBuf,
    /// Whose certificates let a client in; without it no client is asked for one.
    pub client_ca: Option<PathBuf>,
    /// Certificates that do not any more: revocation lists of those authorities. One that has none there has
    /// taken nothing back.
    pub revoked: Option<PathBuf>,
}

impl TlsFiles {
    /// A certificate with its key, where both are named; no client is asked for one.
    pub fn named(cert: Option<PathBuf>, key: Option<PathBuf>) -> Option<Self> {
        let (cert, key) = cert.zip(key)?;
        Some(Self {
            cert,
            key,
            client_ca: None,
            revoked: None,
        })
    }
}

/// Who may come in.
#[derive(Clone, Debug)]
pub enum Access {
    /// Anybody who reaches the gate, on loopback addresses alone; nobody is granted these filters.
    Anyone {
        /// Filters that are answered with 0x80.
        withheld: Vec<String>,
    },
    /// Who belongs to the network and shows it, by certificate or password.
    Listed {
        /// Who belongs, and what each may do.
        list: Arc<AccessList>,
        /// What they may show instead of a certificate.
        passwords: Passwords,
    },
}

/// How much anybody may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections of one address at a time.
    pub connections: usize,
    /// New connections of one address in a second, over a longer while.
    pub connections_per_s: u32,
    /// Sessions of one party at a time, whether their clients are there or away; so it has no more
    /// connections either.
    pub sessions: usize,
    /// Messages that a party may publish in a second, over all of its connections and a longer while; then
    /// it is read more slowly.
    pub messages_per_s: u32,
    /// Bytes of those messages in a second.
    pub bytes_per_s: u32,
}

impl Limits {
    /// For a machine's own processes, which share one address.
    pub const OWN: Self = Self {
        connections: usize::MAX,
        connections_per_s: u32::MAX,
        sessions: usize::MAX,
        messages_per_s: u32::MAX,
        bytes_per_s: u32::MAX,
    };

    /// For a network. An office has a connection to each neighbour, and a city's offices and terminals
    /// may share one address behind a router; a party has a few clients, or a screen in each room; healing a million entries takes 10 Mbit/s.
    pub const NETWORK: Self = Self {
        connections: 1_024,
        connections_per_s: 50,
        sessions: 64,
        messages_per_s: 5_000,
        bytes_per_s: 16 * 1024 * 1024,
    };
}

impl GateConfig {
    /// For processes of this machine, which all may do everything.
    pub fn open_to_all(listeners: Vec<Listener>) -> Self {
        Self {
            listeners,
            own: Vec::new(),
            tls: None,
            access: Access::Anyone {
                withheld: Vec::new(),
            },
            limits: Limits::OWN,
            origins: Vec::new(),
        }
    }

    /// For who belongs to a network.
    pub fn listed(listeners: Vec<Listener>, list: AccessList, passwords: Passwords) -> Self {
        Self {
            listeners,
            own: Vec::new(),
            tls: None,
            access: Access::Listed {
                list: Arc::new(list),
                passwords,
            },
            limits: Limits::NETWORK,
            origins: Vec::new(),
        }
    }
}
