//! A session on paper: the picture is printed from a running office, and what was written on it is
//! entered afterwards with its own times.

use std::process::Output;

use protocol::Civil;

use crate::run::{Folder, Running, liandong, output, quiet_day, text};

#[test]
fn what_was_written_on_paper_is_entered_afterwards_with_its_own_times() {
    let folder = Folder::new("paper");
    let mut drill = Running::start(quiet_day(folder.path()).args(["--speed", "60"]));
    drill.wait_for("running");
    let run = |verb: &str, args: &[&str]| {
        let mut command = liandong();
        command.args([verb, "--office", "990100", "--run"]);
        output(command.arg(folder.path()).args(args))
    };
    let command = |args: &[&str]| run("command", args);
    let first = command(&["note", "转入纸质"]);
    assert!(first.status.success(), "{}", text(&first));
    let printed = run("paper", &["--lang", "zh"]);
    assert!(printed.status.success(), "{}", text(&printed));
    assert!(text(&printed).starts_with("【演练】"), "{}", text(&printed));
    let page = std::fs::read_to_string(folder.path().join("paper-990100.html")).unwrap();
    assert!(page.contains("值班记录（手写）") && page.contains("演练·虚构"));

    let entered = command(&["note", "--at", &started(&printed), "潮位尺读数 2.1 米"]);
    assert!(entered.status.success(), "{}", text(&entered));
    let at = started(&printed);
    let report = command(&[
        "report", "--place", "码头", "--event", "fire", "--at", &at, "--known", &at,
    ]);
    assert!(report.status.success(), "{}", text(&report));
    let incident = about(&report);
    let last = command(&[
        "follow-up",
        &incident,
        "火已扑灭",
        "--kind",
        "final",
        "--at",
        &at,
    ]);
    assert!(last.status.success(), "{}", text(&last));
    for ahead in [
        ["note", "--at", "2199-01-01T00:00:00+08:00", "x"],
        ["note", "--at", "noon", "x"],
    ] {
        let refused = command(&ahead);
        assert!(!refused.status.success(), "{}", text(&refused));
        let told = text(&refused);
        assert!(
            told.contains("lies in the future") || told.contains("is no time"),
            "{told}"
        );
    }
    drill.signal("TERM");
    drill.end();
    let journal = folder.path().join("journals").join("990100.journal");
    let mut show = liandong();
    show.args(["journal", "show"]).arg(journal);
    let held = text(&output(show.args(["--author", "990100"])));
    let moment = Civil::parse(&at).unwrap().moment().unwrap().0;
    for words in ["occurred_at", "known_at", "as_of"] {
        let kept = format!("\"{words}\":{moment}");
        assert!(held.contains(&kept), "{kept}:\n{held}");
    }
}

/// The time of which the printed picture is, as it says itself: nothing later has happened to it.
fn started(printed: &Output) -> String {
    let told = text(printed);
    let at = told.split("截至 ").nth(1).unwrap();
    at.split('，').next().unwrap().to_owned()
}

/// What a command says that it made.
fn about(done: &Output) -> String {
    let told = text(done);
    let id = told.split("done: ").nth(1).unwrap();
    id.split(' ').next().unwrap().to_owned()
}
