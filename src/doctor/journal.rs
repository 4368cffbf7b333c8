//! Whether the journal is this office's, readable, and not ahead of the roster file.

use std::path::Path;
use std::sync::Arc;

use ::journal::JournalError;
use protocol::{Envelope, Network, Wall};

use super::{clock, disk, folder};
use crate::finding::{Finding, what_and_remedy};
use crate::office::Sheet;
use crate::roster::RosterFile;

/// What to do about another office's journal.
const OWN: &str = "put this office's own in its place; if that is lost, move this one away and start: peers refill \
                   it";

/// Looks at the journal and its folder; says whether the office runs, as whoever runs holds its journal.
pub(super) fn look(
    sheet: &Sheet,
    (network, roster): (Option<&Network>, Option<&RosterFile>),
    now: Wall,
    findings: &mut Vec<Finding>,
) -> bool {
    let journals = sheet.journals();
    if !sheet.knows_file("journal", &journals) {
        return false;
    }
    findings.extend(disk::examine(&journals));
    findings.extend(folder::examine_journal(&journals));
    if !sheet.knows("office") {
        return false;
    }
    let file = sheet.journal();
    findings.extend(of_another(&journals, &file));
    if !journals.is_dir() {
        return false;
    }
    if !file.exists() {
        let what = "is not there, and an office is made with one";
        let remedy = "restore a backup; without one start the office beside others that run: it writes nothing \
                      until it has its log back from them";
        findings.push(Finding::new("journal-missing", &file, what, remedy));
        return false;
    }
    let runs = matches!(::journal::verify(&file), Err(JournalError::Locked { .. }));
    let Some(network) = network else {
        return runs;
    };
    let scratch = std::env::temp_dir().join(format!("liandong-doctor-{}", std::process::id()));
    match ::journal::read_aside(&file, network.id, &scratch) {
        Ok(opened) => {
            let last = opened.envelopes.iter().map(|it| it.header().sent).max();
            findings.extend(last.and_then(|last| clock::journaled_tomorrow(sheet, last, now)));
            let other = opened.owner.filter(|it| *it != sheet.office());
            findings.extend(other.map(|owner| {
                let what = format!("is the journal of office {owner}");
                Finding::new("journal-office", &file, what, OWN)
            }));
            if let Some(roster) = roster {
                findings.extend(ahead_of(sheet, roster, &opened.envelopes));
            }
        }
        Err(error) => findings.push(unread(&file, &error)),
    }
    runs
}

fn unread(file: &Path, error: &JournalError) -> Finding {
    let code = match error {
        JournalError::Network { .. } => "journal-network",
        _ => "journal-unreadable",
    };
    let told = error.to_string();
    let told = told
        .strip_prefix(&format!("{} ", file.display()))
        .unwrap_or(&told);
    let (what, remedy) = what_and_remedy(told, "restore a backup");
    Finding::new(code, file, what, remedy)
}

/// Journals of other offices in this one's folder.
fn of_another(folder: &Path, own: &Path) -> Vec<Finding> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let files = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let journals = files.filter(|file| file.extension().is_some_and(|it| it == "journal"));
    let others = journals.filter(|file| file != own);
    let told = others.map(|file| {
        let what = "is the journal of another office";
        let remedy =
            "name this office's own folder, or move the journal to the office that it belongs to";
        Finding::new("journal-office", &file, what, remedy)
    });
    told.collect()
}

/// The roster file lacks what the journal has of it, or says otherwise.
fn ahead_of(sheet: &Sheet, roster: &RosterFile, journaled: &[Arc<Envelope>]) -> Option<Finding> {
    let file = roster.log();
    let log = file.first()?.header().log;
    let own = journaled
        .iter()
        .filter(|it| it.header().log.author == log.author);
    let last = own.max_by_key(|it| it.header().seq)?;
    let (seq, count) = (last.header().seq, file.len());
    let place = usize::try_from(seq).ok()?.checked_sub(1)?;
    match file.get(place) {
        None => {
            let what = format!("has {count} entries, and the journal has {seq} of the same log");
            let remedy = "let the office write to it, or take the region's newest roster file: operators' shells go by it";
            Some(Finding::new(
                "roster-old",
                &sheet.roster_path(),
                what,
                remedy,
            ))
        }
        Some(same) if same.hash() == last.hash() => None,
        Some(_) => {
            let what = format!("differs from the journal at entry {seq}");
            let remedy = "ask whoever keeps the region's key which of the two is true; somebody signed twice";
            Some(Finding::new(
                "roster-forked",
                &sheet.roster_path(),
                what,
                remedy,
            ))
        }
    }
}
