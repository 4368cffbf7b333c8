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
