//! What is wrong with a pack or an inventory: every fault, with its place, its reason and its remedy.

use std::fmt;

use protocol::sanitise;

use crate::locate::locate;

/// Characters of each part of a fault; all quote the file, which anybody may have written.
const WORDS_CHARS: usize = 2_000;

/// One thing that is wrong in a file that people wrote.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub struct PackFault {
    /// The file, by its name inside the pack.
    pub file: String,
    /// The line, counted from 1, where it is known.
    pub line: Option<u32>,
    /// The column: the field of a table or the character of a line, counted from 1, where it is known.
    pub column: Option<u32>,
    /// Where inside a nested file: `offices[3].seat`. Empty in tables.
    pub place: String,
    /// What is wrong.
    pub reason: String,
    /// What to do about it, with the word that was probably meant.
    pub remedy: String,
}

impl fmt::Display for PackFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(column) = self.column {
            write!(f, ":{column}")?;
        }
        if !self.place.is_empty() {
            write!(f, ": {}", self.place)?;
        }
        write!(f, ": {}; {}", self.reason, self.remedy)
    }
}

/// The faults found so far; reading goes on so that one pass finds them all.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<PackFault>);

/// Where a fault lies.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct At<'a> {
    pub(crate) file: &'a str,
    pub(crate) line: Option<u32>,
    pub(crate) column: Option<u32>,
    pub(crate) place: &'a str,
}

impl<'a> At<'a> {
    /// Somewhere in a file.
    pub(crate) fn file(file: &'a str) -> Self {
        Self {
            file,
            ..Self::default()
        }
    }

    /// A place inside a nested file.
    pub(crate) fn place(file: &'a str, place: &'a str) -> Self {
        Self {
            file,
            place,
            ..Self::default()
        }
    }

    /// Where a JSON text could not be read on.
    pub(crate) fn json(file: &'a str, error: &serde_json::Error) -> Self {
        Self {
            line: u32::try_from(error.line()).ok(),
            column: u32::try_from(error.column()).ok(),
            ..Self::file(file)
        }
    }

    /// A line of a table.
    pub(crate) fn line(file: &'a str, line: u32) -> Self {
        Self {
            file,
            line: Some(line),
            ..Self::default()
        }
    }
}

impl Faults {
    /// Notes one fault.
    pub(crate) fn add(&mut self, at: At<'_>, reason: String, remedy: impl Into<String>) {
        self.0.push(PackFault {
            file: at.file.to_owned(),
            line: at.line,
            column: at.column,
            place: at.place.to_owned(),
            reason,
            remedy: remedy.into(),
        });
    }

    /// Whether nothing has been found.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every fault in the order of files, lines and columns; those that name a place inside a nested
    /// file get its line and column from the file's text.
    pub(crate) fn into_sorted<'t>(
        mut self,
        text: impl Fn(&str) -> Option<&'t str>,
    ) -> Vec<PackFault> {
        for fault in self.0.iter_mut().filter(|fault| fault.line.is_none()) {
            let place = text(&fault.file).and_then(|text| locate(text, &fault.place));
            (fault.line, fault.column) = place.unzip();
        }
        for fault in &mut self.0 {
            for words in [
                &mut fault.file,
                &mut fault.place,
                &mut fault.reason,
                &mut fault.remedy,
            ] {
                *words = sanitise(words, WORDS_CHARS);
            }
        }
        self.0.sort();
        self.0.dedup();
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_says_where_what_and_what_to_do() {
        let mut faults = Faults::default();
        let at = At {
            column: Some(3),
            ..At::line("places.csv", 7)
        };
        faults.add(at, "\"x\" is no number".to_owned(), "write degrees");
        let shown = faults.into_sorted(|_| None)[0].to_string();
        assert_eq!(shown, "places.csv:7:3: \"x\" is no number; write degrees");
    }
}
