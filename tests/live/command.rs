//! An operator takes a call from the shell of a running drill.

use std::path::Path;

use crate::run::{Folder, Running, liandong, output, quiet_day, text};

#[test]
fn a_call_taken_from_the_shell_is_recorded_once_however_often_it_is_sent() {
    let folder = Folder::new("call");
    let mut drill = Running::start(quiet_day(folder.path()).args(["--speed", "60"]));
    drill.wait_for("running");
    let command = |args: &[&str]| {
        let mut command = liandong();
        command
            .args(["command", "--office", "990100", "--run"])
            .arg(folder.path())
            .args(args);
        output(&mut command)
    };
    let report = [
        "--request",
        "call-1",
        "report",
        "--place",
        "码头",
        "--event",
        "fire",
        "--need",
        "pump=1",
    ];
    let first = command(&report);
    assert!(first.status.success(), "{}", text(&first));
    let told = text(&first);
    assert!(told.contains("done: 990100-1-"), "{told}");
    let second = command(&report);
    let entry = |text: &str| {
        text.split("entry ")
            .nth(1)
            .map(|rest| rest.split(' ').next().unwrap().to_owned())
    };
    assert_eq!(entry(&told), entry(&text(&second)), "{}", text(&second));
    let note = command(&["note", "潮位上涨"]);
    assert!(note.status.success(), "{}", text(&note));
    the_bus_that_is_said_counts(folder.path());
    let foreign = command(&["recall", "990200-1-1", "--reason", "试"]);
    assert_eq!(foreign.status.code(), Some(65), "{}", text(&foreign));
    assert!(
        text(&foreign).contains("only its owner recalls it"),
        "{}",
        text(&foreign)
    );
    let mut elsewhere = liandong();
    elsewhere
        .args(["command", "--office", "123456", "--run"])
        .arg(folder.path())
        .arg("proposals");
    let unknown = output(&mut elsewhere);
    assert_eq!(unknown.status.code(), Some(78), "{}", text(&unknown));
    assert!(
        text(&unknown).contains("990100, 990200, 990300"),
        "{}",
        text(&unknown)
    );
    let proposals = command(&["proposals"]);
    assert!(proposals.status.success(), "{}", text(&proposals));
    the_lists_are_there(command);
    drill.signal("TERM");
    let (status, said) = drill.end();
    assert_eq!(status.code(), Some(143), "{said}");
}

/// What an operator looks up before the next command.
fn the_lists_are_there(command: impl Fn(&[&str]) -> std::process::Output) {
    let needs = command(&["needs"]);
    assert!(needs.status.success(), "{}", text(&needs));
    assert!(text(&needs).contains("pump x1"), "{}", text(&needs));
    let resources = command(&["resources"]);
    assert!(resources.status.success(), "{}", text(&resources));
    let listed = text(&resources);
    let units = listed
        .lines()
        .filter(|line| line.starts_with("【演练】990100-"));
    assert!(units.count() > 3, "{listed}");
}

/// Not the one that is put down; nobody answers on this one.
fn the_bus_that_is_said_counts(run: &Path) {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let elsewhere = format!("mqtt://desk:secret@127.0.0.1:{port}");
    let mut unheard = liandong();
    unheard.env("LIANDONG_BUS", &elsewhere).arg("command");
    unheard.args(["--office", "990100", "--run"]).arg(run);
    let unheard = output(unheard.args(["--wait-s", "1", "note", "x"]));
    assert_eq!(unheard.status.code(), Some(69), "{}", text(&unheard));
    assert!(!text(&unheard).contains("secret"), "{}", text(&unheard));
}
