//! The address of a bus: `mqtt[s]://[user:password@]host[:port][,host[:port]…][?ca=…&cert=…&key=…]`.
//!
//! All hosts of an address are one bus: nodes of one cluster, any of which will do. A password is
//! never printed.

mod parse;

use std::fmt;
use std::path::PathBuf;

/// Nodes of a bus. Clusters with consensus have three, five or seven; a list beyond this is a mistake.
pub(crate) const HOSTS: usize = 16;

/// Where a bus is and how to log in.
#[derive(Clone, PartialEq, Eq)]
pub struct BusUrl {
    hosts: Vec<BusHost>,
    login: Option<Login>,
    tls: Option<TlsFiles>,
}

/// A node of a bus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusHost {
    name: String,
    port: u16,
}

/// A name and its password, which has no `Debug` on purpose.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Login {
    pub(crate) user: String,
    pub(crate) password: String,
}

/// What TLS with a bus rests on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TlsFiles {
    /// Whose certificates are believed; those that the system believes if there is none.
    pub(crate) authority: Option<PathBuf>,
    /// What this client shows of itself.
    pub(crate) identity: Option<Identity>,
}

/// A client's certificate with those that vouch for it, and its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// Why an address of a bus cannot be read. The text in it hides any password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// There is no `://`.
    #[error("bus address {0:?} has no scheme; write mqtt://host:port")]
    NoScheme(String),
    /// The scheme is none of ours.
    #[error(
        "bus address {address:?} has scheme {scheme:?}; links speak mqtt:// and, over TLS, mqtts://"
    )]
    Scheme {
        /// The whole address, without its password.
        address: String,
        /// What stands before `://`.
        scheme: String,
    },
    /// There is no host, or something that is none.
    #[error(
        "bus address {0:?} has a host that cannot be read, or none; write mqtt://host:port or mqtt://host:port,host:port, with an IPv6 host in brackets"
    )]
    Host(String),
    /// There are more hosts than a bus has.
    #[error(
        "bus address {address:?} has {count} hosts, over the limit of {limit}; name some nodes of the cluster",
        limit = HOSTS
    )]
    Hosts {
        /// The whole address, without its password.
        address: String,
        /// How many.
        count: usize,
    },
    /// The port is none.
    #[error(
        "bus address {0:?} has no port from 1 to 65535 after its colon; write mqtt://host:port"
    )]
    Port(String),
    /// Something follows the port.
    #[error("bus address {0:?} has a path; a bus has none, write mqtt://host:port")]
    Path(String),
    /// The login cannot be read.
    #[error(
        "bus address {0:?} has a login that cannot be read; write user:password, with other characters as %XX"
    )]
    Login(String),
    /// A setting is none, or cannot be read.
    #[error(
        "bus address {address:?} has setting {setting:?}; known settings are ca=FILE, cert=FILE and key=FILE, once each, with other characters as %XX"
    )]
    Setting {
        /// The whole address, without its password.
        address: String,
        /// What is not understood.
        setting: String,
    },
    /// A certificate is named on a way without TLS.
    #[error("bus address {0:?} names files for TLS and asks for none; write mqtts://")]
    NoTls(String),
    /// One half of what a client shows.
    #[error(
        "bus address {0:?} names one of cert and key; a client's certificate takes both, ?cert=FILE&key=FILE"
    )]
    Half(String),
}

impl BusUrl {
    /// A bus of one host, without a login.
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        Self {
            hosts: vec![BusHost {
                name: host.into(),
                port,
            }],
            login: None,
            tls: None,
        }
    }

    /// Its hosts, in the order in which they stand; at least one.
    pub fn hosts(&self) -> &[BusHost] {
        &self.hosts
    }

    /// The host that stands first.
    pub fn first(&self) -> &BusHost {
        self.hosts
            .first()
            .expect("an address without a host is refused")
    }

    /// The same bus for who logs in by this name and password; what was said of them is replaced.
    #[must_use]
    pub fn with_login(mut self, user: impl Into<String>, password: impl Into<String>) -> Self {
        self.login = Some(Login {
            user: user.into(),
            password: password.into(),
        });
        self
    }

    /// Whether it says who logs in.
    pub fn has_login(&self) -> bool {
        self.login.is_some()
    }

    pub(crate) fn login(&self) -> Option<&Login> {
        self.login.as_ref()
    }

    /// What TLS rests on, if the bus is spoken to over TLS.
    pub(crate) fn tls(&self) -> Option<&TlsFiles> {
        self.tls.as_ref()
    }
}

impl BusHost {
    /// Its name or address, an IPv6 one in brackets.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl From<std::net::SocketAddr> for BusUrl {
    fn from(addr: std::net::SocketAddr) -> Self {
        let host = match addr.ip() {
            std::net::IpAddr::V4(ip) => ip.to_string(),
            std::net::IpAddr::V6(ip) => format!("[{ip}]"),
        };
        Self::new(host, addr.port())
    }
}

impl fmt::Display for BusHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.name, self.port)
    }
}

impl fmt::Display for BusUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.tls.is_some() { "mqtts" } else { "mqtt" })?;
        f.write_str("://")?;
        if let Some(login) = &self.login {
            write!(f, "{}:***@", parse::encoded(&login.user))?;
        }
        for (number, host) in self.hosts.iter().enumerate() {
            let comma = if number == 0 { "" } else { "," };
            write!(f, "{comma}{host}")?;
        }
        let Some(tls) = &self.tls else { return Ok(()) };
        let identity = tls.identity.as_ref();
        let settings = [
            ("ca", tls.authority.as_ref()),
            ("cert", identity.map(|it| &it.certificate)),
            ("key", identity.map(|it| &it.key)),
        ];
        let said = settings
            .iter()
            .filter_map(|(name, file)| Some((name, (*file)?)));
        for (number, (name, file)) in said.enumerate() {
            let mark = if number == 0 { '?' } else { '&' };
            write!(
                f,
                "{mark}{name}={}",
                parse::encoded(&file.to_string_lossy())
            )?;
        }
        Ok(())
    }
}

impl fmt::Debug for BusUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BusUrl({self})")
    }
}
