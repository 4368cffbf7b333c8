//! Where others come in to an office: the one place that knows how the embedded bus is opened.

use std::net::SocketAddr;
use std::path::PathBuf;

use broker::{BrokerEvent, BusUrl, Embedded};
use tokio::sync::mpsc;

use super::written::WrittenGate;
use crate::failure::Failure;
use crate::finding::Finding;
use crate::settings::Settings;

/// A gate as the settings plan it.
#[derive(Clone, Debug)]
pub(crate) struct GatePlan {
    pub(crate) listen: Vec<SocketAddr>,
    pub(crate) tls: Option<TlsPlan>,
}

/// The files of its TLS.
#[derive(Clone, Debug)]
pub(crate) struct TlsPlan {
    pub(crate) cert: PathBuf,
    pub(crate) key: PathBuf,
    pub(crate) client_ca: Option<PathBuf>,
}

impl GatePlan {
    pub(super) fn of(settings: &Settings, said: &WrittenGate) -> Result<Self, Finding> {
        let listen = said.listen.get_ref().iter().map(|text| {
            let addr = text.get_ref().strip_prefix("mqtt://");
            addr.and_then(|addr| addr.parse().ok()).ok_or_else(|| {
                let what = format!("\"{}\" is no place to listen at", text.get_ref());
                let remedy = "write mqtt://127.0.0.1:PORT";
                settings.finding("listen", Some(text.span()), &what, remedy)
            })
        });
        let listen: Vec<SocketAddr> = listen.collect::<Result<_, _>>()?;
        if listen.is_empty() {
            let what = "the gate listens nowhere";
            let remedy = "write listen = [\"mqtt://127.0.0.1:PORT\"], or leave [gate] out";
            let place = Some(said.listen.span());
            return Err(settings.finding("listen", place, what, remedy));
        }
        let named = |name: &Option<String>| name.as_deref().map(|name| settings.beside(name));
        let tls = named(&said.cert).zip(named(&said.key));
        Ok(Self {
            listen,
            tls: tls.map(|(cert, key)| TlsPlan {
                cert,
                key,
                client_ca: named(&said.client_ca),
            }),
        })
    }

    /// Opens it.
    pub(crate) fn open(&self) -> Result<(Embedded, mpsc::Receiver<BrokerEvent>), Failure> {
        let first = self
            .listen
            .first()
            .expect("a gate that was read listens somewhere");
        Ok(Embedded::start(*first)?)
    }

    /// Where the office itself joins it.
    pub(crate) fn own_url(&self) -> BusUrl {
        let first = self
            .listen
            .first()
            .expect("a gate that was read listens somewhere");
        BusUrl::from(*first)
    }
}
