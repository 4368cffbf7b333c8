//! A joint drill: an office on another machine takes part by invitation, and knows nothing that it should
//! not.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::proxy::Proxy;
use crate::run::{Folder, PATIENCE, Running, liandong, output, text, with_faults};

const GUEST: &str = "990200";

/// What stands in the scenario and nowhere else until it happens, or at all.
const MARKERS: [&str; 11] = [
    "MARKER-TITLE",
    "MARKER-ASSUMED",
    "MARKER-INJECT",
    "MARKER-FAULT",
    "MARKER-GOAL",
    "MARKER-PHASE",
    "MARKER-CARD",
    "MARKER-STORM",
    // Where the storm will come from, as degrees and as whole parts of them.
    "150.612312",
    "150612312",
    "quiet-day",
];

/// The title of the quiet day and the first of its assumptions, and what stands there instead.
const MARKED: [(&str, &str); 3] = [
    ("三市平常日", "MARKER-TITLE"),
    ("a quiet day in three towns", "MARKER-TITLE"),
    ("the region, its people and every call", "MARKER-ASSUMED"),
];

/// A later incident with its text, a fault and its name, a phase to come, an aim, a card of the controllers
/// and a storm with its name and track.
const SECRETS: &str = r#"
[[phase]]
id = "MARKER-PHASE"
title = "MARKER-PHASE"
at = "5h"

[[objective]]
id = "MARKER-GOAL"
title = "MARKER-GOAL"

[[incident]]
id = "MARKER-INJECT"
at = "5h30m"
area = 990201
event = "building-fire"
category = "accident"
severity = "critical"
place = "MARKER-INJECT"
text = "MARKER-INJECT"
needs = [{ kind = "fire-rescue", quantity = 1, minutes = 30 }]

[[inject]]
number = "MARKER-CARD"
title = "MARKER-CARD"
at = "4h"
channel = "operator"
to = ["990200"]
kind = "note"
text = "MARKER-CARD"

[[hazard]]
id = "MARKER-STORM"
kind = "wind-field"
name = "MARKER-STORM"
announced_by = "990300"
track = [
    { at = "5h", point = [150.6123123, 10.3], wind_ms = 20.0, pressure_hpa = 990.0, rmax_km = 30.0 },
    { at = "6h", point = [150.6123124, 10.5], wind_ms = 20.0, pressure_hpa = 990.0, rmax_km = 30.0 },
]

[[fault]]
id = "MARKER-FAULT"
kind = "office-pause"
at = "20m"
for = "5m"
office = "990300"
"#;

/// The drill's end, six hours after 2026-07-01T08:00+08:00, as a time is written: microseconds and seconds
/// since 1970, and digits that people read.
const END: [&str; 3] = ["1782885600", "14:00:00", "T14:00"];

/// The end after three hours that whoever conducts it chose, written in the same ways.
const EARLY_END: [&str; 3] = ["1782874800", "11:00:00", "T11:00"];

/// A drill with a guest, and the guest's invitation.
fn drill(folder: &Folder, more: &[&str]) -> (Running, PathBuf) {
    let (scenario, run) = with_faults(folder, SECRETS);
    let mut text = std::fs::read_to_string(&scenario).unwrap();
    for (plain, marked) in MARKED {
        assert!(text.contains(plain), "{plain}");
        text = text.replace(plain, marked);
    }
    std::fs::write(&scenario, text).unwrap();
    let mut drill = liandong();
    drill
        .arg("drill")
        .arg(scenario)
        .args(["--headless", "--seed", "7", "--guest", GUEST]);
    drill.args(more).arg("--out").arg(&run);
    let mut drill = Running::start(&mut drill);
    drill.wait_for("is invited");
    (drill, run.join("guests").join(GUEST))
}

fn office(invitation: &Path, bus: &str) -> Command {
    let mut command = liandong();
    command.args(["office", "--office", GUEST, "--bus", bus, "--run"]);
    command.arg(invitation);
    command
}

/// Where guests come in, as the invitation has it.
fn door(invitation: &Path) -> String {
    let stage = std::fs::read_to_string(invitation.join("stage.json")).unwrap();
    let stage: serde_json::Value = serde_json::from_str(&stage).unwrap();
    stage["buses"][0]["url"].as_str().unwrap().to_owned()
}

/// Everything in a folder, file after file.
fn stored(folder: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            bytes.extend(stored(&path));
        } else {
            bytes.extend(std::fs::read(path).unwrap());
        }
    }
    bytes
}

fn count(bytes: &[u8], word: &str) -> usize {
    let word = word.as_bytes();
    bytes.windows(word.len()).filter(|it| *it == word).count()
}

