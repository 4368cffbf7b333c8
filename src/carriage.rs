//! The verbs `export`, `import` and `paper`: what is carried by hand where no bus goes, a log on a
//! memory stick or a picture on paper.
//!
//! Nothing here decides what is believed: entries pass the decoder and the picture that every office
//! has, in front of a copy of the journal that the office holds.

mod export;
mod home;
mod import;
mod judge;
mod offer;
mod paper;
mod shelf;
mod since;
mod stick;
mod telling;

use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use protocol::{PartyId, Roster};

use crate::cli::{ExportArgs, ExportVerb, ImportArgs, ImportVerb, Lang};
use crate::failure::Failure;
use crate::simulate::progress_target;
pub(crate) use paper::paper;
pub(crate) use since::Since;

/// The verb `export`.
pub(crate) fn export(args: &ExportArgs) -> Result<(), Failure> {
    match &args.verb {
        ExportVerb::Log(args) => export::log(args),
    }
}

/// The verb `import`.
pub(crate) fn import(args: &ImportArgs) -> Result<(), Failure> {
    match &args.verb {
        ImportVerb::Log(args) => import::log(args),
    }
}

/// The language that was asked for, else that of the locale.
fn language(said: Option<Lang>) -> Lang {
    let locale = || dashboard::Lang::of_locales(|name| std::env::var(name).ok());
    match said {
        Some(lang) => lang,
        None if locale() == dashboard::Lang::Zh => Lang::Zh,
        None => Lang::En,
    }
}

/// What people call a party.
fn name_of(roster: &Roster, party: PartyId, lang: Lang) -> String {
    let member = roster.member(party);
    let name = member.map(|member| match lang {
        Lang::Zh => member.name_zh.clone(),
        Lang::En => member.name_en.clone(),
    });
    name.filter(|name| !name.is_empty())
        .map_or_else(|| party.to_string(), |name| protocol::sanitise(&name, 80))
}

/// Progress through so many entries or bytes, on a terminal.
fn bar(length: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {percent}%  eta {eta}")
        .expect("the template is checked by every import on a terminal");
    ProgressBar::with_draw_target(Some(length as u64), progress_target()).with_style(style)
}

/// That a file is being read, on a terminal, until it is dropped.
fn reading(path: &Path) -> ProgressBar {
    let shown = path.display().to_string();
    let bar = ProgressBar::with_draw_target(None, progress_target());
    let bar = bar
        .with_style(ProgressStyle::default_spinner())
        .with_message(shown);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
