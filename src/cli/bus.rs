//! The options of a bus of its own.

use std::net::SocketAddr;
use std::path::PathBuf;

/// A bus.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  liandong broker --listen 127.0.0.1:1883 --anonymous &
  liandong drill scenarios/small/quiet-day.toml --headless --bus mqtt://127.0.0.1:1883

  liandong broker --listen 127.0.0.1:1883 --ws-listen 127.0.0.1:8083
  liandong broker --tls-listen 0.0.0.0:8883 --cert bus.crt --key bus.key --client-ca region.crt \\
    --network network.toml --roster roster.log")]
pub(crate) struct BrokerArgs {
    /// Where MQTT is spoken over plain TCP; a port of 127.0.0.1 that the system chooses if no other place
    /// is given.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) listen: Vec<SocketAddr>,
    /// Where MQTT is spoken over TLS 1.3.
    #[arg(long, value_name = "ADDRESS:PORT", requires = "cert")]
    pub(crate) tls_listen: Vec<SocketAddr>,
    /// Where MQTT is spoken over WebSocket.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) ws_listen: Vec<SocketAddr>,
    /// Where MQTT is spoken over WebSocket over TLS 1.3.
    #[arg(long, value_name = "ADDRESS:PORT", requires = "cert")]
    pub(crate) wss_listen: Vec<SocketAddr>,
    /// Lets in everybody who reaches it, on loopback addresses alone; so it is if nothing says who.
    #[arg(long, conflicts_with = "roster")]
    pub(crate) anonymous: bool,
    /// Lets in who belongs by this roster file, with a certificate or a password; SIGHUP rereads it, with passwords and
    /// certificates.
    #[arg(long, value_name = "FILE", requires = "network")]
    pub(crate) roster: Option<PathBuf>,
    /// The network file that the roster is of.
    #[arg(long, value_name = "FILE", requires = "roster")]
    pub(crate) network: Option<PathBuf>,
    /// Passwords of parties, a line each as `liandong keys password` prints it; mode 0600.
    #[arg(long, value_name = "FILE", requires = "roster")]
    pub(crate) passwords: Option<PathBuf>,
    /// The bus's certificate and those above it, PEM.
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(crate) cert: Option<PathBuf>,
    /// The certificate's key, PEM, readable by its owner alone.
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(crate) key: Option<PathBuf>,
    /// Lets in over TLS only who shows a certificate of this authority, PEM.
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(crate) client_ca: Option<PathBuf>,
    /// That authority's revocation lists, PEM.
    #[arg(long, value_name = "FILE", requires = "client_ca")]
    pub(crate) revoked: Option<PathBuf>,
    /// Lets in pages of this origin over WebSocket, such as `https://screens.example`; no page comes in
    /// otherwise. May be repeated.
    #[arg(long, value_name = "ORIGIN")]
    pub(crate) origin: Vec<String>,
    /// A filter that nobody is granted, to try out how a client takes that. May be repeated.
    #[arg(long, value_name = "FILTER", conflicts_with = "roster")]
    pub(crate) withhold: Vec<String>,
}
