//! The brokers that are measured, each in a process of its own, so that its time and memory are its own.

use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::target::{Broker, TARGET};

/// Where Debian puts what only the administrator is meant to start.
const MOSQUITTO: [&str; 2] = ["mosquitto", "/usr/sbin/mosquitto"];

/// How long a broker may take to listen.
const START: Duration = Duration::from_secs(10);

/// Which broker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Ours: rumqttd behind its gate.
    Gate,
    /// rumqttd alone.
    Bare,
    /// Eclipse mosquitto, as its package brings it, with TCP_NODELAY as the others have it.
    Mosquitto,
}

impl Kind {
    /// Its name in a table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Gate => "gate",
            Self::Bare => "bare",
            Self::Mosquitto => "mosquitto",
        }
    }
}

/// A running broker. It ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Contender {
    addrs: Vec<SocketAddr>,
    child: Child,
    config: Option<PathBuf>,
}

impl Contender {
    /// Starts one; `None` if it is mosquitto and there is none here.
    pub(crate) fn start(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Gate | Kind::Bare => Some(Self::ours(kind, &["serve"])),
            Kind::Mosquitto => Self::mosquitto(""),
        }
    }

    /// This program again, which then serves as it is told and does nothing else.
    pub(crate) fn ours(kind: Kind, told: &[&str]) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(told)
            .env(TARGET, kind.name())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let said = child.stdout.take().expect("its output is piped");
        BufReader::new(said).read_line(&mut line).unwrap();
        let addrs = line.split_whitespace().map(|addr| addr.parse().unwrap());
        Self {
            addrs: addrs.collect(),
            child,
            config: None,
        }
    }

    /// Mosquitto with these lines of configuration for its listener.
    pub(crate) fn mosquitto(more: &str) -> Option<Self> {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let addr = free.local_addr().unwrap();
        drop(free);
        let config = std::env::temp_dir().join(format!("liandong-bus-{}.conf", addr.port()));
        let port = addr.port();
        let lines = format!(
            "listener {port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\nlog_type error\n{more}"
        );
        std::fs::write(&config, lines).unwrap();
        let child = MOSQUITTO.iter().find_map(|place| {
            let mut command = Command::new(place);
            command.arg("-c").arg(&config);
            command.stdout(Stdio::null()).stderr(Stdio::null());
            command.spawn().ok()
        })?;
        let began = Instant::now();
        while TcpStream::connect(addr).is_err() {
            assert!(began.elapsed() < START, "mosquitto does not listen");
            std::thread::yield_now();
        }
        Some(Self {
            addrs: vec![addr],
            child,
            config: Some(config),
        })
    }

    /// Where it listens first.
    pub(crate) fn addr(&self) -> SocketAddr {
        self.addrs[0]
    }

    /// Everywhere that it listens.
    pub(crate) fn addrs(&self) -> &[SocketAddr] {
        &self.addrs
    }

    /// Time that all its threads have had of a processor.
    pub(crate) fn busy(&self) -> Duration {
        let Ok(threads) = std::fs::read_dir(format!("/proc/{}/task", self.child.id())) else {
            return Duration::ZERO;
        };
        let busy = threads.flatten().filter_map(|thread| {
            let text = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
            text.split(' ').next()?.parse::<u64>().ok()
        });
        Duration::from_nanos(busy.sum())
    }

    /// Kilobytes of memory that it has.
    pub(crate) fn resident_kb(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// Threads that it has.
    pub(crate) fn threads(&self) -> u64 {
        self.status("Threads:")
    }

    fn status(&self, name: &str) -> u64 {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let text = text.unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        let figure = line.and_then(|line| line.split_whitespace().next());
        figure.and_then(|it| it.parse().ok()).unwrap_or_default()
    }
}

impl Drop for Contender {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone.
        drop(self.child.kill());
        drop(self.child.wait());
        if let Some(config) = &self.config {
            drop(std::fs::remove_file(config));
        }
    }
}

/// Serves until whoever started this process closes its input.
pub(crate) fn serve() {
    let broker = Broker::start();
    println!("{}", broker.addr());
    let mut nothing = Vec::new();
    drop(std::io::stdin().read_to_end(&mut nothing));
}
