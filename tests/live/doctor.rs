//! The doctor names each fault of a trial region, and none where there is none.

mod chain;
mod entry;
mod journal;

use std::collections::BTreeSet;
use std::fs::{self, FileTimes};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair, date_time_ymd,
};
use serde_json::Value;

use crate::renewal::authority;
use crate::run::{Folder, liandong, output, text};

#[test]
fn every_planted_fault_is_named_with_its_file_and_remedy_and_a_sound_region_has_none() {
    let folder = Folder::new("doctor");
    let trial = made(&folder, "trial");
    assert_eq!(named(&trial, &["--offline"]), BTreeSet::new());
    let other = made(&folder, "other");
    let planted = [
        secrets(&trial.join("990100")),
        papers(&trial.join("990200"), &other.join("990200")),
        settings(&trial.join("990300")),
    ];
    let port = port_of(&trial.join("990100/office.toml"));
    let _taken = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    let mut expected: BTreeSet<String> = planted.into_iter().flatten().map(str::to_owned).collect();
    expected.insert("port-in-use".to_owned());
    assert!(expected.len() >= 10, "{expected:?}");
    let found = named(&trial, &["--offline"]);
    assert_eq!(found, expected);
    // Nobody of the neighbours runs.
    let seen = output(liandong().args(["doctor", "--wait-s", "1"]).arg(&trial));
    let told = text(&seen);
    for file in ["990100/office.toml", "990200/operator.toml"] {
        let silent = format!("bus-unreachable  {}:", trial.join(file).display());
        assert!(told.contains(&silent), "{silent} {told}");
    }
}

#[test]
fn faults_planted_at_one_office_are_all_named_whatever_cannot_be_read_of_its_settings() {
    let folder = Folder::new("doctor-one");
    let trial = made(&folder, "trial");
    let file = trial.join("990100/office.toml");
    unreadable(&file);
    misused(
        &trial.join("990100"),
        &trial.join("region-offline/region.key"),
    );
    let expected = set(&[
        "bus-office",
        "bus-own",
        "certificate-revocations",
        "certificate-unreadable",
        "file-mode",
        "folder-mode",
        "inventory",
        "journal-mode",
        "journal-unreadable",
        "listen-clear",
        "region-key",
        "secret-mode",
        "settings-misread",
        "settings-unknown",
    ]);
    assert_eq!(named(&trial, &["--offline"]), expected);
    let seen = output(liandong().args(["doctor", "--offline"]).arg(&trial));
    let told = text(&seen);
    for word in [
        "autonomy",
        "own-frist",
        "half a minute",
        "amubulance",
        "inventroy",
    ] {
        let line = 1 + text_of(&file)
            .lines()
            .position(|it| it.contains(word))
            .unwrap();
        let at = format!("{}:{line}: ", file.display());
        assert!(told.contains(&at), "{at}{word}: {told}");
    }
    // Without a name nobody says whose inventory, journal and bus they are; all else is still looked at.
    edit(&file, "office = \"990100\"", "office = 5");
    let mut rest = expected;
    for unknown in ["bus-own", "inventory", "journal-unreadable"] {
        rest.remove(unknown);
    }
    assert_eq!(named(&trial, &["--offline"]), rest);
}

#[test]
fn offices_that_contradict_each_other_are_named() {
    let folder = Folder::new("doctor-between");
    let trial = made(&folder, "trial");
    let settings = |office: &str| trial.join(office).join("office.toml");
    let (first, third) = (settings("990100"), settings("990300"));
    let port = |file: &Path| port_of(file).to_string();
    edit(&third, &port(&third), &port(&first));
    edit(&settings("990200"), "client_ca = \"ca.pem\"\n", "");
    let clear = "url = \"mqtt://east.example.org:1883\"";
    let url = format!("url = \"mqtts://127.0.0.1:{}\"", port(&settings("990200")));
    edit(&first, &url, clear);
    // Who joins the third finds the first at its old address, or nobody; its own bus is the first's.
    let expected = [
        "bus-address",
        "bus-clear",
        "bus-own",
        "client-ca",
        "port-twice",
    ];
    assert_eq!(named(&trial, &["--offline"]), set(&expected));
}

