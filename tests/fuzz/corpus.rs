//! The files that fuzzing left: handmade beginnings, edge cases and what it found.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus")
}

/// The names of all corpora.
pub(crate) fn folders() -> BTreeSet<String> {
    names(&root())
}

/// The files of one, in the order of their names.
pub(crate) fn files(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = root().join(target);
    let names = names(&folder).into_iter();
    names
        .map(|name| {
            let bytes = fs::read(folder.join(&name)).unwrap();
            (name, bytes)
        })
        .collect()
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}
