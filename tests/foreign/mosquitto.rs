//! A lone mosquitto.

use std::path::Path;
use std::process::Command;

use crate::certificates::Certificates;
use crate::node::{HOST, Host, LOGIN, Node, PASSWORD, USER};
use crate::run::{Folder, output, text};
use crate::trial::Trial;

/// Debian puts it where users do not look.
const SERVERS: [&str; 2] = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto"];

const REMEDY: &str = "no mosquitto here; apt-get install mosquitto as root (.ci/run does it)";

const AGAIN: &str = "again: cargo test --test foreign mosquitto";

fn start(folder: &Path, certificates: &Certificates, (plain, tls): (u16, u16)) -> Node {
    let server = SERVERS
        .into_iter()
        .find(|server| Path::new(server).exists());
    let server = server.unwrap_or_else(|| panic!("{REMEDY}"));
    let passwords = folder.join("passwords");
    let made = output(
        Command::new("mosquitto_passwd")
            .args(["-b", "-c"])
            .arg(&passwords)
            .args([USER, PASSWORD]),
    );
    assert!(made.status.success(), "{}", text(&made));
    let (ca, own) = (certificates.authority.display(), &certificates.broker);
    let (cert, key) = (own.certificate.display(), own.key.display());
    let (store, passwords) = (folder.display(), passwords.display());
    // As root it would become a user who cannot read the folder of a test.
    let user = if output(Command::new("id").arg("-u")).stdout == b"0\n" {
        "user root\n"
    } else {
        ""
    };
    let text = format!(
        "{user}allow_anonymous false
password_file {passwords}
set_tcp_nodelay true
max_queued_messages 0
persistence true
persistence_location {store}/
autosave_interval 5
listener {plain} {HOST}
listener {tls} {HOST}
cafile {ca}
certfile {cert}
keyfile {key}
require_certificate true
"
    );
    let file = folder.join("mosquitto.conf");
    std::fs::write(&file, text).unwrap();
    let start = move || {
        let mut command = Command::new(server);
        command.arg("-c").arg(&file);
        command
    };
    let mut node = Node::start(start, "running");
    node.wait(None);
    node
}

#[test]
fn drills_over_a_mosquitto_that_is_killed_and_stands_still_lose_nothing() {
    let folder = Folder::new("mosquitto");
    std::fs::create_dir_all(folder.path()).unwrap();
    let certificates = Certificates::write(folder.path(), Host::addr());
    let (plain, tls) = (Host::port(), Host::port());
    let mut node = start(folder.path(), &certificates, (plain, tls));
    let url = format!("mqtt://{LOGIN}@{HOST}:{plain}");
    let mut trial = Trial::start(&folder.path().join("plain"), &url);
    node.kill();
    trial.says("is gone");
    trial.call_in_vain();
    node.begin();
    node.wait(None);
    trial.says("is back");
    trial.goes_on_after("it was killed and started again");
    node.signal("STOP");
    trial.says("is gone");
    trial.call_in_vain();
    node.signal("CONT");
    trial.says("is back");
    trial.goes_on_after("it stood still and went on");
    trial.end("mosquitto", AGAIN);
    let settings = certificates.settings();
    let url = format!("mqtts://{LOGIN}@{HOST}:{tls}{settings}");
    Trial::start(&folder.path().join("tls"), &url).end("mosquitto over TLS", AGAIN);
}
