//! Pages name the test that holds each promise: those names are looked for, and on the page of the gate
//! its limits and all of its tests.

use std::collections::BTreeSet;

/// The page of guarantees, that of the gate, and that of attacks.
pub(crate) const PAGES: [&str; 3] = ["docs/guarantees.md", GATE, "docs/security.md"];

/// The page of the gate.
pub(crate) const GATE: &str = "docs/gate.md";

/// Words that a test's name has at least: shorter code words on the page name something else.
const WORDS: usize = 4;

/// How a line begins that has the next function run as a test.
const RUN: [&str; 3] = ["#[test]", "#[tokio::test]", "#[tokio::test("];

/// The tests that a page names.
pub(crate) fn named(page: &str) -> BTreeSet<&str> {
    let code = page.split('`').skip(1).step_by(2);
    code.filter(|name| is_test(name)).collect()
}

/// The names on the page that no source has a test of.
pub(crate) fn missing<'a>(page: &'a str, sources: &[&str]) -> Vec<&'a str> {
    let tests: BTreeSet<&str> = sources.iter().flat_map(|source| tests(source)).collect();
    named(page)
        .into_iter()
        .filter(|name| !tests.contains(name))
        .collect()
}

/// The tests of a source: functions over which an attribute says that they are run. What such a function
/// calls holds no promise by itself, for nobody may call it.
fn tests(source: &str) -> impl Iterator<Item = &str> {
    let mut is_run = false;
    source.lines().filter_map(move |line| {
        let line = line.trim();
        if RUN.iter().any(|attribute| line.starts_with(attribute)) {
            is_run = true;
        } else if !is_run || line.is_empty() || line.starts_with("//") {
            return None;
        } else if let Some((_, head)) = line.split_once("fn ") {
            is_run = false;
            return head.split(['(', '<']).next();
        }
        // Other attributes, over several lines perhaps, may stand between.
        None
    })
}

/// The tests of these sources that a page does not name.
pub(crate) fn unnamed<'a>(page: &str, sources: &[&'a str]) -> Vec<&'a str> {
    let known = named(page);
    let tests = sources.iter().flat_map(|source| {
        let after = source.split("#[test]\n").skip(1);
        after.filter_map(|text| text.trim_start().strip_prefix("fn ")?.split('(').next())
    });
    tests.filter(|name| !known.contains(name)).collect()
}

/// Rows of limits, with a name, a file and a value, that say something else than the file; `text_of`
/// gives the file.
pub(crate) fn stale_limits(page: &str, text_of: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let rows = page.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.split("` | `");
        let (name, file, rest) = (cells.next()?, cells.next()?, cells.next()?);
        Some((name, file, rest.split('`').next()?))
    });
    let stale = rows.filter(|(name, file, value)| {
        let head = format!("const {name}: ");
        let tail = format!(" = {value};");
        let text = text_of(file).unwrap_or_default();
        let is_it = |line: &str| line.contains(&head) && line.ends_with(&tail);
        file.contains(".rs") && !text.lines().any(is_it)
    });
    stale
        .map(|(name, file, value)| format!("{file}: {name} is not {value}; change the page or it"))
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

    #[test]
    fn what_a_test_calls_is_no_test_and_attributes_may_stand_between() {
        let page = "`called_two_three_four`, `async_two_three_four`, `drawn_two_three_four`";
        let source = "
            pub(crate) fn called_two_three_four(picture: &Picture) {}

            #[tokio::test(flavor = \"multi_thread\")]
            #[expect(
                clippy::too_many_lines,
                reason = \"one\"
            )]
            async fn async_two_three_four() {
                fn called_two_three_four() {}
            }

            proptest! {
                #[test]
                /// Whatever comes.
                fn drawn_two_three_four(
                    script in scripts(),
                ) {}
            }";
        assert_eq!(missing(page, &[source]), ["called_two_three_four"]);
    }

    #[test]
    fn a_test_that_the_page_does_not_name_is_found() {
        let source =
            "#[test]\nfn one_two_three_four() {}\n\n    #[test]\n    fn left_out_of_it() {}";
        assert_eq!(
            unnamed("`one_two_three_four`", &[source]),
            ["left_out_of_it"]
        );
    }

    #[test]
    fn a_limit_of_another_value_is_found() {
        let page = "| `A` | `a.rs` | `2 * 3` | why |\n| `B` | `a.rs` | `4` | why |\n| a | `b` |";
        let text = |_: &str| Some("pub(crate) const A: u8 = 2 * 3;\nconst B: u8 = 5;".to_owned());
        assert_eq!(stale_limits(page, text).len(), 1);
        assert_eq!(stale_limits(page, |_| None).len(), 2);
    }
}
