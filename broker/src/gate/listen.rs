//! The listeners: a connection is let in, shakes hands in time, and is served.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::net::sockopt;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::Asking;
use super::client::{self, Peer};
use super::guard::Visit;
use super::hall::{Hall, Off, Stay};
use super::hub::Hub;
use super::rates::Resting;
use super::tls::{self, Shown};
use super::websocket::{self, LettingIn};
use crate::config::Wire;
use crate::limit;

/// How long a listener rests when the system gives it no connection: too many are open.
const REST: Duration = Duration::from_millis(100);

/// How long nothing may come of a connection before TCP asks whether its other end is there.
///
/// A client that asked for no keepalive and lost its power or its line says no goodbye. Without this it
/// would be there for ever, and such ones fill the places of their party. With [`PROBE`] and [`PROBES`] it
/// is gone after five minutes.
const QUIET: Duration = Duration::from_secs(120);

/// How long TCP waits for an answer before it asks again.
const PROBE: Duration = Duration::from_secs(30);

/// How often it asks in vain before the connection ends.
const PROBES: u32 = 6;

/// Characters of why a handshake failed that a line of the log shows. It may quote what the stranger sent, as
/// all purposes of a certificate that lacks ours.
const ERROR_CHARS: usize = 400;

/// A place where clients come in.
pub(super) struct Entrance {
    pub(super) listener: TcpListener,
    pub(super) wire: Wire,
    pub(super) asking: Asking,
    /// What shakes hands, where the wire is private: the latest that was read.
    pub(super) acceptor: Option<watch::Receiver<TlsAcceptor>>,
    /// Room for connections: of all entrances together, or of those for this machine's own processes.
    pub(super) room: Arc<Semaphore>,
    /// Where those wait who are not let in yet.
    pub(super) hall: Arc<Hall>,
    /// Whose pages may come in.
    pub(super) origins: Arc<[String]>,
}

/// Takes connections until the gate closes.
pub(super) async fn accept(entrance: Entrance, hub: Arc<Hub>) {
    let entrance = Arc::new(entrance);
    loop {
        let Ok(place) = Arc::clone(&entrance.room).acquire_owned().await else {
            return;
        };
        let came = tokio::select! {
            came = entrance.listener.accept() => came,
            () = hub.closed() => return,
        };
        match came {
            Ok((stream, address)) => {
                let (hub, entrance) = (Arc::clone(&hub), Arc::clone(&entrance));
                tokio::spawn(async move {
                    let Some(visit) = entrance.meet(address.ip(), &hub) else {
                        hub.tally.refused();
                        tracing::debug!(%address, "an address has too many connections");
                        return;
                    };
                    let (stay, off) = entrance.receive(&visit);
                    if prepare(&stream).is_ok() {
                        tokio::select! {
                            () = entrance.let_in(stream, (address, &visit, &stay), &hub) => {}
                            () = off.told() => {
                                hub.tally.refused();
                                tracing::debug!(%address, "a stranger made room for another");
                            }
                        }
                    }
                    drop(place);
                });
            }
            Err(error) => {
                if let Some(untold) = hub.telling.one_more(Instant::now()) {
                    tracing::warn!(%error, untold, "a connection was not accepted");
                }
                tokio::time::sleep(REST).await;
            }
        }
    }
}

/// Has a connection send small packets at once, without the acknowledgement of those before, and notice
/// when its other end is gone.
fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    sockopt::set_tcp_keepidle(stream, QUIET)?;
    sockopt::set_tcp_keepintvl(stream, PROBE)?;
    sockopt::set_tcp_keepcnt(stream, PROBES)?;
    Ok(sockopt::set_socket_keepalive(stream, true)?)
}

impl Entrance {
    /// Charges a connection to the address that it comes from, unless the door is of this machine's own;
    /// `None` if that is more than the address may have.
    fn meet(&self, from: IpAddr, hub: &Hub) -> Option<Arc<Visit>> {
        match self.asking {
            Asking::AsTold => hub.guard.enter(from),
            Asking::Nothing => Some(hub.guard.enter_own(from)),
        }
    }

    /// Has a stranger wait in the hall; who is a process of this machine or one of a few that come from where
    /// somebody was let in lately is none.
    fn receive(&self, visit: &Visit) -> (Stay, Off) {
        if self.asking == Asking::Nothing || visit.is_expected() {
            (Stay::default(), Off::default())
        } else {
            self.hall.wait()
        }
    }

    /// Serves a connection. Each way is on the heap, so that a plain one does not hold the room of a
    /// handshake for as long as it lives.
    async fn let_in(&self, stream: TcpStream, from: (SocketAddr, &Arc<Visit>, &Stay), hub: &Hub) {
        let (address, visit, stay) = from;
        let asking = self.asking;
        // Before what shakes hands: whoever does so by what counts no more is found out when it enters.
        let edition = hub.edition();
        let peer = |shown: Option<Shown>| Peer {
            address,
            asking,
            edition,
            shown,
            visit,
            stay,
            resting: Resting::default(),
            letting_in: LettingIn::default(),
        };
        let acceptor = self.acceptor.as_ref().map(|it| it.borrow().clone());
        let Some(acceptor) = acceptor else {
            return match self.wire {
                Wire::WebSocket => Box::pin(self.serve_frames(stream, peer(None), hub)).await,
                _ => Box::pin(client::serve(stream, peer(None), hub)).await,
            };
        };
        let Some(stream) = Box::pin(shaken(acceptor.accept(stream), address, hub)).await else {
            return;
        };
        let stream: TlsStream<TcpStream> = stream;
        let shown = tls::shown(stream.get_ref().1);
        match self.wire {
            Wire::SecureWebSocket => {
                Box::pin(self.serve_frames(stream, peer(shown), hub)).await;
            }
            _ => Box::pin(client::serve(stream, peer(shown), hub)).await,
        }
    }

    async fn serve_frames<S>(&self, stream: S, peer: Peer<'_>, hub: &Hub)
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let hands = websocket::open(stream, &self.origins);
        let Some((stream, pump)) = Box::pin(shaken(hands, peer.address, hub)).await else {
            return;
        };
        let peer = Peer {
            resting: pump.resting(),
            letting_in: pump.letting_in(),
            ..peer
        };
        tokio::join!(client::serve(stream, peer, hub), pump.run());
    }
}

/// What came of a handshake, if it was in time. Of others the log gets as many lines as of any strangers.
async fn shaken<T, E: std::fmt::Display>(
    hands: impl Future<Output = Result<T, E>>,
    address: SocketAddr,
    hub: &Hub,
) -> Option<T> {
    let error = match timeout(limit::HANDSHAKE, hands).await {
        Ok(Ok(stream)) => return Some(stream),
        Ok(Err(error)) => protocol::sanitise(&error.to_string(), ERROR_CHARS),
        Err(_) => format!("it took longer than {:?}", limit::HANDSHAKE),
    };
    hub.tally.refused();
    if let Some(untold) = hub.telling.one_more(Instant::now()) {
        tracing::warn!(%address, error, untold, "a handshake failed");
    }
    None
}

#[cfg(test)]
mod tests;
