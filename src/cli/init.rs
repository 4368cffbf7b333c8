//! The options of a trial region.

use std::path::PathBuf;

use protocol::{Mode, PartyId, known_words};

/// A trial region.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  liandong init trial
  liandong init trial --region prd --offices 440400,440300,440100
  liandong init trial --region trio --host 990100=east.example.org --port 21000

Then each office in a shell of its own, and a call at the first:
  liandong office --config trial/990100/office.toml
  liandong command --config trial/990100/operator.toml report --place 码头 --event flood --need pump=2

  liandong init pair --offices 990100,990200
  liandong init pair --into pair/region-offline --offices 990300

Nothing that is there is overwritten: the folder is refused before anything is written.")]
pub(crate) struct InitArgs {
    /// The folder that it goes to.
    pub(crate) folder: PathBuf,
    /// The region pack: trio (invented) or prd (the Pearl River Delta), or the folder of a pack.
    #[arg(long, default_value = "trio")]
    pub(crate) region: String,
    /// Whose offices; all cities of the region if left out.
    #[arg(long, value_delimiter = ',')]
    pub(crate) offices: Vec<PartyId>,
    /// Adds the offices to a region that is there, by its own folder: its key admits them, its authority
    /// certifies them.
    #[arg(
        long,
        value_name = "FOLDER",
        requires = "offices",
        conflicts_with = "mode"
    )]
    pub(crate) into: Option<PathBuf>,
    /// What the network is for: test, exercise or actual. An actual one gets no demo inventories.
    #[arg(long, default_value = "test", value_parser = mode)]
    pub(crate) mode: Mode,
    /// The first port; each office takes the next. Free ones are looked for if left out.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) port: Option<u16>,
    /// A name that an office's certificate is to have besides localhost: 990100=east.example.org. May be
    /// repeated.
    #[arg(long, value_name = "OFFICE=NAME")]
    pub(crate) host: Vec<String>,
}

fn mode(text: &str) -> Result<Mode, String> {
    Mode::from_code(text).ok_or_else(|| known_words(text, Mode::ALL.iter().map(|it| it.code())))
}
