//! SIGHUP while a process starts: it waits, and is heeded.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use crate::run::{Folder, Running, liandong, output, text};

#[test]
fn what_is_sent_while_an_office_starts_has_it_read_anew_once_it_serves() {
    let folder = Folder::new("early");
    let trial = folder.path().join("trial");
    let made = output(liandong().arg("init").arg(&trial));
    assert!(made.status.success(), "{}", text(&made));
    let office = trial.join("990100");
    let early = Early::at(office.join("network.toml"));
    let settings = office.join("office.toml");
    let mut running = Running::start(liandong().args(["office", "--config"]).arg(&settings));
    early.signal(&running);
    running.wait_for("roster.log anew, ");
    running.signal("TERM");
    let (status, said) = running.end();
    assert_eq!(status.code(), Some(143), "{said}");
}

#[test]
fn what_is_sent_while_a_bus_starts_has_it_read_anew_once_it_listens() {
    let folder = Folder::new("early-bus");
    let trial = folder.path().join("trial");
    let made = output(liandong().arg("init").arg(&trial));
    assert!(made.status.success(), "{}", text(&made));
    let offline = trial.join("region-offline");
    let passwords = folder.path().join("passwords");
    fs::write(&passwords, "").unwrap();
    fs::set_permissions(&passwords, fs::Permissions::from_mode(0o600)).unwrap();
    let early = Early::at(offline.join("network.toml"));
    let mut broker = liandong();
    broker.args(["broker", "--listen", "127.0.0.1:0", "--passwords"]);
    broker.arg(&passwords).arg("--network");
    broker.arg(offline.join("network.toml")).arg("--roster");
    let mut running = Running::start(broker.arg(offline.join("roster.log")));
    early.signal(&running);
    running.wait_for("are read again");
    running.signal("TERM");
    let (status, said) = running.end();
    assert_eq!(status.code(), Some(143), "{said}");
}

/// A file that is read at a start, and whose reader waits until it was sent SIGHUP.
struct Early {
    place: PathBuf,
    said: Vec<u8>,
}

impl Early {
    fn at(place: PathBuf) -> Self {
        let said = fs::read(&place).unwrap();
        fs::remove_file(&place).unwrap();
        let made = output(Command::new("mkfifo").arg(&place));
        assert!(made.status.success(), "{}", text(&made));
        Self { place, said }
    }

    fn signal(self, running: &Running) {
        // Opens when somebody reads there.
        let mut line = fs::OpenOptions::new()
            .write(true)
            .open(&self.place)
            .unwrap();
        // Whoever reads it next finds a file.
        let file = self.place.with_extension("file");
        fs::write(&file, &self.said).unwrap();
        fs::rename(&file, &self.place).unwrap();
        running.signal("HUP");
        line.write_all(&self.said).unwrap();
    }
}
