//! What the lists of a gate have taken back, as the gate reads them.

use std::path::Path;

use protocol::Wall;
use x509_parser::pem::Pem;
use x509_parser::prelude::{X509Certificate, parse_x509_crl};
use x509_parser::revocation_list::CertificateRevocationList;

use crate::finding::Finding;
use crate::whole;

/// A certificate, by who signed it and the number that he gave it.
#[derive(PartialEq, Eq)]
pub(super) struct Serial {
    issuer: Vec<u8>,
    number: Vec<u8>,
}

impl Serial {
    pub(super) fn of(cert: &X509Certificate<'_>) -> Self {
        Self {
            issuer: cert.issuer().as_raw().to_vec(),
            number: cert.raw_serial().to_vec(),
        }
    }
}

/// The certificates that let nobody in any more, or what is wrong with their lists.
pub(super) fn revocations(
    file: &Path,
    signers: &[&Pem],
    now: Wall,
) -> Result<Vec<Serial>, Finding> {
    let wrong = |what: &str| {
        let remedy =
            "put the authority's newest list in its place and send SIGHUP, or take revoked out";
        Err(Finding::new("certificate-revocations", file, what, remedy))
    };
    let bytes = whole::bytes(file, whole::WRITTEN_BYTES)
        .map_err(|error| Finding::file("certificate-revocations", file, &error))?;
    let pems = Pem::iter_from_buffer(&bytes).filter_map(Result::ok);
    let pems: Vec<Pem> = pems.filter(|it| it.label == "X509 CRL").collect();
    if pems.is_empty() {
        return wrong("holds no revocation list in PEM");
    }
    let now_s = i64::try_from(now.0 / 1_000).unwrap_or(i64::MAX);
    let mut serials = Vec::new();
    for pem in &pems {
        let Ok((_, list)) = parse_x509_crl(&pem.contents) else {
            return wrong("holds a revocation list that cannot be read");
        };
        if !signers.iter().any(|it| signs(it, &list)) {
            return wrong("holds a revocation list that no authority of client_ca signed");
        }
        if list.next_update().is_some_and(|it| it.timestamp() < now_s) {
            return wrong("holds a revocation list after which another was to come by now");
        }
        let revoked = list.iter_revoked_certificates();
        serials.extend(revoked.map(|it| Serial {
            issuer: list.issuer().as_raw().to_vec(),
            number: it.raw_serial().to_vec(),
        }));
    }
    Ok(serials)
}

fn signs(authority: &Pem, list: &CertificateRevocationList<'_>) -> bool {
    authority.parse_x509().is_ok_and(|authority| {
        authority.subject() == list.issuer()
            && list.verify_signature(authority.public_key()).is_ok()
    })
}
