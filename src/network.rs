//! The network file: what a process must know before it can believe anything, as people carry it.

use std::path::Path;

use protocol::{Mode, NetId, Network, PartyId, PublicKey, Suite};
use serde::{Deserialize, Serialize};

use crate::finding::Finding;
use crate::settings::Settings;

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: NetId,
    mode: Mode,
    region: PartyId,
    root: PublicKey,
    suite: Suite,
}

/// Reads the network file.
pub(crate) fn read(path: &Path) -> Result<Network, Finding> {
    let (settings, written): (_, Written) = Settings::read(path)?;
    if written.suite == Suite::Virtual {
        let what = "suite \"virtual-blake3\" protects nothing and is for virtual time alone";
        return Err(settings.finding("network-suite", None, what, "write suite = \"ed25519\""));
    }
    Ok(Network {
        id: written.id,
        mode: written.mode,
        region: written.region,
        root: written.root,
        suite: written.suite,
    })
}

/// A network as the file has it.
pub(crate) fn text(network: &Network) -> String {
    let written = Written {
        id: network.id,
        mode: network.mode,
        region: network.region,
        root: network.root,
        suite: network.suite,
    };
    let said = toml::to_string(&written).expect("a network is plain data");
    format!("# The network, and the public half of the region's offline key. No secret.\n{said}")
}
