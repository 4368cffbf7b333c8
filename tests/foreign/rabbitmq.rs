//! Three nodes of RabbitMQ with quorum queues.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::certificates::Certificates;
use crate::node::{HOST, Host, LOGIN, Node, PASSWORD, USER};
use crate::run::{Folder, Running};
use crate::trial::Trial;

/// Where Debian puts the server; the command in PATH insists on a user of its own.
const SERVER: &str = "/usr/lib/rabbitmq/bin/rabbitmq-server";

const REMEDY: &str =
    "no rabbitmq-server here; RUNLEVEL=1 apt-get install rabbitmq-server as root (.ci/run does it)";

const AGAIN: &str = "again: cargo test --test foreign rabbitmq";

/// Two schedulers a node, none of which spins while it waits: the nodes share the processors of a test.
/// A node that stands still is given up after 8 s, where it would be after 60.
const ERLANG: &str = "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none -kernel net_ticktime 8";

struct Cluster {
    nodes: Vec<(Node, PathBuf)>,
    plain: Vec<u16>,
    tls: Vec<u16>,
    /// The nodes find each other by it; it ends last.
    _names: Running,
}

impl Cluster {
    fn start(folder: &Path, certificates: &Certificates) -> Self {
        assert!(Path::new(SERVER).exists(), "{REMEDY}");
        let names = Host::port();
        let mut epmd = Command::new("epmd");
        epmd.args(["-d", "-address", &HOST.to_string()]);
        epmd.args(["-port", &names.to_string()]);
        let mut epmd = Running::start(&mut epmd);
        epmd.wait_for("epmd running");
        let ports = || -> Vec<u16> { (0..3).map(|_| Host::port()).collect() };
        let (plain, tls) = (ports(), ports());
        let nodes = (0..3).map(|number| {
            let own = folder.join(format!("q{number}"));
            std::fs::create_dir_all(&own).unwrap();
            let text = configuration((plain[number], tls[number]), certificates);
            std::fs::write(own.join("rabbit.conf"), text).unwrap();
            std::fs::write(own.join("plugins"), "[rabbitmq_mqtt].").unwrap();
            let pid = own.join("pid");
            let (home, among) = (folder.to_owned(), Host::port());
            let start = move || command(number, (&home, &own), (names, among));
            (Node::start(start, "Starting broker... completed"), pid)
        });
        // The first is there before the others look for it: nodes that begin at once may each found a
        // cluster of their own.
        let nodes = nodes.map(|(mut node, pid)| {
            node.wait(Some(&pid));
            (node, pid)
        });
        Self {
            nodes: nodes.collect(),
            plain,
            tls,
            _names: epmd,
        }
    }

    fn node(&mut self, number: usize) -> &mut Node {
        &mut self.nodes[number].0
    }

    fn wait(&mut self, number: usize) {
        let (node, pid) = &mut self.nodes[number];
        node.wait(Some(pid));
    }
}

fn hosts(ports: &[u16]) -> String {
    let hosts = ports.iter().map(|port| format!("{HOST}:{port}"));
    hosts.collect::<Vec<_>>().join(",")
}

fn configuration((plain, tls): (u16, u16), certificates: &Certificates) -> String {
    let (ca, own) = (certificates.authority.display(), &certificates.broker);
    let (cert, key) = (own.certificate.display(), own.key.display());
    let client = Host::port();
    format!(
        "listeners.tcp.1 = {HOST}:{client}
mqtt.listeners.tcp.1 = {HOST}:{plain}
mqtt.listeners.ssl.1 = {HOST}:{tls}
ssl_options.cacertfile = {ca}
ssl_options.certfile = {cert}
ssl_options.keyfile = {key}
ssl_options.verify = verify_peer
ssl_options.fail_if_no_peer_cert = true
mqtt.allow_anonymous = false
mqtt.prefetch = 1000
mqtt.durable_queue_type = quorum
mqtt.subscription_ttl = 86400000
default_user = {USER}
default_pass = {PASSWORD}
loopback_users = none
cluster_partition_handling = autoheal
cluster_formation.peer_discovery_backend = classic_config
cluster_formation.classic_config.nodes.1 = q0@{HOST}
cluster_formation.classic_config.nodes.2 = q1@{HOST}
cluster_formation.classic_config.nodes.3 = q2@{HOST}
"
    )
}

fn command(number: usize, (home, own): (&Path, &Path), (names, among): (u16, u16)) -> Command {
    // It says on standard output that it serves.
    let mut command = Command::new("sh");
    command.args(["-c", "exec \"$0\" >&2", SERVER]);
    let path = std::env::var("PATH").unwrap_or_default();
    let [a, b, c, d] = Host::addr().octets();
    let erlang = format!("{ERLANG} -kernel inet_dist_use_interface {{{a},{b},{c},{d}}}");
    command
        .env("HOME", home)
        .env("PATH", format!("{path}:/usr/lib/rabbitmq/bin"))
        .env("ERL_EPMD_ADDRESS", HOST.to_string())
        .env("ERL_EPMD_PORT", names.to_string())
        .env("RABBITMQ_DIST_PORT", among.to_string())
        .env("RABBITMQ_NODENAME", format!("q{number}@{HOST}"))
        .env("RABBITMQ_USE_LONGNAME", "true")
        .env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", erlang)
        .env("RABBITMQ_CONFIG_FILE", own.join("rabbit.conf"))
        .env("RABBITMQ_ENABLED_PLUGINS_FILE", own.join("plugins"))
        .env("RABBITMQ_MNESIA_BASE", own.join("mnesia"))
        .env("RABBITMQ_LOG_BASE", own.join("log"))
        .env("RABBITMQ_PID_FILE", own.join("pid"));
    command
}

/// One cluster for both: it takes long to start.
#[test]
fn drills_over_three_nodes_of_rabbitmq_lose_nothing_when_one_is_killed_and_one_stands_still() {
    let folder = Folder::new("rabbitmq");
    std::fs::create_dir_all(folder.path()).unwrap();
    let certificates = Certificates::write(folder.path(), Host::addr());
    let mut cluster = Cluster::start(folder.path(), &certificates);
    let url = format!("mqtt://{LOGIN}@{}", hosts(&cluster.plain));
    let mut trial = Trial::start(&folder.path().join("plain"), &url);
    cluster.node(0).kill();
    trial.goes_on_after("a node was killed");
    cluster.node(0).begin();
    cluster.wait(0);
    trial.goes_on_after("it was started again");
    cluster.node(1).signal("STOP");
    trial.goes_on_after("another stood still");
    cluster.node(1).signal("CONT");
    trial.goes_on_after("it went on");
    trial.end("RabbitMQ", AGAIN);
    let settings = certificates.settings();
    let url = format!("mqtts://{LOGIN}@{}{settings}", hosts(&cluster.tls));
    Trial::start(&folder.path().join("tls"), &url).end("RabbitMQ over TLS", AGAIN);
}
