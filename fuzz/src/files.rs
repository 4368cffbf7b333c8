//! Several files in one text: what stands before the first mark, then a name and a file each.

use std::collections::BTreeMap;

/// How the line before a file begins; a comment in TOML.
const MARK: &str = "#>>> ";

/// The text before the first mark, and the files behind it.
pub(super) fn split(text: &str) -> (&str, BTreeMap<String, String>) {
    let mut parts = Vec::new();
    let (mut begun, mut at) = (0, 0);
    for line in text.split_inclusive('\n') {
        if line.starts_with(MARK) {
            parts.push(&text[begun..at]);
            begun = at;
        }
        at += line.len();
    }
    parts.push(&text[begun..]);
    let files = parts[1..].iter().map(|part| {
        let (mark, text) = part.split_once('\n').unwrap_or((part, ""));
        let name = mark[MARK.len()..].trim();
        (name.to_owned(), text.to_owned())
    });
    (parts[0], files.collect())
}

/// Asserts that a line that a fault names is one of the text's.
pub(super) fn assert_line_of(text: &str, line: u32, words: &str) {
    // What is missing at the end of a file is missing behind its last line.
    let last = text.split('\n').count();
    assert!(
        line >= 1 && line as usize <= last,
        "line {line} of {last}: {words}"
    );
}
