//! How an address is read. What cannot be read is shown without any password.

use std::str::FromStr;

use super::{BusHost, BusUrl, HOSTS, Identity, Login, TlsFiles, UrlError};

/// The port that MQTT without TLS has by convention.
const PLAIN_PORT: u16 = 1883;

/// The port that MQTT over TLS has by convention.
const TLS_PORT: u16 = 8883;

impl FromStr for BusUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        let shown = redacted(text);
        let Some((scheme, rest)) = split(text) else {
            return Err(UrlError::NoScheme(shown));
        };
        let (port, over_tls) = match scheme {
            "mqtt" => (PLAIN_PORT, None),
            "mqtts" => (TLS_PORT, Some(TlsFiles::default())),
            _ => {
                return Err(UrlError::Scheme {
                    address: shown,
                    scheme: scheme.to_owned(),
                });
            }
        };
        let (login, rest) = match rest.rsplit_once('@') {
            None => (None, rest),
            Some((login, rest)) => (Some(read_login(login, &shown)?), rest),
        };
        let (place, settings) = rest.split_once('?').unwrap_or((rest, ""));
        let tls = match (over_tls, read_settings(settings, &shown)?) {
            (None, Some(_)) => return Err(UrlError::NoTls(shown)),
            (over_tls, files) => over_tls.map(|none| files.unwrap_or(none)),
        };
        let place = place.strip_suffix('/').unwrap_or(place);
        if place.contains(['/', '#']) {
            return Err(UrlError::Path(shown));
        }
        let hosts: Vec<&str> = place.split(',').collect();
        if hosts.len() > HOSTS {
            return Err(UrlError::Hosts {
                address: shown,
                count: hosts.len(),
            });
        }
        let hosts = hosts.iter().map(|host| read_host(host, port, &shown));
        Ok(Self {
            hosts: hosts.collect::<Result<_, _>>()?,
            login,
            tls,
        })
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

fn read_login(login: &str, shown: &str) -> Result<Login, UrlError> {
    let (user, password) = login.split_once(':').unwrap_or((login, ""));
    let read = |part| decoded(part).ok_or_else(|| UrlError::Login(shown.to_owned()));
    let (user, password) = (read(user)?, read(password)?);
    if user.is_empty() {
        return Err(UrlError::Login(shown.to_owned()));
    }
    Ok(Login { user, password })
}

fn read_host(place: &str, port: u16, shown: &str) -> Result<BusHost, UrlError> {
    let (name, port) = match place.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => match port.parse() {
            Ok(port) if port != 0 => (name, port),
            _ => return Err(UrlError::Port(shown.to_owned())),
        },
        _ => (place, port),
    };
    if !is_host(name) {
        return Err(UrlError::Host(shown.to_owned()));
    }
    let name = name.to_owned();
    Ok(BusHost { name, port })
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

/// The files that the settings name; `None` if there is no setting.
fn read_settings(settings: &str, shown: &str) -> Result<Option<TlsFiles>, UrlError> {
    if settings.is_empty() {
        return Ok(None);
    }
    let (mut authority, mut certificate, mut key) = (None, None, None);
    for setting in settings.split('&') {
        let (name, file) = setting.split_once('=').unwrap_or((setting, ""));
        let place = match name {
            "ca" => Some(&mut authority),
            "cert" => Some(&mut certificate),
            "key" => Some(&mut key),
            _ => None,
        };
        match (place, decoded(file)) {
            (Some(place @ None), Some(file)) if !file.is_empty() => *place = Some(file.into()),
            _ => {
                return Err(UrlError::Setting {
                    address: shown.to_owned(),
                    setting: setting.to_owned(),
                });
            }
        }
    }
    let identity = match (certificate, key) {
        (None, None) => None,
        (Some(certificate), Some(key)) => Some(Identity { certificate, key }),
        _ => return Err(UrlError::Half(shown.to_owned())),
    };
    Ok(Some(TlsFiles {
        authority,
        identity,
    }))
}

/// Text with `%XX` read as the byte that it stands for.
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

