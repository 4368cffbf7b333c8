//! Whether a certificate is what those will believe to whom it is shown: clients of a gate, or a gate.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::Path;

use broker::{TlsError, TlsFiles};
use protocol::{PartyId, Wall};
use x509_parser::extensions::GeneralName;
use x509_parser::pem::Pem;
use x509_parser::prelude::X509Certificate;

use super::revocation::{Serial, revocations};
use super::{SOON_MS, kept};
use crate::finding::Finding;
use crate::office::{GatePlan, reachable};
use crate::secret::{Holds, is_its_owners_alone};
use crate::whole;

/// What to do about almost anything that is wrong with a certificate.
const ANOTHER: &str = "have the region's authority make another with `liandong keys certify PARTY --region \
                       region-offline` (an office's with --host and each name of its machine), put both files \
                       in place and send SIGHUP";

/// What is wrong with a gate's certificate, its key and what it judges others by.
pub(super) fn of_gate(
    party: Option<PartyId>,
    gate: &GatePlan,
    tls: &TlsFiles,
    now: Wall,
) -> Vec<Finding> {
    look(party, tls, now, |cert| {
        let mut findings = machines(&tls.cert, cert, gate);
        findings.extend(serves(&tls.cert, cert));
        findings
    })
}

/// What is wrong with the certificate and the key that a party shows at the buses of others.
pub(super) fn of_client(party: Option<PartyId>, tls: &TlsFiles, now: Wall) -> Vec<Finding> {
    look(party, tls, now, |_| Vec::new())
}

fn look(
    party: Option<PartyId>,
    tls: &TlsFiles,
    now: Wall,
    further: impl FnOnce(&X509Certificate<'_>) -> Vec<Finding>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let chain = pems(&tls.cert, &mut findings);
    let authority = tls.client_ca.as_deref();
    let authorities = authority.map(|file| (file, pems(file, &mut findings)));
    let mut revoked = Vec::new();
    if let (Some(file), Some((_, authorities))) = (&tls.revoked, &authorities) {
        let signers: Vec<&Pem> = authorities.iter().chain(chain.iter().skip(1)).collect();
        let lists = revocations(file, &signers, now);
        revoked = kept(lists, &mut findings).unwrap_or_default();
    }
    findings.extend(is_its_owners_alone(&tls.key, Holds::Key).err());
    findings.extend(key(tls));
    let Some(first) = chain.first() else {
        return findings;
    };
    let Ok(cert) = first.parse_x509() else {
        let what = "holds no certificate that can be read";
        let code = "certificate-unreadable";
        findings.push(Finding::new(code, &tls.cert, what, ANOTHER));
        return findings;
    };
    findings.extend(party.and_then(|party| names(&tls.cert, &cert, party)));
    findings.extend(shown(&tls.cert, &cert));
    findings.extend(further(&cert));
    let (way, is_believed) = way(&chain, authorities.as_ref().map(|(_, them)| &**them));
    for cert in &way {
        findings.extend(times(&tls.cert, cert, now));
        if let Some(file) = &tls.revoked
            && revoked.contains(&Serial::of(cert))
        {
            findings.push(is_taken_back(&tls.cert, file));
        }
    }
    if let Some((file, authorities)) = &authorities
        && !authorities.is_empty()
        && !is_believed
    {
        let what = format!("is not signed by an authority of {}", file.display());
        let code = "certificate-authority";
        findings.push(Finding::new(code, &tls.cert, what, ANOTHER));
    }
    findings
}

/// That a certificate is in the list of a gate to which its party shows it, or one above it.
pub(super) fn in_list(
    shown: &Path,
    (gate, list): (&TlsFiles, &Path),
    now: Wall,
) -> Option<Finding> {
    // What cannot be read of these is told of the gate, and of whoever shows it.
    let mut told = Vec::new();
    let authorities = pems(gate.client_ca.as_deref()?, &mut told);
    let (own, chain) = (pems(&gate.cert, &mut told), pems(shown, &mut told));
    let signers: Vec<&Pem> = authorities.iter().chain(own.iter().skip(1)).collect();
    let revoked = revocations(list, &signers, now).ok()?;
    let (way, _) = way(&chain, Some(&authorities));
    let is_in = way.iter().any(|cert| revoked.contains(&Serial::of(cert)));
    is_in.then(|| is_taken_back(shown, list))
}

fn is_taken_back(shown: &Path, list: &Path) -> Finding {
    let what = format!("is taken back by {}", list.display());
    Finding::new("certificate-revoked", shown, what, ANOTHER)
}

/// A file's certificate and those above it that lie in the same file, as far as each is signed by the next;
/// and whether an authority signed the last.
fn way<'a>(chain: &'a [Pem], authorities: Option<&[Pem]>) -> (Vec<X509Certificate<'a>>, bool) {
    let is_believed = |cert: &X509Certificate<'_>| {
        let mut authorities = authorities.unwrap_or_default().iter();
        authorities.any(|it| it.parse_x509().is_ok_and(|it| vouches(&it, cert)))
    };
    let parsed = chain.iter().filter_map(|it| it.parse_x509().ok());
    let mut rest: Vec<X509Certificate<'_>> = parsed.collect();
    let mut way = Vec::new();
    let mut next = (!rest.is_empty()).then_some(0);
    while let Some(place) = next {
        let cert = rest.remove(place);
        if is_believed(&cert) {
            way.push(cert);
            return (way, true);
        }
        let is_above = |above: &X509Certificate<'_>| above.is_ca() && vouches(above, &cert);
        next = rest.iter().position(is_above);
        way.push(cert);
    }
    (way, false)
}

