//! The options of a bus of its own.

use std::net::{IpAddr, Ipv4Addr};

/// A bus.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  liandong broker --port 1883 &
  liandong drill scenarios/small/quiet-day.toml --headless --bus mqtt://127.0.0.1:1883")]
pub(crate) struct BrokerArgs {
    /// Where it listens; a loopback address, until the gate exists that protects it from a network.
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub(crate) listen: IpAddr,
    /// Its port; the system chooses if left out.
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,
}
