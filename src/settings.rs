//! A file of settings that people write, in TOML, and the lines where things stand in it.

mod patient;
pub(crate) use patient::Unread;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use toml::{Table, Value};

use crate::finding::Finding;
use crate::whole;

/// The code of a word that nobody knows here.
const UNKNOWN: &str = "settings-unknown";

/// A file of settings as it was read.
#[derive(Debug)]
pub(crate) struct Settings {
    path: PathBuf,
    text: String,
}

impl Settings {
    /// Reads a file and what it says.
    pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Result<(Self, T), Finding> {
        let settings = Self::open(path)?;
        match toml::from_str(&settings.text) {
            Ok(said) => Ok((settings, said)),
            Err(error) => Err(settings.misread(&error)),
        }
    }

    /// Reads a file's words, whatever they mean.
    fn open(path: &Path) -> Result<Self, Finding> {
        let text = whole::text(path, whole::SETTINGS_BYTES)
            .map_err(|error| Finding::file("settings-unreadable", path, &error))?;
        Ok(Self {
            path: path.to_path_buf(),
            text,
        })
    }

    /// A file with these words that is not on the disk.
    #[cfg(test)]
    pub(crate) fn of(path: &Path, text: &str) -> Self {
        Self {
            path: path.to_path_buf(),
            text: text.to_owned(),
        }
    }

    /// Where it lies.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The keys that say something else in another reading, a table's by their own names.
    pub(crate) fn differs_in(&self, other: &Self) -> BTreeSet<String> {
        let keys = |it: &Self| {
            let table = it.text.parse::<Table>().unwrap_or_default();
            let keys = table.into_iter().flat_map(|(key, value)| match value {
                Value::Table(inner) => {
                    let inner = inner.into_iter();
                    inner
                        .map(|(name, value)| (format!("{key}.{name}"), value))
                        .collect()
                }
                value => vec![(key, value)],
            });
            keys.collect::<BTreeMap<String, Value>>()
        };
        let (ours, theirs) = (keys(self), keys(other));
        let all = ours.keys().chain(theirs.keys());
        all.filter(|key| ours.get(*key) != theirs.get(*key))
            .cloned()
            .collect()
    }

    /// A path that it names: relative to the folder that it lies in.
    pub(crate) fn beside(&self, named: &str) -> PathBuf {
        let folder = self.path.parent().unwrap_or_else(|| Path::new("."));
        folder.join(named)
    }

    /// Something wrong with what it says there.
    pub(crate) fn finding(
        &self,
        code: &'static str,
        place: Option<Range<usize>>,
        what: &str,
        remedy: &str,
    ) -> Finding {
        let line = place.map(|place| self.line_of(place.start));
        Finding::new(code, &self.path, what, remedy).at(line)
    }

    fn misread(&self, error: &toml::de::Error) -> Finding {
        // The message alone: the error's own words would show the line, and a line may hold a secret.
        let what = error.message().lines().collect::<Vec<_>>().join(", ");
        let code = if what.starts_with("unknown field") {
            UNKNOWN
        } else {
            "settings-misread"
        };
        let remedy = match code {
            UNKNOWN => "take it out, or write it as the list has it",
            _ => {
                "write it as `liandong init` does; `liandong schema office` lists what office.toml may say"
            }
        };
        self.finding(code, error.span(), &what, remedy)
    }

    /// The line, from 1, in which a byte stands.
    pub(crate) fn line_of(&self, byte: usize) -> usize {
        let before = self.text.as_bytes().iter().take(byte);
        1 + before.filter(|byte| **byte == b'\n').count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_readings_say_otherwise_is_named_by_its_key() {
        let said = |text: &str| Settings::of("office.toml".as_ref(), text);
        let before = said(
            "a = 1 # as ever\nb = 2\n[gate]\nlisten = [\"x\"]\nkey = \"k\"\n[[bus]]\nurl = \"u\"",
        );
        assert!(
            before
                .differs_in(&said(
                    "b=2\na=1\n[gate]\nkey=\"k\"\nlisten=[\"x\"]\n[[bus]]\nurl=\"u\""
                ))
                .is_empty()
        );
        let after = said("a = 2\nb = 2\n[gate]\nlisten = [\"y\"]\nkey = \"k\"\nca = \"c\"");
        let named = before.differs_in(&after);
        assert_eq!(
            Vec::from_iter(named),
            ["a", "bus", "gate.ca", "gate.listen"]
        );
    }
}
