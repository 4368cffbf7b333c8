//! The address of a bus, `mqtt://[user:password@]host[:port]`; its password is never printed.

use std::fmt;
use std::str::FromStr;

/// The port that MQTT without TLS has by convention.
const DEFAULT_PORT: u16 = 1883;

/// Where a bus is and how to log in.
#[derive(Clone, PartialEq, Eq)]
pub struct BusUrl {
    host: String,
    port: u16,
    login: Option<Login>,
}

/// A name and its password, which has no `Debug` on purpose.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Login {
    pub(crate) user: String,
    pub(crate) password: String,
}

/// Why an address of a bus cannot be read. The text in it hides any password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// There is no `://`.
    #[error("bus address {0:?} has no scheme; write mqtt://host:port")]
    NoScheme(String),
    /// The scheme is not `mqtt`.
    #[error(
        "bus address {address:?} has scheme {scheme:?}; only mqtt:// is spoken, write mqtt://host:port"
    )]
    Scheme {
        /// The whole address, without its password.
        address: String,
        /// What stands before `://`.
        scheme: String,
    },
    /// There is no host, or something that is none.
    #[error(
        "bus address {0:?} has no host that can be read; write mqtt://host:port, with an IPv6 host in brackets"
    )]
    Host(String),
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
}

impl BusUrl {
    /// A bus without a login.
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        Self {
            host: host.into(),
            port,
            login: None,
        }
    }

    /// The host, an IPv6 one in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn login(&self) -> Option<&Login> {
        self.login.as_ref()
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

impl FromStr for BusUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        let shown = redacted(text);
        let Some((scheme, rest)) = split(text) else {
            return Err(UrlError::NoScheme(shown));
        };
        if scheme != "mqtt" {
            return Err(UrlError::Scheme {
                address: shown,
                scheme: scheme.to_owned(),
            });
        }
        let (login, place) = match rest.rsplit_once('@') {
            None => (None, rest),
            Some((login, place)) => {
                let (user, password) = login.split_once(':').unwrap_or((login, ""));
                let read = |part| decoded(part).ok_or_else(|| UrlError::Login(shown.clone()));
                let (user, password) = (read(user)?, read(password)?);
                if user.is_empty() {
                    return Err(UrlError::Login(shown));
                }
                (Some(Login { user, password }), place)
            }
        };
        let place = place.strip_suffix('/').unwrap_or(place);
        if place.contains(['/', '?', '#']) {
            return Err(UrlError::Path(shown));
        }
        let (host, port) = match place.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => match port.parse() {
                Ok(port) if port != 0 => (host, port),
                _ => return Err(UrlError::Port(shown)),
            },
            _ => (place, DEFAULT_PORT),
        };
        if !is_host(host) {
            return Err(UrlError::Host(shown));
        }
        Ok(Self {
            host: host.to_owned(),
            port,
            login,
        })
    }
}

impl fmt::Display for BusUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("mqtt://")?;
        if let Some(login) = &self.login {
            write!(f, "{}:***@", login.user)?;
        }
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl fmt::Debug for BusUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BusUrl({self})")
    }
}

/// An address as it may be printed: all that stands before the last `@` is hidden.
fn redacted(text: &str) -> String {
    let Some((login, place)) = text.rsplit_once('@') else {
        return text.to_owned();
    };
    let scheme = split(login).map_or(String::new(), |(scheme, _)| format!("{scheme}://"));
    format!("{scheme}***@{place}")
}

/// The scheme and the rest; what merely looks like a scheme may be part of a password.
fn split(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    let plain = scheme.bytes().all(|byte| byte.is_ascii_alphanumeric());
    plain.then_some((scheme, rest))
}

fn is_host(host: &str) -> bool {
    if let Some(inner) = host.strip_prefix('[') {
        return inner
            .strip_suffix(']')
            .is_some_and(|ip| ip.parse::<std::net::Ipv6Addr>().is_ok());
    }
    !host.is_empty()
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
}

/// A part of a login with `%XX` read as the byte that it stands for.
fn decoded(part: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let high = char::from(rest.next()?).to_digit(16)?;
        let low = char::from(rest.next()?).to_digit(16)?;
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_with_and_without_login_and_port() {
        let plain: BusUrl = "mqtt://hub.gd.example:2883".parse().unwrap();
        assert_eq!((plain.host(), plain.port()), ("hub.gd.example", 2883));
        assert!(plain.login().is_none());
        let short: BusUrl = "mqtt://[::1]".parse().unwrap();
        assert_eq!((short.host(), short.port()), ("[::1]", 1883));
        let full: BusUrl = "mqtt://guangzhou:p%40ss:w@10.0.0.1:1884/".parse().unwrap();
        let login = full.login().unwrap();
        assert_eq!((&*login.user, &*login.password), ("guangzhou", "p@ss:w"));
        assert_eq!((full.host(), full.port()), ("10.0.0.1", 1884));
    }

    #[test]
    fn a_password_is_never_printed() {
        let url: BusUrl = "mqtt://gz:s3cret@h:1".parse().unwrap();
        assert_eq!(url.to_string(), "mqtt://gz:***@h:1");
        assert_eq!(format!("{url:?}"), "BusUrl(mqtt://gz:***@h:1)");
        for text in [
            "gz:s3cret@h:1",
            "mqtts://gz:s3cret@h:1",
            "mqtt://gz:s3cret@h:none",
            "mqtt://gz:s3cret@:1",
            "mqtt://gz:s3cret@h/x",
            "mqtt://gz:s3cret%4@h",
            "mqtt://:s3cret@h",
            "mqtt://a:s3cret@b:s3cret@h h",
            "gz:s3cret://x@h",
            "gz:s3cret@h://x",
        ] {
            let error = text.parse::<BusUrl>().unwrap_err();
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn a_foreign_scheme_is_refused_with_the_remedy() {
        let error = "mqtts://hub:8883".parse::<BusUrl>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "bus address \"mqtts://hub:8883\" has scheme \"mqtts\"; only mqtt:// is spoken, write mqtt://host:port"
        );
        assert!("hub:1883".parse::<BusUrl>().is_err());
        assert!("mqtt://::1".parse::<BusUrl>().is_err());
        assert!("mqtt://hub:0".parse::<BusUrl>().is_err());
    }
}
