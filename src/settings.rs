//! A file of settings that people write, in TOML, and the lines where things stand in it.

use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use crate::finding::Finding;

/// The most that a file of settings may have: far more than anybody writes by hand.
const BYTES_MAX: usize = 1 << 20;

/// The code of a word that nobody knows here.
const UNKNOWN: &str = "settings-unknown";

/// So many unknown words are told of one file; more are told when these are mended.
const UNKNOWN_MAX: usize = 32;

/// A file of settings as it was read.
#[derive(Debug)]
pub(crate) struct Settings {
    path: PathBuf,
    text: String,
}

impl Settings {
    /// Reads a file and what it says.
    pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Result<(Self, T), Finding> {
        Self::read_without(path, &[])
    }

    fn read_without<T: DeserializeOwned>(
        path: &Path,
        left_out: &[usize],
    ) -> Result<(Self, T), Finding> {
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
        let lines = settings.text.split_inclusive('\n').zip(1..);
        let kept = lines.map(|(line, number)| {
            if left_out.contains(&number) {
                "\n"
            } else {
                line
            }
        });
        let kept: String = kept.collect();
        match toml::from_str(&kept) {
            Ok(said) => Ok((settings, said)),
            Err(error) => Err(settings.misread(&error)),
        }
    }

    /// Reads on behind what is not known in the file, and tells all of it.
    pub(crate) fn read_on<T: DeserializeOwned>(path: &Path) -> (Vec<Finding>, Option<(Self, T)>) {
        let mut findings = Vec::new();
        let mut left_out: Vec<usize> = Vec::new();
        loop {
            match Self::read_without(path, &left_out) {
                Ok(read) => return (findings, Some(read)),
                Err(finding) => {
                    let line = finding.line.filter(|line| !left_out.contains(line));
                    let unknown = finding.code == UNKNOWN && findings.len() < UNKNOWN_MAX;
                    findings.push(finding);
                    match line.filter(|_| unknown) {
                        Some(line) => left_out.push(line),
                        None => return (findings, None),
                    }
                }
            }
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
            UNKNOWN
        } else {
            "settings-misread"
        };
        let remedy = match code {
            UNKNOWN => "take it out, or write it as the list has it",
            _ => "write it as the example in README.md has it",
        };
        self.finding(code, error.span(), &what, remedy)
    }

    /// The line, from 1, in which a byte stands.
    pub(crate) fn line_of(&self, byte: usize) -> usize {
        let before = self.text.as_bytes().iter().take(byte);
        1 + before.filter(|byte| **byte == b'\n').count()
    }
}
