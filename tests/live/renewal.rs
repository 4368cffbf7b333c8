//! What a running office reads anew at SIGHUP, what waits for a restart, and what a party hears that is not
//! let in any more.

use std::fs;
use std::path::Path;
use std::process::Output;

use rcgen::{
    CertificateParams, CertificateRevocationListParams, DistinguishedName, DnType, Issuer,
    KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams, SerialNumber, date_time_ymd,
};

use crate::run::{Folder, Running, liandong, output, text};

#[test]
fn an_office_reads_revocations_anew_and_names_what_waits_for_a_restart() {
    let folder = Folder::new("renewal");
    let trial = folder.path().join("trial");
    let made = output(liandong().arg("init").arg(&trial));
    assert!(made.status.success(), "{}", text(&made));
    let (office, authority) = (trial.join("990100"), trial.join("region-offline"));
    let settings = office.join("office.toml");
    let list = office.join("revoked.crl");
    fs::write(&list, revoking(&authority, None)).unwrap();
    let ca = "client_ca = \"ca.pem\"\n";
    edit(&settings, ca, &format!("{ca}revoked = \"revoked.crl\"\n"));
    let mut running = Running::start(liandong().args(["office", "--config"]).arg(&settings));
    running.wait_for("is on duty");
    let seen = note(&office);
    assert!(seen.status.success(), "{}", text(&seen));

    fs::write(&list, "no list at all").unwrap();
    running.signal("HUP");
    let told = running.wait_for("nothing is changed: ");
    assert!(
        told.contains("revoked.crl: holds no revocation list"),
        "{told}"
    );
    assert!(note(&office).status.success());

    let shown = office.join("operator.tls.pem");
    fs::write(&list, revoking(&authority, Some(&shown))).unwrap();
    edit(&settings, "aid_window_s = 30", "aid_window_s = 60");
    running.signal("HUP");
    let told = running.wait_for("roster.log anew, ");
    assert!(
        told.contains("certificates, revocations and passwords too"),
        "{told}"
    );
    assert!(
        told.contains("not taken before a restart: aid_window_s"),
        "{told}"
    );
    let seen = note(&office);
    assert_eq!(seen.status.code(), Some(77), "{}", text(&seen));
    assert!(text(&seen).contains("it is revoked"), "{}", text(&seen));
    running.signal("TERM");
    let (status, said) = running.end();
    assert_eq!(status.code(), Some(143), "{said}");
}

#[test]
fn a_list_that_is_named_first_while_the_office_runs_lets_in_nobody_who_is_in_it() {
    let folder = Folder::new("named-later");
    let trial = folder.path().join("trial");
    let made = output(liandong().arg("init").arg(&trial));
    assert!(made.status.success(), "{}", text(&made));
    let (office, offline) = (trial.join("990100"), trial.join("region-offline"));
    let settings = office.join("office.toml");
    let mut running = Running::start(liandong().args(["office", "--config"]).arg(&settings));
    running.wait_for("is on duty");
    let mut taking = liandong();
    taking.args(["keys", "uncertify"]);
    taking.arg(office.join("operator.tls.pem")).arg("--region");
    let taken = output(taking.arg(&offline));
    assert!(taken.status.success(), "{}", text(&taken));
    let remedy = "write revoked = \"revoked.pem\" in [gate] where it is not yet, and send SIGHUP";
    assert!(text(&taken).contains(remedy), "{}", text(&taken));
    assert!(note(&office).status.success(), "no gate has the list yet");

    fs::copy(offline.join("revoked.pem"), office.join("revoked.pem")).unwrap();
    let ca = "client_ca = \"ca.pem\"\n";
    edit(&settings, ca, &format!("{ca}revoked = \"revoked.pem\"\n"));
    running.signal("HUP");
    let told = running.wait_for("roster.log anew, ");
    assert!(!told.contains("before a restart"), "{told}");
    let seen = note(&office);
    assert_eq!(seen.status.code(), Some(77), "{}", text(&seen));
    assert!(text(&seen).contains("it is revoked"), "{}", text(&seen));
    edit(&settings, "cert = \"tls.pem\"", "cert = \"other.pem\"");
    running.signal("HUP");
    let told = running.wait_for("roster.log anew, ");
    assert!(told.ends_with("before a restart: gate.cert"), "{told}");
}

#[test]
fn an_operator_whose_key_was_revoked_is_told_so_by_the_bus_and_by_its_own_roster() {
    let folder = Folder::new("revoked-operator");
    let trial = folder.path().join("trial");
    let made = output(liandong().arg("init").arg(&trial));
    assert!(made.status.success(), "{}", text(&made));
    let (office, offline) = (trial.join("990100"), trial.join("region-offline"));
    let before = fs::read(office.join("roster.log")).unwrap();
    let mut revoke = liandong();
    revoke.args(["keys", "revoke", "op-990100", "--region"]);
    let done = output(revoke.arg(&offline));
    assert!(done.status.success(), "{}", text(&done));
    fs::copy(offline.join("roster.log"), office.join("roster.log")).unwrap();
    let settings = office.join("office.toml");
    let mut running = Running::start(liandong().args(["office", "--config"]).arg(&settings));
    running.wait_for("is on duty");
    let its_own = note(&office);
    // The operator's machine has not heard of it.
    fs::write(office.join("roster.log"), before).unwrap();
    let of_the_bus = note(&office);
    for (seen, said) in [(its_own, "is revoked"), (of_the_bus, "its key was revoked")] {
        assert_eq!(seen.status.code(), Some(77), "{}", text(&seen));
        assert!(text(&seen).contains(said), "{}", text(&seen));
    }
    running.signal("TERM");
    drop(running.end());
}

/// A note of the office's operator.
fn note(office: &Path) -> Output {
    let mut command = liandong();
    command.args(["command", "--wait-s", "20", "--config"]);
    command
        .arg(office.join("operator.toml"))
        .args(["note", "x"]);
    output(&mut command)
}

fn edit(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{from} is not in {}", file.display());
    fs::write(file, text.replacen(from, to, 1)).unwrap();
}

/// The authority that `init` made, in the region's own folder.
pub(crate) fn authority(authority: &Path) -> Issuer<'static, KeyPair> {
    let network = fs::read_to_string(authority.join("network.toml")).unwrap();
    let id = network.lines().find_map(|line| line.strip_prefix("id = "));
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    let name = format!("liandong {}", id.unwrap().trim_matches('"'));
    params.distinguished_name.push(DnType::CommonName, name);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = fs::read_to_string(authority.join("ca.key")).unwrap();
    Issuer::new(params, KeyPair::from_pem(&key).unwrap())
}

/// A revocation list of the region's authority, with a certificate in it or none.
fn revoking(offline: &Path, certificate: Option<&Path>) -> String {
    let issuer = authority(offline);
    let revoked = certificate.map(|file| {
        let pem = fs::read(file).unwrap();
        let (_, pem) = x509_parser::pem::parse_x509_pem(&pem).unwrap();
        let serial = pem.parse_x509().unwrap().raw_serial().to_vec();
        RevokedCertParams {
            serial_number: SerialNumber::from(serial),
            revocation_time: date_time_ymd(2020, 1, 1),
            reason_code: None,
            invalidity_date: None,
        }
    });
    let list = CertificateRevocationListParams {
        this_update: date_time_ymd(2020, 1, 1),
        next_update: date_time_ymd(2100, 1, 1),
        crl_number: SerialNumber::from(1_u64),
        issuing_distribution_point: None,
        revoked_certs: revoked.into_iter().collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    list.signed_by(&issuer).unwrap().pem().unwrap()
}