/// Text as it can be read again in any place of an address.
pub(super) fn encoded(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            written.push(char::from(byte));
        } else {
            written.push('%');
            for half in [byte >> 4, byte & 15] {
                written.push(char::from(b"0123456789ABCDEF"[usize::from(half)]));
            }
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn places(url: &BusUrl) -> Vec<(&str, u16)> {
        let hosts = url.hosts().iter();
        hosts.map(|host| (host.name(), host.port())).collect()
    }

    #[test]
    fn an_address_is_read_with_and_without_login_and_port() {
        let plain: BusUrl = "mqtt://hub.gd.example:2883".parse().unwrap();
        assert_eq!(places(&plain), [("hub.gd.example", 2883)]);
        assert!(plain.login().is_none());
        let short: BusUrl = "mqtt://[::1]".parse().unwrap();
        assert_eq!(places(&short), [("[::1]", 1883)]);
        let full: BusUrl = "mqtt://guangzhou:p%40ss:w@10.0.0.1:1884/".parse().unwrap();
        let login = full.login().unwrap();
        assert_eq!((&*login.user, &*login.password), ("guangzhou", "p@ss:w"));
        assert_eq!(places(&full), [("10.0.0.1", 1884)]);
    }

    #[test]
    fn several_hosts_are_one_bus_with_one_login() {
        let cluster: BusUrl = "mqtt://gz:a,b@n1:1,[::1]:2,n3".parse().unwrap();
        assert_eq!(places(&cluster), [("n1", 1), ("[::1]", 2), ("n3", 1883)]);
        assert_eq!(cluster.login().unwrap().password, "a,b");
        assert_eq!(cluster.to_string(), "mqtt://gz:***@n1:1,[::1]:2,n3:1883");
        for text in ["mqtt://n1,,n2", "mqtt://n1,", "mqtt://,n1"] {
            let error = text.parse::<BusUrl>().unwrap_err();
            assert!(matches!(error, UrlError::Host(_)), "{error}");
        }
        let many = format!("mqtt://{}", ["n"; HOSTS + 1].join(","));
        let error = many.parse::<BusUrl>().unwrap_err();
        assert!(error.to_string().contains("17 hosts, over the limit of 16"));
    }

    #[test]
    fn tls_is_a_scheme_and_its_files_are_settings() {
        let plain: BusUrl = "mqtt://n1".parse().unwrap();
        assert!(plain.tls().is_none());
        let system: BusUrl = "mqtts://gz:pw@n1,n2:9".parse().unwrap();
        assert_eq!(places(&system), [("n1", 8883), ("n2", 9)]);
        assert_eq!(system.tls(), Some(&TlsFiles::default()));
        let text = "mqtts://n1:1?ca=/etc/a%3Fb.pem&cert=own.pem&key=own.key";
        let full: BusUrl = text.parse().unwrap();
        let tls = full.tls().unwrap();
        assert_eq!(tls.authority, Some(PathBuf::from("/etc/a?b.pem")));
        let identity = tls.identity.as_ref().unwrap();
        assert_eq!(identity.certificate, PathBuf::from("own.pem"));
        assert_eq!(identity.key, PathBuf::from("own.key"));
        assert_eq!(full.to_string(), text);
    }

    #[test]
    fn settings_that_mean_nothing_are_refused_with_the_remedy() {
        let refusal = |text: &str| text.parse::<BusUrl>().unwrap_err().to_string();
        assert!(refusal("mqtt://n1?ca=a.pem").ends_with("asks for none; write mqtts://"));
        assert!(refusal("mqtts://n1?cert=a.pem").ends_with("takes both, ?cert=FILE&key=FILE"));
        for text in ["cafile=a", "ca=", "ca", "ca=a&ca=b", "ca=%4", "ca=a&"] {
            let refusal = refusal(&format!("mqtts://n1?{text}"));
            assert!(refusal.contains("known settings are ca=FILE"), "{refusal}");
        }
    }

    #[test]
    fn a_password_is_never_printed() {
        let url: BusUrl = "mqtt://gz:s3cret@h:1".parse().unwrap();
        assert_eq!(url.to_string(), "mqtt://gz:***@h:1");
        assert_eq!(format!("{url:?}"), "BusUrl(mqtt://gz:***@h:1)");
        for text in [
            "gz:s3cret@h:1",
            "wss://gz:s3cret@h:1",
            "mqtt://gz:s3cret@h:none",
            "mqtt://gz:s3cret@:1",
            "mqtt://gz:s3cret@h/x",
            "mqtt://gz:s3cret%4@h",
            "mqtt://:s3cret@h",
            "mqtt://a:s3cret@b:s3cret@h h",
            "mqtt://gz:s3cret@h1,h2:none",
            "mqtt://gz:s3cret@h?ca=a",
            "mqtts://gz:s3cret@h?cert=a",
            "mqtts://gz:s3cret@h?x=a",
            "gz:s3cret://x@h",
            "gz:s3cret@h://x",
        ] {
            let error = text.parse::<BusUrl>().unwrap_err();
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn a_foreign_scheme_is_refused_with_the_remedy() {
        let error = "wss://hub:443".parse::<BusUrl>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "bus address \"wss://hub:443\" has scheme \"wss\"; links speak mqtt:// and, over TLS, mqtts://"
        );
        assert!("hub:1883".parse::<BusUrl>().is_err());
        assert!("mqtt://::1".parse::<BusUrl>().is_err());
        assert!("mqtt://hub:0".parse::<BusUrl>().is_err());
    }
}
