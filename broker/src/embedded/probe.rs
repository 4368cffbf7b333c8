//! Two questions to a bus: does its router answer from inside, and does its listener from outside?
//!
//! Both are needed: a dead router leaves the port open, and a listener that refuses everybody for
//! ever (rumqttd does after one client too many) leaves the router well.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rumqttd::local::{LinkRx, LinkTx};
use rumqttd::protocol::{Packet, PingReq};

use super::bus::Linker;
use crate::limit::HANDSHAKE;

/// How long the router may take to answer one ping; a busy machine takes its time.
const ANSWER: Duration = Duration::from_secs(1);

/// Reaches the router's loop and no subscription: no filter matches a topic with a dollar.
const NOWHERE: &str = "$probe";

/// A CONNECT of MQTT 3.1.1 with a clean session and a keepalive of 5 s, as `liandong-greeting`.
const CONNECT: &[u8] = b"\x10\x1d\x00\x04MQTT\x04\x02\x00\x05\x00\x11liandong-greeting";

/// The CONNACK that accepts it.
const ACCEPTED: [u8; 4] = [0x20, 2, 0, 0];

/// What a probe found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pulse {
    /// It answers.
    Alive,
    /// It does not answer for now.
    Silent,
    /// Its thread is gone.
    Dead,
}

/// A link inside the process that pings the router.
pub(super) struct Probe {
    linker: Linker,
    link: Option<(LinkTx, LinkRx)>,
    links: u64,
}

impl Probe {
    pub(super) fn new(linker: Linker) -> Self {
        Self {
            linker,
            link: None,
            links: 0,
        }
    }

    /// Asks the router once.
    pub(super) fn ask(&mut self) -> Pulse {
        match self.link.take() {
            None => self.connect(),
            Some((mut send, mut receive)) => {
                send.buffer().push_back(Packet::PingReq(PingReq));
                if send.try_publish(NOWHERE, "ping").is_err() {
                    return self.connect();
                }
                let deadline = Instant::now() + ANSWER;
                match receive.recv_deadline(deadline) {
                    Ok(_) => {
                        self.link = Some((send, receive));
                        Pulse::Alive
                    }
                    Err(_) if Instant::now() >= deadline => {
                        self.link = Some((send, receive));
                        Pulse::Silent
                    }
                    // The router hung up on us, as it does on the wrong client now and then.
                    Err(_) => self.connect(),
                }
            }
        }
    }

    /// Opens a new link, on a thread that may wait for a stuck router for ever.
    fn connect(&mut self) -> Pulse {
        self.links += 1;
        let id = format!("liandong-probe-{}", self.links);
        let (tell, told) = mpsc::channel();
        let linker = self.linker.clone();
        let thread = std::thread::Builder::new().name("bus-probe".to_owned());
        let spawned = thread.spawn(move || drop(tell.send(linker(&id))));
        if spawned.is_err() {
            return Pulse::Silent;
        }
        match told.recv_timeout(ANSWER) {
            Ok(Some(link)) => {
                self.link = Some(link);
                Pulse::Alive
            }
            Ok(None) | Err(mpsc::RecvTimeoutError::Disconnected) => Pulse::Dead,
            Err(mpsc::RecvTimeoutError::Timeout) => Pulse::Silent,
        }
    }
}

/// Connects from outside as a client would, and leaves without a goodbye: rumqttd would take the
/// goodbye and the closed socket for two clients, and hang up on another one.
pub(super) fn greet(addr: SocketAddr) -> io::Result<()> {
    let mut stream = TcpStream::connect_timeout(&addr, HANDSHAKE)?;
    stream.set_read_timeout(Some(HANDSHAKE))?;
    stream.set_write_timeout(Some(HANDSHAKE))?;
    stream.write_all(CONNECT)?;
    let mut answer = [0; 4];
    stream.read_exact(&mut answer)?;
    if answer == ACCEPTED {
        Ok(())
    } else {
        Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("a strange answer to a greeting, {answer:02x?}"),
        ))
    }
}
