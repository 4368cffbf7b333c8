//! Which of our crates may import which: the table of ARCHITECTURE.md, kept by a machine.

use std::collections::BTreeSet;

use toml::Table;

use super::house::Crate;
use super::manifest::{Dependency, Section, dependencies};
use super::page::row_of;

/// What each crate may import of ours; `src` is the root package.
pub(crate) const EDGES: [(&str, &[&str]); 10] = [
    ("protocol", &[]),
    ("region", &["protocol"]),
    ("picture", &["protocol", "region"]),
    ("agents", &["protocol", "region", "picture"]),
    ("journal", &["protocol"]),
    ("broker", &["protocol"]),
    ("simulator", &["protocol", "region", "picture", "agents"]),
    ("report", &["protocol", "region", "picture"]),
    ("dashboard", &["protocol", "region", "picture"]),
    (
        "src",
        &[
            "protocol",
            "region",
            "picture",
            "agents",
            "journal",
            "broker",
            "simulator",
            "report",
            "dashboard",
        ],
    ),
];

/// Imports that stay forbidden over any number of crates between, and in tests too.
pub(crate) const NEVER: [(&str, &str); 9] = [
    ("agents", "broker"),
    ("broker", "agents"),
    ("agents", "journal"),
    ("journal", "agents"),
    ("simulator", "broker"),
    ("dashboard", "agents"),
    ("dashboard", "simulator"),
    ("dashboard", "broker"),
    ("report", "simulator"),
];

/// An import that only a crate's tests may make, and why.
pub(crate) struct DevException {
    from: &'static str,
    to: &'static str,
    reason: &'static str,
}

/// None so far: what joins more crates than a crate may import is tested from the root's tests/.
pub(crate) const DEV_EXCEPTIONS: [DevException; 0] = [];

/// Every import of ours that the table does not let, and every exception that excuses nothing.
pub(crate) fn forbidden(
    crates: &[Crate],
    workspace: &Table,
    exceptions: &[DevException],
) -> Vec<String> {
    let mut found = Vec::new();
    let mut used = BTreeSet::new();
    for from in crates {
        for dependency in dependencies(&from.manifest, workspace) {
            let Some(to) = dependency.ours() else {
                continue;
            };
            if allowed(&EDGES, &from.name).contains(&to) {
                continue;
            }
            match excused(&from.name, to, &dependency, exceptions) {
                Some(number) => drop(used.insert(number)),
                None => found.push(refusal(from, to, &dependency)),
            }
        }
    }
    let stale = exceptions
        .iter()
        .enumerate()
        .filter(|(number, _)| !used.contains(number));
    found.extend(stale.map(|(_, one)| {
        format!(
            "tests/tidy/edges.rs: the exception {} to {} ({}) excuses nothing; remove it",
            one.from, one.to, one.reason
        )
    }));
    found
}

/// Imports of crates that the workspace excludes, by their package's name.
pub(crate) fn leading_outside(crates: &[Crate], outside: &[Crate]) -> Vec<String> {
    let mut found = Vec::new();
    for one in outside {
        let package = format!("liandong-{}", one.dir);
        let importing = crates.iter().filter(|from| {
            let all = dependencies(&from.manifest, &Table::new());
            all.iter().any(|dependency| dependency.package == package)
        });
        found.extend(importing.map(|from| {
            let whence = from.path("Cargo.toml");
            format!("{whence}: imports {package}, which the workspace excludes; remove it")
        }));
    }
    found
}

/// Pairs that must never meet and that a chain of allowed imports joins all the same.
pub(crate) fn joined_in_spite(edges: &[(&str, &[&str])], never: &[(&str, &str)]) -> Vec<String> {
    let joined = never
        .iter()
        .filter(|(from, to)| reach(edges, from).contains(*to));
    joined
        .map(|(from, to)| format!("{from} reaches {to} over allowed imports; cut one of them"))
        .chain(
            edges
                .iter()
                .filter(|(_, all)| all.contains(&"src"))
                .map(|(from, _)| {
                    format!("{from} may import src; the command imports and is imported by none")
                }),
        )
        .collect()
}

/// Rows of the page's table that differ from the edges checked here.
pub(crate) fn page_differs(page: &str, edges: &[(&str, &[&str])]) -> Vec<String> {
    let mut found = Vec::new();
    for (name, all) in edges {
        let Some(shown) = row_of(page, name) else {
            found.push(format!(
                "ARCHITECTURE.md: its table of imports has no row for {name}; add it"
            ));
            continue;
        };
        let mut meant: BTreeSet<&str> = all.iter().copied().collect();
        if all.len() + 1 == edges.len() {
            meant = BTreeSet::from(["all"]);
        }
        if shown.ours != meant {
            found.push(format!(
                "ARCHITECTURE.md: {name} may import {:?} by the page, {meant:?} by tests/tidy/edges.rs; make them one",
                shown.ours
            ));
        }
    }
    found
}

