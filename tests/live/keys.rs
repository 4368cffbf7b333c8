//! Keys from the shell: made, admitted, replaced, ended; secrets from a file, a credential, the environment.

mod folder;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::run::{Folder, liandong, output, text};

#[test]
fn a_party_is_admitted_gets_a_new_key_and_its_old_one_ends() {
    let folder = Folder::new("keys");
    let trial = folder.path().join("trial");
    let made = output(liandong().arg("init").arg(&trial));
    assert!(made.status.success(), "{}", text(&made));
    let offline = trial.join("region-offline");
    let party = "op2-990100";
    let first = make(&trial, party, folder.path().join("first"));
    let key = first.join(format!("{party}.key"));
    assert_eq!(
        fs::metadata(&key).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let twice = output(&mut making(&trial, party, &first));
    assert_eq!(twice.status.code(), Some(77), "{}", text(&twice));

    // The region's key comes from the environment, or as a credential of a service, or out of its file.
    let secret = fs::read_to_string(offline.join("region.key")).unwrap();
    fs::remove_file(offline.join("region.key")).unwrap();
    let half = first.join(format!("{party}.pub"));
    let mut admit = signing("admit", &half, &offline);
    admit
        .args(["--key", "env:REGION_KEY"])
        .env("REGION_KEY", &secret);
    done(&output(&mut admit));
    let second = make(&trial, party, folder.path().join("second"));
    let credentials = folder.path().join("credentials");
    fs::create_dir(&credentials).unwrap();
    fs::write(credentials.join("region"), &secret).unwrap();
    let mut rotate = signing("rotate", &second.join(format!("{party}.pub")), &offline);
    rotate.args([
        "--until",
        "2030-01-01T00:00:00+08:00",
        "--key",
        "credential:region",
    ]);
    done(&output(rotate.env("CREDENTIALS_DIRECTORY", &credentials)));
    let again = output(
        signing("rotate", &half, &offline)
            .args(["--key", "env:REGION_KEY"])
            .env("REGION_KEY", &secret),
    );
    assert_eq!(again.status.code(), Some(65), "{}", text(&again));

    its_end_is_shown_and_no_secret(&offline, party, &key, &secret);
}

#[test]
fn the_region_s_own_key_a_secret_half_and_a_roster_alone_are_told_what_is_to_be_done() {
    let folder = Folder::new("keys-wrong");
    let trial = folder.path().join("trial");
    done(&output(liandong().arg("init").arg(&trial)));
    let offline = trial.join("region-offline");
    let told = |command: &mut Command, words: &str| {
        let refused = output(command);
        let said = text(&refused);
        assert!(!refused.status.success(), "{said}");
        assert!(said.contains(words), "{said}");
    };
    let region = Path::new("region");
    told(
        &mut signing("revoke", region, &offline),
        "make the region anew with `liandong init`",
    );
    for secret in ["office.key", "operator.tls.key"] {
        let secret = trial.join("990100").join(secret);
        told(
            &mut signing("admit", &secret, &offline),
            "name the public half, PARTY.pub",
        );
    }
    let alone = folder.path().join("roster.log");
    fs::copy(offline.join("roster.log"), &alone).unwrap();
    told(
        liandong().args(["keys", "show"]).arg(&alone),
        "pass --network",
    );
    let half = folder.path().join("none.pub");
    fs::write(&half, "hello").unwrap();
    told(
        liandong().args(["keys", "show"]).arg(&half),
        "is no public half of a key",
    );
}

#[test]
fn a_party_whose_key_was_revoked_comes_back_with_another() {
    let folder = Folder::new("back");
    let trial = folder.path().join("trial");
    done(&output(liandong().arg("init").arg(&trial)));
    let offline = trial.join("region-offline");
    let party = "op2-990100";
    let half = |name: &str| half_of(&trial, party, folder.path().join(name));
    let (first, second) = (half("first"), half("second"));
    done(&output(&mut signing("admit", &first, &offline)));
    let mut revoke = liandong();
    revoke.args(["keys", "revoke", party, "--region"]);
    done(&output(revoke.arg(&offline)));
    done(&output(&mut signing("rotate", &second, &offline)));
    let old = output(&mut signing("rotate", &first, &offline));
    assert_eq!(old.status.code(), Some(65), "{}", text(&old));
}

/// Its party signs on until it knows of the new key.
#[test]
fn beside_a_new_key_the_old_one_counts_for_a_day_unless_told_otherwise() {
    let folder = Folder::new("beside");
    let trial = folder.path().join("trial");
    done(&output(liandong().arg("init").arg(&trial)));
    let offline = trial.join("region-offline");
    let party = "op2-990100";
    let half = |name: &str| half_of(&trial, party, folder.path().join(name));
    let (first, second) = (half("first"), half("second"));
    done(&output(&mut signing("admit", &first, &offline)));
    let seen = output(&mut signing("rotate", &second, &offline));
    let told = text(&seen);
    assert!(told.contains("those before it count until 20"), "{told}");
    assert!(told.contains("then, before 20"), "{told}");
    assert_eq!(ends(&offline, party, "until 20").len(), 1, "it counts on");
    let ended = ["expired at", "revoked"].map(|end| ends(&offline, party, end).len());
    assert_eq!(ended, [0, 0]);

    // The first may lie there still, and ends when it was to end.
    let before = |told: &str| {
        told.split_once("then, before ")
            .map(|(_, at)| at[..25].to_owned())
    };
    let third = half("third");
    let mut rotate = signing("rotate", &third, &offline);
    let seen = text(&output(
        rotate.args(["--until", "2090-01-01T00:00:00+08:00"]),
    ));
    assert_eq!(before(&seen), before(&told), "{seen}");
}

#[test]
fn a_key_that_has_ended_is_brought_back_only_by_its_name() {
    let folder = Folder::new("ended");
    let trial = folder.path().join("trial");
    done(&output(liandong().arg("init").arg(&trial)));
    let offline = trial.join("region-offline");
    let party = "op2-990100";
    let half = |name: &str| half_of(&trial, party, folder.path().join(name));
    let expire = |at: &str, key: Option<&str>| {
        let mut expire = liandong();
        expire.args(["keys", "expire", party]).args(key);
        output(expire.args(["--at", at, "--region"]).arg(&offline))
    };
    let (first, second) = (half("first"), half("second"));
    done(&output(&mut signing("admit", &first, &offline)));
    done(&expire("2020-01-01T00:00:00+08:00", None));
    let later = "2040-01-01T00:00:00+08:00";
    let mut rotate = signing("rotate", &second, &offline);
    done(&output(rotate.args(["--until", later])));
    let (ended, counts) = ("expired at 2020-01-01", "until 2040-01-01");
    assert_eq!(ends(&offline, party, ended).len(), 1, "it had ended");
    done(&expire(later, None));
    assert_eq!(ends(&offline, party, ended).len(), 1);
    assert_eq!(ends(&offline, party, counts).len(), 1);
    let seen = expire("2050-01-01T00:00:00+08:00", None);
    assert_eq!(seen.status.code(), Some(65), "{}", text(&seen));
    assert!(text(&seen).contains("name its key"), "{}", text(&seen));
    let found = ends(&offline, party, ended);
    let [key] = &found[..] else {
        panic!("one key has ended");
    };
    done(&expire(later, Some(key)));
    assert_eq!(ends(&offline, party, counts).len(), 2);
}

/// The keys of a party that are shown with this end.
fn ends(offline: &Path, party: &str, end: &str) -> Vec<String> {
    let mut shown = liandong();
    shown.args(["keys", "show"]).arg(offline.join("roster.log"));
    let told = text(&output(&mut shown));
    let lines = told
        .lines()
        .filter(|line| line.starts_with(party) && line.contains(end));
    let key = |line: &str| {
        let (_, key) = line.split_once("key ").unwrap();
        key.chars().take(16).collect()
    };
    lines.map(key).collect()
}

#[test]
fn a_new_key_makes_nobody_another_than_the_roster_says() {
    let folder = Folder::new("keys-other");
    let trial = folder.path().join("trial");
    done(&output(liandong().arg("init").arg(&trial)));
    let offline = trial.join("region-offline");
    let new = folder.path().join("new");
    let mut making = liandong();
    making.args(["keys", "make", "op-990100", "--role", "director"]);
    making.args(["--network"]).arg(offline.join("network.toml"));
    done(&output(making.arg("--out").arg(&new)));
    let roster = fs::read(offline.join("roster.log")).unwrap();
    let seen = output(&mut signing("rotate", &new.join("op-990100.pub"), &offline));
    assert_eq!(seen.status.code(), Some(65), "{}", text(&seen));
    let told = text(&seen);
    let is = "it is of director of op-990100, area 000000, and \"op-990100\" is operator of 990100, area 990100";
    assert!(told.contains(is), "{told}");
    let remedy =
        "liandong keys make op-990100 --role operator --area 990100 --office 990100 --network";
    assert!(told.contains(remedy), "{told}");
    assert_eq!(fs::read(offline.join("roster.log")).unwrap(), roster);
}

#[test]
fn a_certificate_is_taken_back_by_the_authority_that_made_it_and_stays_so() {
    let folder = Folder::new("uncertify");
    let trial = folder.path().join("trial");
    done(&output(liandong().arg("init").arg(&trial)));
    let offline = trial.join("region-offline");
    let taking = |file: &Path| {
        let mut taking = liandong();
        taking.args(["keys", "uncertify"]).arg(file);
        output(taking.arg("--region").arg(&offline))
    };
    done(&taking(&trial.join("990200/tls.pem")));
    let seen = taking(&trial.join("990100/tls.pem"));
    let in_all = "by which 2 certificates in all";
    assert!(text(&seen).contains(in_all), "{}", text(&seen));
    // Another's certificate is none of its own.
    let other = folder.path().join("other");
    done(&output(liandong().arg("init").arg(&other)));
    let seen = taking(&other.join("990100/tls.pem"));
    assert_eq!(seen.status.code(), Some(65), "{}", text(&seen));
    // The gate reads it, and its own office learns that it is shut out.
    let office = trial.join("990100");
    fs::copy(offline.join("revoked.pem"), office.join("revoked.pem")).unwrap();
    let settings = office.join("office.toml");
    let said = fs::read_to_string(&settings).unwrap();
    let names = "client_ca = \"ca.pem\"\nrevoked = \"revoked.pem\"";
    let said = said.replacen("client_ca = \"ca.pem\"", names, 1);
    fs::write(&settings, said).unwrap();
    let seen = output(liandong().args(["doctor", "--offline"]).arg(&office));
    let told = text(&seen);
    assert!(told.starts_with("certificate-revoked  "), "{told}");
    assert!(told.contains("1 finding in "), "{told}");
}

#[test]
fn a_drill_s_key_is_neither_admitted_to_an_actual_network_nor_signs_there() {
    let folder = Folder::new("drill-key");
    let (drill, actual) = (folder.path().join("drill"), folder.path().join("actual"));
    for (place, mode) in [(&drill, "exercise"), (&actual, "actual")] {
        done(&output(
            liandong().arg("init").arg(place).args(["--mode", mode]),
        ));
    }
    let halves = make(&drill, "op2-990100", folder.path().to_owned());
    let half = halves.join("op2-990100.pub");
    let refused = output(&mut signing("admit", &half, &actual.join("region-offline")));
    assert_eq!(refused.status.code(), Some(65), "{}", text(&refused));
    assert!(
        text(&refused).contains("make another key"),
        "{}",
        text(&refused)
    );
    fs::copy(
        drill.join("990100/office.key"),
        actual.join("990100/office.key"),
    )
    .unwrap();
    let refused = output(
        liandong()
            .args(["office", "--config"])
            .arg(actual.join("990100/office.toml")),
    );
    assert_eq!(refused.status.code(), Some(78), "{}", text(&refused));
    assert!(
        text(&refused).contains("which is exercise"),
        "{}",
        text(&refused)
    );
}

#[test]
fn a_party_that_belongs_gets_another_certificate_that_the_doctor_finds_sound() {
    let folder = Folder::new("certify");
    let trial = folder.path().join("trial");
    done(&output(liandong().arg("init").arg(&trial)));
    let new = folder.path().join("new");
    let certify = |party: &str, more: &[&str]| {
        let mut command = liandong();
        command.args(["keys", "certify", party]).args(more);
        command.arg("--region").arg(trial.join("region-offline"));
        output(command.arg("--out").arg(&new))
    };
    let host = ["--host", "east.example.org"];
    let made = certify("990100", &host);
    done(&made);
    assert!(text(&made).contains("east.example.org"), "{}", text(&made));
    done(&certify("op-990100", &[]));
    for (party, name) in [("990100", "tls"), ("op-990100", "operator.tls")] {
        for ending in ["pem", "key"] {
            let from = new.join(format!("{party}.tls.{ending}"));
            let to = trial.join("990100").join(format!("{name}.{ending}"));
            fs::copy(from, to).unwrap();
        }
    }
    let key = fs::metadata(new.join("990100.tls.key")).unwrap();
    assert_eq!(key.permissions().mode() & 0o777, 0o600);
    done(&output(
        liandong().args(["doctor", "--offline"]).arg(&trial),
    ));
    for (party, more, code) in [
        ("990100", &host[..], 77),
        ("stranger", &[], 65),
        ("op-990200", &host, 78),
    ] {
        let refused = certify(party, more);
        assert_eq!(refused.status.code(), Some(code), "{}", text(&refused));
    }
}

fn its_end_is_shown_and_no_secret(offline: &Path, party: &str, key: &Path, secret: &str) {
    let shown = output(
        liandong()
            .args(["keys", "show"])
            .arg(offline.join("roster.log"))
            .arg(key),
    );
    let told = text(&shown);
    let of_party = told.lines().filter(|line| line.starts_with(party));
    let ends: Vec<&str> = of_party
        .map(|line| line.rsplit("  ").next().unwrap())
        .collect();
    assert_eq!(ends.len(), 3, "{told}");
    assert!(
        ends.contains(&"counts") && told.contains("counts until 2030-01-01"),
        "{told}"
    );
    let digits = |file: &Path| {
        fs::read_to_string(file)
            .unwrap()
            .split('"')
            .rev()
            .nth(1)
            .unwrap()
            .to_owned()
    };
    for hidden in [
        digits(key),
        secret.split('"').rev().nth(1).unwrap().to_owned(),
    ] {
        assert_eq!(hidden.len(), 64);
        assert!(!told.contains(&hidden));
    }
}

fn making(trial: &Path, party: &str, out: &Path) -> Command {
    let mut command = liandong();
    command.args([
        "keys", "make", party, "--role", "operator", "--office", "990100",
    ]);
    command
        .arg("--network")
        .arg(trial.join("region-offline/network.toml"))
        .arg("--out")
        .arg(out);
    command
}

fn make(trial: &Path, party: &str, out: PathBuf) -> PathBuf {
    done(&output(&mut making(trial, party, &out)));
    out
}

/// The public half of a key that is made into a folder.
fn half_of(trial: &Path, party: &str, out: PathBuf) -> PathBuf {
    make(trial, party, out).join(format!("{party}.pub"))
}

fn signing(verb: &str, half: &Path, offline: &Path) -> Command {
    let mut command = liandong();
    command
        .args(["keys", verb])
        .arg(half)
        .arg("--region")
        .arg(offline);
    command
}

fn done(seen: &Output) {
    assert!(seen.status.success(), "{}", text(seen));
}
