//! Drills on the embedded bus: lock-step, free-running, interrupted, with an office killed.

use std::process::Command;

use crate::account::account;
use crate::run::{Folder, Running, liandong, output, quiet_day, text, with_faults};

fn verify(folder: &Folder, expected: &str) {
    let journals = folder.path().join("journals");
    let verified = output(liandong().args(["journal", "verify"]).arg(&journals));
    let said = text(&verified);
    assert!(verified.status.success(), "{said}");
    assert!(said.contains(expected), "{said}");
}

#[test]
fn a_lock_step_drill_decides_exactly_what_virtual_time_decides() {
    let folder = Folder::new("lockstep");
    let ended = output(quiet_day(folder.path()).args(["--lockstep", "--until", "1h"]));
    let said = text(&ended);
    assert!(ended.status.success(), "{said}");
    assert!(
        said.contains("decided exactly what virtual time decides"),
        "{said}"
    );
    verify(&folder, "5 journals, all sound");
    account(folder.path());
}

#[test]
fn a_lock_step_drill_with_a_crash_and_a_cut_decides_what_virtual_time_decides() {
    let folder = Folder::new("lockstep-faults");
    let (scenario, run) = with_faults(&folder, CRASH_AND_CUT);
    let mut drill = liandong();
    drill.arg("drill").arg(&scenario).arg("--out").arg(&run);
    let ended = output(drill.args(["--headless", "--lockstep", "--until", "45m"]));
    let said = text(&ended);
    assert!(ended.status.success(), "{said}");
    assert!(
        said.contains("decided exactly what virtual time decides"),
        "{said}"
    );
}

/// An office dies with its bus and is back ten minutes later, while another is cut off.
const CRASH_AND_CUT: &str = r#"
[[fault]]
id = "west-crash"
kind = "office-crash"
at = "10m"
for = "10m"
office = "990200"
disk = "keep"

[[fault]]
id = "south-alone"
kind = "isolate"
at = "15m"
for = "15m"
office = "990300"
"#;

#[test]
fn a_free_running_drill_ends_by_itself_with_sound_journals_and_a_report() {
    let folder = Folder::new("free");
    let ended = output(quiet_day(folder.path()).args(["--speed", "1200", "--until", "2h"]));
    let said = text(&ended);
    assert!(ended.status.success(), "{said}");
    assert!(said.contains("agreement with virtual time"), "{said}");
    assert!(said.contains("0 double commitments"), "{said}");
    assert!(said.contains("lost: 0 of "), "{said}");
    assert!(said.contains("hop from office to office: p50 "), "{said}");
    let outcome = std::fs::read_to_string(folder.path().join("outcome.json")).unwrap();
    let outcome: serde_json::Value = serde_json::from_str(&outcome).unwrap();
    assert_eq!(outcome["lost"], 0, "{outcome}");
    assert!(outcome["entries"].as_u64() > Some(0), "{outcome}");
    assert!(
        outcome["hop_ms"]["measured"].as_u64() > Some(0),
        "{outcome}"
    );
    let p99 = outcome["hop_ms"]["p99"].as_f64();
    assert!(p99 > Some(0.0) && p99 < Some(60_000.0), "{outcome}");
    verify(&folder, "5 journals, all sound");
    let page = std::fs::read_to_string(folder.path().join("report.html")).unwrap();
    assert!(page.contains("【演练】"));
    let figures = &account(folder.path())["figures"];
    assert!(figures["incidents"].as_u64().unwrap() > 0, "{figures}");
    let again = output(quiet_day(folder.path()).args(["--until", "1h"]));
    assert_eq!(
        again.status.code(),
        Some(77),
        "a run is never overwritten: {}",
        text(&again)
    );
}

