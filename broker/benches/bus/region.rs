//! The gate as a network has it: a roster, certificates, passwords and every kind of door. In a process
//! of its own like all that is measured.

use std::io::Read;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;

use broker::{Embedded, GateConfig, Limits, Listener, Passwords, TlsFiles};
use protocol::{AccessList, Role, Roster};
use tokio_rustls::rustls::version::TLS13;

use crate::authority::{Authority, Hands};
use crate::contender::{Contender, Kind};
use crate::members::{Folder, admit, network, passwords};
use crate::wire::{Connect, Line, dial};

/// Its offices. The first nine are paced; the last shows its certificate, or was taken over.
pub(crate) const OFFICES: [&str; 10] = [
    "990001", "990002", "990003", "990004", "990005", "990006", "990007", "990008", "990009",
    "990010",
];

/// The office that is not like the others.
pub(crate) const ODD: &str = OFFICES[9];

/// Who may come in by which doors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doors {
    /// Anybody over TLS.
    Private,
    /// Over TLS who shows a certificate.
    Certified,
    /// First this machine's processes, then members by four listeners; limits as for a machine's own.
    Generous,
    /// The same with the limits of a network.
    Limited,
}

impl Doors {
    const ALL: [Self; 4] = [
        Self::Private,
        Self::Certified,
        Self::Generous,
        Self::Limited,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Certified => "certified",
            Self::Generous => "generous",
            Self::Limited => "limited",
        }
    }
}

/// The certificates of a region: what its gate shows, and what its odd office does.
pub(crate) struct Papers {
    folder: Folder,
    certified: Hands,
    nameless: Hands,
}

impl Papers {
    pub(crate) fn make() -> Self {
        let (mut authority, folder) = (Authority::new(), Folder::new());
        // Its files are where `files_in` looks for them.
        drop(authority.files(folder.path(), None));
        let odd = authority.certify(ODD);
        Self {
            folder,
            certified: authority.hands(Some(&odd), &TLS13),
            nameless: authority.hands(None, &TLS13),
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A private line to a gate of these doors.
    pub(crate) fn dial(&self, doors: Doors, addr: SocketAddr) -> Line {
        let hands = match doors {
            Doors::Private => &self.nameless,
            Doors::Certified | Doors::Generous | Doors::Limited => &self.certified,
        };
        Line::Private(Box::new(hands.shake(dial(addr))))
    }

    /// A WebSocket of the odd office over a socket that is connected.
    pub(crate) fn shake(&self, socket: TcpStream) -> crate::wire::line::Private {
        self.certified.shake(socket)
    }
}

/// A gate with these doors, beside others of the kind where there are any.
pub(crate) fn start(kind: Kind, doors: Doors, papers: &Papers) -> Option<Contender> {
    match kind {
        Kind::Gate => {
            let folder = papers.folder().to_str().expect("a plain path");
            Some(Contender::ours(
                Kind::Gate,
                &["region", doors.name(), folder],
            ))
        }
        Kind::Bare => None,
        Kind::Mosquitto => Contender::mosquitto(&mosquitto_lines(doors, papers.folder())),
    }
}

/// A CONNECT with the office's own password.
pub(crate) fn hello(office: &str, client: &str) -> Connect {
    Connect::new(&format!("{office}-{client}")).login(office, &format!("pw-{office}"))
}

/// Serves until whoever started this process closes its input.
pub(crate) fn serve(doors: &str, folder: &Path) {
    let doors = Doors::ALL.into_iter().find(|it| it.name() == doors);
    let config = config(doors.expect("doors of this file"), folder);
    let (bus, _events) = Embedded::open(config).unwrap();
    let listeners = bus.listeners().iter().map(|it| it.addr.to_string());
    println!("{}", listeners.collect::<Vec<_>>().join(" "));
    drop(std::io::stdin().read_to_end(&mut Vec::new()));
}

fn config(doors: Doors, folder: &Path) -> GateConfig {
    let at = |scheme: &str| -> Listener { format!("{scheme}://127.0.0.1:0").parse().unwrap() };
    let files = files_in(folder);
    let everywhere = |limits| GateConfig {
        own: vec![at("mqtt")],
        tls: Some(files.clone()),
        limits,
        ..GateConfig::listed(
            ["mqtt", "mqtts", "ws", "wss"].map(at).to_vec(),
            members(),
            passwords(&OFFICES),
        )
    };
    match doors {
        Doors::Private => GateConfig {
            tls: Some(TlsFiles {
                client_ca: None,
                ..files
            }),
            ..GateConfig::open_to_all(vec![at("mqtts")])
        },
        Doors::Certified => GateConfig {
            tls: Some(files),
            limits: Limits::OWN,
            ..GateConfig::listed(vec![at("mqtts")], members(), Passwords::default())
        },
        Doors::Generous => everywhere(Limits::OWN),
        Doors::Limited => everywhere(Limits::NETWORK),
    }
}

fn members() -> AccessList {
    let network = network();
    let mut roster = Roster::new(&network);
    for office in OFFICES {
        roster.apply(&admit(office, Role::City, office));
    }
    AccessList::new(network, roster)
}

fn files_in(folder: &Path) -> TlsFiles {
    TlsFiles {
        cert: folder.join("gate.crt"),
        key: folder.join("gate.key"),
        client_ca: Some(folder.join("region.crt")),
        revoked: None,
    }
}

/// The same doors at mosquitto. It reads the key after it has given up being root, unless it is told.
fn mosquitto_lines(doors: Doors, folder: &Path) -> String {
    let files = files_in(folder);
    let (cert, key) = (files.cert.display(), files.key.display());
    let ca = folder.join("region.crt");
    let asks = match doors {
        Doors::Certified => format!("cafile {}\nrequire_certificate true\n", ca.display()),
        _ => String::new(),
    };
    format!("user root\ntls_version tlsv1.3\ncertfile {cert}\nkeyfile {key}\n{asks}")
}
