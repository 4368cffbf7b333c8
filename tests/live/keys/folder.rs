//! The region's own folder: one command at a time changes it, and what is missing of it is not made up.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::{done, half_of, signing};
use crate::run::{Folder, liandong, output, text};

#[test]
fn whoever_is_told_that_a_key_is_revoked_beside_others_who_revoke_is_told_what_is_true() {
    let folder = Folder::new("beside");
    let parties = ["op-990100", "op-990200", "op-990300"];
    for round in 0..4 {
        let trial = folder.path().join(format!("trial-{round}"));
        done(&output(liandong().arg("init").arg(&trial)));
        let offline = trial.join("region-offline");
        let running = parties.map(|party| {
            let mut command = revoking(party, &offline);
            command.stdout(Stdio::null()).stderr(Stdio::null());
            command.spawn().unwrap()
        });
        let told = running.map(|mut it| it.wait().unwrap().code());
        let mut show = liandong();
        show.args(["keys", "show"]).arg(offline.join("roster.log"));
        let seen = text(&output(&mut show));
        for (party, code) in parties.iter().zip(told) {
            let line = seen.lines().find(|it| it.starts_with(party)).unwrap();
            let expected = if line.ends_with("revoked") { 0 } else { 75 };
            assert_eq!(code, Some(expected), "round {round}: {line}");
        }
        assert!(told.contains(&Some(0)), "one of them has its turn");
    }
}

#[test]
fn while_a_command_changes_the_region_s_folder_every_other_is_refused_and_changes_nothing() {
    let folder = Folder::new("turn");
    let trial = folder.path().join("trial");
    done(&output(liandong().arg("init").arg(&trial)));
    let offline = trial.join("region-offline");
    let half = half_of(&trial, "op2-990100", folder.path().join("new"));
    let all = || {
        [
            signing("admit", &half, &offline),
            revoking("op-990100", &offline),
            taking(&trial.join("990100/tls.pem"), &offline),
        ]
    };
    let kept = ["roster.log", "revoked.pem"].map(|name| offline.join(name));
    let before = kept.each_ref().map(|it| fs::read(it).unwrap());
    let held = fs::File::create(offline.join("region.lock")).unwrap();
    held.lock().unwrap();
    for mut command in all() {
        let seen = output(&mut command);
        assert_eq!(seen.status.code(), Some(75), "{}", text(&seen));
        let told = "another command changes keys or certificates in this folder";
        assert!(text(&seen).contains(told), "{}", text(&seen));
        assert!(text(&seen).contains("say it again"), "{}", text(&seen));
    }
    assert_eq!(kept.each_ref().map(|it| fs::read(it).unwrap()), before);
    drop(held);
    for mut command in all() {
        done(&output(&mut command));
    }
    let entries = fs::read_dir(&offline).unwrap();
    let names = entries.map(|it| it.unwrap().file_name());
    let left: Vec<_> = names
        .filter(|it| it.to_string_lossy().ends_with(".new"))
        .collect();
    assert_eq!(left, [""; 0], "nothing half written is left");
}

#[test]
fn a_list_of_what_was_taken_back_that_is_missing_is_not_begun_anew_unasked() {
    let folder = Folder::new("missing-list");
    let trial = folder.path().join("trial");
    done(&output(liandong().arg("init").arg(&trial)));
    let offline = trial.join("region-offline");
    let list = offline.join("revoked.pem");
    let take = |party: &str| output(&mut taking(&trial.join(party).join("tls.pem"), &offline));
    let in_all = |seen: &Output, count: &str| {
        done(seen);
        let told = format!("by which {count} certificates in all");
        assert!(text(seen).contains(&told), "{}", text(seen));
    };
    in_all(&take("990100"), "1");
    let of_the_gates = fs::read_to_string(&list).unwrap();
    fs::remove_file(&list).unwrap();
    let seen = take("990200");
    assert_eq!(seen.status.code(), Some(66), "{}", text(&seen));
    let told = "put the newest there that a gate has";
    assert!(text(&seen).contains(told), "{}", text(&seen));
    assert!(!list.exists());
    // A gate's file may have another authority's list besides.
    let other = folder.path().join("other");
    done(&output(liandong().arg("init").arg(&other)));
    let another_s = fs::read_to_string(other.join("region-offline/revoked.pem")).unwrap();
    fs::write(&list, &another_s).unwrap();
    let seen = take("990200");
    assert_eq!(seen.status.code(), Some(65), "{}", text(&seen));
    fs::write(&list, another_s + &of_the_gates).unwrap();
    in_all(&take("990200"), "2");
    // A region that was made when there was none yet.
    fs::remove_file(&list).unwrap();
    let first = taking(&trial.join("990100/tls.pem"), &offline)
        .arg("--first")
        .output();
    in_all(&first.unwrap(), "1");
}

fn revoking(party: &str, offline: &Path) -> Command {
    let mut command = liandong();
    command.args(["keys", "revoke", party, "--region"]);
    command.arg(offline);
    command
}

fn taking(certificate: &Path, offline: &Path) -> Command {
    let mut command = liandong();
    command.args(["keys", "uncertify"]).arg(certificate);
    command.arg("--region").arg(offline);
    command
}
