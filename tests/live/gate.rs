//! A bus of its own with a roster: who shows a password of the network comes in, until the region revokes it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::run::{Folder, Running, liandong, output, text};

const PARTY: &str = "990100";
const PASSWORD: &str = "a password of some length";

/// Whether Debian's client may subscribe to a filter under this name and password.
fn comes_in(port: &str, party: &str, password: &str, filter: &str) -> bool {
    let client = format!("{party}-1");
    let status = Command::new("mosquitto_sub")
        .args(["-h", "127.0.0.1", "-p", port, "-i", &client, "-E"])
        .args(["-u", party, "-P", password, "-t", filter])
        .output()
        .expect("mosquitto_sub is installed (Debian package mosquitto-clients)");
    status.status.success()
}

#[test]
fn a_bus_with_a_roster_lets_in_who_belongs_and_nobody_who_was_revoked() {
    let folder = Folder::new("gate");
    let trial = folder.path().join("trial");
    let made = output(liandong().arg("init").arg(&trial));
    assert!(made.status.success(), "{}", text(&made));
    let offline = trial.join("region-offline");
    let network = fs::read_to_string(offline.join("network.toml")).unwrap();
    let id = network
        .lines()
        .find_map(|line| line.strip_prefix("id = "))
        .unwrap();
    let filter = format!("liandong/1/{}/log/+", id.trim_matches('"'));

    let mut line = liandong();
    line.args(["keys", "password", PARTY]);
    let line = output(line.env("LIANDONG_PASSWORD", PASSWORD));
    assert!(line.status.success(), "{}", text(&line));
    assert!(!text(&line).contains(PASSWORD));
    let passwords = folder.path().join("passwords");
    fs::write(&passwords, &line.stdout).unwrap();
    let broker = || {
        let mut broker = liandong();
        broker.args(["broker", "--listen", "127.0.0.1:0", "--network"]);
        broker.arg(offline.join("network.toml")).arg("--roster");
        broker
            .arg(offline.join("roster.log"))
            .arg("--passwords")
            .arg(&passwords);
        broker
    };
    fs::set_permissions(&passwords, fs::Permissions::from_mode(0o644)).unwrap();
    let open = output(&mut broker());
    assert_eq!(open.status.code(), Some(77), "{}", text(&open));
    fs::set_permissions(&passwords, fs::Permissions::from_mode(0o600)).unwrap();

    let mut broker = Running::start(&mut broker());
    let told = broker.wait_for("the bus listens at mqtt://");
    let port = told.rsplit(':').next().unwrap().trim();
    assert!(comes_in(port, PARTY, PASSWORD, &filter));
    assert!(!comes_in(port, PARTY, "another password", &filter));
    assert!(!comes_in(port, "990200", PASSWORD, &filter));

    let mut revoke = liandong();
    revoke.args(["keys", "revoke", PARTY, "--region"]);
    let revoked = output(revoke.arg(&offline));
    assert!(revoked.status.success(), "{}", text(&revoked));
    broker.signal("HUP");
    broker.wait_for("the roster, certificates and passwords are read again");
    assert!(!comes_in(port, PARTY, PASSWORD, &filter));
    broker.signal("TERM");
    let (status, said) = broker.end();
    assert_eq!(status.code(), Some(143), "{said}");
    assert!(!said.contains(PASSWORD), "{said}");
}