#[test]
fn a_guest_comes_late_leaves_and_returns_and_learns_nothing_before_its_time() {
    let folder = Folder::new("guest");
    let (mut drill, invitation) = drill(&folder, &["--speed", "300", "--until", "3h"]);
    let bus = door(&invitation);
    let proxy = Proxy::start(bus.trim_start_matches("mqtt://").parse().unwrap(), 7);
    proxy.listen_in();
    // The drill does not wait for it.
    drill.wait_for("running");
    let first = Running::start(&mut office(&invitation, &proxy.url()));
    drill.wait_for("guest 990200 has come");
    // The drill comes to its end later, and then all that is said bears that time.
    let early = [proxy.overheard(), stored(&invitation)];
    for word in &EARLY_END {
        let told = early.iter().map(|bytes| count(bytes, word));
        assert_eq!(told.sum::<usize>(), 0, "a guest is told {word}");
    }
    first.signal("TERM");
    let (status, said) = first.end();
    assert_eq!(status.code(), Some(143), "{said}");
    drill.wait_for("guest 990200 has left");
    let second = Running::start(&mut office(&invitation, &proxy.url()));
    drill.wait_for("guest 990200 has come");

    // The drill ends well only if the guest, who is there, says that it holds what all others hold.
    let (status, said) = drill.end();
    assert!(status.success(), "{said}");
    second.signal("TERM");
    let (_, guest) = second.end();
    let journals = output(
        liandong()
            .args(["journal", "verify"])
            .arg(invitation.join("journals")),
    );
    assert!(text(&journals).contains("1 journal"), "{}", text(&journals));

    let heard = proxy.overheard();
    assert!(count(&heard, "liandong/1/") > 100, "it took part: {guest}");
    let kept = stored(&invitation);
    assert!(count(&kept, "990300") > 0, "it holds what others said");
    for (what, bytes) in [("hears", &heard), ("stores", &kept)] {
        for word in MARKERS.iter().chain(&END) {
            assert_eq!(count(bytes, word), 0, "a guest {what} {word}");
        }
    }
}

#[test]
fn a_stranger_without_the_invitation_s_password_does_not_come_in() {
    let folder = Folder::new("stranger");
    let (mut drill, invitation) = drill(&folder, &["--speed", "60", "--until", "3h"]);
    let bus = door(&invitation);
    std::fs::remove_file(invitation.join("password")).unwrap();
    let mut stranger = Running::start(&mut office(&invitation, &bus));
    drill.wait_for("running");
    stranger.wait_for("the bus knows neither a certificate nor a password");
    stranger.signal("TERM");
    let (_, said) = stranger.end();
    drill.signal("TERM");
    let (_, drilled) = drill.end();
    assert!(!drilled.contains("has come"), "{drilled}\n{said}");
}

#[test]
fn a_guest_may_show_a_certificate_of_its_own_instead_of_the_password() {
    let folder = Folder::new("guest-certified");
    let region = folder.path().join("region");
    let made = output(liandong().arg("init").arg(&region));
    assert!(made.status.success(), "{}", text(&made));
    let file = |name: &str| region.join(name).display().to_string();
    let (ca, cert, key) = (
        file("990100/ca.pem"),
        file("990100/tls.pem"),
        file("990100/tls.key"),
    );
    let listen = ["--guests-listen", "mqtts://127.0.0.1:0"];
    let shown = ["--cert", &cert, "--key", &key, "--client-ca", &ca];
    let more = [&["--speed", "60"][..], &listen, &shown].concat();
    let (mut drill, invitation) = drill(&folder, &more);
    std::fs::remove_file(invitation.join("password")).unwrap();
    let (cert, key) = (file("990200/tls.pem"), file("990200/tls.key"));
    let bus = format!("{}?ca={ca}&cert={cert}&key={key}", door(&invitation));
    let guest = Running::start(&mut office(&invitation, &bus));
    drill.wait_for("guest 990200 has come");
    guest.signal("TERM");
    assert_eq!(guest.end().0.code(), Some(143));
    drill.signal("TERM");
    drop(drill.end());
}

#[test]
fn who_conducts_the_drill_takes_a_guest_s_office_over_and_the_guest_stands_back() {
    let folder = Folder::new("guest-over");
    let (mut drill, invitation) = drill(&folder, &["--speed", "30"]);
    let bus = door(&invitation);
    let host = folder.path().join("host");
    copy(&invitation, &host);
    drill.wait_for("running");
    let guest = Running::start(&mut office(&host, &bus));
    drill.wait_for("guest 990200 has come");
    guest.signal("KILL");
    guest.gone();
    drill.wait_for("guest 990200 has left");
    let mut director = Running::start(&mut office(&invitation, &bus));
    drill.wait_for("guest 990200 has come");
    // It has to serve before the guest is back: of two that boot, either may stand back.
    let deadline = std::time::Instant::now() + PATIENCE;
    // The office's people act from where it runs, with what is in the invitation.
    let mut note = liandong();
    note.args(["command", "--office", GUEST, "--run"])
        .arg(&invitation);
    note.args(["note", "taken over"]);
    while !output(&mut note).status.success() {
        assert!(std::time::Instant::now() < deadline, "it does not serve");
    }
    let mut again = Running::start(&mut office(&host, &bus));
    again.wait_for("this one is read-only");
    director.wait_for("another machine boots under this office's name");
    again.signal("TERM");
    assert_eq!(again.end().0.code(), Some(143));
    director.signal("TERM");
    assert_eq!(director.end().0.code(), Some(143));
    drill.wait_for("guest 990200 has left");
    drill.signal("TERM");
    let (status, said) = drill.end();
    assert_eq!(status.code(), Some(143), "{said}");
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let there = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &there);
        } else {
            std::fs::copy(&path, &there).unwrap();
        }
    }
}
