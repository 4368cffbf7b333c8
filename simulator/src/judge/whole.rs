//! Whether the union of all logs is whole, and what it lacks is somewhere.

use std::collections::BTreeSet;

use picture::Picture;
use protocol::LogKey;

/// I11: nothing that anybody spoke of is missing from the union of all logs, and nobody equivocates. Of
/// lives with these nonces the only copy may have gone with their machine.
pub(super) fn i11_logs_are_whole(picture: &Picture, gone: &BTreeSet<u64>) -> Vec<String> {
    let mut found = Vec::new();
    for (author, known) in picture.authors() {
        for (incarnation, log) in known.lineage.logs() {
            let gap = log.gap().filter(|_| !gone.contains(&incarnation.nonce));
            if let Some((from, to)) = gap {
                found.push(format!("{author}/{incarnation} lacks {from} to {to}"));
            }
            if log.equivocates {
                found.push(format!("{author}/{incarnation} equivocates"));
            }
        }
    }
    found
}

/// I11, while the drill runs: what anybody spoke of and the union of all logs lacks stands on some disk,
/// whose office has only not been heard since, and nobody equivocates.
pub(super) fn i11_nothing_is_gone(
    picture: &Picture,
    gone: &BTreeSet<u64>,
    stands: impl Fn(LogKey, u64) -> bool,
) -> Vec<String> {
    let mut found = Vec::new();
    for (author, known) in picture.authors() {
        for (incarnation, log) in known.lineage.logs() {
            if log.equivocates {
                found.push(format!("{author}/{incarnation} equivocates"));
            }
            if gone.contains(&incarnation.nonce) {
                continue;
            }
            let key = LogKey {
                author: *author,
                incarnation: *incarnation,
            };
            let mut missing = log.gaps().flat_map(|(from, to)| from..=to);
            if let Some(seq) = missing.find(|seq| !stands(key, *seq)) {
                found.push(format!("entry {seq} of {key} is spoken of and on no disk"));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe;

    #[test]
    fn an_entry_that_was_spoken_of_and_is_on_no_disk_is_noticed() {
        let mut picture = Picture::new(probe::network());
        let entries = probe::region_log(4);
        let log = entries[0].header().log;
        picture.admit(&entries[0]);
        picture.admit(&entries[3]);
        let none = BTreeSet::new();
        let gone = |stands: fn(u64) -> bool| {
            i11_nothing_is_gone(&picture, &none, |of, seq| of == log && stands(seq))
        };
        assert!(gone(|seq| seq == 2 || seq == 3).is_empty());
        assert_eq!(gone(|seq| seq == 2).len(), 1);
        assert_eq!(i11_logs_are_whole(&picture, &none).len(), 1);
        let second = BTreeSet::from([log.incarnation.nonce]);
        assert!(i11_nothing_is_gone(&picture, &second, |_, _| false).is_empty());
    }
}
