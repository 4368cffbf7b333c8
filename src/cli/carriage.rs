//! The options of carriage by hand.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use protocol::PartyId;

use super::{Lang, Output};
use crate::carriage::Since;
use crate::failure::{Code, Failure};

/// Whose journal it is, and where it lies.
#[derive(Debug, clap::Args)]
pub(crate) struct HomeArgs {
    /// The settings of an office on duty, office.toml; they go before --run.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The folder of the drill's run.
    #[arg(long, env = "LIANDONG_RUN", required_unless_present = "config")]
    pub(crate) run: Option<PathBuf>,
    /// Which office of the drill.
    #[arg(long, env = "LIANDONG_OFFICE", required_unless_present = "config")]
    pub(crate) office: Option<PartyId>,
}

/// Where an office is at home.
pub(crate) enum Homed<'a> {
    /// In the folder of a drill's run.
    InDrill(&'a Path, PartyId),
    /// Where its settings say.
    OnDuty(&'a Path),
}

impl HomeArgs {
    pub(crate) fn homed(&self) -> Result<Homed<'_>, Failure> {
        match (&self.config, &self.run, self.office) {
            (Some(config), _, _) => Ok(Homed::OnDuty(config)),
            (None, Some(run), Some(office)) => Ok(Homed::InDrill(run, office)),
            (None, ..) => {
                let what = "pass --config, or --run and --office";
                Err(Failure::new(Code::Config, what))
            }
        }
    }
}

/// What is written out.
#[derive(Debug, clap::Args)]
pub(crate) struct ExportArgs {
    #[command(subcommand)]
    pub(crate) verb: ExportVerb,
}

/// What can be written out.
#[derive(Debug, Subcommand)]
pub(crate) enum ExportVerb {
    /// Log entries of an office's journal, as a signed bundle that another office imports.
    ///
    /// The office may run or not. The bundle holds the entries of every author in the journal, each
    /// signed by its author, and the roster's log. It is closed by a line with its count and hash, signed
    /// with the office's key if it is at hand, else in a drill with its operator's, else by nobody.
    Log(LogExport),
}

/// What is taken in.
#[derive(Debug, clap::Args)]
pub(crate) struct ImportArgs {
    #[command(subcommand)]
    pub(crate) verb: ImportVerb,
}

/// What can be taken in.
#[derive(Debug, Subcommand)]
pub(crate) enum ImportVerb {
    /// A bundle of log entries that another office exported.
    ///
    /// Every entry is verified and de-duplicated as if it had come over a line. An office that runs is
    /// handed the entries over its bus, and they are looked for on its disk; for one that does not, they
    /// are put into its journal. Of a bundle that is damaged or cut short, what verifies is taken, what is
    /// missing is counted, and the exit code is 65. Entries that wait for earlier ones end it with 75.
    Log(LogImport),
}

/// An export of a log.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  liandong export log --run run --office 440400 /media/stick/zhuhai.bundle
  liandong export log --run run --office 440400 --since 14:05 /media/stick/zhuhai.bundle
  liandong export log --run run --office 440400 --since last /media/stick/zhuhai-2.bundle
  liandong export log --config trial/990100/office.toml /media/stick/east.bundle")]
pub(crate) struct LogExport {
    #[command(flatten)]
    pub(crate) home: HomeArgs,
    /// Entries from then on, by their authors' clocks: 14:05 (the last before the newest entry),
    /// 2018-09-16T14:05:00+08:00, 6h (before the newest entry), or last (what the last export did not
    /// carry). All if left out.
    #[arg(long)]
    pub(crate) since: Option<Since>,
    /// Only this author's entries. May be repeated.
    #[arg(long, value_name = "OFFICE")]
    pub(crate) author: Vec<PartyId>,
    /// How the summary is printed.
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub(crate) output: Output,
    /// Language of the summary; by locale if left out.
    #[arg(long, value_enum)]
    pub(crate) lang: Option<Lang>,
    /// The bundle; a file that is there is not overwritten.
    pub(crate) file: PathBuf,
}

/// An import of a log.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  liandong import log --run run --office 440300 /media/stick/zhuhai.bundle
  liandong import log --run run --office 440300 --output json /media/stick/zhuhai.bundle
  liandong import log --config trial/990200/office.toml /media/stick/east.bundle")]
pub(crate) struct LogImport {
    #[command(flatten)]
    pub(crate) home: HomeArgs,
    /// The bus of a running office with its password, where it needs one; as the run or
    /// the settings say if left out.
    #[arg(long, env = "LIANDONG_BUS", hide_env_values = true)]
    pub(crate) bus: Option<String>,
    /// Seconds to wait until a running office has recorded what it was handed, after the last that it
    /// recorded.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=super::WAIT_S_MAX))]
    pub(crate) wait_s: u64,
    /// How the summary is printed.
    #[arg(long, value_enum, default_value_t = Output::Text)]
    pub(crate) output: Output,
    /// Language of the summary; by locale if left out.
    #[arg(long, value_enum)]
    pub(crate) lang: Option<Lang>,
    /// The bundle.
    pub(crate) file: PathBuf,
}

/// A picture on paper.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  liandong paper --run run --office 440400
  liandong paper --run run --office 440400 --lang en --output zhuhai.html
  liandong paper --config trial/990100/office.toml

It reads the journal, whether the office runs or not. What happens while screens are dark is written on
its empty rows and entered afterwards with its own times: `liandong command … report --at 14:05 --known
14:07`, `follow-up … --at`, `unit … --called`, `stock … --counted`, `note … --at`.")]
pub(crate) struct PaperArgs {
    #[command(flatten)]
    pub(crate) home: HomeArgs,
    /// The page; paper-OFFICE.html in the run's folder, or beside the settings, if left out. An old one is replaced.
    #[arg(long)]
    pub(crate) output: Option<PathBuf>,
    /// Language of the page; by locale if left out.
    #[arg(long, value_enum)]
    pub(crate) lang: Option<Lang>,
}
