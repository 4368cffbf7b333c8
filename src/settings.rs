//! A file of settings that people write, in TOML, and the lines where things stand in it.

use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use crate::finding::Finding;

/// The most that a file of settings may have: far more than anybody writes by hand.
const BYTES_MAX: usize = 1 << 20;

/// A file of settings as it was read.
#[derive(Debug)]
pub(crate) struct Settings {
    path: PathBuf,
    text: String,
}

impl Settings {
    /// Reads a file and what it says.
    pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Result<(Self, T), Finding> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| Finding::file("settings-unreadable", path, &error))?;
        let settings = Self {
            path: path.to_path_buf(),
            text,
        };
        if settings.text.len() > BYTES_MAX {
            let what = format!(
                "has {} bytes, at most {BYTES_MAX} are read",
                settings.text.len()
            );
            return Err(settings.finding(
                "settings-unreadable",
                None,
                &what,
                "name a file of settings",
            ));
        }
        match toml::from_str(&settings.text) {
            Ok(said) => Ok((settings, said)),
            Err(error) => Err(settings.misread(&error)),
        }
    }

    /// Where it lies.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether another reading found the same words.
    pub(crate) fn says_the_same_as(&self, other: &Self) -> bool {
        self.text == other.text
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
            "settings-unknown"
        } else {
            "settings-misread"
        };
        let remedy = match code {
            "settings-unknown" => "take it out, or write it as the list has it",
            _ => "write it as the example in README.md has it",
        };
        self.finding(code, error.span(), &what, remedy)
    }

    fn line_of(&self, byte: usize) -> usize {
        let before = self.text.as_bytes().iter().take(byte);
        1 + before.filter(|byte| **byte == b'\n').count()
    }
}
