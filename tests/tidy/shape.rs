//! The shape of one source file: its length, its first line, its name.

/// A file is read in one sitting.
const LINES_MAX: usize = 400;

/// Names that say where something was put and not what it is.
const NAMES_WITHOUT_IDEA: [&str; 9] = [
    "mod", "utils", "util", "helpers", "helper", "common", "misc", "types", "manager",
];

/// A file of more lines than the house allows.
pub(crate) fn too_long(path: &str, text: &str) -> Vec<String> {
    let lines = text.lines().count();
    let finding = format!(
        "{path}: {lines} lines, at most {LINES_MAX}; give a part of its own idea its own file"
    );
    Vec::from_iter((lines > LINES_MAX).then_some(finding))
}

/// A file whose first line does not begin the sentence about its idea.
pub(crate) fn without_idea(path: &str, text: &str) -> Vec<String> {
    let first = text.lines().next().unwrap_or_default();
    let says = first
        .strip_prefix("//!")
        .is_some_and(|idea| !idea.trim().is_empty());
    let finding = format!("{path}:1: no `//!`; say the file's idea there in one sentence");
    Vec::from_iter((!says).then_some(finding))
}

/// A file, or a directory above it, with a name that holds no idea.
pub(crate) fn named_without_idea(path: &str, _text: &str) -> Vec<String> {
    let parts = path
        .split('/')
        .map(|part| part.strip_suffix(".rs").unwrap_or(part));
    parts
        .filter(|part| NAMES_WITHOUT_IDEA.contains(part))
        .map(|part| format!("{path}: \"{part}\" names no idea; find the noun for what is in it"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_may_have_four_hundred_lines_and_no_more() {
        assert_eq!(too_long("a.rs", &"x\n".repeat(400)), [""; 0]);
        let found = too_long("a.rs", &"x\n".repeat(401));
        assert!(
            found[0].starts_with("a.rs: 401 lines, at most 400;"),
            "{found:?}"
        );
    }

    #[test]
    fn the_first_line_must_say_something() {
        assert_eq!(without_idea("a.rs", "//! The idea.\n"), [""; 0]);
        for text in [
            "",
            "//!\n//! Late.",
            "\n//! Late.",
            "use a;\n",
            "// No doc.",
        ] {
            assert_eq!(without_idea("a.rs", text).len(), 1, "{text:?}");
        }
    }

    #[test]
    fn names_without_an_idea_are_seen_in_files_and_directories() {
        for path in [
            "a/src/mod.rs",
            "a/src/utils.rs",
            "a/src/common/b.rs",
            "a/tests/helper/b.rs",
        ] {
            assert_eq!(named_without_idea(path, "").len(), 1, "{path}");
        }
        for path in ["a/src/aid.rs", "a/src/mode.rs", "a/src/commons.rs"] {
            assert_eq!(named_without_idea(path, ""), [""; 0], "{path}");
        }
    }
}