#[test]
fn a_drill_over_a_bad_line_loses_frames_and_no_entry() {
    let folder = Folder::new("bad-line");
    let (scenario, run) = with_faults(&folder, BAD_LINE);
    let mut drill = liandong();
    drill
        .arg("drill")
        .arg(&scenario)
        .args(["--headless", "--speed", "1200", "--until", "2h"]);
    let ended = output(drill.arg("--out").arg(&run));
    let said = text(&ended);
    assert!(ended.status.success(), "{said}");
    let outcome = std::fs::read_to_string(run.join("outcome.json")).unwrap();
    let outcome: serde_json::Value = serde_json::from_str(&outcome).unwrap();
    for what in ["lost", "delayed", "repeated"] {
        let count = outcome["faults_on_lines"][what].as_u64();
        assert!(count > Some(0), "{what}: {outcome}");
    }
    assert_eq!(outcome["lost"], 0, "{outcome}");
}

#[test]
fn a_drill_with_a_broker_at_each_office_loses_nothing_when_machines_and_lines_fail() {
    let folder = Folder::new("each");
    let (scenario, run) = with_faults(&folder, CRASH_AND_CUT);
    let mut drill = liandong();
    drill.arg("drill").arg(&scenario).arg("--out").arg(&run);
    let options = ["--headless", "--brokers", "each", "--speed", "1200"];
    let ended = output(drill.args(options).args(["--until", "2h"]));
    let said = text(&ended);
    assert!(ended.status.success(), "{said}");
    assert!(said.contains("lost: 0 of "), "{said}");
    let outcome = std::fs::read_to_string(run.join("outcome.json")).unwrap();
    let outcome: serde_json::Value = serde_json::from_str(&outcome).unwrap();
    assert_eq!(outcome["converged"], true, "{outcome}");
    let journals = run.join("journals");
    let verified = output(liandong().args(["journal", "verify"]).arg(journals));
    assert!(text(&verified).contains("5 journals, all sound"));
    let stage = std::fs::read_to_string(run.join("stage.json")).unwrap();
    let stage: serde_json::Value = serde_json::from_str(&stage).unwrap();
    assert_eq!(stage["buses"].as_array().unwrap().len(), 5, "{stage}");
}

#[test]
fn brokers_at_each_office_go_with_no_bus_from_elsewhere_and_no_lock_step() {
    let folder = Folder::new("each-refused");
    let each = |options: &[&str]| {
        let mut drill = quiet_day(folder.path());
        let ended = output(drill.args(["--brokers", "each"]).args(options));
        (ended.status.code(), text(&ended))
    };
    let (code, said) = each(&["--bus", "mqtt://127.0.0.1:1"]);
    assert_eq!(code, Some(78), "{said}");
    assert!(said.contains("leave --bus and --port out"), "{said}");
    let (code, said) = each(&["--lockstep"]);
    assert_eq!(code, Some(78), "{said}");
    assert!(said.contains("one broker"), "{said}");
}

/// One town speaks over a line that loses a third of what it says, and another loses its disk.
const BAD_LINE: &str = r#"
[[fault]]
id = "east-satellite"
kind = "link-degrade"
at = "5m"
for = "90m"
between = [["990100"], ["*"]]
latency = { dist = "lognormal", median = "700ms", p90 = "2s" }
loss = 0.33
duplicate = 0.20

[[fault]]
id = "west-disk"
kind = "office-crash"
at = "30m"
for = "30m"
office = "990200"
disk = "lost"
"#;

#[test]
fn a_scenario_s_network_that_a_live_bus_cannot_have_is_said_at_the_start() {
    let folder = Folder::new("left-out");
    let mut drill = liandong();
    drill.args(["drill", "scenarios/small/lossy.toml", "--headless"]);
    let mut drill = Running::start(drill.arg("--out").arg(folder.path()));
    drill.wait_for("left out: the scenario's [network]");
    drill.wait_for("running");
    drill.signal("TERM");
    let (status, said) = drill.end();
    assert_eq!(status.code(), Some(143), "{said}");
}

#[test]
fn an_interrupted_drill_ends_in_order_with_its_report() {
    let folder = Folder::new("interrupted");
    let mut drill = Running::start(quiet_day(folder.path()).args(["--speed", "60"]));
    drill.wait_for("running");
    drill.signal("INT");
    let (status, said) = drill.end();
    assert_eq!(status.code(), Some(130), "{said}");
    assert!(said.contains("the drill was ended by Ctrl-C"), "{said}");
    assert!(folder.path().join("report.html").exists());
    verify(&folder, "5 journals, all sound");
}

