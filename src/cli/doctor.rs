//! The options of the doctor.

use std::path::PathBuf;

use super::Output;

/// A look at an office's files and machine.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  liandong doctor --config trial/990100/office.toml
  liandong doctor trial --offline
  liandong doctor trial --output json

It looks at settings, inventory, secrets and who can read or change what, keys and what the roster says of
them, certificates and revocation lists, passwords and origins, listeners and ports, journal and disk, clock,
the buses that are joined, and whether the offices that it is given agree on where each listens and let in
the certificates that are shown to them. It goes on behind each fault: of what cannot be read only what
depends on it is passed over. It changes nothing and asks nothing of other offices but whether their buses
answer. Without a fault it exits with 0, with findings 65.")]
pub(crate) struct DoctorArgs {
    /// Folders made by `liandong init`: every office.toml and operator.toml in them or one folder below.
    #[arg(required_unless_present = "config")]
    pub(crate) folders: Vec<PathBuf>,
    /// An office's file of settings. May be repeated.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Vec<PathBuf>,
    /// Asks no bus: for offices whose neighbours do not run yet.
    #[arg(long)]
    pub(crate) offline: bool,
    /// Seconds that a bus may take to answer.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=60))]
    pub(crate) wait_s: u64,
    /// How findings are printed.
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub(crate) output: Output,
}