#[test]
fn what_an_operator_shows_the_region_s_own_key_and_a_bus_named_twice_are_looked_at() {
    let folder = Folder::new("doctor-operator");
    let (trial, other) = (made(&folder, "trial"), made(&folder, "other"));
    let found = || named(&trial, &["--offline"]);
    fs::write(trial.join("990100/operator.tls.pem"), "garbage").unwrap();
    assert_eq!(found(), set(&["certificate-unreadable"]));
    for file in ["operator.tls.pem", "operator.tls.key"] {
        let theirs = other.join("990100").join(file);
        fs::copy(theirs, trial.join("990100").join(file)).unwrap();
    }
    let seen = output(liandong().args(["doctor", "--offline"]).arg(&trial));
    let told = text(&seen);
    assert!(told.starts_with("certificate-authority  "), "{told}");
    assert!(told.contains("liandong keys certify PARTY"), "{told}");
    mode(&trial.join("region-offline/region.key"), 0o644);
    assert_eq!(found(), set(&["certificate-authority", "secret-mode"]));

    let settings = trial.join("990200/office.toml");
    let said = fs::read_to_string(&settings).unwrap();
    let (_, bus) = said.split_once("[[bus]]").unwrap();
    let bus = bus.split("[[bus]]").next().unwrap();
    fs::write(&settings, format!("{said}\n[[bus]]{bus}")).unwrap();
    // Of a file that says nothing, nothing else is held against it.
    fs::write(trial.join("990300/operator.toml"), "").unwrap();
    let all = [
        "bus-twice",
        "certificate-authority",
        "secret-mode",
        "settings-misread",
    ];
    assert_eq!(found(), set(&all));
}

#[test]
fn a_gate_that_shuts_its_own_office_out_is_named() {
    let folder = Folder::new("doctor-own");
    let trial = made(&folder, "trial");
    let settings = |office: &str| trial.join(office).join("office.toml");
    let codes = |office: &str| named(&trial.join(office), &["--offline"]);
    // By password alone, of which an office has none; without TLS, where it can show nothing.
    let first = settings("990100");
    fs::write(trial.join("990100/passwords"), "").unwrap();
    mode(&trial.join("990100/passwords"), 0o600);
    edit(
        &first,
        "client_ca = \"ca.pem\"",
        "passwords = \"passwords\"",
    );
    assert!(codes("990100").contains("listen"), "{:?}", codes("990100"));
    // A certificate that names another machine than the one by which its own office comes in.
    edit(&settings("990200"), "mqtts://127.0.0.1", "mqtts://0.0.0.0");
    assert_eq!(codes("990200"), BTreeSet::new());
    certified(&trial, "990200", &["east.example.org"], true);
    assert_eq!(codes("990200"), set(&["certificate-name"]));
    // One that is not made for being shown to a gate.
    certified(&trial, "990300", &["localhost", "127.0.0.1", "::1"], false);
    assert_eq!(codes("990300"), set(&["certificate-usage"]));
}

/// Another certificate of an office by its region's authority, which is good for a gate, and for being
/// shown to one or not.
fn certified(trial: &Path, office: &str, names: &[&str], shown: bool) {
    let issuer = authority(&trial.join("region-offline"));
    let names: Vec<String> = names.iter().map(|it| (*it).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, office);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2100, 1, 1);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    if shown {
        let usages = &mut params.extended_key_usages;
        usages.push(ExtendedKeyUsagePurpose::ClientAuth);
    }
    let key = KeyPair::generate().unwrap();
    let cert = params.signed_by(&key, &issuer).unwrap();
    fs::write(trial.join(office).join("tls.pem"), cert.pem()).unwrap();
    fs::write(trial.join(office).join("tls.key"), key.serialize_pem()).unwrap();
}

fn set(codes: &[&str]) -> BTreeSet<String> {
    codes.iter().copied().map(str::to_owned).collect()
}

/// Settings of which a part cannot be read, and a part cannot be meant.
fn unreadable(file: &Path) {
    for (from, to) in [
        ("planning = \"own-first\"", "planning = \"own-frist\""),
        ("aid_window_s = 30", "aid_window_s = \"half a minute\""),
        ("ambulance = 1", "amubulance = 1"),
        (
            "journal = \"journal\"",
            "journal = \"journal\"\ninventroy = \"x.csv\"",
        ),
        // No TOML at all.
        ("autonomy = \"advise\"", "autonomy"),
        ("mqtts://127.0.0.1", "mqtt://0.0.0.0"),
        (
            "client_ca = \"ca.pem\"",
            "client_ca = \"ca.pem\"\nrevoked = \"revoked.pem\"",
        ),
        ("office = \"990200\"", "office = \"990100\""),
        ("office = \"990300\"", "office = \"991300\""),
    ] {
        edit(file, from, to);
    }
}

