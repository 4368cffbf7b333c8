//! What keeps offices apart that did not converge, in words that name logs and counts.

use std::collections::BTreeSet;

use protocol::{LogKey, PartyId};

use crate::judge::invariant::Held;

/// How many logs are named.
const NAMED: usize = 8;

/// One line for each log that not all hold alike, at most [`NAMED`] of them, and one for those who do
/// not run.
pub(super) fn what_keeps_apart(offices: &[Held<'_>], silent: &[PartyId]) -> Vec<String> {
    let keys: BTreeSet<&LogKey> = offices.iter().flat_map(|it| it.holds.keys()).collect();
    let apart = |key: &&LogKey| {
        let first = offices.first().and_then(|it| it.holds.get(*key));
        offices.iter().any(|it| it.holds.get(*key) != first)
    };
    let logs: Vec<&LogKey> = keys.into_iter().filter(apart).collect();
    let count = logs.len();
    let mut lines: Vec<String> = logs
        .into_iter()
        .take(NAMED)
        .map(|key| {
            let shares: Vec<String> = offices.iter().map(|it| share(it, key)).collect();
            format!("{key}: {}", shares.join(", "))
        })
        .collect();
    if count > NAMED {
        lines.push(format!("and {} more logs", count - NAMED));
    }
    lines.extend(silent.iter().map(|party| format!("{party} does not run")));
    lines
}

fn share(office: &Held<'_>, key: &LogKey) -> String {
    let party = office.party;
    match office.holds.get(key) {
        Some((head, hash)) => {
            let hash = hash.to_string();
            let hash = hash.get(..8).unwrap_or(&hash);
            format!("{party} has {head} ({hash})")
        }
        None => format!("{party} has none"),
    }
}
