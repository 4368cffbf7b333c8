//! TLS with a bus: whom the client believes and what it shows, from files that an operator named.
//!
//! A named authority is the only one: what a city's own authority did not sign is not its bus, whatever
//! the system believes. The key exchange and the ciphers are rustls' own choice, TLS 1.3 before 1.2.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::pem;
use crate::url::{Identity, TlsFiles};

/// Why TLS with a bus cannot be set up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BusTlsError {
    /// A file cannot be read, or holds something else.
    #[error("{}: no {what} in PEM can be read: {reason}; name another with {setting}=FILE in the address of the bus", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What is looked for.
        what: &'static str,
        /// The setting of the address that names it.
        setting: &'static str,
        /// Why it is none.
        reason: String,
    },
    /// Others than its owner can read the key.
    #[error("{}: others can read this key; run chmod 600 on it, and have a new one made if in doubt", .0.display())]
    Mode(PathBuf),
    /// The certificate and the key of a client are no pair.
    #[error("{} and {}: the certificate and the key do not fit: {reason}; name a pair with cert=FILE and key=FILE", certificate.display(), key.display())]
    Pair {
        /// The certificate.
        certificate: PathBuf,
        /// The key.
        key: PathBuf,
        /// Why.
        reason: String,
    },
    /// The system believes nobody.
    #[error(
        "this system has no certificates of authorities ({reason}); install ca-certificates, or name one with ca=FILE in the address of the bus"
    )]
    NoAuthorities {
        /// What went wrong, if anything.
        reason: String,
    },
}

/// What rustls needs to know of a bus.
pub(super) fn client(files: &TlsFiles) -> Result<Arc<ClientConfig>, BusTlsError> {
    let roots = match &files.authority {
        Some(path) => named(path)?,
        None => of_the_system()?,
    };
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring speaks TLS 1.2 and 1.3")
        .with_root_certificates(roots);
    let Some(identity) = &files.identity else {
        return Ok(Arc::new(config.with_no_client_auth()));
    };
    let Identity { certificate, key } = identity;
    let chain = certificates(certificate, "cert")?;
    let secret = secret(key)?;
    let config = config.with_client_auth_cert(chain, secret);
    let config = config.map_err(|error| BusTlsError::Pair {
        certificate: certificate.clone(),
        key: key.clone(),
        reason: error.to_string(),
    })?;
    Ok(Arc::new(config))
}

fn named(path: &Path) -> Result<RootCertStore, BusTlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path, "ca")? {
        let added = roots.add(certificate);
        added.map_err(|error| unreadable(path, "certificate", "ca", &error))?;
    }
    Ok(roots)
}

fn of_the_system() -> Result<RootCertStore, BusTlsError> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    // Some systems keep one that rustls does not read; the others are believed all the same.
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let errors = found.errors.iter().map(ToString::to_string);
        let reason = errors.reduce(|all, one| format!("{all}; {one}"));
        let reason = reason.unwrap_or_else(|| "none was found".to_owned());
        return Err(BusTlsError::NoAuthorities { reason });
    }
    Ok(roots)
}

fn certificates(
    path: &Path,
    setting: &'static str,
) -> Result<Vec<CertificateDer<'static>>, BusTlsError> {
    let text = read(path, "certificate", setting)?;
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let all = all.map_err(|error| unreadable(path, "certificate", setting, &error))?;
    if all.is_empty() {
        return Err(unreadable(path, "certificate", setting, &"it holds none"));
    }
    Ok(all)
}

fn secret(path: &Path) -> Result<PrivateKeyDer<'static>, BusTlsError> {
    let text = read(path, "private key", "key")?;
    let key = PrivateKeyDer::from_pem_slice(&text);
    let key = key.map_err(|error| unreadable(path, "private key", "key", &error))?;
    if pem::is_open(path).map_err(|error| unreadable(path, "private key", "key", &error))? {
        return Err(BusTlsError::Mode(path.to_owned()));
    }
    Ok(key)
}

fn read(path: &Path, what: &'static str, setting: &'static str) -> Result<Vec<u8>, BusTlsError> {
    pem::read(path).map_err(|error| unreadable(path, what, setting, &error))
}

fn unreadable(
    path: &Path,
    what: &'static str,
    setting: &'static str,
    reason: &dyn Display,
) -> BusTlsError {
    BusTlsError::File {
        path: path.to_owned(),
        what,
        setting,
        reason: reason.to_string(),
    }
}
