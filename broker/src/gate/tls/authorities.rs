//! The authorities of clients, each with the revocation lists that it signed itself: two may have one name,
//! as when a key was replaced, and neither's list says anything of the other's certificates.

use std::sync::Arc;

use tokio_rustls::rustls::client::danger::HandshakeSignatureValid;
use tokio_rustls::rustls::pki_types::{CertificateDer, CertificateRevocationListDer, UnixTime};
use tokio_rustls::rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use tokio_rustls::rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme,
};
use x509_parser::{parse_x509_certificate, parse_x509_crl};

/// What judges by each of several authorities: a certificate counts if it does by one of them.
#[derive(Debug)]
pub(super) struct Authorities {
    first: Arc<dyn ClientCertVerifier>,
    rest: Vec<Arc<dyn ClientCertVerifier>>,
    names: Vec<DistinguishedName>,
}

impl Authorities {
    /// By the first, and by others.
    pub(super) fn of(
        first: Arc<dyn ClientCertVerifier>,
        rest: Vec<Arc<dyn ClientCertVerifier>>,
    ) -> Self {
        let all = std::iter::once(&first).chain(&rest);
        let names = all.flat_map(|it| it.root_hint_subjects().to_vec());
        Self {
            names: names.collect(),
            first,
            rest,
        }
    }
}

impl ClientCertVerifier for Authorities {
    fn client_auth_mandatory(&self) -> bool {
        self.first.client_auth_mandatory()
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.names
    }

    fn verify_client_cert(
        &self,
        shown: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let is_another_s = |error: &Error| {
            matches!(
                error,
                Error::InvalidCertificate(
                    CertificateError::UnknownIssuer | CertificateError::BadSignature
                )
            )
        };
        let mut outcome = self.first.verify_client_cert(shown, between, now);
        for authority in &self.rest {
            let Err(before) = &outcome else {
                break;
            };
            let next = authority.verify_client_cert(shown, between, now);
            // Whose certificate it is says why it does not count.
            if next.is_ok() || is_another_s(before) {
                outcome = next;
            }
        }
        outcome
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.first.verify_tls12_signature(message, shown, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.first.verify_tls13_signature(message, shown, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.first.supported_verify_schemes()
    }
}

/// The lists by which an authority's certificates are judged, and those of authorities below it: all but
/// those of another authority that has its name.
pub(super) fn lists_for(
    authority: &CertificateDer<'_>,
    all: &[CertificateDer<'_>],
    lists: &[CertificateRevocationListDer<'static>],
) -> Vec<CertificateRevocationListDer<'static>> {
    let counts = |list: &&CertificateRevocationListDer<'_>| {
        let is_another_s = || all.iter().any(|it| signs(it, list));
        signs(authority, list) || !is_named_by(authority, list) || !is_another_s()
    };
    lists.iter().filter(counts).cloned().collect()
}

/// Whether a list is in an authority's name; whether the authority signed it is another question.
fn is_named_by(authority: &CertificateDer<'_>, list: &CertificateRevocationListDer<'_>) -> bool {
    let (authority, list) = (parse_x509_certificate(authority), parse_x509_crl(list));
    let (Ok((_, authority)), Ok((_, list))) = (authority, list) else {
        return false;
    };
    authority.subject() == list.issuer()
}

fn signs(authority: &CertificateDer<'_>, list: &CertificateRevocationListDer<'_>) -> bool {
    let (authority, list) = (parse_x509_certificate(authority), parse_x509_crl(list));
    let (Ok((_, authority)), Ok((_, list))) = (authority, list) else {
        return false;
    };
    list.verify_signature(authority.public_key()).is_ok()
}
