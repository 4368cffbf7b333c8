//! Certificates that another authority than ours made, as it makes them, and gates take them.

use std::fs;
use std::path::Path;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, date_time_ymd,
};

use super::{made, named, set};
use crate::renewal::authority;
use crate::run::{Folder, Running, liandong};

/// A key of nobody, as OpenSSL writes it (SEC1).
const SEC1: &str = "\
-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIPjTgSkdP91IlwR5VK77qWVKNDykn0klYH2HPehEUcqhoAoGCCqGSM49
AwEHoUQDQgAEyaXTVhE49S5jy2rnHkZXoxBvv253rLiMuaQn5n4LwkuCRShrhMBA
dbSsa61UnmzgCO3ugcFxwosKwBLCz63BbA==
-----END EC PRIVATE KEY-----
";

/// The same (PKCS#8).
const PKCS8: &str = "\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg+NOBKR0/3UiXBHlU
rvupZUo0PKSfSSVgfYc96ERRyqGhRANCAATJpdNWETj1LmPLauceRlejEG+/bnes
uIy5pCfmfgvCS4JFKGuEwEB1tKxrrVSebOAI7e6BwXHCiwrAEsLPrcFs
-----END PRIVATE KEY-----
";

#[test]
fn a_chain_and_a_key_of_openssl_are_as_good_for_the_doctor_as_for_the_gate() {
    let folder = Folder::new("doctor-chain");
    let trial = made(&folder, "trial");
    let office = trial.join("990100");
    let between = between(&trial.join("region-offline"), 2100);
    chained(&office, &between);
    assert_eq!(named(&office, &["--offline"]), set(&[]));
    let settings = office.join("office.toml");
    let mut running = Running::start(liandong().args(["office", "--config"]).arg(&settings));
    running.wait_for("is on duty");
    running.signal("TERM");
    drop(running.end());

    let chain = fs::read_to_string(office.join("tls.pem")).unwrap();
    let (leaf, _) = chain.split_at(chain.rfind("-----BEGIN").unwrap());
    fs::write(office.join("tls.pem"), leaf).unwrap();
    assert_eq!(
        named(&office, &["--offline"]),
        set(&["certificate-authority"])
    );
    let ended = self::between(&trial.join("region-offline"), 2021);
    chained(&office, &ended);
    assert_eq!(
        named(&office, &["--offline"]),
        set(&["certificate-expired"])
    );
}

/// An authority that the region's has signed, until the end of a year.
fn between(offline: &Path, year: i32) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, "between");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(year, 12, 31);
    let key = KeyPair::generate().unwrap();
    CertifiedIssuer::signed_by(params, key, &authority(offline)).unwrap()
}

/// Gives an office a certificate by that authority, with the authority's own behind it.
fn chained(office: &Path, issuer: &CertifiedIssuer<'_, KeyPair>) {
    let hosts = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    let mut params = CertificateParams::new(hosts).unwrap();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "990100");
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2100, 1, 1);
    params.extended_key_usages = vec![
        ExtendedKeyUsagePurpose::ServerAuth,
        ExtendedKeyUsagePurpose::ClientAuth,
    ];
    let key = KeyPair::from_pem(PKCS8).unwrap();
    let cert = params.signed_by(&key, issuer).unwrap();
    fs::write(office.join("tls.pem"), cert.pem() + &issuer.pem()).unwrap();
    fs::write(office.join("tls.key"), SEC1).unwrap();
}
