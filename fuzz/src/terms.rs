//! The terms on which anything is refused: a code of the rules, and words that harm no screen.

use protocol::{Refusal, is_hostile};

/// Asserts that words may be shown: short, and nothing in them steers a terminal.
pub(super) fn assert_shows(words: &str) {
    assert!(!words.trim().is_empty(), "a refusal without a word");
    let length = words.chars().count();
    assert!(length < 8_000, "a refusal of {length} characters");
    let hostile = words.chars().find(|c| is_hostile(*c) && *c != '\n');
    assert!(hostile.is_none(), "a refusal with {hostile:?}: {words:?}");
}

/// Asserts that the edge refused on the grounds that it may have.
pub(super) fn assert_refusal(refusal: &Refusal) {
    assert!(
        ["R01", "R02", "R07"].contains(&refusal.code()),
        "{refusal:?}"
    );
    assert_shows(&refusal.to_string());
}
