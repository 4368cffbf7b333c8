//! The tree as the rules see it: crates with their manifests, files with their text.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

/// Directories that hold nothing of ours: products, runs, the history, and what fuzzing makes up.
const PASSED_OVER: [&str; 8] = [
    "target",
    ".git",
    "run",
    "out",
    "fuzz/target",
    "fuzz/artifacts",
    "fuzz/corpus",
    "fuzz/coverage",
];

/// The whole tree, read once.
pub(crate) struct House {
    root: PathBuf,
    /// The manifest at the root.
    pub(crate) workspace: Table,
    /// Every directory with a manifest, by name.
    pub(crate) crates: Vec<Crate>,
    /// Crates that the workspace excludes: built by those who want them, imported by none.
    pub(crate) outside: Vec<Crate>,
    /// Every Rust, TOML and script file, by path.
    pub(crate) files: Vec<File>,
}

/// A crate of ours. The root package counts as `src`, the directory that it is read in.
pub(crate) struct Crate {
    /// The name that the architecture uses.
    pub(crate) name: String,
    /// Its directory from the root, empty for the root itself.
    pub(crate) dir: String,
    /// Its Cargo.toml.
    pub(crate) manifest: Table,
}

/// A file of ours.
pub(crate) struct File {
    /// From the root, with `/`.
    pub(crate) path: String,
    /// All of it.
    pub(crate) text: String,
}

impl House {
    /// Reads the tree that this test was built from.
    pub(crate) fn read() -> Self {
        let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let mut paths = Vec::new();
        walk(&root, "", &mut paths);
        paths.sort();
        let files: Vec<File> = paths
            .into_iter()
            .map(|path| File {
                text: text_of(&root.join(&path)),
                path,
            })
            .collect();
        let workspace = parse("Cargo.toml", &text_of(&root.join("Cargo.toml")));
        let mut all: Vec<Crate> = files.iter().filter_map(Crate::from_file).collect();
        all.sort_by(|one, other| one.name.cmp(&other.name));
        let excluded = listed(&workspace, "exclude");
        let (outside, crates) = all
            .into_iter()
            .partition(|one| excluded.contains(one.dir.as_str()));
        Self {
            root,
            workspace,
            crates,
            outside,
            files,
        }
    }

    /// The text of one page.
    pub(crate) fn text(&self, path: &str) -> String {
        text_of(&self.root.join(path))
    }

    /// The names of the files in one directory, read or not.
    pub(crate) fn names_under(&self, dir: &str) -> Vec<String> {
        let entries =
            fs::read_dir(self.root.join(dir)).unwrap_or_else(|error| panic_at(dir, &error));
        entries
            .map(|entry| entry.unwrap_or_else(|error| panic_at(dir, &error)))
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect()
    }

    /// Every Rust file.
    pub(crate) fn sources(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| is_rust(&file.path))
    }

    /// What a rule about single Rust files finds in all of them.
    pub(crate) fn judge(&self, rule: fn(&str, &str) -> Vec<String>) -> Vec<String> {
        self.sources()
            .flat_map(|file| rule(&file.path, &file.text))
            .collect()
    }
}

impl Crate {
    /// A crate as its directory and manifest say.
    pub(crate) fn new(dir: &str, manifest: &str) -> Self {
        let name = if dir.is_empty() { "src" } else { dir };
        Self {
            name: name.to_owned(),
            dir: dir.to_owned(),
            manifest: parse(&format!("{name}: Cargo.toml"), manifest),
        }
    }

    /// A path inside the crate, from the root.
    pub(crate) fn path(&self, inside: &str) -> String {
        match self.dir.as_str() {
            "" => inside.to_owned(),
            dir => format!("{dir}/{inside}"),
        }
    }

    fn from_file(file: &File) -> Option<Self> {
        let dir = file.path.strip_suffix("Cargo.toml")?;
        Some(Self::new(dir.trim_end_matches('/'), &file.text))
    }
}

/// The directories that the workspace lists under a key.
pub(crate) fn listed<'a>(workspace: &'a Table, key: &str) -> BTreeSet<&'a str> {
    let list = workspace
        .get("workspace")
        .and_then(|table| table.get(key)?.as_array());
    list.into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// Whether a path is a Rust file's.
pub(crate) fn is_rust(path: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|ending| ending == "rs")
}

/// A TOML text as a table.
pub(crate) fn parse(path: &str, text: &str) -> Table {
    text.parse().unwrap_or_else(|error| panic_at(path, &error))
}

fn walk(root: &Path, below: &str, paths: &mut Vec<String>) {
    let entries = fs::read_dir(root.join(below)).unwrap_or_else(|error| panic_at(below, &error));
    for entry in entries {
        let entry = entry.unwrap_or_else(|error| panic_at(below, &error));
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if below.is_empty() {
            name
        } else {
            format!("{below}/{name}")
        };
        let kind = entry
            .file_type()
            .unwrap_or_else(|error| panic_at(&path, &error));
        if kind.is_dir() && !PASSED_OVER.contains(&path.as_str()) {
            walk(root, &path, paths);
        } else if kind.is_file() && is_ours(&path) {
            paths.push(path);
        }
    }
}

fn is_ours(path: &str) -> bool {
    let toml = Path::new(path)
        .extension()
        .is_some_and(|ending| ending == "toml");
    is_rust(path) || toml || path.starts_with(".ci/")
}

fn text_of(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic_at(&path.display().to_string(), &error))
}

#[expect(clippy::panic, reason = "a tree that cannot be read is a failed test")]
fn panic_at(path: &str, error: &dyn std::fmt::Display) -> ! {
    panic!("{path}: {error}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_package_counts_as_src_and_its_paths_start_at_the_root() {
        let root = Crate::new("", "[package]\nname = \"liandong\"");
        assert_eq!(
            (root.name.as_str(), root.path("src/main.rs").as_str()),
            ("src", "src/main.rs")
        );
        let journal = Crate::new("journal", "");
        assert_eq!(journal.path("src/lib.rs"), "journal/src/lib.rs");
    }
}
