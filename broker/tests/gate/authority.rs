//! Certificates for a test: an authority, a gate's, and those of its clients, good and bad.

use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use broker::TlsFiles;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType,
    IsCa, KeyIdMethod, KeyPair, RevokedCertParams, SerialNumber, date_time_ymd,
};
use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{
    self, ClientConfig, ClientConnection, RootCertStore, StreamOwned, version,
};

use crate::wire::Line;
use crate::wire::line::Private;

/// Who signs certificates.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    /// Others whose certificates its gates take, in PEM.
    others: String,
    serial: u64,
}

/// A certificate with its key.
pub(crate) struct Certified {
    pub(crate) der: CertificateDer<'static>,
    pub(crate) pem: String,
    pub(crate) key: KeyPair,
    serial: u64,
}

/// What a client shakes hands with, again and again.
pub(crate) struct Hands(Arc<ClientConfig>);

impl Hands {
    /// A private line over a socket.
    pub(crate) fn shake(&self, socket: TcpStream) -> Private {
        let name = ServerName::try_from("localhost").unwrap();
        let connection = ClientConnection::new(Arc::clone(&self.0), name).unwrap();
        StreamOwned::new(connection, socket)
    }
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "region");
        let key = KeyPair::generate().unwrap();
        Self {
            issuer: CertifiedIssuer::self_signed(params, key).unwrap(),
            others: String::new(),
            serial: 1,
        }
    }

    /// Its gates take what another has signed too, who stands first in their file.
    #[must_use]
    pub(crate) fn after(mut self, other: &Self) -> Self {
        self.others = other.issuer.pem();
        self
    }

    /// A certificate for a party, or for a gate on this machine.
    pub(crate) fn certify(&mut self, name: &str) -> Certified {
        self.certify_until(name, 2100)
    }

    /// One that ends with a year.
    pub(crate) fn certify_until(&mut self, name: &str, year: i32) -> Certified {
        self.certified(name, |params| {
            params.not_after = date_time_ymd(year, 12, 31);
        })
    }

    /// One that ends so long from now.
    pub(crate) fn certify_for(&mut self, name: &str, time: Duration) -> Certified {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        self.certified(name, |params| {
            params.not_after = date_time_ymd(1970, 1, 1) + since + time;
        })
    }

    fn certified(&mut self, name: &str, ends: impl FnOnce(&mut CertificateParams)) -> Certified {
        self.serial += 1;
        let hosts = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let mut params = CertificateParams::new(hosts).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.not_before = date_time_ymd(2000, 1, 1);
        ends(&mut params);
        params.serial_number = Some(SerialNumber::from(self.serial));
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Certified {
            der: certificate.der().clone(),
            pem: certificate.pem(),
            key,
            serial: self.serial,
        }
    }

    /// Its revocation list: these are worth nothing any more.
    pub(crate) fn revoke(&self, certified: &Certified) -> String {
        let revoked = RevokedCertParams {
            serial_number: SerialNumber::from(certified.serial),
            revocation_time: date_time_ymd(2001, 1, 1),
            reason_code: None,
            invalidity_date: None,
        };
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(2001, 1, 1),
            next_update: date_time_ymd(2100, 1, 1),
            crl_number: SerialNumber::from(1_u64),
            issuing_distribution_point: None,
            revoked_certs: vec![revoked],
            key_identifier_method: KeyIdMethod::Sha256,
        };
        list.signed_by(&self.issuer).unwrap().pem().unwrap()
    }

    /// The files of a gate in a folder, and the revocation list if there is one.
    pub(crate) fn files(&mut self, folder: &Path, revoked: Option<&Certified>) -> TlsFiles {
        let gate = self.certify("gate");
        let write = |name: &str, text: &str| -> PathBuf {
            let path = folder.join(name);
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
            path
        };
        TlsFiles {
            cert: write("gate.crt", &gate.pem),
            key: write("gate.key", &gate.key.serialize_pem()),
            client_ca: Some(write(
                "region.crt",
                &(self.others.clone() + &self.issuer.pem()),
            )),
            revoked: revoked.map(|it| write("revoked.crl", &self.revoke(it))),
        }
    }

    /// Shakes hands with a gate; the first bytes show whether the certificate was taken.
    pub(crate) fn line(&self, socket: TcpStream, shown: Option<&Certified>) -> Private {
        self.line_with(socket, shown, &version::TLS13)
    }

    pub(crate) fn line_with(
        &self,
        socket: TcpStream,
        shown: Option<&Certified>,
        version: &'static rustls::SupportedProtocolVersion,
    ) -> Private {
        self.hands(shown, version).shake(socket)
    }

    /// What shakes hands with gates, showing this.
    pub(crate) fn hands(
        &self,
        shown: Option<&Certified>,
        version: &'static rustls::SupportedProtocolVersion,
    ) -> Hands {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).unwrap();
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(roots);
        let mut config = match shown {
            None => builder.with_no_client_auth(),
            Some(shown) => {
                let key = PrivateKeyDer::try_from(shown.key.serialize_der()).unwrap();
                let chain = vec![shown.der.clone()];
                builder.with_client_auth_cert(chain, key).unwrap()
            }
        };
        // Each is a stranger: nobody goes on with an earlier handshake.
        config.resumption = Resumption::disabled();
        Hands(Arc::new(config))
    }

    /// What shakes hands with gates and goes on with an earlier handshake where it may.
    pub(crate) fn hands_that_resume(&self, shown: &Certified) -> Hands {
        let mut config = (*self.hands(Some(shown), &version::TLS13).0).clone();
        config.resumption = Resumption::default();
        Hands(Arc::new(config))
    }

    /// A client's private line.
    pub(crate) fn dial(&self, addr: SocketAddr, shown: Option<&Certified>) -> Line {
        Line::Private(Box::new(self.line(crate::wire::dial(addr), shown)))
    }
}