/// Files that hold something else, or that others can use.
fn misused(office: &Path, region: &Path) {
    let list = "-----BEGIN X509 CRL-----\naGVsbG8=\n-----END X509 CRL-----\n";
    fs::write(office.join("revoked.pem"), list).unwrap();
    fs::write(office.join("tls.pem"), "garbage").unwrap();
    fs::copy(region, office.join("region.key")).unwrap();
    fs::write(office.join("journal/990100.journal"), "garbage".repeat(99)).unwrap();
    mode(&office.join("journal/990100.journal"), 0o666);
    mode(&office.join("journal"), 0o777);
    mode(&office.join("roster.log"), 0o666);
    mode(&office.join("office.key"), 0o644);
    edit(&office.join("inventory.csv"), "消防救援队,", "水上飞机,");
}

/// What others can read, or what is not the office's own.
fn secrets(office: &Path) -> Vec<&'static str> {
    mode(&office.join("office.key"), 0o644);
    // The key of the certificate is another's.
    fs::remove_file(office.join("tls.key")).unwrap();
    fs::copy(office.join("operator.tls.key"), office.join("tls.key")).unwrap();
    edit(&office.join("inventory.csv"), "消防救援队,", "水上飞机,");
    vec!["secret-mode", "certificate-key", "inventory"]
}

/// Certificates and a roster that do not hold here.
fn papers(office: &Path, elsewhere: &Path) -> Vec<&'static str> {
    for file in ["tls.pem", "tls.key"] {
        fs::copy(elsewhere.join(file), office.join(file)).unwrap();
    }
    let roster = fs::read_to_string(office.join("roster.log")).unwrap();
    let (_, tail) = roster.rsplit_once('\t').unwrap();
    let first = tail.chars().next().unwrap();
    let forged = roster.replace(
        tail,
        // No other writing of the same digit.
        &tail.replacen(first, if first == '0' { "1" } else { "0" }, 1),
    );
    fs::write(office.join("roster.log"), forged).unwrap();
    let tomorrow = SystemTime::now() + Duration::from_secs(86_400);
    let file = fs::File::options()
        .write(true)
        .open(office.join("office.toml"))
        .unwrap();
    file.set_times(FileTimes::new().set_modified(tomorrow))
        .unwrap();
    fs::remove_dir_all(office.join("journal")).unwrap();
    fs::write(office.join("journal"), "no folder").unwrap();
    vec![
        "certificate-authority",
        "roster-signature",
        "clock",
        "journal-folder",
    ]
}

/// Settings that nobody can mean.
fn settings(office: &Path) -> Vec<&'static str> {
    let file = office.join("office.toml");
    edit(
        &file,
        "aid_window_s = 30",
        "aid_window_s = 0\naid_widnow_s = 30",
    );
    edit(&file, "key = \"office.key\"", "key = \"operator.key\"");
    edit(&file, "cert = \"tls.pem\"", "cert = \"operator.tls.pem\"");
    edit(&file, "key = \"tls.key\"", "key = \"operator.tls.key\"");
    edit(&file, "url = \"mqtts://", "url = \"http://");
    vec![
        "settings-unknown",
        "aid-window",
        "key-party",
        "certificate-party",
        "certificate-name",
        "certificate-usage",
        "bus-url",
    ]
}

fn made(folder: &Folder, name: &str) -> PathBuf {
    let trial = folder.path().join(name);
    let made = output(liandong().arg("init").arg(&trial));
    assert!(made.status.success(), "{}", text(&made));
    trial
}

/// The codes that the doctor finds; each finding says where, what, and what to do.
fn named(trial: &Path, how: &[&str]) -> BTreeSet<String> {
    let seen = output(
        liandong()
            .args(["doctor", "--output", "json"])
            .args(how)
            .arg(trial),
    );
    let found: Vec<Value> = serde_json::from_slice(&seen.stdout).unwrap();
    let exit = if found.is_empty() { 0 } else { 65 };
    assert_eq!(seen.status.code(), Some(exit), "{}", text(&seen));
    for finding in &found {
        let told = finding.to_string();
        assert!(
            !told.contains("liandong-doctor-"),
            "a copy is named: {told}"
        );
        for part in ["file", "what", "remedy"] {
            assert!(!finding[part].as_str().unwrap().is_empty(), "{finding}");
        }
    }
    found
        .iter()
        .map(|it| it["code"].as_str().unwrap().to_owned())
        .collect()
}

fn text_of(file: &Path) -> String {
    fs::read_to_string(file).unwrap()
}

fn mode(file: &Path, mode: u32) {
    fs::set_permissions(file, fs::Permissions::from_mode(mode)).unwrap();
}

fn edit(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{from} is not in {}", file.display());
    fs::write(file, text.replacen(from, to, 1)).unwrap();
}

fn port_of(settings: &Path) -> u16 {
    let text = fs::read_to_string(settings).unwrap();
    let (_, rest) = text.split_once("mqtts://127.0.0.1:").unwrap();
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap()
}
