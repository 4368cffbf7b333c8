//! The options of an office as a process of its own.

use std::path::PathBuf;

use protocol::PartyId;

use crate::failure::{Code, Failure};

/// The farthest that a clock is set wrong: ten years, as a machine without a battery may be.
const CLOCK_OFFSET_MAX_S: i64 = 315_360_000;

/// An office.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  liandong init trial --region trio
  liandong office --config trial/990100/office.toml
  liandong drill scenarios/small/quiet-day.toml --headless --out run --apart 990200 &
  liandong office --run run --office 990200
  liandong drill scenarios/small/quiet-day.toml --headless --out run --guest 990200 &
  liandong office --drill mqtt://127.0.0.1:18830 --run run/guests/990200 --office 990200

On duty, SIGTERM ends it in order, and SIGHUP rereads the roster file and hands its news to the others;
it rereads certificates, revocations and passwords too, the last two under the names that [gate] has for
them by then, and what was refused is told. Other settings wait for a restart, and so does another key of the office: when the one that it was started with counts no more,
it ends with 77.")]
pub(crate) struct OfficeArgs {
    /// The office's file of settings, for an office on duty; it goes before --run.
    #[arg(long, value_name = "FILE", conflicts_with = "clock_offset_s")]
    pub(crate) config: Option<PathBuf>,
    /// The folder of the running drill, or of the invitation to it.
    #[arg(long, env = "LIANDONG_RUN", required_unless_present = "config")]
    pub(crate) run: Option<PathBuf>,
    /// Which office of the drill.
    #[arg(long, env = "LIANDONG_OFFICE", required_unless_present = "config")]
    pub(crate) office: Option<PartyId>,
    /// Where the drill is that a director runs elsewhere; as the run or the invitation says if left out. An
    /// address with USER:PASSWORD@ is not for arguments; it goes into the environment.
    #[arg(
        long,
        visible_alias = "drill",
        value_name = "URL",
        env = "LIANDONG_BUS",
        hide_env_values = true
    )]
    pub(crate) bus: Option<String>,
    /// Pages of 4 KiB that the journal may take, so that it never fills its disk; no limit if left out.
    #[arg(long, value_name = "PAGES", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) journal_pages: Option<u32>,
    /// Sets this office's wall clock wrong by so many seconds, to rehearse a machine whose clock is.
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 0,
        allow_negative_numbers = true,
        hide_default_value = true,
        value_parser = clap::value_parser!(i64).range(-CLOCK_OFFSET_MAX_S..=CLOCK_OFFSET_MAX_S)
    )]
    pub(crate) clock_offset_s: i64,
}

/// An office of a drill, in a process of its own.
#[derive(Debug)]
pub(crate) struct Apart {
    pub(crate) run: PathBuf,
    pub(crate) office: PartyId,
    pub(crate) bus: Option<String>,
    pub(crate) journal_pages: Option<u32>,
    pub(crate) clock_offset_s: i64,
}

/// An office on duty.
#[derive(Debug)]
pub(crate) struct Duty {
    pub(crate) config: PathBuf,
    pub(crate) journal_pages: Option<u32>,
}

/// Where an office stands.
pub(crate) enum Placed {
    Apart(Apart),
    OnDuty(Duty),
}

impl OfficeArgs {
    pub(crate) fn placed(&self) -> Result<Placed, Failure> {
        let journal_pages = self.journal_pages;
        if let Some(config) = self.config.clone() {
            return Ok(Placed::OnDuty(Duty {
                config,
                journal_pages,
            }));
        }
        let missing = || Failure::new(Code::Config, "pass --config, or --run and --office");
        Ok(Placed::Apart(Apart {
            run: self.run.clone().ok_or_else(missing)?,
            office: self.office.ok_or_else(missing)?,
            bus: self.bus.clone(),
            journal_pages,
            clock_offset_s: self.clock_offset_s,
        }))
    }
}
