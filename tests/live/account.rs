//! The account of a run says what the run said of itself: nothing is missing from the recording.

use std::path::Path;

use serde_json::{Value, json};

use crate::run::{Folder, liandong, output, text};

/// The account in a run's folder; everything that was recorded must have been believed.
pub(crate) fn account(folder: &Path) -> Value {
    let page = std::fs::read_to_string(folder.join("report.json")).unwrap();
    let account: Value = serde_json::from_str(&page).unwrap();
    let reading = &account["reading"];
    assert_eq!(reading["refused"], json!({}), "{reading}");
    assert_eq!(reading["unreadable"], 0, "{reading}");
    assert_eq!(reading["ended"], true, "{reading}");
    account
}

#[test]
fn a_recording_gives_the_figures_that_the_run_printed() {
    let folder = Folder::new("account");
    let ended = output(
        liandong()
            .args(["simulate", "scenarios/small/quiet-day.toml", "--seed", "7"])
            .args(["--output", "json", "--out"])
            .arg(folder.path()),
    );
    assert!(ended.status.success(), "{}", text(&ended));
    let printed: Value = serde_json::from_slice(&ended.stdout).unwrap();
    let figures = &account(folder.path())["figures"];
    for (ours, theirs) in [
        ("incidents", "incidents"),
        ("served", "served"),
        ("unserved", "unserved"),
        ("aid_asked", "aid_requests"),
        ("aid_committed", "aid_commits"),
        ("double_commits", "double_commits"),
    ] {
        assert_eq!(figures[ours], printed[theirs], "{ours}");
    }
    assert!(printed["incidents"].as_u64().unwrap() > 0);
}

#[test]
fn a_damaged_recording_still_gives_a_report_and_the_damage_is_told() {
    let folder = Folder::new("damaged");
    let ended = output(
        liandong()
            .args([
                "simulate",
                "scenarios/small/quiet-day.toml",
                "--until",
                "1h",
            ])
            .arg("--out")
            .arg(folder.path()),
    );
    assert!(ended.status.success(), "{}", text(&ended));
    let recording = folder.path().join("recording.mlog");
    let mut bytes = std::fs::read(&recording).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 3].copy_from_slice(&[0xff, 0x00, 0xfe]);
    std::fs::write(&recording, bytes).unwrap();
    let told = output(liandong().arg("report").arg(folder.path()));
    assert_eq!(told.status.code(), Some(65), "{}", text(&told));
    assert!(
        text(&told).contains("1 lines cannot be read"),
        "{}",
        text(&told)
    );
    let page = std::fs::read_to_string(folder.path().join("report.json")).unwrap();
    let account: Value = serde_json::from_str(&page).unwrap();
    assert_eq!(
        account["reading"]["ended"], true,
        "what is behind it was read"
    );
    assert_eq!(account["reading"]["unreadable"], 1);
}
