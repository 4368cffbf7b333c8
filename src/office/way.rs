//! The address of a bus with the certificate that a party shows there.

use std::net::IpAddr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use broker::{BusHost, BusUrl, Listener, TlsFiles, UrlError};

use super::written::WrittenBus;
use crate::finding::{Finding, what_and_remedy};
use crate::settings::Settings;

/// Whom a party believes, and what it shows of itself.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    ca: Option<PathBuf>,
    cert: PathBuf,
    key: PathBuf,
}

impl Shown {
    /// What a gate's own office shows at the gates of others: the certificate that it shows its clients.
    pub(super) fn of(files: &TlsFiles) -> Self {
        Self {
            ca: files.client_ca.clone(),
            cert: files.cert.clone(),
            key: files.key.clone(),
        }
    }
}

/// A bus as it is written, with the certificate that it names or else the usual one. No password may stand
/// in it: settings are read by many.
pub(super) fn url_of(
    settings: &Settings,
    bus: &WrittenBus,
    usual: Option<Shown>,
) -> Result<BusUrl, Finding> {
    let place = Some(bus.url.span());
    let url = bus.url.get_ref();
    if url.contains('@') {
        let what = "a password does not belong in a file of settings";
        let remedy = "let the bus know this party by its certificate";
        return Err(settings.finding("bus-password", place, what, remedy));
    }
    let own = bus.shown(settings);
    let shown = own
        .as_ref()
        .map(Shown::of)
        .or(usual)
        .filter(|_| url.starts_with("mqtts:") && !url.contains('?'));
    address(url, shown).map_err(|error| {
        let told = error.to_string();
        let (what, remedy) = what_and_remedy(&told, "write mqtt://host:port");
        settings.finding("bus-url", place, what, remedy)
    })
}

impl WrittenBus {
    /// The files of its own TLS, if a certificate and its key are named.
    pub(super) fn shown(&self, settings: &Settings) -> Option<TlsFiles> {
        let named = |name: &Option<String>| name.as_deref().map(|name| settings.beside(name));
        Some(TlsFiles {
            client_ca: named(&self.ca),
            ..TlsFiles::named(named(&self.cert), named(&self.key))?
        })
    }
}

/// An address with the files of its TLS.
pub(super) fn address(place: &str, shown: Option<Shown>) -> Result<BusUrl, UrlError> {
    let Some(shown) = shown else {
        return place.parse();
    };
    let ca = shown.ca.map(|ca| format!("ca={}&", escaped(&ca)));
    let (cert, key) = (escaped(&shown.cert), escaped(&shown.key));
    format!("{place}?{}cert={cert}&key={key}", ca.unwrap_or_default()).parse()
}

/// An address as people are told it: without the files of its TLS.
pub(crate) fn without_files(url: &BusUrl) -> String {
    let shown = url.to_string();
    let place = shown.split_once('?').map(|(place, _)| place.to_owned());
    place.unwrap_or(shown)
}

/// Whether an address leads to a listener of this machine, as far as addresses say: by its very address, or by
/// one of this machine where it listens at all of them.
pub(crate) fn leads_to(host: &BusHost, door: &Listener) -> bool {
    let (here, port) = (door.addr.ip(), door.addr.port());
    let leads = match host.name().parse::<IpAddr>() {
        Ok(ip) => ip == here || (here.is_unspecified() && ip.is_loopback()),
        Err(_) => is_here(host) && (here.is_loopback() || here.is_unspecified()),
    };
    leads && host.port() == port
}

/// Whether an address is this machine's own, which no other reaches.
pub(crate) fn is_here(host: &BusHost) -> bool {
    let ip = host.name().parse::<IpAddr>();
    ip.map_or_else(|_| host.name() == "localhost", |ip| ip.is_loopback())
}

/// A path as a part of an address has it.
fn escaped(path: &Path) -> String {
    let bytes = path.as_os_str().as_bytes().iter();
    let escaped = bytes.map(|byte| {
        if byte.is_ascii_alphanumeric() || b"/._-".contains(byte) {
            char::from(*byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    });
    escaped.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_to_the_listener_that_it_reaches_on_this_machine() {
        let leads = |url: &str, door: &str| {
            let url: BusUrl = url.parse().unwrap();
            leads_to(url.first(), &door.parse().unwrap())
        };
        for (url, door) in [
            ("mqtts://127.0.0.1:7", "mqtts://127.0.0.1:7"),
            ("mqtts://localhost:7", "mqtts://127.0.0.1:7"),
            ("mqtts://127.0.0.1:7", "mqtts://0.0.0.0:7"),
            ("mqtts://10.0.0.1:7", "mqtts://10.0.0.1:7"),
        ] {
            assert!(leads(url, door), "{url} {door}");
        }
        for (url, door) in [
            ("mqtts://127.0.0.1:8", "mqtts://127.0.0.1:7"),
            // Another machine may have the same port.
            ("mqtts://10.0.0.2:7", "mqtts://0.0.0.0:7"),
            ("mqtts://east.example.org:7", "mqtts://0.0.0.0:7"),
        ] {
            assert!(!leads(url, door), "{url} {door}");
        }
    }

    #[test]
    fn a_path_stands_in_an_address_whatever_it_is_called() {
        assert_eq!(escaped(Path::new("trial 1/ca.pem")), "trial%201/ca.pem");
        assert_eq!(escaped(Path::new("试&?.pem")), "%E8%AF%95%26%3F.pem");
    }
}
