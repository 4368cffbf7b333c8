//! One life of rumqttd: a router on its thread and a listener on a runtime of its own.

use std::future::poll_fn;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::pin::pin;
use std::sync::{Arc, mpsc};
use std::task::Poll;
use std::time::Duration;

use rumqttd::local::{LinkBuilder, LinkRx, LinkTx};
use rumqttd::protocol::v4::V4;
use rumqttd::{ConnectionSettings, LinkType, Router, RouterConfig, Server, ServerSettings};
use tokio::runtime::{Builder, Runtime};

use super::BrokerError;
use super::probe::greet;
use super::relay::relay;
use crate::limit;

/// How often a port is chosen anew when somebody takes it between choice and use.
const CHOICES: u32 = 8;

/// Clients at once. Must never be reached: rumqttd refuses everybody for ever after it.
const CONNECTIONS: usize = 10_000;

/// Messages that a subscription without acknowledgement gets at a time.
const PACKETS: u64 = 200;

/// Bytes and number of the segments in memory for each filter: 64 MiB of traffic, of which a
/// reader may lag behind 48 MiB before the oldest is dropped in silence.
const SEGMENT_BYTES: usize = 16 * 1024 * 1024;
const SEGMENTS: usize = 4;

/// How long the runtime may take to end its tasks.
const SHUTDOWN: Duration = Duration::from_secs(2);

/// Opens a link inside the process; has none when the router is dead, waits when it is stuck.
pub(super) type Linker = Arc<dyn Fn(&str) -> Option<(LinkTx, LinkRx)> + Send + Sync>;

/// A router and its listener.
pub(super) struct Bus {
    addr: SocketAddr,
    runtime: Runtime,
    linker: Linker,
}

impl Bus {
    /// Starts at an address; port 0 is chosen by the system, and again if it is taken meanwhile.
    pub(super) fn start(listen: SocketAddr) -> Result<Self, BrokerError> {
        let mut choices = if listen.port() == 0 { CHOICES } else { 1 };
        loop {
            let free = TcpListener::bind(listen).and_then(|free| free.local_addr());
            let started = free.and_then(Self::start_at);
            choices -= 1;
            match started {
                Ok(bus) => return Ok(bus),
                Err(error) if error.kind() != io::ErrorKind::AddrInUse => {
                    return Err(BrokerError::Listen {
                        addr: listen,
                        source: error,
                    });
                }
                Err(_) if choices == 0 => return Err(BrokerError::InUse(listen.port())),
                Err(_) => {}
            }
        }
    }

    fn start_at(addr: SocketAddr) -> io::Result<Self> {
        let requests = Router::new(0, router_config()).spawn();
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .thread_name("bus")
            .build()?;
        // rumqttd listens where nobody is told of; clients come to the relay before it.
        let inner = TcpListener::bind((addr.ip(), 0)).and_then(|free| free.local_addr())?;
        let listener = runtime.block_on(tokio::net::TcpListener::bind(addr))?;
        let mut server = Server::new(server_settings(inner), requests.clone(), V4);
        runtime.spawn(relay(listener, inner));
        let (tell, told) = mpsc::channel();
        runtime.spawn(async move {
            let mut serving = pin!(server.start(LinkType::Remote));
            // The first step either fails to bind or waits for clients; rumqttd tells nobody.
            let first = poll_fn(|context| Poll::Ready(serving.as_mut().poll(context))).await;
            let ended = match first {
                Poll::Pending => {
                    drop(tell.send(None));
                    serving.await
                }
                Poll::Ready(ended) => ended,
            };
            if let Err(error) = ended {
                tracing::error!(%error, "the listener of the embedded bus ended");
                drop(tell.send(Some(error.to_string())));
            }
        });
        let bus = Self {
            addr,
            runtime,
            linker: Arc::new(move |id| {
                let link = LinkBuilder::new(id, requests.clone()).build().ok();
                link.map(|(send, receive, _)| (send, receive))
            }),
        };
        match told.recv() {
            Ok(None) => match greet(addr) {
                Ok(()) => return Ok(bus),
                Err(error) => {
                    bus.stop();
                    return Err(error);
                }
            },
            Ok(Some(_)) | Err(mpsc::RecvError) => bus.stop(),
        }
        // The inner address was free a moment ago: it was taken, or there is another reason to tell.
        TcpListener::bind(inner)?;
        Err(io::ErrorKind::AddrInUse.into())
    }

    pub(super) fn addr(&self) -> SocketAddr {
        self.addr
    }

    pub(super) fn linker(&self) -> Linker {
        Arc::clone(&self.linker)
    }

    /// Ends the listener and all connections, and frees the port.
    pub(super) fn stop(self) {
        self.runtime.shutdown_timeout(SHUTDOWN);
    }
}

fn router_config() -> RouterConfig {
    RouterConfig {
        max_connections: CONNECTIONS,
        max_outgoing_packet_count: PACKETS,
        max_segment_size: SEGMENT_BYTES,
        max_segment_count: SEGMENTS,
        ..RouterConfig::default()
    }
}

fn server_settings(listen: SocketAddr) -> ServerSettings {
    ServerSettings {
        name: "bus".to_owned(),
        listen,
        tls: None,
        next_connection_delay_ms: 0,
        connections: ConnectionSettings {
            connection_timeout_ms: u16::try_from(limit::HANDSHAKE.as_millis())
                .expect("a handshake takes seconds"),
            max_payload_size: limit::PACKET_BYTES,
            max_inflight_count: limit::WINDOW,
            auth: None,
            external_auth: None,
            dynamic_filters: false,
        },
    }
}
