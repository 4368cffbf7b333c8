//! Every crate belongs to the workspace, has its name, and is held to its lints and thresholds.

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::house::{Crate, File, listed, parse};

/// Keys that every clippy.toml in force must hold; a crate's own replaces the root's whole.
const THRESHOLDS: [(&str, i64); 2] = [
    ("too-many-lines-threshold", 70),
    ("too-many-arguments-threshold", 5),
];

/// Crates whose every result follows from what they are given.
pub(crate) const PURE: [&str; 6] = [
    "protocol",
    "region",
    "picture",
    "agents",
    "simulator",
    "report",
];

/// Calls that a pure crate must forbid.
const IMPURE_CALLS: [&str; 9] = [
    "std::time::Instant::now",
    "std::time::SystemTime::now",
    "std::thread::sleep",
    "std::thread::spawn",
    "f64::sin",
    "f64::cos",
    "f64::exp",
    "f64::ln",
    "f64::powf",
];

/// Types that a pure crate must forbid.
const IMPURE_TYPES: [&str; 2] = ["std::collections::HashMap", "std::collections::HashSet"];

/// Directories and members that have no counterpart, and members left out of plain commands.
pub(crate) fn members_differ(crates: &[Crate], workspace: &Table) -> Vec<String> {
    let dirs: BTreeSet<&str> = crates
        .iter()
        .map(|one| one.dir.as_str())
        .filter(|dir| !dir.is_empty())
        .collect();
    let mut found = Vec::new();
    for key in ["members", "default-members"] {
        let stated = listed(workspace, key);
        let mut wanted = dirs.clone();
        if key == "default-members" {
            wanted.insert(".");
        }
        found.extend(wanted.difference(&stated).map(|dir| {
            format!("Cargo.toml: {key} lacks \"{dir}\", which holds a Cargo.toml; add it")
        }));
        found.extend(stated.difference(&wanted).map(|dir| {
            format!("Cargo.toml: {key} names \"{dir}\", which holds no Cargo.toml; remove it")
        }));
    }
    found
}

/// Crates that differ from their directory's name or keep lints, edition or licence of their own.
pub(crate) fn not_of_the_house(crates: &[Crate]) -> Vec<String> {
    crates.iter().flat_map(differences).collect()
}

/// Clippy configurations in force that lack a threshold.
pub(crate) fn loose_thresholds(crates: &[Crate], files: &[File]) -> Vec<String> {
    let mut found: Vec<String> = files
        .iter()
        .filter(|file| file.path.ends_with(".clippy.toml"))
        .map(|file| format!("{}: hides the clippy.toml beside it; remove it", file.path))
        .collect();
    for one in crates {
        let Some(file) = in_force(one, files) else {
            found.push(format!(
                "{}: no clippy.toml in force; add one at the root",
                one.name
            ));
            continue;
        };
        let table = parse(&file.path, &file.text);
        let loose = THRESHOLDS
            .iter()
            .filter(|(key, limit)| table.get(*key).and_then(Value::as_integer) != Some(*limit));
        found.extend(loose.map(|(key, limit)| {
            format!(
                "{}: no `{key} = {limit}`, so {} is not held to it; write it",
                file.path, one.name
            )
        }));
    }
    found
}

/// Pure crates that do not forbid what is not reproducible, or forbid it without a reason.
pub(crate) fn impure(crates: &[Crate], files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    for one in crates
        .iter()
        .filter(|one| PURE.contains(&one.name.as_str()))
    {
        let path = one.path("clippy.toml");
        let Some(file) = files.iter().find(|file| file.path == path) else {
            found.push(format!(
                "{path}: missing; a pure crate forbids clocks and hash order there"
            ));
            continue;
        };
        let table = parse(&path, &file.text);
        let calls = lacking(&table, "disallowed-methods", &IMPURE_CALLS);
        let types = lacking(&table, "disallowed-types", &IMPURE_TYPES);
        found.extend(
            calls
                .into_iter()
                .chain(types)
                .map(|what| format!("{path}: {what}")),
        );
    }
    found
}

fn differences(one: &Crate) -> Vec<String> {
    let path = one.path("Cargo.toml");
    let text = |table: &str, key: &str| one.manifest.get(table)?.get(key)?.as_str();
    let inherits = |table: &str, key: Option<&str>| {
        let value = one
            .manifest
            .get(table)
            .and_then(|table| key.map_or(Some(table), |key| table.get(key)));
        value.and_then(|value| value.get("workspace")?.as_bool()) == Some(true)
    };
    let mut found = Vec::new();
    let package = if one.dir.is_empty() {
        "liandong".to_owned()
    } else {
        format!("liandong-{}", one.dir)
    };
    if text("package", "name") != Some(package.as_str()) {
        found.push(format!(
            "{path}: the package is not named {package}, as its directory is; rename it"
        ));
    }
    if !one.dir.is_empty() && text("lib", "name") != Some(one.dir.as_str()) {
        found.push(format!(
            "{path}: the library is not named {}, as its directory is; rename it",
            one.dir
        ));
    }
    if !inherits("lints", None) {
        found.push(format!(
            "{path}: no `[lints] workspace = true`; the house's lints bind every crate"
        ));
    }
    for key in ["version", "edition", "rust-version", "license"] {
        if !inherits("package", Some(key)) {
            found.push(format!(
                "{path}: {key} is not the workspace's; write `{key}.workspace = true`"
            ));
        }
    }
    found
}

