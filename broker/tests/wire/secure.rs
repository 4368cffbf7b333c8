//! A bus behind TLS: whom a link believes, what it shows, and what it says when that does not do.

use std::path::PathBuf;
use std::sync::Arc;

use broker::{BusUrl, Embedded, Link, LinkEvent, Post};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion, version};

use crate::station::{bus, config, next, payloads, up};

type Authority = CertifiedIssuer<'static, KeyPair>;

/// A folder of one test, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("liandong-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// Writes a file that its owner alone can read.
    fn write(&self, name: &str, text: &str) -> String {
        use std::os::unix::fs::PermissionsExt;

        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn authority() -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate for a name, and its key.
fn certified(authority: &Authority, name: &str) -> (rcgen::Certificate, KeyPair) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    (params.signed_by(&key, authority).unwrap(), key)
}

/// A bus behind TLS on a port of its own, which asks for a certificate of this authority if there is one.
async fn behind_tls(
    bus: &Embedded,
    (certificate, key): (rcgen::Certificate, KeyPair),
    clients: Option<&Authority>,
    versions: &[&'static SupportedProtocolVersion],
) -> u16 {
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
    let builder = builder.with_protocol_versions(versions).unwrap();
    let builder = match clients {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(authority.der().clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            builder.with_client_cert_verifier(verifier.build().unwrap())
        }
    };
    let chain = vec![CertificateDer::from(certificate)];
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(builder.with_single_cert(chain, key).unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let behind = bus.url().first().to_string();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let (acceptor, behind) = (acceptor.clone(), behind.clone());
            tokio::spawn(async move {
                let Ok(mut client) = acceptor.accept(client).await else {
                    return;
                };
                let mut bus = TcpStream::connect(behind).await.unwrap();
                drop(tokio::io::copy_bidirectional(&mut client, &mut bus).await);
            });
        }
    });
    port
}

/// Why a link does not come up.
async fn refusal(url: &str) -> String {
    let (_link, mut events) = Link::open(config(url.parse().unwrap(), "gz")).unwrap();
    let LinkEvent::Down { reason, .. } = next(&mut events).await else {
        unreachable!("no bus lets it in");
    };
    reason
}

async fn carries(url: &str) {
    let url: BusUrl = url.parse().unwrap();
    let (link, mut events) = up(config(url, "gz")).await;
    link.publish(Post::new("town/1", "over TLS")).unwrap();
    assert_eq!(payloads(&mut events, 1).await, ["over TLS"]);
}

#[tokio::test]
async fn a_bus_is_believed_by_the_named_authority_alone_and_by_its_name() {
    let folder = Folder::new("believed");
    let (bus, _events) = bus();
    let (ours, another) = (authority(), authority());
    let versions = [&version::TLS13, &version::TLS12];
    for one in versions {
        let port = behind_tls(&bus, certified(&ours, "localhost"), None, &[one]).await;
        let ca = folder.write("ca.pem", &ours.pem());
        carries(&format!("mqtts://localhost:{port}?ca={ca}")).await;
        let by_address = refusal(&format!("mqtts://127.0.0.1:{port}?ca={ca}")).await;
        assert!(
            by_address.starts_with("no TLS with the bus:"),
            "{by_address}"
        );
        assert!(by_address.contains("not valid for name"), "{by_address}");
        let ca = folder.write("another.pem", &another.pem());
        let unknown = refusal(&format!("mqtts://localhost:{port}?ca={ca}")).await;
        assert!(unknown.contains("invalid peer certificate"), "{unknown}");
        assert!(unknown.ends_with("at ca=, cert= and key="), "{unknown}");
    }
}

#[tokio::test]
async fn a_client_that_is_asked_shows_its_certificate() {
    let folder = Folder::new("shown");
    let (bus, _events) = bus();
    let ours = authority();
    let clients = Some(&ours);
    let own = certified(&ours, "127.0.0.1");
    let port = behind_tls(&bus, own, clients, &[&version::TLS13]).await;
    let ca = folder.write("ca.pem", &ours.pem());
    let bare = format!("mqtts://127.0.0.1:{port}?ca={ca}");
    assert!(!refusal(&bare).await.is_empty());
    let (certificate, key) = certified(&ours, "990100.offices.example");
    let cert = folder.write("own.pem", &certificate.pem());
    let key = folder.write("own.key", &key.serialize_pem());
    carries(&format!("{bare}&cert={cert}&key={key}")).await;
}

#[tokio::test]
async fn files_that_will_not_do_are_refused_by_name_with_the_remedy() {
    let folder = Folder::new("refused");
    let refused = |url: String| match Link::open(config(url.parse().unwrap(), "gz")) {
        Ok(_) => unreachable!("{url} is no use"),
        Err(error) => error.to_string(),
    };
    let ours = authority();
    let ca = folder.write("ca.pem", &ours.pem());
    let (certificate, key) = certified(&ours, "990100.offices.example");
    let cert = folder.write("own.pem", &certificate.pem());
    let another = folder.write("another.key", &certified(&ours, "x").1.serialize_pem());
    let key = folder.write("own.key", &key.serialize_pem());
    let missing = refused("mqtts://h?ca=/no/such.pem".to_owned());
    assert!(missing.starts_with("/no/such.pem: no certificate in PEM can be read"));
    assert!(missing.ends_with("name another with ca=FILE in the address of the bus"));
    let empty = refused(format!("mqtts://h?ca={key}"));
    assert!(empty.contains("it holds none"), "{empty}");
    let no_key = refused(format!("mqtts://h?ca={ca}&cert={cert}&key={cert}"));
    assert!(no_key.contains("no private key in PEM"), "{no_key}");
    let no_pair = refused(format!("mqtts://h?ca={ca}&cert={cert}&key={another}"));
    assert!(no_pair.contains("do not fit"), "{no_pair}");
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o640);
    std::fs::set_permissions(&key, open).unwrap();
    let open = refused(format!("mqtts://h?ca={ca}&cert={cert}&key={key}"));
    assert!(open.contains("run chmod 600 on it"), "{open}");
}
