//! The page under the reader's finger: where every word stands, and every fault found so far.
//!
//! Reading goes on after a fault, so that one pass finds them all.

use std::fmt;
use std::ops::Range;

/// Characters of a reason or a remedy.
const WORDS_CHARS: usize = 2_000;

/// One thing that is wrong in a file that people wrote.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub struct Fault {
    /// The file as it was named.
    pub file: String,
    /// The line, counted from 1.
    pub line: u32,
    /// The column in characters, counted from 1.
    pub column: u32,
    /// What is wrong.
    pub reason: String,
    /// What to do about it, with the word that was probably meant.
    pub remedy: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            column,
            reason,
            remedy,
        } = self;
        write!(f, "{file}:{line}:{column}: {reason}; {remedy}")
    }
}

/// Everything that is wrong with a scenario, in the order of its files, lines and columns.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(Fault::to_string).collect::<Vec<_>>().join("\n"))]
pub struct Faults(pub Vec<Fault>);

/// A value with the place where it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Its bytes in the text.
    pub span: Range<usize>,
}

/// The text that is read, and the faults found in it and in the files that it names.
pub struct Page<'a> {
    file: &'a str,
    text: &'a str,
    faults: Vec<Fault>,
    /// Whether a part of the text is no TOML, so that what seems missing may stand in it.
    torn: bool,
}

impl<'a> Page<'a> {
    pub(crate) fn new(file: &'a str, text: &'a str) -> Self {
        Self {
            file,
            text,
            faults: Vec::new(),
            torn: false,
        }
    }

    /// Notes a fault at a place of this text. Where the text is no TOML, nothing else is noted.
    pub(crate) fn fault(
        &mut self,
        span: &Range<usize>,
        reason: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let (line, column) = self.place(span.start);
        let mut here = self.faults.iter().filter(|fault| fault.file == self.file);
        if self.torn && here.any(|fault| (fault.line, fault.column) == (line, column)) {
            return;
        }
        let fault = Fault {
            file: self.file.to_owned(),
            line,
            column,
            reason: reason.into(),
            remedy: remedy.into(),
        };
        self.faults.push(fault);
    }

    /// Notes a word that is not among the known ones.
    pub(crate) fn unknown<'w>(
        &mut self,
        span: &Range<usize>,
        what: &str,
        word: &str,
        known: impl Iterator<Item = &'w str> + Clone,
    ) {
        self.fault(
            span,
            format!("unknown {what} \"{}\"", shown(word)),
            known_words(word, known),
        );
    }

    /// Notes a fault of another file.
    pub(crate) fn fault_elsewhere(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    /// What was written at a place, shortened.
    pub(crate) fn written(&self, span: &Range<usize>) -> String {
        shown(self.text.get(span.clone()).unwrap_or_default())
    }

    /// Notes a part of the text that is no TOML.
    pub(crate) fn torn(&mut self, span: &Range<usize>, reason: &str) {
        self.fault(span, shown(reason), "correct the TOML");
        self.torn = true;
    }

    /// Notes a key that is missing, unless it may stand in a part that is no TOML.
    pub(crate) fn lacks(&mut self, span: &Range<usize>, reason: String, remedy: String) {
        if !self.torn {
            self.fault(span, reason, remedy);
        }
    }

    /// Whether nothing is wrong so far.
    pub(crate) fn is_clean(&self) -> bool {
        self.faults.is_empty()
    }

    /// Every fault in order; the same one is listed once.
    pub(crate) fn into_faults(mut self) -> Faults {
        for fault in &mut self.faults {
            // Other files' faults quote what anybody may have written there.
            fault.reason = protocol::sanitise(&fault.reason, WORDS_CHARS);
            fault.remedy = protocol::sanitise(&fault.remedy, WORDS_CHARS);
        }
        self.faults.sort();
        self.faults.dedup();
        Faults(self.faults)
    }

    fn place(&self, byte: usize) -> (u32, u32) {
        let before = self.text.get(..byte).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        let count = |n: usize| u32::try_from(n + 1).unwrap_or(u32::MAX);
        (
            count(before.matches('\n').count()),
            count(before[line_start..].chars().count()),
        )
    }
}

/// A written word as a message shows it: on one line, harmless and short.
pub(crate) fn shown(text: &str) -> String {
    const SHOWN_CHARS: usize = 60;
    protocol::sanitise(text, SHOWN_CHARS)
}

/// How many known words a remedy lists: all kinds of resources fit, the districts of a region do not.
const LISTED_WORDS: usize = 40;

/// A remedy that lists the known words, and names the one that was probably meant.
pub(crate) fn known_words<'w>(word: &str, known: impl Iterator<Item = &'w str> + Clone) -> String {
    let listed: Vec<&str> = known.clone().take(LISTED_WORDS).collect();
    let more = if known.clone().count() > LISTED_WORDS {
        ", …"
    } else {
        ""
    };
    let listed = listed.join(", ");
    match nearest_word(word, known) {
        Some(meant) => format!("did you mean \"{meant}\"? known are {listed}{more}"),
        None if listed.is_empty() => "none is known here".to_owned(),
        None => format!("known are {listed}{more}"),
    }
}

/// The known word nearest to a misspelt one: one that it begins, such as `hold_s` for `hold`, or one
/// of which at most one letter in three differs.
fn nearest_word<'w>(word: &str, known: impl Iterator<Item = &'w str> + Clone) -> Option<&'w str> {
    const BEGINNING_CHARS: usize = 3;
    let limit = (word.chars().count() / 3).max(1);
    let word = word.to_lowercase();
    let near = known
        .clone()
        .map(|candidate| (edits(&word, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate);
    let begun = |candidate: &&str| word.len() >= BEGINNING_CHARS && candidate.starts_with(&word);
    let mut known = known;
    near.or_else(|| known.find(begun))
}

/// How many letters must be put in, taken out or changed to make one word the other (Levenshtein).
fn edits(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let change = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_says_where_what_and_what_to_do() {
        let text = "一 = 1\nkind = \"boats\"\n";
        let mut page = Page::new("x.toml", text);
        let at = text.find("\"boats\"").unwrap();
        page.unknown(&(at..at + 7), "kind", "boats", ["pump", "boat"].into_iter());
        assert_eq!(
            page.into_faults().to_string(),
            "x.toml:2:8: unknown kind \"boats\"; did you mean \"boat\"? known are pump, boat"
        );
    }

    #[test]
    fn a_word_that_resembles_nothing_is_not_guessed() {
        assert_eq!(nearest_word("helicopter", ["boat"].into_iter()), None);
        assert_eq!(nearest_word("hold", ["hold_s"].into_iter()), Some("hold_s"));
        assert_eq!(
            nearest_word("Ambulnace", ["ambulance"].into_iter()),
            Some("ambulance")
        );
    }
}
