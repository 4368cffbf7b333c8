//! Planted bugs: each is one sentence and a patch that fits the tree as it stands. Its sentence says which
//! invariant catches it, or that a panic does: `.ci/sabotage` counts no other panic.
//!
//! Whether the simulator's judge catches them is for `.ci/sabotage`, which builds each.

/// Where production code lives that may be sabotaged. Not where it is judged.
const PRODUCTION: [&str; 4] = [
    "agents/src/",
    "journal/src/",
    "picture/src/",
    "protocol/src/",
];

/// How many bugs there are at least.
pub(crate) const LEAST: usize = 20;

/// What is wrong with one bug, given the text of each file that it names.
pub(crate) fn unfit(name: &str, bug: &str, text: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let mut found = Vec::new();
    let first = bug.lines().next().unwrap_or_default();
    if !says_what_breaks(first) {
        found.push(format!(
            "{name}: line one is no sentence of the form `What breaks; I2 catches it.`"
        ));
    }
    let hunks = hunks(bug);
    if hunks.is_empty() {
        found.push(format!("{name}: changes nothing"));
    }
    for hunk in hunks {
        let path = &hunk.path;
        if !PRODUCTION.iter().any(|place| path.starts_with(place)) {
            found.push(format!("{name}: {path} is no production code"));
        }
        let places = text(path).map_or(0, |text| count(&text, &hunk.before));
        if places != 1 {
            found.push(format!(
                "{name}: `{}` and what follows it stand {places} times in {path}; make the patch anew",
                hunk.before.iter().find(|line| !line.trim().is_empty()).map_or("", |line| line.trim())
            ));
        }
    }
    found
}

/// Whether a line says in one sentence what a bug breaks and which invariant is to catch it.
fn says_what_breaks(line: &str) -> bool {
    let Some((what, by)) = line.rsplit_once("; ") else {
        return false;
    };
    let panics = by == "a panic catches it.";
    let by = by
        .strip_suffix(" catches it.")
        .or_else(|| by.strip_suffix(" catch it."));
    let known = |word: &str| {
        let number = word.strip_prefix(['I', 'J', 'L', 'R']);
        let is_numbered = number.is_some_and(|number| number.parse::<u8>().is_ok());
        is_numbered || ["and", "or", "convergence"].contains(&word)
    };
    let is_sentence = what.starts_with(char::is_uppercase) && what.contains(' ');
    let all_known = |by: &str| {
        let words = by.split([' ', ',']);
        { words }.all(|word| word.is_empty() || known(word))
    };
    is_sentence && (panics || by.is_some_and(all_known))
}

/// One place that a patch changes.
struct Hunk {
    path: String,
    /// The lines that it expects there.
    before: Vec<String>,
}

fn hunks(bug: &str) -> Vec<Hunk> {
    let mut hunks: Vec<Hunk> = Vec::new();
    let mut path = String::new();
    let mut inside = false;
    for line in bug.lines() {
        if let Some(named) = line.strip_prefix("--- a/") {
            named.clone_into(&mut path);
            inside = false;
        } else if line.starts_with("@@ ") {
            let (path, before) = (path.clone(), Vec::new());
            hunks.push(Hunk { path, before });
            inside = true;
        } else if line.starts_with("diff ") {
            inside = false;
        } else if inside
            && let Some(hunk) = hunks.last_mut()
            && let Some(expected) = line.strip_prefix([' ', '-'])
        {
            hunk.before.push(expected.to_owned());
        }
    }
    hunks
}

/// How often these lines stand in a text, one after another.
fn count(text: &str, lines: &[String]) -> usize {
    let all: Vec<&str> = text.lines().collect();
    let windows = all.windows(lines.len().max(1));
    windows.filter(|window| *window == lines).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATCH: &str = "\
A fence is not looked at; I2 and J6 catch it.
--- a/agents/src/x.rs
+++ b/agents/src/x.rs
@@ -1,3 +1,2 @@
 one
-two
 three
";

    fn found(patch: &str, text: &str) -> Vec<String> {
        unfit("x.patch", patch, |path| {
            (path == "agents/src/x.rs").then(|| text.to_owned())
        })
    }

    #[test]
    fn a_patch_that_fits_where_it_says_is_let_pass() {
        assert!(found(PATCH, "zero\none\ntwo\nthree\n").is_empty());
    }

    #[test]
    fn a_patch_whose_lines_have_moved_apart_is_noticed() {
        assert_eq!(found(PATCH, "one\ntwo\nand\nthree\n").len(), 1);
        assert_eq!(found(PATCH, "one\ntwo\nthree\none\ntwo\nthree\n").len(), 1);
    }

    #[test]
    fn a_patch_to_the_judge_or_without_its_sentence_is_noticed() {
        let judge = PATCH.replace("agents/src", "simulator/src");
        assert_eq!(found(&judge, "one\ntwo\nthree\n").len(), 2);
        let silent = PATCH.replace("; I2 and J6 catch it.", ".");
        assert_eq!(found(&silent, "one\ntwo\nthree\n").len(), 1);
        assert!(!says_what_breaks("A fence; somebody catches it."));
        assert!(says_what_breaks("A fence is doubled; a panic catches it."));
        assert!(!says_what_breaks("A fence is doubled; panic catches it."));
    }
}
