//! The broker under test: ours behind its gate, or rumqttd bare, on which most of these tests fail.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use broker::{Embedded, GateConfig, Limits, Listener, TlsFiles, Wire};
use protocol::AccessList;
use rumqttd::protocol::v4::V4;
use rumqttd::{
    Config, ConnectionSettings, LinkType, Router, RouterConfig, Server, ServerSettings, TlsConfig,
};
use tokio::runtime::{Builder, Runtime};

use crate::authority::{Authority, Certified};
use crate::members::{Folder, list, passwords};

/// Names what is tested: `bare` for rumqttd alone, to see that a test finds what it looks for.
pub(crate) const TARGET: &str = "LIANDONG_TARGET";

/// The largest packet that a bare rumqttd takes.
const PACKET_BYTES: usize = 256 * 1024;

/// Bytes and number of the segments that it keeps of each filter: those under which its losses were
/// measured.
const SEGMENT_BYTES: usize = 8 * 1024 * 1024;
const SEGMENTS: usize = 4;

/// How long a broker may take to listen.
const START: Duration = Duration::from_secs(10);

/// How often a port is chosen anew when somebody takes it between choice and use.
const CHOICES: u32 = 8;

/// A running broker. It ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Broker {
    doors: Vec<(Wire, SocketAddr)>,
    running: Running,
}

#[derive(Debug)]
enum Running {
    Gate { bus: Embedded },
    Bare { runtime: Option<Runtime> },
}

/// What a bare rumqttd is told beyond the usual.
struct Bare {
    room: usize,
    logins: Option<HashMap<String, String>>,
    tls: Option<TlsFiles>,
}

impl Default for Bare {
    fn default() -> Self {
        Self {
            room: 10_000,
            logins: None,
            tls: None,
        }
    }
}

impl Broker {
    /// Starts the one that is chosen, for everybody.
    pub(crate) fn start() -> Self {
        Self::with(|| GateConfig::open_to_all(vec![at("mqtt")]), Bare::default)
    }

    /// With room for so many connections; at the gate, of one address.
    pub(crate) fn with_room(connections: usize) -> Self {
        let limits = Limits {
            connections,
            ..Limits::NETWORK
        };
        Self::with(
            || GateConfig {
                limits,
                ..GateConfig::open_to_all(vec![at("mqtt")])
            },
            || Bare {
                room: connections,
                ..Bare::default()
            },
        )
    }

    /// For who has a password: `pw-` and the name.
    pub(crate) fn of_members(names: &[&str], limits: Limits) -> Self {
        let logins = names
            .iter()
            .map(|it| ((*it).to_owned(), format!("pw-{it}")));
        Self::with(
            || GateConfig {
                limits,
                ..GateConfig::listed(vec![at("mqtt")], list(&[]), passwords(names))
            },
            || Bare {
                logins: Some(logins.collect()),
                ..Bare::default()
            },
        )
    }

    /// For who has a certificate, over TLS; at the gate over WebSocket too.
    pub(crate) fn private(
        authority: &mut Authority,
        folder: &Folder,
        revoked: Option<&Certified>,
    ) -> Self {
        Self::private_to(&[], (authority, folder), revoked)
    }

    /// The same, where some have a password besides.
    pub(crate) fn private_to(
        names: &[&str],
        (authority, folder): (&mut Authority, &Folder),
        revoked: Option<&Certified>,
    ) -> Self {
        let files = authority.files(folder.path(), revoked);
        let tls = Some(files);
        Self::with(
            || GateConfig {
                tls: tls.clone(),
                ..GateConfig::listed(
                    ["mqtts", "wss"].map(at).to_vec(),
                    list(&[]),
                    passwords(names),
                )
            },
            || Bare {
                tls: tls.clone(),
                ..Bare::default()
            },
        )
    }

    /// Where it listens first.
    pub(crate) fn addr(&self) -> SocketAddr {
        self.doors[0].1
    }

    /// Where it is spoken to so, if anywhere.
    pub(crate) fn at(&self, wire: Wire) -> Option<SocketAddr> {
        let mut doors = self.doors.iter();
        doors.find(|(it, _)| *it == wire).map(|(_, addr)| *addr)
    }

