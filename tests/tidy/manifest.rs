//! What a manifest depends on, whatever section, target or other name it hides behind.

use std::fmt;

use toml::{Table, Value};

/// The prefix of our package names; the root package is the prefix alone.
const OURS: &str = "liandong";

/// In which section a dependency stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Section {
    Normal,
    Dev,
    Build,
}

/// One dependency of a crate.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Dependency {
    /// Its package, not the name that it is imported by.
    pub(crate) package: String,
    /// Where it stands.
    pub(crate) section: Section,
    /// Whether the workspace states its version.
    pub(crate) inherited: bool,
}

impl Section {
    const ALL: [Self; 3] = [Self::Normal, Self::Dev, Self::Build];

    /// The section's key, in both spellings that cargo reads.
    const fn keys(self) -> [&'static str; 2] {
        match self {
            Self::Normal => ["dependencies"; 2],
            Self::Dev => ["dev-dependencies", "dev_dependencies"],
            Self::Build => ["build-dependencies", "build_dependencies"],
        }
    }
}

impl fmt::Display for Section {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "[{}]", self.keys()[0])
    }
}

impl Dependency {
    /// The crate of ours that this is, by the architecture's name for it.
    pub(crate) fn ours(&self) -> Option<&str> {
        match self.package.strip_prefix(OURS)? {
            "" => Some("src"),
            rest => rest.strip_prefix('-'),
        }
    }
}

/// All dependencies of a manifest, those for single targets included.
pub(crate) fn dependencies(manifest: &Table, workspace: &Table) -> Vec<Dependency> {
    let targets = manifest.get("target").and_then(Value::as_table);
    let per_target = targets
        .into_iter()
        .flat_map(Table::values)
        .filter_map(Value::as_table);
    let mut all: Vec<Dependency> = std::iter::once(manifest)
        .chain(per_target)
        .flat_map(|table| dependencies_in(table, workspace))
        .collect();
    all.sort();
    all.dedup();
    all
}

fn dependencies_in(table: &Table, workspace: &Table) -> Vec<Dependency> {
    let mut all = Vec::new();
    for section in Section::ALL {
        let mut keys = section.keys().to_vec();
        keys.dedup();
        let entries = keys
            .into_iter()
            .filter_map(|key| table.get(key)?.as_table())
            .flatten();
        all.extend(entries.map(|(key, entry)| {
            let inherited = entry.get("workspace").and_then(Value::as_bool) == Some(true);
            let stated = if inherited {
                shared(workspace, key)
            } else {
                Some(entry)
            };
            let package = stated.and_then(|entry| entry.get("package")?.as_str());
            Dependency {
                package: package.unwrap_or(key).to_owned(),
                section,
                inherited,
            }
        }));
    }
    all
}

fn shared<'a>(workspace: &'a Table, key: &str) -> Option<&'a Value> {
    workspace.get("workspace")?.get("dependencies")?.get(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(manifest: &str) -> Vec<(String, Section, bool)> {
        let workspace =
            "[workspace.dependencies]\nbroker = { path = 'b', package = 'liandong-broker' }";
        let workspace = workspace.parse().unwrap();
        dependencies(&manifest.parse().unwrap(), &workspace)
            .into_iter()
            .map(|one| (one.package, one.section, one.inherited))
            .collect()
    }

    #[test]
    fn a_dependency_is_known_by_its_package_in_every_section() {
        let manifest = "
            [dependencies]
            broker.workspace = true
            [dev-dependencies]
            disguise = { version = '1', package = 'rusqlite' }
            [build_dependencies]
            cc = '1'
            [target.'cfg(unix)'.dependencies]
            libc = '0.2'";
        assert_eq!(
            found(manifest),
            [
                ("cc".to_owned(), Section::Build, false),
                ("liandong-broker".to_owned(), Section::Normal, true),
                ("libc".to_owned(), Section::Normal, false),
                ("rusqlite".to_owned(), Section::Dev, false),
            ]
        );
    }

    #[test]
    fn ours_are_told_from_theirs_by_the_package_name() {
        let of = |package: &str| Dependency {
            package: package.to_owned(),
            section: Section::Normal,
            inherited: true,
        };
        assert_eq!(of("liandong").ours(), Some("src"));
        assert_eq!(of("liandong-broker").ours(), Some("broker"));
        assert_eq!((of("liandongx").ours(), of("serde").ours()), (None, None));
    }
}
