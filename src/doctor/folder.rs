//! Who else can read or change what lies in an office's folder, and what does not belong there.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use protocol::Network;

use crate::finding::Finding;
use crate::init::AUTHORITY_KEY;
use crate::keys::{KeyFile, REGION_KEY};
use crate::secret::{Holds, SecretPlace, is_its_owners_alone};

/// The bit by which everybody on the machine can write.
const ANYBODY_WRITES: u32 = 0o002;

/// The bit by which everybody can write in a folder and nobody can touch what is another's (`/tmp`).
const STICKY: u32 = 0o1000;

/// Bits by which others than a file's owner can use it.
const OTHERS: u32 = 0o077;

/// What others can do with the folder of some settings, and with what lies in it, and what does not belong there.
pub(super) fn examine(settings: &Path, network: Option<&Network>) -> Vec<Finding> {
    let mut findings = secrets_beside(settings);
    findings.extend(keys_of_the_region(settings, network));
    findings.extend(open_to_anybody(folder_of(settings)));
    let files = files_in(folder_of(settings));
    let files = files.filter(|file| file.is_file() && !is_key(file));
    findings.extend(files.filter_map(|file| {
        let mode = mode_of(&file)?;
        (mode & ANYBODY_WRITES != 0).then(|| {
            let what = format!(
                "can be written by anybody on this machine (mode {:03o})",
                mode & 0o777
            );
            let remedy = "run chmod o-w on it, and look whether it says what you wrote";
            Finding::new("file-mode", &file, what, remedy)
        })
    }));
    findings
}

/// What others can do with a journal and its folder.
pub(super) fn examine_journal(folder: &Path) -> Vec<Finding> {
    let mut findings = Vec::from_iter(open_to_anybody(folder));
    let is_journal = |file: &PathBuf| {
        let ending = file.extension().and_then(|it| it.to_str());
        ending.is_some_and(|it| it == "journal" || it == "journal-wal")
    };
    findings.extend(files_in(folder).filter(is_journal).filter_map(|file| {
        let mode = mode_of(&file)?;
        (mode & OTHERS != 0).then(|| {
            let what = format!(
                "can be used by others (mode {:03o}), and it names people",
                mode & 0o777
            );
            Finding::new("journal-mode", &file, what, "run chmod 600 on it")
        })
    }));
    findings
}

/// Keys that sign or certify for the whole region, in an office's folder.
fn keys_of_the_region(settings: &Path, network: Option<&Network>) -> Vec<Finding> {
    let keys = files_in(folder_of(settings)).filter(|file| is_key(file));
    let told = keys.filter_map(|file| {
        let is_named = |name: &str| file.file_name().is_some_and(|it| it == name);
        let key = KeyFile::read(&SecretPlace::File(file.clone())).ok();
        let signs = key.zip(network).is_some_and(|(key, it)| key.party == it.region);
        let what = if signs || is_named(REGION_KEY) {
            "is the region's own key, and whoever takes this machine admits and revokes anybody"
        } else if is_named(AUTHORITY_KEY) {
            "is the key of the region's authority, and whoever takes this machine certifies anybody"
        } else {
            return None;
        };
        let remedy = "keep it on a machine or a stick that is on no bus, and delete it here; if others may have \
                      read it, make the region anew";
        Some(Finding::new("region-key", &file, what, remedy))
    });
    told.collect()
}

/// The region's own folders, with its key, among a folder and those in it.
pub(super) fn regions_in(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let places = files_in(folder).chain([folder.to_path_buf()]);
    places.filter(|it| it.join(REGION_KEY).is_file())
}

/// The region's own secrets that others can read, in a folder or one folder below it.
pub(super) fn region_in(folder: &Path) -> Vec<Finding> {
    let keys = regions_in(folder).map(|it| it.join(REGION_KEY));
    keys.flat_map(|it| secrets_beside(&it)).collect()
}

/// Secrets in the folder of a file that others can read, whoever names them.
fn secrets_beside(file: &Path) -> Vec<Finding> {
    let keys = files_in(folder_of(file)).filter(|file| is_key(file));
    keys.filter_map(|file| is_its_owners_alone(&file, Holds::Key).err())
        .collect()
}

/// A folder in which anybody on the machine can put something else in place of what lies there.
fn open_to_anybody(folder: &Path) -> Option<Finding> {
    let mode = mode_of(folder)?;
    (folder.is_dir() && mode & ANYBODY_WRITES != 0 && mode & STICKY == 0).then(|| {
        let what = format!(
            "can be written by anybody on this machine (mode {:03o})",
            mode & 0o777
        );
        let remedy = "run chmod o-w on it, and look whether all that lies in it is yours";
        Finding::new("folder-mode", folder, what, remedy)
    })
}

fn is_key(file: &Path) -> bool {
    file.extension().is_some_and(|ending| ending == "key")
}

fn folder_of(file: &Path) -> &Path {
    let folder = file.parent().filter(|it| !it.as_os_str().is_empty());
    folder.unwrap_or_else(|| Path::new("."))
}

fn files_in(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| Some(entry.ok()?.path()))
}

fn mode_of(path: &Path) -> Option<u32> {
    Some(std::fs::metadata(path).ok()?.permissions().mode())
}
