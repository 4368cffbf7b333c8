//! Whose brokers carry what offices say to each other, and who is on which.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{BusId, PartyId};
use serde::Serialize;

/// The brokers of a drill.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub enum Brokers {
    /// One for all.
    #[default]
    One,
    /// One for each office. Whoever has a line to an office is on its broker, and it on theirs.
    Each {
        /// The lines; from each office to its neighbours if there are none.
        lines: BTreeSet<(PartyId, PartyId)>,
    },
}

impl Brokers {
    /// What the key `brokers` takes.
    pub const WORDS: [(&str, Self); 2] = [("one", Self::One), ("each", Self::NEIGHBOURS)];

    /// One for each office, with lines between neighbours.
    pub const NEIGHBOURS: Self = Self::Each {
        lines: BTreeSet::new(),
    };

    /// The word of [`Brokers::WORDS`] for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::One => "one",
            Self::Each { .. } => "each",
        }
    }
}

/// A bus of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusPlan {
    /// Its name.
    pub id: BusId,
    /// Whose machine its broker runs on; `None` if it is nobody's.
    pub host: Option<PartyId>,
    /// Who is on it, the host among them.
    pub members: Vec<PartyId>,
}

impl BusPlan {
    /// One bus with everybody on it.
    pub fn of_all(offices: &[PartyId]) -> Self {
        Self {
            id: "drill".parse().expect("the name is short and plain"),
            host: None,
            members: offices.to_vec(),
        }
    }

    /// A bus for each office, with those on it who have a line to it. An office whose name is too long
    /// for a bus has none.
    pub fn of_each(offices: &[PartyId], lines: &BTreeSet<(PartyId, PartyId)>) -> Vec<Self> {
        let mut buses = Vec::new();
        for host in offices {
            let Ok(id) = host.as_str().parse() else {
                continue;
            };
            let joined = |other: &PartyId| {
                other == host
                    || lines.contains(&(*host, *other))
                    || lines.contains(&(*other, *host))
            };
            buses.push(Self {
                id,
                host: Some(*host),
                members: offices.iter().copied().filter(joined).collect(),
            });
        }
        buses
    }
}

/// The offices that no chain of lines joins to the first of them.
pub(super) fn apart(offices: &[PartyId], lines: &BTreeSet<(PartyId, PartyId)>) -> Vec<PartyId> {
    let mut near: BTreeMap<PartyId, Vec<PartyId>> = BTreeMap::new();
    for (one, other) in lines {
        near.entry(*one).or_default().push(*other);
        near.entry(*other).or_default().push(*one);
    }
    let mut reached = BTreeSet::new();
    let mut next: Vec<PartyId> = offices.first().copied().into_iter().collect();
    while let Some(office) = next.pop() {
        if reached.insert(office) {
            next.extend(near.get(&office).into_iter().flatten());
        }
    }
    let beyond = offices.iter().filter(|office| !reached.contains(*office));
    beyond.copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parties(names: &[&str]) -> Vec<PartyId> {
        names.iter().map(|name| name.parse().unwrap()).collect()
    }

    #[test]
    fn a_broker_has_its_host_and_those_with_a_line_to_it() {
        let all = parties(&["a", "b", "c"]);
        let buses = BusPlan::of_each(&all, &[(all[0], all[1]), (all[2], all[1])].into());
        let members: Vec<&[PartyId]> = buses.iter().map(|bus| &*bus.members).collect();
        assert_eq!(members, [&all[..2], &all[..], &all[1..]]);
        assert!(
            buses
                .iter()
                .zip(&all)
                .all(|(bus, host)| bus.host == Some(*host))
        );
    }

    #[test]
    fn who_hangs_on_no_chain_of_lines_is_named() {
        let all = parties(&["a", "b", "c", "d"]);
        let mut lines = BTreeSet::from([(all[0], all[1]), (all[3], all[2])]);
        assert_eq!(apart(&all, &lines), all[2..]);
        lines.insert((all[1], all[3]));
        assert_eq!(apart(&all, &lines), []);
    }
}
