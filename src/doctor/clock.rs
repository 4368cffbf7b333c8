//! Whether this machine's clock is behind what lies on its disk.
//!
//! A file of tomorrow was written by a clock that is ahead or is read by one that is behind; which of the
//! two, people see at a glance, and either is worth a look before an office signs anything.

use std::time::SystemTime;

use protocol::Wall;

use crate::finding::Finding;
use crate::office::Sheet;
use crate::roster::RosterFile;

/// How far clocks may differ: what offices bear of each other (`agents`, entries made afterwards).
pub(super) const DIFFER_MS: u64 = 5 * 60 * 1_000;

const REMEDY: &str = "set this machine's clock by a time server (`timedatectl`), then look again";

/// The settings or the roster file were written in the future.
pub(super) fn files_of_tomorrow(sheet: &Sheet, now: Wall) -> Vec<Finding> {
    let files = [sheet.settings.path().to_path_buf(), sheet.roster_path()];
    let late = files.iter().filter_map(|file| {
        let written = std::fs::metadata(file).ok()?.modified().ok()?;
        let since = written.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        let at = u64::try_from(since.as_millis()).ok()?;
        let what = format!(
            "was written {} ahead of this machine's clock",
            ahead(at, now)?
        );
        Some(Finding::new("clock", file, what, REMEDY))
    });
    late.collect()
}

/// The region signed its last change in the future.
pub(super) fn signed_tomorrow(sheet: &Sheet, roster: &RosterFile, now: Wall) -> Option<Finding> {
    let last = roster.log().last()?.header().sent;
    let what = format!(
        "has an entry signed {} ahead of this machine's clock",
        ahead(last.0, now)?
    );
    Some(Finding::new("clock", &sheet.roster_path(), what, REMEDY))
}

/// An entry of the journal was signed in the future.
pub(super) fn journaled_tomorrow(sheet: &Sheet, last: Wall, now: Wall) -> Option<Finding> {
    let what = format!(
        "holds an entry signed {} ahead of this machine's clock",
        ahead(last.0, now)?
    );
    Some(Finding::new("clock", &sheet.journal(), what, REMEDY))
}

/// By how much; `None` if it is not worth a word.
fn ahead(at_ms: u64, now: Wall) -> Option<String> {
    let by = at_ms.saturating_sub(now.0);
    (by > DIFFER_MS).then(|| format!("{}", protocol::Span::millis(by / 1_000 * 1_000)))
}
