//! TLS 1.3 for a gate's listeners, and who a client's certificate says it is.

mod authorities;
use authorities::{Authorities, lists_for};

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use protocol::{PartyId, Wall};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{
    CertificateDer, CertificateRevocationListDer, PrivateKeyDer,
};
use tokio_rustls::rustls::server::danger::ClientCertVerifier;
use tokio_rustls::rustls::server::{
    NoServerSessionStorage, VerifierBuilderError, WebPkiClientVerifier,
};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{self, RootCertStore, ServerConfig, ServerConnection, version};

use crate::config::TlsFiles;

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A listener asks for TLS, and no certificate was given.
    #[error("a listener asks for TLS and no certificate was given; name a certificate and its key")]
    NoCertificate,
    /// A file cannot be read.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others can read the key.
    #[error("{} can be read by others; run chmod 600 on it, and have a new certificate made if in doubt", .0.display())]
    Mode(PathBuf),
    /// A file holds something else.
    #[error("{} holds no {what} in PEM: {source}", path.display())]
    Pem {
        /// Which.
        path: PathBuf,
        /// What is looked for.
        what: &'static str,
        /// Why it is none.
        source: pem::Error,
    },
    /// A certificate of the clients' authority is none.
    #[error("{}: a certificate in it cannot be used: {source}", path.display())]
    Authority {
        /// Which.
        path: PathBuf,
        /// Why.
        source: rustls::Error,
    },
    /// The authority of the clients, or its revocations, cannot be used.
    #[error("{} cannot judge clients: {source}", path.display())]
    Verifier {
        /// Which.
        path: PathBuf,
        /// Why.
        source: VerifierBuilderError,
    },
    /// Certificate and key do not fit.
    #[error("{} and its key do not fit: {source}", path.display())]
    Pair {
        /// The certificate.
        path: PathBuf,
        /// Why.
        source: rustls::Error,
    },
}

impl TlsError {
    /// The file that is at fault; of none where none was named.
    pub fn path(&self) -> &Path {
        match self {
            Self::NoCertificate => Path::new(""),
            Self::Mode(path)
            | Self::File { path, .. }
            | Self::Pem { path, .. }
            | Self::Authority { path, .. }
            | Self::Verifier { path, .. }
            | Self::Pair { path, .. } => path,
        }
    }
}

impl TlsFiles {
    /// Whether its certificate can be shown with its key, as a gate and a link read both.
    pub fn fits(&self) -> Result<(), TlsError> {
        let key = key(&self.key)?;
        let pair =
            CertifiedKey::from_der(certificates(&self.cert)?, key, &ring::default_provider());
        pair.map(drop).map_err(|source| TlsError::Pair {
            path: self.cert.clone(),
            source,
        })
    }
}

/// What a certificate must be shown for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Certified {
    /// Every client must have one.
    Always,
    /// A client without one may have a password.
    OrPassword,
}

/// By what clients are judged, byte for byte: the authority and its revocations.
pub(crate) fn judges(files: &TlsFiles) -> Result<Vec<u8>, TlsError> {
    let files = files.client_ca.iter().chain(&files.revoked);
    let texts = files.map(|path| read(path));
    Ok(texts.collect::<Result<Vec<_>, _>>()?.concat())
}

/// Reads the files and makes what shakes hands by them.
pub(crate) fn acceptor(files: &TlsFiles, clients: Certified) -> Result<TlsAcceptor, TlsError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&version::TLS13])
        .expect("the provider speaks TLS 1.3");
    let builder = match &files.client_ca {
        None => builder.with_no_client_auth(),
        Some(path) => builder.with_client_cert_verifier(judge(path, files, clients)?),
    };
    let mut config = builder
        .with_single_cert(certificates(&files.cert)?, key(&files.key)?)
        .map_err(|source| TlsError::Pair {
            path: files.cert.clone(),
            source,
        })?;
    // Whoever went on with an earlier handshake would be judged by what counted then: its certificate may
    // have ended or been revoked since. A whole handshake costs less than a millisecond.
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// What judges clients by the authorities of a file and by their revocations.
fn judge(
    path: &Path,
    files: &TlsFiles,
    clients: Certified,
) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
    let all = certificates(path)?;
    let lists = revocations(files.revoked.as_deref())?;
    let by = |certificate: &CertificateDer<'static>| {
        let mut roots = RootCertStore::empty();
        let added = roots.add(certificate.clone());
        added.map_err(|source| TlsError::Authority {
            path: path.to_owned(),
            source,
        })?;
        let provider = Arc::new(ring::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
            .with_crls(lists_for(certificate, &all, &lists))
            // An authority that has no list has taken nothing back; one whose list is here is held to it.
            .allow_unknown_revocation_status();
        let verifier = match clients {
            Certified::Always => verifier,
            Certified::OrPassword => verifier.allow_unauthenticated(),
        };
        verifier.build().map_err(|source| TlsError::Verifier {
            path: files.revoked.clone().unwrap_or_else(|| path.to_owned()),
            source,
        })
    };
    let mut each = all.iter().map(by).collect::<Result<Vec<_>, _>>()?;
    let first = each.remove(0);
    if each.is_empty() {
        return Ok(first);
    }
    Ok(Arc::new(Authorities::of(first, each)))
}

/// What a client's certificate, which was verified, says of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown {
    /// Who it is: the common name of its subject.
    pub(super) party: PartyId,
    /// The last moment at which it counts.
    pub(super) until: Wall,
}

/// What the certificate says that a client has shown, if it has and that names a party.
pub(super) fn shown(connection: &ServerConnection) -> Option<Shown> {
    let certificate = connection.peer_certificates()?.first()?;
    let (_, certificate) = x509_parser::parse_x509_certificate(certificate).ok()?;
    let name = certificate.subject().iter_common_name().next()?;
    // It counts for all of the second with which it ends (RFC 5280, 4.1.2.5).
    let last_s = u64::try_from(certificate.validity().not_after.timestamp()).ok()?;
    Some(Shown {
        party: name.as_str().ok()?.parse().ok()?,
        until: Wall(last_s.saturating_mul(1_000).saturating_add(999)),
    })
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let text = read(path)?;
    some(
        CertificateDer::pem_slice_iter(&text).collect(),
        (path, "certificate"),
    )
}

/// What a file holds of the kind that is looked for: something, or it is another file.
fn some<T>(
    found: Result<Vec<T>, pem::Error>,
    (path, what): (&Path, &'static str),
) -> Result<Vec<T>, TlsError> {
    let found = match found {
        Ok(found) if found.is_empty() => Err(pem::Error::NoItemsFound),
        found => found,
    };
    found.map_err(|source| TlsError::Pem {
        path: path.to_owned(),
        what,
        source,
    })
}

fn key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    if crate::pem::is_open(path).map_err(|source| unreadable(path, source))? {
        return Err(TlsError::Mode(path.to_owned()));
    }
    PrivateKeyDer::from_pem_slice(&read(path)?).map_err(|source| TlsError::Pem {
        path: path.to_owned(),
        what: "private key",
        source,
    })
}

fn revocations(
    path: Option<&Path>,
) -> Result<Vec<CertificateRevocationListDer<'static>>, TlsError> {
    let Some(path) = path else {
        return Ok(Vec::new());
    };
    let text = read(path)?;
    some(
        CertificateRevocationListDer::pem_slice_iter(&text).collect(),
        (path, "revocation list"),
    )
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    crate::pem::read(path).map_err(|source| unreadable(path, source))
}

fn unreadable(path: &Path, source: io::Error) -> TlsError {
    TlsError::File {
        path: path.to_owned(),
        source,
    }
}
