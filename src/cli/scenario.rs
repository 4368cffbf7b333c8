//! The options of `liandong scenario`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use super::Lang;

/// A scenario file at work.
#[derive(Debug, clap::Args)]
pub(crate) struct ScenarioArgs {
    #[command(subcommand)]
    pub(crate) verb: ScenarioVerb,
}

/// What to do with it.
#[derive(Debug, Subcommand)]
pub(crate) enum ScenarioVerb {
    /// Control cards 导调卡 and evaluators' forms 评估表, to be printed on A4.
    Cards(CardsArgs),
    /// A runnable typhoon drill out of a best-track file, to develop from.
    New(NewArgs),
}

/// A new drill.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  liandong scenario new --track ibtracs_2017_hato.csv --name “天鸽” --out hato.toml
  liandong scenario new --track storm.csv --agency jtwc --region trio --out storm.toml

The track is an IBTrACS table (time, lat, lon, wind and pressure of WMO or JTWC). The drill begins ten hours before
the storm is nearest to a city and lasts eighteen; calls, roads and grades are a model to develop from.")]
pub(crate) struct NewArgs {
    /// The best track: an IBTrACS table, one storm.
    #[arg(long, value_name = "FILE")]
    pub(crate) track: PathBuf,
    /// The scenario file; one that is there is not overwritten.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// The region pack.
    #[arg(long, default_value = "prd")]
    pub(crate) region: String,
    /// What the storm is called.
    #[arg(long, default_value = "“演练”")]
    pub(crate) name: String,
    /// Whose wind and pressure are used.
    #[arg(long, value_enum, default_value_t = TrackAgency::Wmo)]
    pub(crate) agency: TrackAgency,
}

/// Whose wind and pressure of a table are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TrackAgency {
    /// The responsible centre of the WMO: 10-minute means.
    Wmo,
    /// The Joint Typhoon Warning Center: 1-minute means, brought to 10 minutes.
    Jtwc,
}

/// Cards and forms.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  liandong scenario cards scenarios/prd/petrochemical-fire.toml --out cards
  liandong scenario cards scenarios/prd/crowd.toml --out cards --lang en

It writes control-cards.html, a card for each inject; evaluation.html, a page for each office; and evaluation.csv,
the same as a table. Participants must not see them.")]
pub(crate) struct CardsArgs {
    /// The scenario file.
    pub(crate) scenario: PathBuf,
    /// The folder that they go to; old ones are replaced.
    #[arg(long)]
    pub(crate) out: Option<PathBuf>,
    /// Language of the pages; Chinese if left out.
    #[arg(long, value_enum)]
    pub(crate) lang: Option<Lang>,
}
