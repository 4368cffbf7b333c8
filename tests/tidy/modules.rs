//! Files that no `mod` declaration reaches: they look alive, and nobody compiles them.

use std::collections::{BTreeMap, BTreeSet};

use toml::Value;

use super::code::{code_of, find_word, is_name};
use super::house::{Crate, File, is_rust};

/// Directories whose files, and `main.rs` one level down, cargo takes for programs of their own.
const TARGET_DIRS: [&str; 4] = ["src/bin", "tests", "benches", "examples"];

/// Every Rust file that is neither a root that cargo compiles nor reached from one.
pub(crate) fn unreached<'a>(
    crates: impl IntoIterator<Item = &'a Crate>,
    files: &[File],
) -> Vec<String> {
    let sources: BTreeMap<&str, &str> = files
        .iter()
        .filter(|file| is_rust(&file.path))
        .map(|file| (file.path.as_str(), file.text.as_str()))
        .collect();
    let roots: BTreeSet<String> = crates
        .into_iter()
        .flat_map(|one| sources.keys().filter(|path| is_root(one, path)))
        .map(|path| (*path).to_owned())
        .collect();
    let mut reached = BTreeSet::new();
    let mut open: Vec<String> = roots.iter().cloned().collect();
    while let Some(path) = open.pop() {
        let Some(text) = sources.get(path.as_str()) else {
            continue;
        };
        if reached.insert(path.clone()) {
            open.extend(declared(&path, text, roots.contains(&path)));
        }
    }
    let dead = sources.keys().filter(|path| !reached.contains(**path));
    dead.map(|path| format!("{path}: no `mod` declaration reaches it; declare it or delete it"))
        .collect()
}

/// Whether cargo compiles this file as the root of a library, program, test or benchmark.
fn is_root(one: &Crate, path: &str) -> bool {
    let prefix = one.path("");
    let Some(inside) = path.strip_prefix(&prefix) else {
        return false;
    };
    let by_place = ["src/lib.rs", "src/main.rs", "build.rs"].contains(&inside)
        || TARGET_DIRS.iter().any(|dir| {
            let below = inside
                .strip_prefix(dir)
                .and_then(|rest| rest.strip_prefix('/'));
            below.is_some_and(|below| match below.split_once('/') {
                None => true,
                Some((_, file)) => file == "main.rs",
            })
        });
    by_place || stated_targets(one).any(|target| target == inside)
}

fn stated_targets(one: &Crate) -> impl Iterator<Item = &str> {
    let single = one.manifest.get("lib").into_iter();
    let several = ["bin", "test", "bench", "example"]
        .into_iter()
        .filter_map(|kind| one.manifest.get(kind)?.as_array())
        .flatten();
    single
        .chain(several)
        .filter_map(|target| target.get("path").and_then(Value::as_str))
}

/// The files that a file's `mod` declarations may mean.
fn declared(path: &str, text: &str, is_root: bool) -> Vec<String> {
    let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = name.trim_end_matches(".rs");
    let own = if is_root || stem == "mod" {
        dir.to_owned()
    } else {
        join(dir, stem)
    };
    let code = code_of(text);
    let mut files = Vec::new();
    for at in find_word(&code, "mod") {
        let rest = code[at + 3..].trim_start();
        let end = rest
            .bytes()
            .position(|byte| !is_name(byte))
            .unwrap_or(rest.len());
        if !rest[end..].trim_start().starts_with(';') {
            continue;
        }
        let inline = enclosing(&code[..at]);
        let base = inline
            .iter()
            .fold(own.clone(), |base, outer| join(&base, outer));
        if let Some(stated) = stated_path(&code[..at], text) {
            files.push(join(if inline.is_empty() { dir } else { &base }, stated));
        } else {
            let module = join(&base, &rest[..end]);
            files.extend([format!("{module}.rs"), format!("{module}/mod.rs")]);
        }
    }
    files
}

/// The modules written out in this file that are still open where the code ends.
fn enclosing(code: &str) -> Vec<&str> {
    let mut open: Vec<Option<&str>> = Vec::new();
    for (at, brace) in code.match_indices(['{', '}']) {
        if brace == "}" {
            open.pop();
            continue;
        }
        let mut before = code[..at].split_whitespace().rev();
        let name = before.next();
        open.push(name.filter(|_| before.next() == Some("mod")));
    }
    open.into_iter().flatten().collect()
}

/// What a `path` attribute directly before a declaration says.
fn stated_path<'a>(before: &str, text: &'a str) -> Option<&'a str> {
    let statement = before.rfind([';', '}', '{']).map_or(0, |end| end + 1);
    let attribute = find_word(&before[statement..], "path").pop()?;
    text[statement + attribute..].split('"').nth(1)
}

fn join(dir: &str, name: &str) -> String {
    if dir.is_empty() {
        name.to_owned()
    } else {
        format!("{dir}/{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dead(files: &[(&str, &str)]) -> Vec<String> {
        let crates = [
            Crate::new("", ""),
            Crate::new("a", "[[bench]]\npath = 'speed/run.rs'"),
        ];
        let files: Vec<File> = files
            .iter()
            .map(|(path, text)| File {
                path: (*path).to_owned(),
                text: (*text).to_owned(),
            })
            .collect();
        unreached(&crates, &files)
    }

    #[test]
    fn a_file_that_nobody_declares_is_seen() {
        let found = dead(&[
            ("a/src/lib.rs", "mod aid;\n// mod ghost;\n"),
            ("a/src/aid.rs", "mod hold;"),
            ("a/src/aid/hold.rs", ""),
            ("a/src/hold.rs", ""),
            ("a/src/ghost.rs", ""),
            ("stray.rs", ""),
        ]);
        let dead: Vec<&str> = found
            .iter()
            .filter_map(|one| one.split(':').next())
            .collect();
        assert_eq!(dead, ["a/src/ghost.rs", "a/src/hold.rs", "stray.rs"]);
    }

    #[test]
    fn programs_tests_and_benchmarks_are_roots_where_cargo_finds_them() {
        let found = dead(&[
            ("src/main.rs", ""),
            ("src/bin/two.rs", ""),
            ("tests/one.rs", ""),
            ("tests/live/main.rs", "mod broker;"),
            ("tests/live/broker.rs", ""),
            ("tests/live/lost.rs", ""),
            ("a/speed/run.rs", ""),
            ("a/build.rs", ""),
        ]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("tests/live/lost.rs:"), "{found:?}");
    }

    #[test]
    fn modules_written_out_and_stated_paths_lead_on() {
        let found = dead(&[
            (
                "tests/tidy.rs",
                "mod tidy { pub(crate) mod edges; fn f() {} mod words; }",
            ),
            ("tests/tidy/edges.rs", ""),
            (
                "tests/tidy/words.rs",
                "#[path = \"words/odd.rs\"]\nmod other;",
            ),
            ("tests/tidy/words/odd.rs", ""),
        ]);
        assert_eq!(found, [""; 0]);
    }

    #[test]
    fn a_module_inside_a_test_is_only_reached_from_its_parent() {
        let found = dead(&[("a/src/lib.rs", "mod b { mod c; }"), ("a/src/c.rs", "")]);
        assert_eq!(found.len(), 1, "{found:?}");
    }
}