    /// Tells it who belongs now. rumqttd cannot be told.
    pub(crate) fn admit(&self, list: AccessList) {
        if let Running::Gate { bus } = &self.running {
            bus.admit(list);
        }
    }

    fn with(gate: impl FnOnce() -> GateConfig, bare: impl FnOnce() -> Bare) -> Self {
        match std::env::var(TARGET).as_deref() {
            Ok("bare") => Self::bare(&bare()),
            _ => Self::gate(gate()),
        }
    }

    fn gate(config: GateConfig) -> Self {
        let (bus, _) = Embedded::open(config).unwrap();
        let doors = bus.listeners().iter().map(|it| (it.wire, it.addr));
        Self {
            doors: doors.collect(),
            running: Running::Gate { bus },
        }
    }

    fn bare(told: &Bare) -> Self {
        for _ in 0..CHOICES {
            let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
            let addr = free.and_then(|free| free.local_addr()).unwrap();
            let requests = Router::new(0, router_config(told)).spawn();
            let mut server = Server::new(server_settings(addr, told), requests, V4);
            let runtime = Builder::new_multi_thread()
                .worker_threads(1)
                .enable_all()
                .build()
                .unwrap();
            let serving =
                runtime.spawn(async move { server.start(LinkType::Remote).await.is_ok() });
            if listens(addr, || !serving.is_finished()) {
                let wire = told.tls.as_ref().map_or(Wire::Tcp, |_| Wire::Tls);
                return Self {
                    doors: vec![(wire, addr)],
                    running: Running::Bare {
                        runtime: Some(runtime),
                    },
                };
            }
        }
        unreachable!("{CHOICES} ports that the system chose were taken at once");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // What waits for a router that died would be waited for as well.
        if let Self::Bare { runtime } = self
            && let Some(runtime) = runtime.take()
        {
            runtime.shutdown_background();
        }
    }
}

/// Whether a broker reports that somebody else listens at its address. rumqttd's own start is asked, not
/// the listener alone that the other tests start.
pub(crate) fn says_that_it_cannot_listen(addr: SocketAddr) -> bool {
    match std::env::var(TARGET).as_deref() {
        Ok("bare") => {
            let told = Bare::default();
            let settings = HashMap::from([("1".to_owned(), server_settings(addr, &told))]);
            let config = Config {
                router: router_config(&told),
                v4: Some(settings),
                ..Config::default()
            };
            rumqttd::Broker::new(config).start().is_err()
        }
        _ => Embedded::start(addr).is_err(),
    }
}

/// A listener of this machine.
fn at(scheme: &str) -> Listener {
    format!("{scheme}://127.0.0.1:0").parse().unwrap()
}

/// Waits until somebody listens there, as long as the broker lives.
fn listens(addr: SocketAddr, mut lives: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + START;
    while lives() && Instant::now() < deadline {
        if TcpStream::connect(addr).is_ok() {
            return lives();
        }
        std::thread::yield_now();
    }
    false
}

fn router_config(told: &Bare) -> RouterConfig {
    RouterConfig {
        max_connections: told.room,
        max_outgoing_packet_count: 200,
        max_segment_size: SEGMENT_BYTES,
        max_segment_count: SEGMENTS,
        ..RouterConfig::default()
    }
}

fn server_settings(listen: SocketAddr, told: &Bare) -> ServerSettings {
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let tls = told.tls.as_ref().map(|files| TlsConfig::Rustls {
        capath: files.client_ca.as_deref().map(text),
        certpath: text(&files.cert),
        keypath: text(&files.key),
    });
    ServerSettings {
        name: "bare".to_owned(),
        listen,
        tls,
        next_connection_delay_ms: 0,
        connections: ConnectionSettings {
            connection_timeout_ms: 5_000,
            max_payload_size: PACKET_BYTES,
            max_inflight_count: 100,
            auth: told.logins.clone(),
            external_auth: None,
            dynamic_filters: false,
        },
    }
}
