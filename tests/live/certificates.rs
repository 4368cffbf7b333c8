//! An authority that lives as long as a test, and what it signs.

use std::net::Ipv4Addr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

/// Files of an authority, of a broker and of a client.
pub(crate) struct Certificates {
    pub(crate) authority: PathBuf,
    pub(crate) broker: Pair,
    pub(crate) client: Pair,
}

/// A certificate and its key.
pub(crate) struct Pair {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl Certificates {
    /// Writes them into a folder, for a broker at this address.
    pub(crate) fn write(folder: &Path, at: Ipv4Addr) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(DnType::CommonName, "test authority");
        let key = KeyPair::generate().unwrap();
        let authority = CertifiedIssuer::self_signed(params, key).unwrap();
        let pair = |name: &str, host: &str| {
            let key = KeyPair::generate().unwrap();
            let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
            params.distinguished_name.push(DnType::CommonName, name);
            let certificate = params.signed_by(&key, &authority).unwrap();
            Pair {
                certificate: write(folder, &format!("{name}.pem"), &certificate.pem()),
                key: write(folder, &format!("{name}.key"), &key.serialize_pem()),
            }
        };
        Self {
            authority: write(folder, "authority.pem", &authority.pem()),
            broker: pair("broker", &at.to_string()),
            client: pair("client", "offices.example"),
        }
    }

    /// The settings of an address whose bus is one of these, for a client that shows its certificate.
    pub(crate) fn settings(&self) -> String {
        let (ca, own) = (self.authority.display(), &self.client);
        let (cert, key) = (own.certificate.display(), own.key.display());
        format!("?ca={ca}&cert={cert}&key={key}")
    }
}

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
    path
}