#[test]
fn an_office_killed_in_mid_drill_comes_back_and_holds_what_the_others_hold() {
    let folder = Folder::new("killed");
    let office = || {
        let mut command = liandong();
        command
            .args(["office", "--office", "990200", "--run"])
            .arg(folder.path());
        command
    };
    let mut drill = Running::start(
        quiet_day(folder.path()).args(["--speed", "600", "--until", "3h", "--apart", "990200"]),
    );
    let stage = folder.path().join("stage.json");
    let first = start_when_there(&stage, office);
    drill.wait_for("running");
    drill.wait_for("running");
    first.signal("KILL");
    first.gone();
    let second = Running::start(&mut office());
    // The drill ends well only if the office apart says that it holds what all others hold.
    let (status, said) = drill.end();
    assert!(status.success(), "{said}");
    let (status, said) = second.end();
    assert!(status.success(), "{said}");
    for told in [
        "office 990200 waits for its drill at mqtt://",
        "office 990200 takes part",
        "the drill has ended",
    ] {
        assert!(said.contains(told), "{told}: {said}");
    }
    verify(&folder, "5 journals, all sound");
}

/// The drill puts its directions down before it waits for the office apart.
fn start_when_there(stage: &std::path::Path, office: impl Fn() -> Command) -> Running {
    let deadline = std::time::Instant::now() + crate::run::PATIENCE;
    while !stage.exists() {
        assert!(
            std::time::Instant::now() < deadline,
            "no {}",
            stage.display()
        );
        std::thread::yield_now();
    }
    Running::start(&mut office())
}

/// One fire, one note that expects its first report, and what comes of both.
const GRADED: &str = r#"
schema = "liandong-scenario/1"
id = "graded"
title = { zh = "演练·虚构：评估", en = "Graded, fictional" }
region = "trio"
start = 2026-07-01T08:00:00+08:00
duration = "40m"
seed = 7
scale = ["P", "S", "U"]

[[objective]]
id = "OBJ-1"
title = "及时接报"
measure = "intake-p90"
grades = ["5m", "10m"]

[[objective]]
id = "OBJ-2"
title = "预期行动"
measure = "expected-percent"
grades = [100, 50]

[[incident]]
id = "fire"
at = "5m"
area = 990300
event = "building-fire"
category = "accident"
severity = "critical"
text = "某厂房起火"
needs = [{ kind = "fire-rescue", quantity = 1, minutes = 20 }]

[[inject]]
number = "INJ-1"
title = "核对"
at = "4m"
channel = "operator"
to = ["990300"]
kind = "note"
text = "【演练】核对"
objective = "OBJ-2"
expected = { within = "10m", action = "首报", seen = { said = "first-report", incident = "fire" } }
"#;

#[test]
fn a_free_running_drill_says_what_was_seen_and_how_its_objectives_were_reached() {
    let folder = Folder::new("graded");
    std::fs::create_dir_all(folder.path()).unwrap();
    let (scenario, run) = (folder.path().join("graded.toml"), folder.path().join("run"));
    std::fs::write(&scenario, GRADED).unwrap();
    let mut drill = liandong();
    drill.arg("drill").arg(&scenario).arg("--out").arg(&run);
    let ended = output(drill.args(["--headless", "--speed", "600"]));
    let said = text(&ended);
    assert!(ended.status.success(), "{said}");
    assert!(said.contains("of 1 expected actions 1 in time"), "{said}");
    for line in [
        "objective OBJ-1  P  intake-p90",
        "objective OBJ-2  P  expected-percent 100 %",
    ] {
        assert!(said.contains(line), "{line}:\n{said}");
    }
    let page = std::fs::read_to_string(run.join("report.html")).unwrap();
    assert!(page.contains("id=\"evaluation\"") && page.contains("预期行动按时率"));
}
