//! The page of guarantees names the test that holds each promise: those names are looked for.

use std::collections::BTreeSet;

/// The page.
pub(crate) const PAGE: &str = "docs/guarantees.md";

/// Words that a test's name has at least: shorter code words on the page name something else.
const WORDS: usize = 4;

/// The tests that a page names.
pub(crate) fn named(page: &str) -> BTreeSet<&str> {
    let code = page.split('`').skip(1).step_by(2);
    code.filter(|name| is_test(name)).collect()
}

/// The names on the page that no source has a function of.
pub(crate) fn missing<'a>(page: &'a str, sources: &[&str]) -> Vec<&'a str> {
    let defined = |name: &str| {
        let head = format!("fn {name}(");
        sources.iter().any(|source| source.contains(&head))
    };
    named(page)
        .into_iter()
        .filter(|name| !defined(name))
        .collect()
}

fn is_test(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    name.chars().all(plain) && name.split('_').count() >= WORDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_without_its_test_is_found_and_other_code_words_are_passed_over() {
        let page = "held by `one_two_three_four`, `gone_two_three_four`; see `.ci/run` and `a_b`";
        let source = "#[test]\nfn one_two_three_four() {}";
        assert_eq!(missing(page, &[source]), ["gone_two_three_four"]);
    }
}
