//! Whether the roster files that lie here are as new as each other.
//!
//! An office goes by the newest of its file and its journal; a file that lacks a revocation lets in who was shut
//! out until the office has heard of it.

use std::path::{Path, PathBuf};

use super::{Read, folder};
use crate::finding::Finding;
use crate::keys::{NETWORK, ROSTER};
use crate::network;
use crate::office::{Paper, Says};
use crate::roster::RosterFile;

/// A roster with where it lies.
struct Lies {
    path: PathBuf,
    roster: RosterFile,
}

/// Files of one region's roster that lack what another has.
pub(super) fn behind_others(read: &[Read], folders: &[PathBuf]) -> Vec<Finding> {
    let of_sheets = read.iter().filter_map(|it| match it {
        Read::Office(sheet) => of_paper(sheet),
        Read::Operator(sheet) => of_paper(sheet),
    });
    let of_regions = folders.iter().flat_map(|it| folder::regions_in(it));
    let of_regions = of_regions.filter_map(|it| of_region(&it));
    let mut all: Vec<Lies> = of_sheets.chain(of_regions).collect();
    all.sort_by(|a, b| a.path.cmp(&b.path));
    all.dedup_by(|a, b| a.path == b.path);
    let told = all.iter().filter_map(|it| {
        let ahead = all
            .iter()
            .filter(|other| leads_on(&it.roster, &other.roster));
        let newest = ahead.max_by_key(|other| other.roster.log().len())?;
        let (has, there) = (it.roster.log().len(), newest.roster.log().len());
        let newer = newest.path.display();
        let what = format!("has {has} entries, and {newer} has {there} of the same log");
        let remedy = format!("copy {newer} over it, and have the office read it anew (SIGHUP)");
        Some(Finding::new("roster-old", &it.path, what, remedy))
    });
    told.collect()
}

fn of_paper<T: Says>(sheet: &Paper<T>) -> Option<Lies> {
    let network = sheet.network().ok()?;
    Some(Lies {
        path: sheet.roster_path(),
        roster: sheet.roster(&network).ok()?,
    })
}

fn of_region(folder: &Path) -> Option<Lies> {
    let network = network::read(&folder.join(NETWORK)).ok()?;
    let path = folder.join(ROSTER);
    let roster = RosterFile::read(&path, &network).ok()?;
    Some(Lies { path, roster })
}

/// Whether a roster has all that another has, and more.
fn leads_on(old: &RosterFile, new: &RosterFile) -> bool {
    let (old, new) = (old.log(), new.log());
    let last = old.last().map(|it| it.hash());
    let same = old.len().checked_sub(1).and_then(|last| new.get(last));
    new.len() > old.len() && same.map(|it| it.hash()) == last
}
