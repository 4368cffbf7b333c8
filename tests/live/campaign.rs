//! Campaigns that are kept: stopped and gone on with, shared by machines, and put together again.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::run::{Folder, liandong, output, text};

/// A short storm over three towns.
const CAMPAIGN: [&str; 8] = [
    "simulate",
    "scenarios/small/quiet-day.toml",
    "--chaos",
    "--until",
    "40m",
    "--output",
    "json",
    "--seeds",
];

fn campaign(seeds: &str, keep: &Path, further: &[&str]) -> std::process::Output {
    let mut command = liandong();
    command.args(CAMPAIGN).arg(seeds).arg("--keep").arg(keep);
    output(command.args(further))
}

fn file(folder: &Folder, name: &str) -> PathBuf {
    std::fs::create_dir_all(folder.path()).unwrap();
    folder.path().join(name)
}

/// An account without what it took, which differs from run to run.
fn account(made: &std::process::Output) -> Value {
    assert!(made.status.success(), "{}", text(made));
    let mut account: Value = serde_json::from_slice(&made.stdout).unwrap();
    let fields = account.as_object_mut().unwrap();
    for took in [
        "wall_s",
        "hours_per_wall_s",
        "peak_mb",
        "seeds_per_hour",
        "jobs",
    ] {
        fields.remove(took);
    }
    account
}

#[test]
fn parts_of_a_campaign_put_together_are_the_whole() {
    let folder = Folder::new("campaign-parts");
    let path = |name| file(&folder, name);
    let whole = account(&campaign("1..5", &path("whole"), &[]));
    let (one, two) = (path("one"), path("two"));
    let first = account(&campaign("1..5", &one, &["--shard", "1/2"]));
    assert_eq!(first["seeds"], 3);
    account(&campaign("1..5", &two, &["--shard", "2/2"]));
    let mut merge = liandong();
    let merge = merge.args(["report", "merge", "--output", "json"]);
    assert_eq!(account(&output(merge.arg(&two).arg(&one))), whole);
    assert_eq!(whole["runs"].as_array().unwrap().len(), 5);
}

#[test]
fn a_campaign_that_was_ended_in_the_midst_of_a_line_goes_on_and_runs_nothing_twice() {
    let folder = Folder::new("campaign-resumed");
    let path = file(&folder, "runs");
    let whole = account(&campaign("1..4", &path, &[]));
    let kept = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = kept.split_inclusive('\n').collect();
    assert_eq!(lines.len(), 5);
    let torn = &lines[3][..lines[3].len() / 2];
    std::fs::write(&path, [lines[0], lines[1], lines[2], torn].concat()).unwrap();
    let resumed = account(&campaign("1..4", &path, &[]));
    assert_eq!(resumed, whole);
    let again = std::fs::read_to_string(&path).unwrap();
    assert!(
        again.starts_with(&lines[..3].concat()),
        "what was kept is kept"
    );
    assert_eq!(again.lines().count(), 5);
    // And when nothing is left to run, it says the same.
    assert_eq!(account(&campaign("1..4", &path, &[])), whole);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), again);
}

#[test]
fn runs_of_another_campaign_and_files_of_others_are_refused_and_left_as_they_are() {
    let folder = Folder::new("campaign-refused");
    let path = file(&folder, "runs");
    account(&campaign("1..1", &path, &[]));
    let refused = |made: &std::process::Output, says: &str| {
        assert!(!made.status.success(), "{}", text(made));
        let said = String::from_utf8_lossy(&made.stderr);
        assert!(said.contains(says), "{said}");
    };
    let other = campaign("1..1", &path, &["--policy", "batch"]);
    refused(&other, "policy is \"as written\" there and \"batch\" here");
    for (name, theirs) in [
        ("notes", "not ours"),
        ("lines", "not ours\n"),
        ("bytes", "\u{0}"),
    ] {
        let foreign = file(&folder, name);
        std::fs::write(&foreign, theirs).unwrap();
        refused(&campaign("1..1", &foreign, &[]), "name");
        assert_eq!(std::fs::read_to_string(&foreign).unwrap(), theirs);
    }
    // A seed that went another way on another machine is no result of either.
    let kept = std::fs::read_to_string(&path).unwrap();
    let changed = file(&folder, "changed");
    std::fs::write(&changed, kept.replace("\"served\":", "\"served\":1")).unwrap();
    let mut merge = liandong();
    let merged = output(merge.args(["report", "merge"]).arg(&path).arg(&changed));
    refused(&merged, "seed 1 went one way in");
}

#[test]
fn a_sweep_holds_every_value_against_the_first_over_the_same_seeds() {
    let mut sweep = liandong();
    let sweep = sweep
        .args(CAMPAIGN)
        .args(["1..2", "--vary", "fleet.scale=2.5,2,0.5"]);
    let account = account(&output(sweep));
    let values = account["values"].as_array().unwrap();
    let order: Vec<&Value> = values.iter().map(|it| &it["value"]).collect();
    assert_eq!(
        order,
        ["2.5", "2", "0.5"],
        "in the order that they were written"
    );
    assert_eq!(values[0]["harm_min"]["difference"], 0.0);
    let harm = |place: usize| values[place]["harm_min"]["mean"].as_f64().unwrap();
    assert!(
        harm(2) > harm(0),
        "a fifth of the units helps less: {account}"
    );
    assert_eq!(
        values[2]["harm_min"]["mean_beside"],
        values[0]["harm_min"]["mean"]
    );
    let mut misspelt = liandong();
    let misspelt = misspelt
        .args(CAMPAIGN)
        .args(["1..2", "--vary", "fleet.scle=1,2"]);
    let refused = output(misspelt);
    assert!(!refused.status.success());
    assert!(
        text(&refused).contains("fleet has no \"scle\""),
        "{}",
        text(&refused)
    );
}
