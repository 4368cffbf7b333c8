//! Somebody else's broker to compare with, as its package brings it: on loopback, for as long as a
//! benchmark runs.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use broker::BusUrl;

use crate::failure::{Code, Failure};

/// Where Debian puts what only the administrator is meant to start.
const PLACES: [&str; 2] = ["mosquitto", "/usr/sbin/mosquitto"];

/// How long it may take to listen.
const PATIENCE: Duration = Duration::from_secs(10);

/// A running mosquitto; it ends when it is dropped.
pub(super) struct Mosquitto {
    child: Child,
    port: u16,
}

impl Mosquitto {
    /// Starts it; `None` if there is none.
    pub(super) fn start() -> Result<Option<Self>, Failure> {
        let port = free_port().map_err(|error| Failure::new(Code::Unavailable, error))?;
        for place in PLACES {
            // Without a configuration it listens on loopback alone, for anybody there.
            let child = Command::new(place)
                .args(["-p", &port.to_string()])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn();
            match child {
                Ok(child) => {
                    let started = Self { child, port };
                    return started.listening().map(Some);
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(Failure::new(Code::Unavailable, error)),
            }
        }
        Ok(None)
    }

    /// Where it is.
    pub(super) fn url(&self) -> Result<BusUrl, Failure> {
        Ok(format!("mqtt://127.0.0.1:{}", self.port).parse()?)
    }

    fn listening(self) -> Result<Self, Failure> {
        let began = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            if began.elapsed() > PATIENCE {
                let what = format!("mosquitto does not listen on port {}", self.port);
                return Err(Failure::new(Code::Unavailable, what));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(self)
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A port that nobody has at the moment.
fn free_port() -> std::io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}
