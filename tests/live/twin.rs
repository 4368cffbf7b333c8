//! Two machines under one name on a real bus: the second stands back until an operator says otherwise.

use std::path::Path;
use std::process::{Command, Output};

use crate::run::{Folder, Running, liandong, output, quiet_day, text};

const OFFICE: &str = "990100";

#[test]
fn a_second_machine_stands_back_until_an_operator_s_signed_command_makes_it_serve() {
    let folder = Folder::new("twin");
    let (run, copy) = (folder.path().join("run"), folder.path().join("copy"));
    let mut broker = Running::start(liandong().arg("broker"));
    let line = broker.wait_for("the bus listens at mqtt://");
    let bus = line[line.find("mqtt://").unwrap()..].trim().to_owned();
    let mut drill = quiet_day(&run);
    drill.args(["--speed", "10", "--apart", OFFICE, "--bus", &bus]);
    let mut drill = Running::start(&mut drill);
    drill.wait_for("to come to life");
    let mut first = Running::start(&mut office(&run, &bus));
    drill.wait_for("running");
    copy_of(&run, &copy);
    let mut second = Running::start(&mut office(&copy, &bus));

    let told = second.wait_for("this one is read-only");
    first.wait_for("another machine boots under this office's name");
    let (_, rest) = told.split_once("--machine ").unwrap();
    let machine: String = rest.chars().take_while(char::is_ascii_hexdigit).collect();
    let wrong = command(&run, &bus, &["take-over", "--machine", "7"]);
    assert_eq!(wrong.status.code(), Some(2), "{}", text(&wrong));
    let taken = command(&run, &bus, &["take-over", "--machine", &machine]);
    assert!(taken.status.success(), "{}", text(&taken));
    assert!(text(&taken).contains(&machine), "{}", text(&taken));
    second.wait_for("by an operator's command this machine serves");
    first.wait_for("this one is read-only");

    // People stop the one that stood back, and the one that serves goes on with the office's work.
    first.signal("TERM");
    let (status, said) = first.end();
    assert_eq!(status.code(), Some(143), "{said}");
    let note = command(&run, &bus, &["note", "已接管"]);
    assert!(note.status.success(), "{}", text(&note));
    assert!(text(&note).contains(&machine), "{}", text(&note));
    for process in [drill, second, broker] {
        process.signal("TERM");
        let (status, said) = process.end();
        assert_eq!(status.code(), Some(143), "{said}");
    }
}

fn office(run: &Path, bus: &str) -> Command {
    let mut command = liandong();
    command.args(["office", "--office", OFFICE, "--bus", bus, "--run"]);
    command.arg(run);
    command
}

fn command(run: &Path, bus: &str, args: &[&str]) -> Output {
    let mut command = liandong();
    command.args(["command", "--office", OFFICE, "--bus", bus, "--run"]);
    output(command.arg(run).args(args))
}

/// A copy of what an office is given, keys included; its journal is an image from before its first boot.
fn copy_of(run: &Path, copy: &Path) {
    std::fs::create_dir_all(copy).unwrap();
    for entry in std::fs::read_dir(run).unwrap() {
        let path = entry.unwrap().path();
        let there = copy.join(path.file_name().unwrap());
        if path.is_file() {
            std::fs::copy(&path, &there).unwrap();
        } else if path.ends_with("journals") {
            std::fs::create_dir_all(&there).unwrap();
        } else {
            copy_of(&path, &there);
        }
    }
}