fn pems(file: &Path, findings: &mut Vec<Finding>) -> Vec<Pem> {
    let bytes = match whole::bytes(file, whole::WRITTEN_BYTES) {
        Ok(bytes) => bytes,
        Err(error) => {
            findings.push(Finding::file("certificate-unreadable", file, &error));
            return Vec::new();
        }
    };
    let pems: Vec<Pem> = Pem::iter_from_buffer(&bytes)
        .filter_map(Result::ok)
        .collect();
    if pems.is_empty() {
        let what = "holds no certificate in PEM";
        findings.push(Finding::new("certificate-unreadable", file, what, ANOTHER));
    }
    pems
}

fn times(file: &Path, cert: &X509Certificate<'_>, now: Wall) -> Option<Finding> {
    let now_s = i64::try_from(now.0 / 1_000).unwrap_or(i64::MAX);
    let soon_s = i64::try_from(SOON_MS / 1_000).unwrap_or(i64::MAX);
    let validity = cert.validity();
    let (from, until) = (&validity.not_before, &validity.not_after);
    let wrong = |code, what: String, remedy| Some(Finding::new(code, file, what, remedy));
    if now_s < from.timestamp() {
        let remedy = "set this machine's clock right, or wait";
        return wrong(
            "certificate-not-yet",
            format!("holds only from {from}"),
            remedy,
        );
    }
    if now_s > until.timestamp() {
        return wrong(
            "certificate-expired",
            format!("held until {until}"),
            ANOTHER,
        );
    }
    if now_s.saturating_add(soon_s) > until.timestamp() {
        return wrong(
            "certificate-ends-soon",
            format!("holds until {until} only"),
            ANOTHER,
        );
    }
    None
}

/// The party that it names must be the one that shows it.
fn names(file: &Path, cert: &X509Certificate<'_>, party: PartyId) -> Option<Finding> {
    let named = cert.subject().iter_common_name().next();
    let named = named
        .and_then(|name| name.as_str().ok())
        .unwrap_or_default();
    (named != party.as_str()).then(|| {
        let named = protocol::sanitise(named, 40);
        let what = format!("is for \"{named}\", and \"{party}\" shows it");
        Finding::new("certificate-party", file, what, ANOTHER)
    })
}

/// It must be good for being shown to a gate, the office's own among them.
fn shown(file: &Path, cert: &X509Certificate<'_>) -> Option<Finding> {
    let usage = cert.extended_key_usage().ok().flatten()?.value;
    let good = usage.client_auth || usage.any;
    (!good).then(|| {
        let what =
            "is not made for being shown to a gate (clientAuth), so that none lets its party in";
        Finding::new("certificate-usage", file, what, ANOTHER)
    })
}

/// A gate's must be good for being shown to clients.
fn serves(file: &Path, cert: &X509Certificate<'_>) -> Option<Finding> {
    let usage = cert.extended_key_usage().ok().flatten()?.value;
    let good = usage.server_auth || usage.any;
    (!good).then(|| {
        let what = "is not made for a gate (serverAuth), so that no client believes it";
        Finding::new("certificate-usage", file, what, ANOTHER)
    })
}

/// The machine that it names must be where the gate listens.
fn machines(file: &Path, cert: &X509Certificate<'_>, gate: &GatePlan) -> Vec<Finding> {
    let mut findings = Vec::new();
    let extension = cert.subject_alternative_name().ok().flatten();
    let known = extension
        .map(|it| it.value.general_names.as_slice())
        .unwrap_or_default();
    if !known
        .iter()
        .any(|name| matches!(name, GeneralName::DNSName(_) | GeneralName::IPAddress(_)))
    {
        let what = "has no name of a machine, so that no client believes it";
        findings.push(Finding::new("certificate-name", file, what, ANOTHER));
        return findings;
    }
    let private = gate.listeners.iter().filter(|it| it.wire.is_private());
    // Of a gate that listens everywhere its own office comes in by loopback.
    let dialled: BTreeSet<IpAddr> = private.map(|it| reachable(it.addr).ip()).collect();
    for ip in dialled {
        let bytes = match ip {
            IpAddr::V4(ip) => ip.octets().to_vec(),
            IpAddr::V6(ip) => ip.octets().to_vec(),
        };
        let has =
            |name: &GeneralName<'_>| matches!(name, GeneralName::IPAddress(it) if *it == bytes);
        if !known.iter().any(has) {
            let what =
                format!("does not name {ip}, where the gate listens or its own office comes in");
            findings.push(Finding::new("certificate-name", file, what, ANOTHER));
        }
    }
    findings
}

/// Why the key cannot be shown with the certificate.
fn key(tls: &TlsFiles) -> Option<Finding> {
    let error = tls.fits().err()?;
    let wrong = |what: String| Some(Finding::new("certificate-key", &tls.key, what, ANOTHER));
    match &error {
        TlsError::Pair { path, source } => {
            wrong(format!("is not the key of {}: {source}", path.display()))
        }
        TlsError::File { path, source } if *path == tls.key => {
            Some(Finding::file("certificate-key", path, source))
        }
        TlsError::Pem { path, .. } if *path == tls.key => {
            wrong("holds no private key in PEM (PKCS#8, SEC1 or PKCS#1)".to_owned())
        }
        // Of its mode and of the certificate it is told elsewhere.
        _ => None,
    }
}

fn vouches(above: &X509Certificate<'_>, cert: &X509Certificate<'_>) -> bool {
    above.subject() == cert.issuer() && cert.verify_signature(Some(above.public_key())).is_ok()
}
