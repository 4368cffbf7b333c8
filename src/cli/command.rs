//! The options of an operator's action.

use std::path::{Path, PathBuf};

use protocol::PartyId;

use super::WAIT_S_MAX;
use crate::failure::{Code, Failure};

/// An operator action.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  liandong command --run run --office 440400 report --place 斗门 --event flood --need pump=2
  liandong command --run run --office 440400 unit 440400-fire-rescue-1 working --caller 队长 --called 14:05
  liandong command --run run --office 440400 stock 440400-sandbag-1 12000 --reason 清点
  liandong command --run run --office 440600 offer 440400-1-17 440600-pump-1
  liandong command --run run --office 440400 needs
  liandong command --run run --office 440400 proposals
  liandong command --run run --office 440400 decide 3fa94c1e --accept
  liandong command --config trial/990100/operator.toml report --place 码头 --event flood --need pump=2
  liandong command --config trial/990100/operator.toml --held 2 note 三号泵站已交接

An office on duty is reached by its operator's file of settings (--config), one of a running drill by the
drill's folder (--run and --office).")]
pub(crate) struct CommandArgs {
    /// The operator's file of settings, for an office on duty; it goes before --run.
    #[arg(long, value_name = "FILE", env = "LIANDONG_OPERATOR")]
    pub(crate) config: Option<PathBuf>,
    /// The folder of the running drill.
    #[arg(long, env = "LIANDONG_RUN", required_unless_present = "config")]
    pub(crate) run: Option<PathBuf>,
    /// The office that is to act.
    #[arg(long, env = "LIANDONG_OFFICE", required_unless_present = "config")]
    pub(crate) office: Option<PartyId>,
    /// The drill's bus with its password, where it needs one; as the run says if left out.
    #[arg(long, env = "LIANDONG_BUS", hide_env_values = true)]
    pub(crate) bus: Option<String>,
    /// The post that acts, as the duty roster names it.
    #[arg(long, default_value = "值班员")]
    pub(crate) by: String,
    /// Names the action; the same id again is not done again. Made up if left out.
    #[arg(long)]
    pub(crate) request: Option<protocol::RequestId>,
    /// Peers that are to hold what was recorded before the shell ends. They tell about once a minute; where
    /// fewer do by the end of its wait, the shell says who and ends with 75.
    #[arg(long, default_value_t = 0, value_name = "PEERS")]
    pub(crate) held: usize,
    /// Seconds to wait for the answer; 10 if left out, 150 where peers are waited for.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=WAIT_S_MAX))]
    wait_s: Option<u64>,
    #[command(subcommand)]
    pub(crate) action: crate::command::ActionArgs,
}

/// Where an action is asked for.
pub(crate) enum Asked<'a> {
    /// At an office on duty, by the operator's settings.
    OnDuty(&'a Path),
    /// At an office of a drill whose folder this is.
    OfDrill(&'a Path, PartyId),
}

impl CommandArgs {
    /// Seconds to wait.
    pub(crate) fn wait_s(&self) -> u64 {
        self.wait_s.unwrap_or(if self.held == 0 { 10 } else { 150 })
    }

    pub(crate) fn asked(&self) -> Result<Asked<'_>, Failure> {
        match (&self.config, &self.run, self.office) {
            (Some(config), _, _) => Ok(Asked::OnDuty(config)),
            (None, Some(run), Some(office)) => Ok(Asked::OfDrill(run, office)),
            (None, ..) => {
                let what = "pass --config, or --run and --office";
                Err(Failure::new(Code::Config, what))
            }
        }
    }
}
