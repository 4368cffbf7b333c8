//! The certificates of a trial region: an authority of its own, one for each office, one for each operator.
//!
//! They let a client in to a bus and nothing more: what is said there is believed for its signature.

use std::path::Path;

use protocol::{Civil, Moment, PartyId};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer,
    DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyIdMethod, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PublicKeyData, RevokedCertParams, SerialNumber,
    date_time_ymd,
};
use x509_parser::prelude::ASN1Time;

use crate::failure::{Code, Failure};
use crate::secret::Holds;
use crate::{files, keys};

/// For how many years the authority's certificate holds: as long as anybody keeps a trial.
pub(super) const AUTHORITY_YEARS: i32 = 10;

/// For how many years a party's certificate holds. Longer ones are not taken by some clients (825 days,
/// CA/Browser Forum), and a shorter one makes a trial end without warning.
pub(super) const PARTY_YEARS: i32 = 2;

/// A certificate and its key, both PEM.
pub(super) struct Certified {
    pub(super) cert: String,
    pub(super) key: String,
}

/// The authority of a region.
pub(super) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    cert: String,
    /// Kept apart, for the issuer gives it out no more.
    key: String,
    began: Civil,
}

impl Authority {
    /// Makes an authority whose certificates hold from the day before `now`, for clocks that are behind.
    pub(super) fn make(name: &str, now: Moment) -> Result<Self, Failure> {
        Self::with(name, key()?, now)
    }

    /// The authority that was made under a name, by its certificate and key as they lie there. What it
    /// signs now is signed as what it signed then.
    pub(super) fn open(name: &str, files: (&Path, &Path), now: Moment) -> Result<Self, Failure> {
        let (cert, key) = (files::read(files.0)?, keys::read_text(files.1, Holds::Key)?);
        let wrong = |what: &str| {
            let what = format!("{}: {what}", files.0.display());
            Failure::new(Code::Data, what)
        };
        let none = "it is no certificate with its key; take the region's own folder";
        let pair = KeyPair::from_pem(&key).map_err(|_| wrong(none))?;
        let (_, pem) =
            x509_parser::pem::parse_x509_pem(cert.as_bytes()).map_err(|_| wrong(none))?;
        let known = pem.parse_x509().map_err(|_| wrong(none))?;
        let is_named = known
            .subject()
            .iter_common_name()
            .any(|it| it.as_str() == Ok(name));
        if !is_named || known.public_key().raw != pair.subject_public_key_info() {
            return Err(wrong(
                "it was not made by `liandong init` for this network and this key; have a certificate made by \
                 whoever keeps the authority",
            ));
        }
        let opened = Self::with(name, pair, now)?;
        Ok(Self { cert, ..opened })
    }

    fn with(name: &str, key_pair: KeyPair, now: Moment) -> Result<Self, Failure> {
        let day = protocol::Span::hours(24).0;
        let began = Civil::at(Moment(now.0.saturating_sub(day)), 0);
        let mut params = params(name, began, AUTHORITY_YEARS);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = key_pair.serialize_pem();
        let issuer = CertifiedIssuer::self_signed(params, key_pair).map_err(Failure::bug)?;
        let cert = issuer.pem();
        Ok(Self {
            issuer,
            cert,
            key,
            began,
        })
    }

    /// Its certificate and key.
    pub(super) fn certified(&self) -> Certified {
        Certified {
            cert: self.cert.clone(),
            key: self.key.clone(),
        }
    }

    /// Certifies a party; by these names clients know it, if it listens.
    pub(super) fn certify(&self, party: PartyId, names: &[String]) -> Result<Certified, Failure> {
        let mut params = params(party.as_str(), self.began, PARTY_YEARS);
        params.is_ca = IsCa::ExplicitNoCa;
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        if !names.is_empty() {
            let usages = &mut params.extended_key_usages;
            usages.push(ExtendedKeyUsagePurpose::ServerAuth);
            params.subject_alt_names = CertificateParams::new(names.to_vec())
                .map_err(|error| {
                    let what = format!("{} is no name of a machine: {error}", names.join(", "));
                    Failure::new(Code::Config, what)
                })?
                .subject_alt_names;
        }
        let key = key()?;
        let cert = params.signed_by(&key, &self.issuer).map_err(Failure::bug)?;
        Ok(Certified {
            cert: cert.pem(),
            key: key.serialize_pem(),
        })
    }
}

impl Authority {
    /// The list of all certificates that it takes back, PEM; each list has a greater number than the one
    /// before. It holds as long as the authority, for no clock of a region's is there to make the next.
    pub(super) fn takes_back(&self, taken: &[TakenBack], number: u64) -> Result<String, Failure> {
        let year = i32::try_from(self.began.year).unwrap_or(i32::MAX);
        let day = self.began.day.min(28);
        let until = year.saturating_add(AUTHORITY_YEARS);
        let revoked = taken.iter().map(|it| RevokedCertParams {
            serial_number: SerialNumber::from(it.serial.clone()),
            revocation_time: it.at.to_datetime(),
            reason_code: None,
            invalidity_date: None,
        });
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(year, self.began.month, day),
            next_update: date_time_ymd(until, self.began.month, day),
            crl_number: SerialNumber::from(number),
            issuing_distribution_point: None,
            revoked_certs: revoked.collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let list = list.signed_by(&self.issuer).map_err(Failure::bug)?;
        list.pem().map_err(Failure::bug)
    }
}

/// A certificate that was taken back.
pub(super) struct TakenBack {
    pub(super) serial: Vec<u8>,
    pub(super) at: ASN1Time,
}

fn key() -> Result<KeyPair, Failure> {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(Failure::bug)
}

fn params(name: &str, began: Civil, years: i32) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    let year = i32::try_from(began.year).unwrap_or(i32::MAX);
    // Every February has 28 days; a day less is no trouble.
    let day = began.day.min(28);
    params.not_before = date_time_ymd(year, began.month, began.day);
    params.not_after = date_time_ymd(year.saturating_add(years), began.month, day);
    params
}
