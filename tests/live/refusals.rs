//! What strangers put on the bus of a running drill: counted by kind, and of no other effect.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::run::{Folder, Running, liandong, output, quiet_day, text};

/// A payload over the limit of 256 KiB that the bus itself still carries.
const OVERSIZED_BYTES: usize = 256 * 1024 + 64;

/// A payload for which the bus hangs up on whoever sends it.
const MONSTROUS_BYTES: usize = 4 * 1024 * 1024;

/// A stranger who knows the bus and the network's name, and has no key.
struct Stranger<'a> {
    folder: &'a Path,
    host: String,
    port: String,
    net: String,
}

/// A message as it was overheard.
struct Overheard {
    topic: String,
    payload: Vec<u8>,
}

impl<'a> Stranger<'a> {
    /// Reads what a drill tells everybody.
    fn at(folder: &'a Path) -> Self {
        let stage = std::fs::read_to_string(folder.join("stage.json")).unwrap();
        let stage: Value = serde_json::from_str(&stage).unwrap();
        let bus = stage["buses"][0]["url"].as_str().unwrap();
        let (host, port) = bus
            .strip_prefix("mqtt://")
            .and_then(|bus| bus.rsplit_once(':'))
            .unwrap();
        Self {
            folder,
            host: host.to_owned(),
            port: port.to_owned(),
            net: stage["network"]["id"].as_str().unwrap().to_owned(),
        }
    }

    fn topic(&self, rest: &str) -> String {
        format!("liandong/1/{}/{rest}", self.net)
    }

    /// Listens until one message has come on each of the levels.
    fn overhear(&self, levels: [&str; 2]) -> [Overheard; 2] {
        let filters = levels.map(|level| self.topic(&format!("{level}/+")));
        let mut listener = self.program("mosquitto_sub");
        for filter in &filters {
            listener.args(["-t", filter]);
        }
        let mut listener = Listener(listener.args(["-F", "%t %x"]).spawn().unwrap());
        let mut heard = BufReader::new(listener.0.stdout.take().unwrap())
            .lines()
            .map(|line| overheard(&line.unwrap()));
        let mut found = levels.map(|_| None);
        while found.iter().any(Option::is_none) {
            let message = heard.next().expect("the drill speaks on");
            let level = levels
                .iter()
                .position(|level| message.topic.contains(&format!("/{level}/")));
            found[level.unwrap()].get_or_insert(message);
        }
        found.map(Option::unwrap)
    }

    /// Publishes; true once the bus has acknowledged it.
    fn publish(&self, topic: &str, payload: &[u8]) -> bool {
        let file = self.folder.join("stranger.bin");
        let mut written = std::fs::File::create(&file).unwrap();
        written.write_all(payload).unwrap();
        drop(written);
        let mut publisher = self.program("mosquitto_pub");
        output(publisher.args(["-t", topic, "-f"]).arg(&file))
            .status
            .success()
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(name);
        command.args(["-h", &self.host, "-p", &self.port, "-q", "1"]);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        command
    }
}

/// Ends with the test.
struct Listener(Child);

impl Drop for Listener {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A line of mosquitto_sub: the topic and the payload in hexadecimal digits.
fn overheard(line: &str) -> Overheard {
    let (topic, hex) = line.split_once(' ').unwrap();
    let digits = hex.as_bytes().chunks(2);
    let payload = digits.map(|two| u8::from_str_radix(str::from_utf8(two).unwrap(), 16).unwrap());
    Overheard {
        topic: topic.to_owned(),
        payload: payload.collect(),
    }
}

/// The same message with another last digit of its signature.
fn wrongly_signed(message: &Overheard) -> Vec<u8> {
    let mut payload = message.payload.clone();
    let last = payload.last_mut().unwrap();
    *last = if *last == b'0' { b'1' } else { b'0' };
    payload
}

/// The same message without the signature of its last line.
fn unsigned(message: &Overheard) -> Vec<u8> {
    let end = message.payload.iter().rposition(|byte| *byte == b'\t');
    message.payload[..=end.unwrap()].to_vec()
}

#[test]
fn what_a_stranger_publishes_is_counted_by_kind_and_ends_nothing() {
    let folder = Folder::new("refusals");
    let mut drill = Running::start(quiet_day(folder.path()).args(["--speed", "120"]));
    drill.wait_for("running");
    let stranger = Stranger::at(folder.path());
    let monstrous = vec![b'x'; MONSTROUS_BYTES];
    assert!(
        !stranger.publish(&stranger.topic("log/990100"), &monstrous),
        "the bus carries no payload of {MONSTROUS_BYTES} bytes"
    );
    for message in stranger.overhear(["log", "field"]) {
        let attacks = [
            b"\xff\xfe no text".to_vec(),
            vec![b'x'; OVERSIZED_BYTES],
            unsigned(&message),
            wrongly_signed(&message),
            message.payload.clone(),
        ];
        for attack in attacks {
            assert!(
                stranger.publish(&message.topic, &attack),
                "{}",
                message.topic
            );
        }
    }
    let counted = "refused: malformed 2, oversized 2, replayed 2, unsigned 2, wrongly-signed 2";
    drill.wait_for(counted);
    drill.signal("TERM");
    let (status, said) = drill.end();
    assert_eq!(status.code(), Some(143), "{said}");
    let outcome = std::fs::read_to_string(folder.path().join("outcome.json")).unwrap();
    let outcome: Value = serde_json::from_str(&outcome).unwrap();
    for kind in [
        "malformed",
        "oversized",
        "replayed",
        "unsigned",
        "wrongly-signed",
    ] {
        assert_eq!(outcome["refused"][kind], 2, "{kind}: {outcome}");
    }
    let report = std::fs::read_to_string(folder.path().join("report.json")).unwrap();
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["delivery"]["refused"], outcome["refused"]);
    assert_eq!(outcome["converged"], true, "{outcome}");
    assert_eq!(outcome["lost"], 0, "{outcome}");
    let journals = folder.path().join("journals");
    let verified = output(liandong().args(["journal", "verify"]).arg(&journals));
    assert!(verified.status.success(), "{}", text(&verified));
}