fn in_force<'a>(one: &Crate, files: &'a [File]) -> Option<&'a File> {
    let own = one.path("clippy.toml");
    let at = |path: &str| files.iter().find(|file| file.path == path);
    at(&own).or_else(|| at("clippy.toml"))
}

fn lacking(table: &Table, key: &str, wanted: &[&str]) -> Vec<String> {
    let entries = table
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    let path_of = |entry: &Value| entry.get("path").and_then(Value::as_str).map(str::to_owned);
    let reasoned: Vec<String> = entries
        .iter()
        .filter(|entry| {
            entry
                .get("reason")
                .and_then(Value::as_str)
                .is_some_and(|why| !why.is_empty())
        })
        .filter_map(path_of)
        .collect();
    wanted
        .iter()
        .filter(|path| !reasoned.iter().any(|one| one == *path))
        .map(|path| format!("{key} does not forbid {path} with a reason; add it"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "
        [package]
        name = 'liandong-region'
        version.workspace = true
        edition.workspace = true
        rust-version.workspace = true
        license.workspace = true
        [lib]
        name = 'region'
        [lints]
        workspace = true";

    fn file(path: &str, text: &str) -> File {
        File {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn a_directory_left_out_and_a_member_without_directory_are_seen() {
        let workspace = "[workspace]\nmembers = ['a', 'gone']\ndefault-members = ['a']";
        let crates = [Crate::new("", ""), Crate::new("a", ""), Crate::new("b", "")];
        let found = members_differ(&crates, &parse("Cargo.toml", workspace));
        assert_eq!(
            found.len(),
            4,
            "b twice, gone once, the root once: {found:?}"
        );
        assert!(found[0].contains("members lacks \"b\""), "{found:?}");
        assert!(found[1].contains("members names \"gone\""), "{found:?}");
    }

    #[test]
    fn a_crate_with_a_name_or_lints_of_its_own_is_seen() {
        assert_eq!(not_of_the_house(&[Crate::new("region", GOOD)]), [""; 0]);
        assert_eq!(not_of_the_house(&[Crate::new("ground", GOOD)]).len(), 2);
        for key in ["edition.", "license.", "rust-version.", "version."] {
            let bad = GOOD.replacen(key, "other.", 1);
            assert!(
                !not_of_the_house(&[Crate::new("region", &bad)]).is_empty(),
                "{key}"
            );
        }
        let bad = GOOD.replace("[lints]\n        workspace = true", "");
        let found = not_of_the_house(&[Crate::new("region", &bad)]);
        assert!(found[0].contains("[lints] workspace = true"), "{found:?}");
    }

    #[test]
    fn a_threshold_that_is_loose_in_the_file_in_force_is_seen() {
        let good = "too-many-lines-threshold = 70\ntoo-many-arguments-threshold = 5";
        let crates = [Crate::new("region", ""), Crate::new("journal", "")];
        assert_eq!(
            loose_thresholds(&crates, &[file("clippy.toml", good)]),
            [""; 0]
        );
        assert_eq!(loose_thresholds(&crates, &[]).len(), 2);
        let own = file("region/clippy.toml", &good.replace("70", "100"));
        let found = loose_thresholds(&crates, &[file("clippy.toml", good), own]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("region/clippy.toml: no `too-many-lines-threshold = 70`"));
        let hidden = [file("clippy.toml", good), file("region/.clippy.toml", "")];
        assert_eq!(loose_thresholds(&crates, &hidden).len(), 1);
    }

    #[test]
    fn a_pure_crate_that_allows_a_clock_is_seen_and_others_are_not() {
        let crates = [Crate::new("region", ""), Crate::new("journal", "")];
        assert_eq!(impure(&crates, &[]).len(), 1, "the file itself is missing");
        let empty = impure(&crates, &[file("region/clippy.toml", "")]);
        assert_eq!(
            empty.len(),
            IMPURE_CALLS.len() + IMPURE_TYPES.len(),
            "{empty:?}"
        );
        let unreasoned = "disallowed-types = [{ path = 'std::collections::HashMap', reason = '' }]";
        assert_eq!(
            impure(&crates, &[file("region/clippy.toml", unreasoned)]).len(),
            empty.len()
        );
        let reasoned = unreasoned.replace("''", "'order'");
        assert_eq!(
            impure(&crates, &[file("region/clippy.toml", &reasoned)]).len(),
            empty.len() - 1
        );
    }
}
