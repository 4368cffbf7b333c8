//! Words that main does not hold: marks of unfinished work, ignored and sleeping tests, prefixes.

use super::code::{code_of, find_word, is_name, line_of};

/// Marks of unfinished work, written so that this file does not hold them.
const MARKS: [&str; 4] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
    concat!("HA", "CK"),
];

/// A mark of unfinished work anywhere in a file, its comments and strings included.
pub(crate) fn unfinished(path: &str, text: &str) -> Vec<String> {
    let marks = MARKS
        .iter()
        .flat_map(|mark| find_word(text, mark).into_iter().map(move |at| (at, mark)));
    marks
        .map(|(at, mark)| {
            format!(
                "{path}:{}: {mark}; do it or write an issue",
                line_of(text, at)
            )
        })
        .collect()
}

/// A test that is built and not run.
pub(crate) fn ignored(path: &str, text: &str) -> Vec<String> {
    let code = code_of(text);
    let attributes = code.match_indices("#[").filter(|(at, _)| {
        let inside = code[at + 2..]
            .split(']')
            .next()
            .unwrap_or_default()
            .trim_start();
        let first = inside
            .split(|sign: char| !sign.is_alphanumeric() && sign != '_')
            .next();
        first == Some("ignore")
            || (first == Some("cfg_attr") && !find_word(inside, "ignore").is_empty())
    });
    attributes
        .map(|(at, _)| {
            format!(
                "{path}:{}: an ignored test; run it or remove it",
                line_of(text, at)
            )
        })
        .collect()
}

/// A test that waits for time to pass instead of for what it expects.
pub(crate) fn sleeping(path: &str, text: &str) -> Vec<String> {
    let code = code_of(text);
    let of_tests = path
        .split('/')
        .any(|part| part == "tests" || part == "benches");
    let start = if of_tests {
        Some(0)
    } else {
        code.find("#[cfg(test)]")
    };
    let Some(start) = start else {
        return Vec::new();
    };
    ["thread::sleep", "time::sleep"]
        .iter()
        .flat_map(|call| find_word(&code[start..], call))
        .map(|at| {
            let line = line_of(text, start + at);
            format!(
                "{path}:{line}: a sleep in a test; wait for the event itself, or for a time limit"
            )
        })
        .collect()
}

/// A function whose name begins with the prefix that a sentence does not need.
pub(crate) fn prefixed(path: &str, text: &str) -> Vec<String> {
    let code = code_of(text);
    let functions = find_word(&code, "fn").into_iter().filter_map(|at| {
        let name = code[at + 2..].trim_start();
        let end = name
            .bytes()
            .position(|byte| !is_name(byte))
            .unwrap_or(name.len());
        name[..end].starts_with("test_").then(|| (at, &name[..end]))
    });
    functions
        .map(|(at, name)| {
            format!(
                "{path}:{}: fn {name}; say as a sentence what must hold",
                line_of(text, at)
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_of_unfinished_work_is_seen_with_its_line() {
        for mark in MARKS {
            let found = unfinished("a.rs", &format!("fn f() {{}}\n// {mark}: later\n"));
            assert_eq!(found, [format!("a.rs:2: {mark}; do it or write an issue")]);
            assert_eq!(
                unfinished("a.rs", &format!("const {mark}_LIST: u8 = 0;")),
                [""; 0]
            );
        }
    }

    #[test]
    fn ignored_tests_are_seen_in_every_spelling() {
        for text in [
            "#[ignore]",
            "\n#[ignore = \"slow\"]",
            "#[cfg_attr(unix, ignore)]",
            "#[ ignore ]",
        ] {
            assert_eq!(ignored("a.rs", text).len(), 1, "{text:?}");
        }
        for text in [
            "// #[ignore]",
            "\"#[ignore]\"",
            "#[expect(ignored)]",
            "fn ignore() {}",
        ] {
            assert_eq!(ignored("a.rs", text), [""; 0], "{text:?}");
        }
    }

    #[test]
    fn sleeps_are_seen_in_tests_and_nowhere_else() {
        let sleep = "fn f() { std::thread::sleep(A); tokio::time::sleep(B).await }";
        assert_eq!(sleeping("broker/tests/a.rs", sleep).len(), 2);
        assert_eq!(sleeping("broker/src/a.rs", sleep), [""; 0]);
        let foot = format!("fn g() {{}}\n#[cfg(test)]\nmod tests {{\n{sleep}\n}}");
        let found = sleeping("broker/src/a.rs", &foot);
        assert!(
            found[0].starts_with("broker/src/a.rs:4: a sleep"),
            "{found:?}"
        );
        assert_eq!(
            sleeping("tests/a.rs", "// thread::sleep\nfn thread_sleep() {}"),
            [""; 0]
        );
    }

    #[test]
    fn a_prefixed_test_is_seen() {
        let found = prefixed(
            "a.rs",
            "\nfn  test_one() {}\nfn tested() {}\n// fn test_two()",
        );
        assert_eq!(
            found,
            ["a.rs:2: fn test_one; say as a sentence what must hold"]
        );
    }
}
