//! Whether a folder can be written to, and how much room its disk has left.

use std::path::Path;
use std::process::Command;

use crate::finding::Finding;

/// The least that a disk should have left: an office of a busy region writes some hundred megabytes a
/// month, and an office whose disk is full ends.
const LEFT_MIB: u64 = 256;

/// What is wrong with the folder of a journal, or with the one that it would be made in.
pub(super) fn examine(folder: &Path) -> Vec<Finding> {
    let there = folder.ancestors().find(|it| it.exists()).unwrap_or(folder);
    if !there.is_dir() {
        let what = "is no folder";
        let remedy = "name a folder for the journal, or move what stands there away";
        return vec![Finding::new("journal-folder", there, what, remedy)];
    }
    let mut findings = Vec::new();
    let probe = there.join(format!(".liandong-doctor-{}", std::process::id()));
    match std::fs::File::create_new(&probe) {
        Ok(file) => {
            drop(file);
            drop(std::fs::remove_file(&probe));
        }
        Err(error) => {
            let what = format!("cannot be written to: {error}");
            let remedy =
                "give the user that the office runs as the right to write there (chown, chmod)";
            findings.push(Finding::new("journal-folder", there, what, remedy));
        }
    }
    findings.extend(left_mib(there).and_then(|left| nearly_full(there, left)));
    findings
}

fn nearly_full(folder: &Path, left: u64) -> Option<Finding> {
    (left < LEFT_MIB).then(|| {
        let what = format!("its disk has {left} MiB left; an office wants {LEFT_MIB}");
        let remedy = "make room, or name a folder on another disk";
        Finding::new("disk-nearly-full", folder, what, remedy)
    })
}

/// What `df` (POSIX) says is left on the disk of a folder; `None` if it says nothing that can be read.
fn left_mib(folder: &Path) -> Option<u64> {
    let told = Command::new("df").arg("-Pk").arg(folder).output().ok()?;
    available(&String::from_utf8_lossy(&told.stdout))
}

/// The fourth column of the second line, in MiB.
fn available(told: &str) -> Option<u64> {
    let kib: u64 = told
        .lines()
        .nth(1)?
        .split_whitespace()
        .nth(3)?
        .parse()
        .ok()?;
    Some(kib / 1_024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_with_little_left_is_named() {
        let told = "Filesystem 1024-blocks Used Available Capacity Mounted on\n\
                    /dev/vda1 41251136 41000000 204800 100% /\n";
        assert_eq!(available(told), Some(200));
        assert_eq!(available("df: no such file"), None);
        let found = nearly_full(Path::new("/srv"), 200).unwrap();
        assert_eq!(found.code, "disk-nearly-full");
        assert_eq!(nearly_full(Path::new("/srv"), LEFT_MIB), None);
    }
}