fn allowed<'a>(edges: &[(&str, &'a [&'a str])], from: &str) -> &'a [&'a str] {
    edges
        .iter()
        .find(|(name, _)| *name == from)
        .map_or(&[], |(_, all)| all)
}

fn excused(
    from: &str,
    to: &str,
    dependency: &Dependency,
    exceptions: &[DevException],
) -> Option<usize> {
    let never = NEVER.contains(&(from, to));
    let dev = dependency.section == Section::Dev;
    let number = exceptions
        .iter()
        .position(|one| one.from == from && one.to == to)?;
    (dev && !never).then_some(number)
}

fn refusal(from: &Crate, to: &str, dependency: &Dependency) -> String {
    let whence = from.path("Cargo.toml");
    let section = dependency.section;
    if to == "src" || NEVER.contains(&(from.name.as_str(), to)) {
        return format!(
            "{whence}: {section} imports {to}, which {} never may; remove it",
            from.name
        );
    }
    let all = match allowed(&EDGES, &from.name) {
        [] => "none of ours".to_owned(),
        all => all.join(", "),
    };
    format!(
        "{whence}: {section} imports {to}, but {} may import {all}; a new edge changes ARCHITECTURE.md first",
        from.name
    )
}

fn reach<'a>(edges: &[(&str, &'a [&'a str])], from: &str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open = allowed(edges, from).to_vec();
    while let Some(next) = open.pop() {
        if reached.insert(next) {
            open.extend(allowed(edges, next));
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXCEPTION: DevException = DevException {
        from: "journal",
        to: "picture",
        reason: "planted",
    };

    fn refused(dir: &str, manifest: &str, exceptions: &[DevException]) -> Vec<String> {
        forbidden(&[Crate::new(dir, manifest)], &Table::new(), exceptions)
    }

    #[test]
    fn an_import_outside_the_table_is_refused_in_either_section() {
        for section in ["dependencies", "dev-dependencies"] {
            let manifest = format!("[{section}]\nliandong-picture = '0'\nliandong-protocol = '0'");
            let found = refused("journal", &manifest, &[]);
            assert_eq!(found.len(), 1, "{found:?}");
            let start = format!("journal/Cargo.toml: [{section}] imports picture, but journal may");
            assert!(found[0].starts_with(&start), "{found:?}");
        }
    }

    #[test]
    fn an_import_that_never_may_be_is_refused_in_spite_of_an_exception() {
        let exception = DevException {
            from: "agents",
            to: "broker",
            reason: "planted",
        };
        let manifest = "[dev-dependencies]\nliandong-broker = '0'";
        let found = refused("agents", manifest, &[exception]);
        assert!(
            found[0].contains("imports broker, which agents never may"),
            "{found:?}"
        );
        let found = refused("report", "[dependencies]\nliandong = '0'", &[]);
        assert!(
            found[0].contains("imports src, which report never may"),
            "{found:?}"
        );
    }

    #[test]
    fn an_exception_excuses_tests_alone_and_must_excuse_something() {
        let tests = "[dev-dependencies]\nliandong-picture = '0'";
        assert_eq!(refused("journal", tests, &[EXCEPTION]), [""; 0]);
        let build = tests.replace("dev-", "");
        assert_eq!(
            refused("journal", &build, &[EXCEPTION]).len(),
            2,
            "refused, and stale"
        );
    }

    #[test]
    fn a_crate_that_the_table_does_not_know_may_import_none_of_ours() {
        let found = refused("weather", "[dependencies]\nliandong-protocol = '0'", &[]);
        assert!(
            found[0].contains("weather may import none of ours"),
            "{found:?}"
        );
    }

    #[test]
    fn a_chain_to_a_forbidden_crate_is_seen() {
        let edges: [(&str, &[&str]); 3] = [
            ("agents", &["picture"]),
            ("picture", &["journal"]),
            ("report", &["src"]),
        ];
        let found = joined_in_spite(&edges, &NEVER);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("agents reaches journal"), "{found:?}");
    }

    #[test]
    fn an_import_of_a_crate_outside_the_workspace_is_seen() {
        let outside = [Crate::new("fuzz", "")];
        let manifest = "[dev-dependencies]\nliandong-fuzz = { path = '../fuzz' }";
        let found = leading_outside(&[Crate::new("report", manifest)], &outside);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(
            leading_outside(&[Crate::new("report", "")], &outside),
            [""; 0]
        );
    }

    #[test]
    fn a_page_that_shows_other_edges_is_seen() {
        let edges: [(&str, &[&str]); 3] = [
            ("protocol", &[]),
            ("region", &["protocol"]),
            ("src", &["protocol", "region"]),
        ];
        let page = "## What may import what\n| `protocol` | – | x |\n| `region` | `protocol` | y |\n| `src` | all | z |";
        assert_eq!(page_differs(page, &edges), [""; 0]);
        let page = page.replace("| `protocol` | y", "| `protocol`, `broker` | y");
        assert_eq!(page_differs(&page, &edges).len(), 1);
        assert_eq!(page_differs("", &edges).len(), 3);
    }
}
