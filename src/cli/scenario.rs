//! The options of `liandong scenario`.

use std::path::PathBuf;

use clap::Subcommand;

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
