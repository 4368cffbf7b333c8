//! A log goes by hand from an office that is cut off to one that runs, and back.

use std::path::Path;
use std::process::Output;
use std::time::Instant;

use serde_json::Value;

use crate::run::{Folder, PATIENCE, Running, liandong, output, text, with_faults};

/// The east is alone from the first minute to the end.
const ALONE: &str = r#"
[[fault]]
id = "east-alone"
kind = "isolate"
at = "1m"
for = "5h"
office = "990100"
"#;

fn carry(verb: &str, run: &Path, office: &str, file: &Path) -> Output {
    let mut command = liandong();
    command.args([verb, "log", "--office", office, "--output", "json", "--run"]);
    output(command.arg(run).arg(file))
}

fn account(done: &Output) -> Value {
    assert!(done.status.success(), "{}", text(done));
    serde_json::from_slice(&done.stdout).unwrap()
}

#[test]
fn a_log_of_an_office_that_is_cut_off_reaches_a_running_one_by_hand_and_back() {
    let folder = Folder::new("stick");
    let (scenario, run) = with_faults(&folder, ALONE);
    let mut drill = liandong();
    drill.arg("drill").arg(&scenario).arg("--out").arg(&run);
    let mut drill = Running::start(drill.args(["--headless", "--seed", "7", "--speed", "60"]));
    drill.wait_for("running");
    // Once the east is alone its answers reach nobody; what it was told it has written all the same.
    let began = Instant::now();
    let note = || {
        let mut command = liandong();
        command.args(["command", "--office", "990100", "--wait-s", "2", "--run"]);
        output(command.arg(&run).args(["note", "独自值守"]))
    };
    while note().status.success() {
        assert!(began.elapsed() < PATIENCE, "the fault never began");
    }
    let stick = folder.path().join("east.bundle");
    let written = account(&carry("export", &run, "990100", &stick));
    assert_eq!(written["signed_by"], "op-990100", "{written}");
    let brought = account(&carry("import", &run, "990200", &stick));
    assert_eq!(brought["by"], "office", "{brought}");
    assert!(brought["new"].as_u64() > Some(0), "{brought}");
    let again = account(&carry("import", &run, "990200", &stick));
    assert_eq!(again["new"], 0, "{again}");
    assert_eq!(again["held"], written["entries"], "{again}");

    let back = folder.path().join("west.bundle");
    account(&carry("export", &run, "990200", &back));
    let brought = account(&carry("import", &run, "990100", &back));
    assert_eq!(brought["by"], "office", "{brought}");
    assert_eq!(brought["gaps"], serde_json::json!([]), "{brought}");
    let again = account(&carry("import", &run, "990100", &back));
    assert_eq!(again["new"], 0, "{again}");
    drill.signal("TERM");
    let (status, said) = drill.end();
    assert_eq!(status.code(), Some(143), "{said}");
    let verified = output(
        liandong()
            .args(["journal", "verify"])
            .arg(run.join("journals")),
    );
    assert!(verified.status.success(), "{}", text(&verified));
}

/// Export, import and paper of an office on duty, by its settings.
fn on_duty(trial: &Path, office: &str, verb: &[&str], file: &Path) -> Output {
    let mut command = liandong();
    command.args(verb).arg("--config");
    command.arg(trial.join(office).join("office.toml"));
    output(command.arg(file))
}

fn take_duty(trial: &Path, office: &str) -> Running {
    let config = trial.join(office).join("office.toml");
    let mut running = Running::start(liandong().args(["office", "--config"]).arg(config));
    running.wait_for("is on duty");
    running
}

fn leave_duty(office: Running) {
    office.signal("TERM");
    let (status, said) = office.end();
    assert_eq!(status.code(), Some(143), "{said}");
}

#[test]
fn a_log_of_an_office_on_duty_goes_by_hand_to_one_that_runs_and_to_one_that_does_not() {
    let folder = Folder::new("stick-on-duty");
    let trial = folder.path().join("trial");
    let mut init = liandong();
    init.args(["init", "--offices", "990100,990200"]);
    let made = output(init.arg(&trial));
    assert!(made.status.success(), "{}", text(&made));
    let (export, import) = (
        ["export", "log", "--output", "json"],
        ["import", "log", "--output", "json"],
    );
    let east = take_duty(&trial, "990100");
    let mut note = liandong();
    note.args(["command", "--config"]);
    note.arg(trial.join("990100/operator.toml"));
    let noted = output(note.args(["note", "独自值守"]));
    assert!(noted.status.success(), "{}", text(&noted));
    let stick = folder.path().join("east.bundle");
    let written = account(&on_duty(&trial, "990100", &export, &stick));
    assert_eq!(written["signed_by"], "990100", "{written}");
    let mut wrong = liandong();
    wrong.args(["export", "log", "--config"]);
    wrong.arg(trial.join("990100/operator.toml"));
    let refused = output(wrong.arg(folder.path().join("x.bundle")));
    assert_eq!(refused.status.code(), Some(78), "{}", text(&refused));
    assert!(text(&refused).contains("office.toml"), "{}", text(&refused));
    let page = folder.path().join("page.html");
    let mut paper = liandong();
    paper.args(["paper", "--config"]);
    paper.arg(trial.join("990100/office.toml"));
    let printed = output(paper.arg("--output").arg(&page));
    assert!(printed.status.success(), "{}", text(&printed));
    let page = std::fs::read_to_string(&page).unwrap();
    assert!(page.contains("值班记录（手写）") && page.contains("测试"));
    leave_duty(east);

    // The west never shared a bus with the east.
    let west = take_duty(&trial, "990200");
    let brought = account(&on_duty(&trial, "990200", &import, &stick));
    assert_eq!(brought["by"], "office", "{brought}");
    assert!(brought["new"].as_u64() > Some(0), "{brought}");
    let again = account(&on_duty(&trial, "990200", &import, &stick));
    assert_eq!(again["new"], 0, "{again}");
    assert_eq!(again["held"], written["entries"], "{again}");
    let back = folder.path().join("west.bundle");
    account(&on_duty(&trial, "990200", &export, &back));
    leave_duty(west);
    let brought = account(&on_duty(&trial, "990100", &import, &back));
    assert_eq!(brought["by"], "journal", "{brought}");
    assert!(brought["new"].as_u64() > Some(0), "{brought}");
}
