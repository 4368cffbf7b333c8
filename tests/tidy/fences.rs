//! Which third-party crates may be imported where; each keeps its reason in ARCHITECTURE.md.

use std::collections::BTreeSet;

use toml::Table;

use super::house::Crate;
use super::manifest::{Dependency, Section, dependencies};
use super::page::row_of;

/// The crates that may import a package.
#[derive(Clone, Copy)]
pub(crate) enum Gate {
    /// Every crate.
    Open,
    /// These crates alone.
    Only(&'static [&'static str]),
    /// The tests and benchmarks of any crate.
    Tests,
    /// These crates, and the tests and benchmarks of any.
    OnlyAndTests(&'static [&'static str]),
}

/// Every third-party package that the house uses, and where.
pub(crate) const FENCES: [(&str, Gate); 42] = [
    ("anyhow", Gate::Only(&["src"])),
    ("argon2", Gate::Only(&["broker"])),
    (
        "blake3",
        Gate::Only(&["protocol", "picture", "agents", "simulator"]),
    ),
    ("base64", Gate::Only(&["protocol"])),
    ("bytes", Gate::Only(&["broker"])),
    ("clap", Gate::Only(&["src"])),
    ("criterion", Gate::Tests),
    ("crossterm", Gate::Only(&["dashboard"])),
    ("csv", Gate::Only(&["region", "simulator", "report"])),
    ("ed25519-dalek", Gate::Only(&["protocol"])),
    ("futures-util", Gate::Only(&["broker"])),
    ("geo", Gate::Only(&["region"])),
    ("geojson", Gate::Only(&["region"])),
    ("getrandom", Gate::Only(&["src"])),
    // Its tests alone use it, behind a feature; a package for tests cannot be optional.
    ("good_lp", Gate::Only(&["agents"])),
    ("indicatif", Gate::Only(&["src"])),
    ("mimalloc", Gate::Only(&["src"])),
    ("miniz_oxide", Gate::Only(&["protocol"])),
    ("libm", Gate::Only(&["region", "simulator"])),
    ("lsap", Gate::Tests),
    ("maud", Gate::Only(&["report"])),
    ("pathfinding", Gate::Tests),
    ("proptest", Gate::Tests),
    ("rand_chacha", Gate::Only(&["simulator"])),
    ("ratatui", Gate::Only(&["dashboard"])),
    ("rcgen", Gate::OnlyAndTests(&["src"])),
    ("rstar", Gate::Only(&["region"])),
    ("rumqttc", Gate::Only(&["broker"])),
    ("rumqttd", Gate::Only(&["broker"])),
    ("rusqlite", Gate::Only(&["journal"])),
    ("rustix", Gate::Only(&["broker"])),
    ("rustls-native-certs", Gate::Only(&["broker"])),
    ("serde", Gate::Open),
    ("serde_json", Gate::Open),
    ("thiserror", Gate::Open),
    ("tokio", Gate::Only(&["broker", "src"])),
    ("tokio-rustls", Gate::Only(&["broker"])),
    ("tokio-tungstenite", Gate::Only(&["broker"])),
    ("toml", Gate::Only(&["simulator", "src"])),
    ("tracing", Gate::Only(&["broker", "src"])),
    ("tracing-subscriber", Gate::Only(&["src"])),
    ("x509-parser", Gate::Only(&["broker", "src"])),
];

/// Every third-party import outside its fence, or without one.
pub(crate) fn crossed(crates: &[Crate], workspace: &Table, fences: &[(&str, Gate)]) -> Vec<String> {
    let imports = theirs(crates, workspace);
    let refusals = imports.iter().filter_map(|(from, one)| {
        let whence = format!("{}: {} imports {}", from.path("Cargo.toml"), one.section, one.package);
        let Some((_, gate)) = fences.iter().find(|(package, _)| *package == one.package) else {
            return Some(format!(
                "{whence}, which has no fence; add it to FENCES in tests/tidy/fences.rs and to ARCHITECTURE.md, or do without"
            ));
        };
        (!gate.lets(&from.name, one.section)).then(|| format!("{whence}, which belongs to {}", gate.whom()))
    });
    refusals.collect()
}

/// Every third-party import that the page does not name in backquotes.
pub(crate) fn unexplained(crates: &[Crate], workspace: &Table, page: &str) -> Vec<String> {
    let imports = theirs(crates, workspace);
    let silent = imports
        .iter()
        .filter(|(_, one)| !page.contains(&format!("`{}`", one.package)));
    silent
        .map(|(from, one)| {
            format!(
                "{}: imports {}, which ARCHITECTURE.md does not name; give its reason there",
                from.path("Cargo.toml"),
                one.package
            )
        })
        .collect()
}

/// Rows of the page's table whose third-party crates differ from the fences checked here.
pub(crate) fn page_differs(page: &str, crates: &[Crate], fences: &[(&str, Gate)]) -> Vec<String> {
    let mut found = Vec::new();
    for one in crates {
        let shown = row_of(page, &one.name)
            .map(|row| row.theirs)
            .unwrap_or_default();
        let its_own = fences
            .iter()
            .filter(|(_, gate)| gate.crates().contains(&one.name.as_str()));
        let meant: BTreeSet<&str> = its_own.map(|(package, _)| *package).collect();
        if shown != meant {
            found.push(format!(
                "ARCHITECTURE.md: {} may import {shown:?} by the page, {meant:?} by tests/tidy/fences.rs; make them one",
                one.name
            ));
        }
    }
    found
}

