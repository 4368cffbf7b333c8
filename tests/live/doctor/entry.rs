//! The doctor names who is not let in at a gate, or not for long, and what a gate has that lets nobody in.

use std::fs;
use std::path::Path;

use super::journal::in_a_week;
use super::{edit, made, mode, named, set};
use crate::run::{Folder, Running, liandong, output, text};

#[test]
fn an_operator_s_key_that_ends_within_a_month_is_named() {
    let folder = Folder::new("doctor-ends");
    let trial = made(&folder, "trial");
    keys(&trial, &["expire", "op-990100", "--at", &in_a_week()]);
    assert_eq!(named(&trial, &["--offline"]), set(&["key-ends-soon"]));
    let told = told(&trial);
    assert!(told.contains("operator.key: key "), "{told}");
}

#[test]
fn a_party_none_of_whose_keys_counts_is_named_whatever_key_lies_there() {
    let folder = Folder::new("doctor-kept-out");
    let trial = made(&folder, "trial");
    keys(&trial, &["revoke", "op-990200"]);
    let operator = trial.join("990200/operator.key");
    fs::write(&operator, "no key").unwrap();
    mode(&operator, 0o600);
    let expected = set(&["kept-out", "key-misread"]);
    assert_eq!(named(&trial, &["--offline"]), expected);
    let told = told(&trial);
    let place = format!(
        "kept-out  {}:",
        trial.join("990200/operator.toml").display()
    );
    assert!(told.contains(&place), "{told}");
    assert!(
        told.contains("no key of \"op-990200\" counts any more"),
        "{told}"
    );
}

#[test]
fn an_office_whose_new_key_was_revoked_serves_with_its_old_one_and_nothing_is_wrong() {
    let folder = Folder::new("doctor-rotated");
    let trial = made(&folder, "trial");
    let offline = trial.join("region-offline");
    let new = folder.path().join("new");
    let mut making = liandong();
    making.args(["keys", "make", "990100", "--role", "city"]);
    making.args(["--area", "990100", "--circle", "north-bay"]);
    making.arg("--network").arg(offline.join("network.toml"));
    let seen = output(making.arg("--out").arg(&new));
    assert!(seen.status.success(), "{}", text(&seen));
    let half = new.join("990100.pub");
    let until = ["--until", "2090-01-01T00:00:00+08:00"];
    let rotated = keys(
        &trial,
        &[&["rotate", half.to_str().unwrap()], &until[..]].concat(),
    );
    let (_, key) = rotated.split_once("990100 has key ").unwrap();
    keys(&trial, &["revoke", "990100", &key[..16]]);
    assert_eq!(named(&trial, &["--offline"]), set(&[]));

    let office = trial.join("990100");
    let mut running = Running::start(
        liandong()
            .args(["office", "--config"])
            .arg(office.join("office.toml")),
    );
    running.wait_for("is on duty");
    let mut note = liandong();
    note.args(["command", "--wait-s", "20", "--config"]);
    note.arg(office.join("operator.toml"));
    let seen = output(note.args(["note", "x"]));
    assert!(seen.status.success(), "{}", text(&seen));
    running.signal("TERM");
    drop(running.end());
    let out = new.to_str().unwrap();
    keys(&trial, &["certify", "990100", "--out", out]);
}

#[test]
fn a_certificate_that_is_taken_back_at_the_gate_where_it_is_shown_is_named() {
    let folder = Folder::new("doctor-taken-back");
    let trial = made(&folder, "trial");
    let at = |file: &str| trial.join(file).to_str().unwrap().to_owned();
    keys(&trial, &["uncertify", &at("990100/operator.tls.pem")]);
    listed(&trial, "990200");
    // It comes to that office no more than its neighbours' operators do.
    assert_eq!(named(&trial, &["--offline"]), set(&[]));
    listed(&trial, "990100");
    let expected = set(&["certificate-revoked"]);
    assert_eq!(named(&trial, &["--offline"]), expected);
    let seen = told(&trial);
    assert!(
        seen.contains("operator.tls.pem: is taken back by"),
        "{seen}"
    );

    // An office's, at the gate of another.
    let trial = made(&folder, "second");
    let cert = trial.join("990300/tls.pem");
    keys(&trial, &["uncertify", cert.to_str().unwrap()]);
    listed(&trial, "990200");
    assert_eq!(named(&trial, &["--offline"]), expected);
    let seen = told(&trial);
    let place = format!("{}: is taken back by", cert.display());
    assert!(seen.contains(&place), "{seen}");
}

#[test]
fn a_password_of_nobody_and_an_origin_that_no_browser_says_are_named() {
    let folder = Folder::new("doctor-nobody");
    let trial = made(&folder, "trial");
    let office = trial.join("990100");
    let lines = ["990200", "stranger"].map(|party| {
        let mut command = liandong();
        command.args(["keys", "password", party]);
        let seen = output(command.env("LIANDONG_PASSWORD", "a long password"));
        String::from_utf8(seen.stdout).unwrap()
    });
    let file = office.join("passwords");
    fs::write(&file, lines.concat()).unwrap();
    mode(&file, 0o600);
    let ca = "client_ca = \"ca.pem\"\n";
    let origins = "origins = [\"https://screens.example\", \"screens.example\"]\n";
    let more = format!("{ca}passwords = \"passwords\"\n{origins}");
    edit(&office.join("office.toml"), ca, &more);
    let expected = set(&["origin", "password-party"]);
    assert_eq!(named(&trial, &["--offline"]), expected);
    let seen = told(&trial);
    assert!(seen.contains("password of \"stranger\""), "{seen}");
    assert!(seen.contains("origin \"screens.example\""), "{seen}");
    edit(&office.join("office.toml"), ", \"screens.example\"", "");
    fs::write(&file, &lines[0]).unwrap();
    assert_eq!(named(&trial, &["--offline"]), set(&[]));
}

/// A command of keys in the region's folder, and every office has the roster that comes of it.
fn keys(trial: &Path, args: &[&str]) -> String {
    let offline = trial.join("region-offline");
    let mut command = liandong();
    let seen = output(command.arg("keys").args(args).arg("--region").arg(&offline));
    assert!(seen.status.success(), "{}", text(&seen));
    for office in ["990100", "990200", "990300"] {
        let to = trial.join(office).join("roster.log");
        fs::copy(offline.join("roster.log"), to).unwrap();
    }
    text(&seen)
}

/// Has an office's gate go by the region's list.
fn listed(trial: &Path, office: &str) {
    let office = trial.join(office);
    let list = trial.join("region-offline/revoked.pem");
    fs::copy(list, office.join("revoked.pem")).unwrap();
    let ca = "client_ca = \"ca.pem\"\n";
    let names = format!("{ca}revoked = \"revoked.pem\"\n");
    edit(&office.join("office.toml"), ca, &names);
}

fn told(trial: &Path) -> String {
    text(&output(liandong().args(["doctor", "--offline"]).arg(trial)))
}
