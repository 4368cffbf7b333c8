//! The broker under test: ours behind its gate, or rumqttd bare, on which most of these tests fail.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use broker::Embedded;
use rumqttd::protocol::v4::V4;
use rumqttd::{ConnectionSettings, LinkType, Router, RouterConfig, Server, ServerSettings};
use tokio::runtime::{Builder, Runtime};

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
    addr: SocketAddr,
    _running: Running,
}

#[derive(Debug)]
enum Running {
    Gate { _bus: Embedded },
    Bare { _runtime: Runtime },
}

impl Broker {
    /// Starts the one that is chosen.
    pub(crate) fn start() -> Self {
        match std::env::var(TARGET).as_deref() {
            Ok("bare") => Self::bare(),
            _ => Self::gate(),
        }
    }

    /// Where it listens.
    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    fn gate() -> Self {
        let anywhere = (Ipv4Addr::LOCALHOST, 0).into();
        let (bus, _) = Embedded::start(anywhere).unwrap();
        Self {
            addr: bus.local_addr(),
            _running: Running::Gate { _bus: bus },
        }
    }

    fn bare() -> Self {
        for _ in 0..CHOICES {
            let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
            let addr = free.and_then(|free| free.local_addr()).unwrap();
            let requests = Router::new(0, router_config()).spawn();
            let mut server = Server::new(server_settings(addr), requests, V4);
            let runtime = Builder::new_multi_thread()
                .worker_threads(1)
                .enable_all()
                .build()
                .unwrap();
            let serving =
                runtime.spawn(async move { server.start(LinkType::Remote).await.is_ok() });
            if listens(addr, || !serving.is_finished()) {
                return Self {
                    addr,
                    _running: Running::Bare { _runtime: runtime },
                };
            }
        }
        unreachable!("{CHOICES} ports that the system chose were taken at once");
    }
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

fn router_config() -> RouterConfig {
    RouterConfig {
        max_connections: 10_000,
        max_outgoing_packet_count: 200,
        max_segment_size: SEGMENT_BYTES,
        max_segment_count: SEGMENTS,
        ..RouterConfig::default()
    }
}

fn server_settings(listen: SocketAddr) -> ServerSettings {
    ServerSettings {
        name: "bare".to_owned(),
        listen,
        tls: None,
        next_connection_delay_ms: 0,
        connections: ConnectionSettings {
            connection_timeout_ms: 5_000,
            max_payload_size: PACKET_BYTES,
            max_inflight_count: 100,
            auth: None,
            external_auth: None,
            dynamic_filters: false,
        },
    }
}
