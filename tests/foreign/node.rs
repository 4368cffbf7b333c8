//! A node of somebody else's broker: a process that a test starts, kills, stops for a while and ends.

use std::collections::BTreeSet;
use std::fmt;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

use crate::run::Running;

/// The user of every broker here, and the password.
pub(crate) const LOGIN: &str = "liandong:ge%40heim";
pub(crate) const USER: &str = "liandong";
pub(crate) const PASSWORD: &str = "ge@heim";

/// Where all of them listen.
pub(crate) const HOST: Host = Host;

/// An address of loopback that no other process listens at, made of this one's number. Clients of loopback
/// connect from 127.0.0.1, so that a port here is taken by nobody until a node has it, or has it again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Host;

/// The first byte behind 127, above all that people use; numbers of processes have 22 bits.
const OURS: u32 = 64;

impl Host {
    pub(crate) fn addr() -> Ipv4Addr {
        let ours = std::process::id() % (1 << 22);
        Ipv4Addr::from_bits((127 << 24) + (OURS << 16) + ours)
    }

    /// A port that nobody had and nobody else gets.
    pub(crate) fn port() -> u16 {
        static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
        let mut given = GIVEN.lock().unwrap();
        loop {
            let listener = TcpListener::bind((Self::addr(), 0)).unwrap();
            let port = listener.local_addr().unwrap().port();
            if given.insert(port) {
                return port;
            }
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Self::addr().fmt(f)
    }
}

/// A node; it is killed when it is dropped.
pub(crate) struct Node {
    start: Box<dyn Fn() -> Command>,
    /// What it says once it serves.
    ready: &'static str,
    process: Option<Process>,
}

struct Process {
    running: Running,
    /// The process that serves; what was started may be a wrapper around it.
    pid: String,
}

impl Node {
    /// Starts it and does not wait.
    pub(crate) fn start(start: impl Fn() -> Command + 'static, ready: &'static str) -> Self {
        let mut node = Self {
            start: Box::new(start),
            ready,
            process: None,
        };
        node.begin();
        node
    }

    /// Starts it again and does not wait.
    pub(crate) fn begin(&mut self) {
        let running = Running::start(&mut (self.start)());
        let pid = running.pid().to_string();
        self.process = Some(Process { running, pid });
    }

    /// Waits until it serves; what it says then. A wrapper has put the number of the real process down
    /// by then.
    pub(crate) fn wait(&mut self, pid_file: Option<&Path>) -> String {
        let process = self.process.as_mut().expect("it was started");
        let said = process.running.wait_for(self.ready);
        if let Some(file) = pid_file {
            std::fs::read_to_string(file)
                .unwrap()
                .trim()
                .clone_into(&mut process.pid);
        }
        said
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let process = self.process.as_ref().expect("it was started");
        signal(name, &process.pid);
    }

    /// Kills it as it stands.
    pub(crate) fn kill(&mut self) {
        self.signal("KILL");
        let process = self.process.take().expect("it was started");
        process.running.gone();
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(process) = &self.process {
            signal("KILL", &process.pid);
        }
    }
}

fn signal(name: &str, pid: &str) {
    let status = Command::new("kill")
        .args([&format!("-{name}"), pid])
        .status();
    assert!(
        status.unwrap().success() || std::thread::panicking(),
        "no process {pid}"
    );
}
