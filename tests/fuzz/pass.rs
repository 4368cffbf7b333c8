//! A pass over one corpus: every file as it is, then mutations of them, each told by name if it fails.

use std::panic::catch_unwind;
use std::path::Path;

use super::corpus::files;
use super::mutator::Mutator;
use crate::parsers::{TARGETS, Verdict};

/// Replays every file. A corpus of which nothing is read, or all, tests half of a parser.
pub(crate) fn replayed(target: &str) {
    let verdicts: Vec<Verdict> = files(target)
        .iter()
        .map(|(name, bytes)| checked(target, name, bytes))
        .collect();
    for verdict in [Verdict::Accepted, Verdict::Refused] {
        assert!(
            verdicts.contains(&verdict),
            "fuzz/corpus/{target}: no file is {verdict:?}; has the format changed? see CONTRIBUTING.md"
        );
    }
}

/// Mutates the files so many times in all, each time from a seed of its own.
pub(crate) fn mutated(target: &str, mutations: u64) {
    let files = files(target);
    let mut mutator = Mutator::of(target);
    for number in 0..mutations {
        let bytes = mutator.mutate(&files);
        checked(target, &format!("mutation-{number}"), &bytes);
    }
}

fn checked(target: &str, name: &str, bytes: &[u8]) -> Verdict {
    let found = TARGETS.iter().find(|one| one.name == target);
    let check = found
        .unwrap_or_else(|| panic!("no parser \"{target}\""))
        .check;
    catch_unwind(|| check(bytes)).unwrap_or_else(|_| {
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{target}-{name}"));
        std::fs::write(&kept, bytes).unwrap();
        panic!(
            "{target}/{name} breaks a promise; to repeat it: cp {} fuzz/corpus/{target}/ && cargo test --test fuzz",
            kept.display()
        )
    })
}
