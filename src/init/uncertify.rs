//! `keys uncertify`: the authority that `init` made takes certificates back.
//!
//! Whoever has a party's certificate with its key comes in at every gate as that party until the certificate
//! ends, whatever becomes of the party's signing key. A gate that names the list which this writes lets none
//! of them in any more.

use std::path::Path;

use protocol::Moment;
use x509_parser::pem::Pem;
use x509_parser::prelude::{ASN1Time, parse_x509_crl};
use x509_parser::revocation_list::CertificateRevocationList;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::certificates::{Authority, TakenBack};
use super::{AUTHORITY, AUTHORITY_KEY, REVOKED, authority_of, tell};
use crate::cli::Uncertify;
use crate::failure::{Code, Failure};
use crate::keys::{NETWORK, Turn};
use crate::live::time::wall_us;
use crate::{files, network, whole};

/// Writes the list anew, with these certificates besides those that were in it.
pub(crate) fn uncertify(args: &Uncertify) -> Result<(), Failure> {
    let offline = &*args.region;
    let network = network::read(&offline.join(NETWORK))?;
    let (cert, key) = (offline.join(AUTHORITY), offline.join(AUTHORITY_KEY));
    let now = Moment(wall_us());
    let authority = Authority::open(&authority_of(&network), (&cert, &key), now)?;
    let file = offline.join(REVOKED);
    // Before the list is read: another that is written meanwhile would lack these certificates, or they its.
    let _turn = Turn::take(offline)?;
    let seconds = i64::try_from(now.0 / 1_000_000).unwrap_or(i64::MAX);
    let at = ASN1Time::from_timestamp(seconds).map_err(Failure::bug)?;
    let ours = pem_of(&cert)?.ok_or_else(|| no_certificate(&cert))?;
    let (mut taken, number) = known(&file, (&cert, &ours), args)?;
    for certificate in &args.certificates {
        let serial = serial_of(certificate, (&cert, &ours))?;
        if !taken.iter().any(|it| it.serial == serial) {
            taken.push(TakenBack { serial, at });
        }
    }
    let list = authority.takes_back(&taken, number.saturating_add(1))?;
    files::replace(&file, &list)?;
    let told = vec![
        format!(
            "wrote {}, by which {} certificates in all let nobody in any more",
            file.display(),
            taken.len()
        ),
        format!(
            "next: put {REVOKED} beside the settings of every office, write revoked = \"{REVOKED}\" in [gate] \
             where it is not yet, and send SIGHUP: who came in by one of them is off then"
        ),
    ];
    tell(&told, network.mode)
}

/// What was taken back before, and the number of that list.
///
/// A list that is missing is none that was empty: one that begins anew would let in all who were in it, at
/// every gate that it is handed to.
fn known(
    file: &Path,
    (authority, ours): (&Path, &Pem),
    args: &Uncertify,
) -> Result<(Vec<TakenBack>, u64), Failure> {
    if files::is_free(file).is_ok() {
        if args.first {
            return Ok((Vec::new(), 0));
        }
        let what = format!(
            "{}: it is missing, with what was taken back before, and a list without that would let all of it in \
             again; put the newest there that a gate has (revoked in its [gate]), or, if no gate ever had one, \
             say it again with --first",
            file.display()
        );
        return Err(Failure::new(Code::NoInput, what));
    }
    let wrong = || {
        let what = format!(
            "{}: it is no list that `liandong keys uncertify` wrote for {}; put it elsewhere, and take the list \
             that the gates have",
            file.display(),
            authority.display()
        );
        Failure::new(Code::Data, what)
    };
    let ours = ours.parse_x509().map_err(|_| no_certificate(authority))?;
    let bytes =
        whole::bytes(file, whole::SETTINGS_BYTES).map_err(|error| Failure::file(file, &error))?;
    let pems = Pem::iter_from_buffer(&bytes).filter_map(Result::ok);
    let lists = pems.filter_map(|pem| list_of(&pem, ours.public_key()));
    // A gate may have the lists of several authorities in one file, and ours twice.
    lists.max_by_key(|(_, number)| *number).ok_or_else(wrong)
}

/// What a list has taken back, and its number, if this authority signed it.
fn list_of(pem: &Pem, ours: &SubjectPublicKeyInfo<'_>) -> Option<(Vec<TakenBack>, u64)> {
    let (_, list) = parse_x509_crl(&pem.contents).ok()?;
    list.verify_signature(ours).ok()?;
    let number = u64::try_from(list.crl_number()?).ok()?;
    Some((taken_by(&list), number))
}

fn taken_by(list: &CertificateRevocationList<'_>) -> Vec<TakenBack> {
    let taken = list.iter_revoked_certificates().map(|it| TakenBack {
        serial: it.raw_serial().to_vec(),
        at: it.revocation_date,
    });
    taken.collect()
}

/// The serial number of a certificate that this authority signed.
fn serial_of(file: &Path, (authority, ours): (&Path, &Pem)) -> Result<Vec<u8>, Failure> {
    let ours = ours.parse_x509().map_err(|_| no_certificate(authority))?;
    let pem = pem_of(file)?.ok_or_else(|| no_certificate(file))?;
    let cert = pem.parse_x509().map_err(|_| no_certificate(file))?;
    if cert.verify_signature(Some(ours.public_key())).is_err() {
        let what = format!(
            "{}: {} did not sign it; it is taken back by whoever did",
            file.display(),
            authority.display()
        );
        return Err(Failure::new(Code::Data, what));
    }
    Ok(cert.raw_serial().to_vec())
}

fn no_certificate(file: &Path) -> Failure {
    let what = format!(
        "{}: it holds no certificate in PEM; name the party's tls.pem",
        file.display()
    );
    Failure::new(Code::Data, what)
}

fn pem_of(file: &Path) -> Result<Option<Pem>, Failure> {
    let bytes =
        whole::bytes(file, whole::SETTINGS_BYTES).map_err(|error| Failure::file(file, &error))?;
    Ok(Pem::iter_from_buffer(&bytes).find_map(Result::ok))
}
