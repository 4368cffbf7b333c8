//! The options of a drill in which offices take part from other machines.

use std::path::PathBuf;

use broker::Listener;
use protocol::PartyId;

/// Guests of a drill.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct GuestArgs {
    /// An office that takes part from another machine, by the invitation that is put down for it (see
    /// `liandong office`). May be repeated.
    #[arg(long, value_name = "OFFICE", conflicts_with_all = ["lockstep", "bus"])]
    pub(crate) guest: Vec<PartyId>,
    /// Where guests come in: mqtts://ADDRESS:PORT with --cert and --key, or mqtt:// on a loopback address.
    #[arg(long, value_name = "LISTENER", default_value = "mqtt://127.0.0.1:0")]
    pub(crate) guests_listen: Listener,
    /// What guests dial, if it is not where the drill listens: a name or an address, and the port. It must be
    /// said where the drill listens at every address, as at mqtts://0.0.0.0:8883.
    #[arg(long, value_name = "HOST:PORT", requires = "guest")]
    pub(crate) guests_dial: Option<String>,
    /// The certificate that guests see and those above it, PEM.
    #[arg(long, value_name = "FILE", requires_all = ["key", "guest"])]
    pub(crate) cert: Option<PathBuf>,
    /// The certificate's key, PEM, readable by its owner alone.
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(crate) key: Option<PathBuf>,
    /// A guest may show a certificate of this authority, PEM, in its name, instead of its password.
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(crate) client_ca: Option<PathBuf>,
}

impl GuestArgs {
    /// Without any.
    pub(crate) fn none() -> Self {
        Self {
            guest: Vec::new(),
            guests_listen: Listener::tcp((std::net::Ipv4Addr::LOCALHOST, 0).into()),
            guests_dial: None,
            cert: None,
            key: None,
            client_ca: None,
        }
    }
}