/// Every dependency whose version a crate states for itself.
pub(crate) fn stated_apart(crates: &[Crate], workspace: &Table) -> Vec<String> {
    let all = crates.iter().flat_map(|from| {
        dependencies(&from.manifest, workspace)
            .into_iter()
            .map(move |one| (from, one))
    });
    all.filter(|(_, one)| !one.inherited)
        .map(|(from, one)| {
            format!(
                "{}: {} states {} itself; write `workspace = true` and state it in the root Cargo.toml",
                from.path("Cargo.toml"),
                one.section,
                one.package
            )
        })
        .collect()
}

impl Gate {
    fn lets(self, from: &str, section: Section) -> bool {
        match self {
            Self::Open => true,
            Self::Only(all) => all.contains(&from),
            Self::Tests => section == Section::Dev,
            Self::OnlyAndTests(all) => all.contains(&from) || section == Section::Dev,
        }
    }

    const fn crates(self) -> &'static [&'static str] {
        match self {
            Self::Open | Self::Tests => &[],
            Self::Only(all) | Self::OnlyAndTests(all) => all,
        }
    }

    fn whom(self) -> String {
        match self {
            Self::Open => "all".to_owned(),
            Self::Only(all) => all.join(", "),
            Self::Tests => "[dev-dependencies] alone".to_owned(),
            Self::OnlyAndTests(all) => format!("{} and [dev-dependencies]", all.join(", ")),
        }
    }
}

fn theirs<'a>(crates: &'a [Crate], workspace: &Table) -> Vec<(&'a Crate, Dependency)> {
    let mut all = Vec::new();
    for from in crates {
        let imports = dependencies(&from.manifest, workspace);
        let theirs = imports.into_iter().filter(|one| one.ours().is_none());
        all.extend(theirs.map(|one| (from, one)));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(dir: &str, manifest: &str) -> Vec<String> {
        crossed(&[Crate::new(dir, manifest)], &Table::new(), &FENCES)
    }

    #[test]
    fn a_package_outside_its_fence_is_refused() {
        let found = refused("agents", "[dependencies]\ntokio = '1'\nserde = '1'");
        assert_eq!(
            found,
            ["agents/Cargo.toml: [dependencies] imports tokio, which belongs to broker, src"]
        );
        assert_eq!(refused("broker", "[dependencies]\ntokio = '1'"), [""; 0]);
    }

    #[test]
    fn a_package_under_another_name_is_still_refused() {
        let manifest = "[dev-dependencies]\nstore = { version = '1', package = 'rusqlite' }";
        assert_eq!(refused("picture", manifest).len(), 1);
    }

    #[test]
    fn a_package_without_a_fence_is_refused() {
        let found = refused("region", "[dependencies]\nrand = '1'");
        assert!(
            found[0].contains("imports rand, which has no fence"),
            "{found:?}"
        );
    }

    #[test]
    fn packages_for_tests_are_refused_elsewhere() {
        assert_eq!(refused("region", "[dependencies]\nproptest = '1'").len(), 1);
        assert_eq!(
            refused("region", "[dev-dependencies]\nproptest = '1'"),
            [""; 0]
        );
        assert_eq!(refused("broker", "[dependencies]\nrcgen = '1'").len(), 1);
        assert_eq!(
            refused("broker", "[dev-dependencies]\nrcgen = '1'"),
            [""; 0]
        );
        assert_eq!(
            refused("journal", "[dev-dependencies]\ntoml = '1'").len(),
            1
        );
    }

    #[test]
    fn a_package_that_the_page_does_not_name_is_seen() {
        let crates = [Crate::new(
            "region",
            "[dependencies]\ngeo = '1'\ngeojson = '1'",
        )];
        let found = unexplained(&crates, &Table::new(), "only `geojson` is here");
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("imports geo, which"), "{found:?}");
    }

    #[test]
    fn a_version_stated_by_a_crate_is_seen() {
        let crates = [Crate::new(
            "region",
            "[dependencies]\ngeo = '1'\nserde.workspace = true",
        )];
        let found = stated_apart(&crates, &Table::new());
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains("states geo itself"), "{found:?}");
    }

    #[test]
    fn a_page_that_shows_other_fences_is_seen() {
        let crates = [Crate::new("journal", ""), Crate::new("report", "")];
        let fences = [
            ("rusqlite", Gate::Only(&["journal"])),
            ("serde", Gate::Open),
        ];
        let page = "## What may import what\n| journal | – | `rusqlite` |\n| report | – | – |";
        assert_eq!(page_differs(page, &crates, &fences), [""; 0]);
        assert_eq!(
            page_differs(&page.replace("rusqlite", "maud"), &crates, &fences).len(),
            1
        );
        assert_eq!(page_differs("", &crates, &fences).len(), 1);
    }
}
