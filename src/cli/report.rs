//! The verb `report` on the command line.

use std::path::PathBuf;

use clap::Subcommand;

use super::{Lang, Output};

/// The account of a run, or of a campaign.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  liandong report run
  liandong report merge one.runs two.runs --output json")]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct ReportArgs {
    #[command(subcommand)]
    pub(crate) verb: Option<ReportVerb>,
    /// A run's folder, or its recording.
    #[arg(required = true)]
    pub(crate) run: Option<PathBuf>,
    /// Where to; the run's folder if left out.
    #[arg(long)]
    pub(crate) out: Option<PathBuf>,
    /// The language that the page opens in.
    #[arg(long, value_enum)]
    pub(crate) lang: Option<Lang>,
}

/// What else an account is made of.
#[derive(Debug, Subcommand)]
pub(crate) enum ReportVerb {
    /// One account of what several machines ran of a campaign, or one in several turns.
    Merge(MergeArgs),
}

/// Files of a campaign.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:
  liandong simulate scenarios/small/chaos-6h.toml --chaos --seeds 1..2000 --shard 1/2 --keep one.runs
  liandong simulate scenarios/small/chaos-6h.toml --chaos --seeds 1..2000 --shard 2/2 --keep two.runs
  liandong report merge one.runs two.runs")]
pub(crate) struct MergeArgs {
    /// The files that `simulate --keep` wrote.
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// How the account is printed.
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub(crate) output: Output,
}
