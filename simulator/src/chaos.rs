//! Faults at random: each seed draws its own mix, so that a campaign tries what nobody thought of.
//!
//! Swarm testing: how many faults, of which kinds, how long and how bad are drawn first, from a
//! stream of their own; incidents stay where they are. Disks are lost only by offices that nothing
//! else cuts off, because nobody may ask for an entry whose last copy was destroyed.

use std::collections::BTreeSet;

use protocol::{PartyId, Span};

use crate::scenario::{
    Disk, FaultKind, FaultPlan, Links, NetworkProfile, PlannedFault, Ways, Window,
};
use crate::stream::{Chance, Draws, Spread, Stream};

/// How many faults a storm has, at least and at most.
const FAULTS: (u64, u64) = (4, 12);

/// How long one lasts, in minutes, at least and at most.
const LASTS_MIN: (u64, u64) = (1, 40);

/// How long before the end the last may begin, so that crews and logs can settle within the drill.
const CALM: Span = Span::minutes(20);

/// How long an entry takes at most to reach others over links that nothing disturbs, repairs
/// included: twice the pause between digests.
const SPREAD: Span = Span::minutes(2);

/// The faults of a storm within the window, always the same for the same seed.
pub fn storm(seed: u64, offices: &[PartyId], window: Window) -> FaultPlan {
    let mut draws = Stream::Faults.draws(seed, "storm");
    let count = between(&mut draws, FAULTS);
    let mut faults: Vec<PlannedFault> = Vec::new();
    if offices.is_empty() {
        return FaultPlan { faults };
    }
    let minutes = window.until.since(window.from + CALM).whole_seconds() / 60;
    for number in 1..=count {
        let from = window.from + Span::minutes(draws.below(minutes.max(1)));
        let until = (from + Span::minutes(between(&mut draws, LASTS_MIN))).min(window.until);
        let office = offices[index(&mut draws, offices.len())];
        let what = kind(&mut draws, office, offices);
        faults.push(PlannedFault {
            id: format!("storm-{number}"),
            from,
            until,
            what,
        });
    }
    spare_last_copies(&mut faults);
    faults.sort_by_key(|fault| (fault.from, fault.until));
    FaultPlan { faults }
}

fn kind(draws: &mut Draws, office: PartyId, offices: &[PartyId]) -> FaultKind {
    let everybody: BTreeSet<PartyId> = offices.iter().copied().collect();
    let other = offices[index(draws, offices.len())];
    let ways = if draws.happens(Chance(300_000)) {
        Ways::OneWay
    } else {
        Ways::Both
    };
    let links = |to: BTreeSet<PartyId>, ways| Links {
        from: [office].into(),
        to,
        ways,
    };
    let profile = worse(draws);
    let lost = draws.happens(Chance(250_000));
    match draws.below(5) {
        0 => FaultKind::LinkCut {
            links: links(everybody, Ways::Both),
        },
        1 => FaultKind::LinkCut {
            links: links([other].into(), ways),
        },
        2 => FaultKind::LinkCut {
            links: links(everybody, ways),
        },
        3 => FaultKind::LinkDegrade {
            links: links(everybody, Ways::Both),
            profile,
        },
        _ => FaultKind::OfficeCrash {
            office,
            disk: if lost { Disk::Lost } else { Disk::Keep },
        },
    }
}

/// A link by satellite on a bad day, or worse (model).
fn worse(draws: &mut Draws) -> NetworkProfile {
    let chance = |draws: &mut Draws, most: u64| {
        Chance(u32::try_from(draws.below(most)).expect("a chance is a small number"))
    };
    NetworkProfile {
        latency: Spread::Lognormal {
            median: Span::millis(700),
            p90: Span::millis(2_500),
        },
        loss: chance(draws, 500_000),
        duplicate: chance(draws, 100_000),
        reorder: chance(draws, 200_000),
        reorder_by: Span::seconds(5),
        bits_per_s: [None, Some(64_000), Some(256_000)][index(draws, 3)],
    }
}

/// A disk is not lost if the office is cut off or disturbed by another fault then or just before:
/// what it wrote last may be nowhere else, and when it boots nobody may tell it who it was.
fn spare_last_copies(faults: &mut [PlannedFault]) {
    let all = faults.to_vec();
    for (place, fault) in faults.iter_mut().enumerate() {
        let FaultKind::OfficeCrash { office, disk } = &mut fault.what else {
            continue;
        };
        let (from, until) = (fault.from, fault.until);
        let mut others = all.iter().enumerate().filter(|(other, _)| *other != place);
        let disturbed = others.any(|(_, other)| {
            let overlaps = other.from < until + SPREAD && from < other.until + SPREAD;
            overlaps && disturbs(&other.what, *office)
        });
        if disturbed {
            *disk = Disk::Keep;
        }
    }
}

fn disturbs(what: &FaultKind, office: PartyId) -> bool {
    match what {
        FaultKind::LinkCut { links } | FaultKind::LinkDegrade { links, .. } => {
            links.from.contains(&office)
        }
        FaultKind::OfficeCrash { office: other, .. } => *other == office,
    }
}

fn between(draws: &mut Draws, (least, most): (u64, u64)) -> u64 {
    least + draws.below(most - least + 1)
}

fn index(draws: &mut Draws, count: usize) -> usize {
    let bound = u64::try_from(count).expect("a list is short");
    usize::try_from(draws.below(bound)).expect("it lies below the length of a list")
}

#[cfg(test)]
mod tests {
    use protocol::Moment;

    use super::*;

    fn drawn(seed: u64) -> FaultPlan {
        let offices = ["990100", "990200", "990300"].map(|name| name.parse().unwrap());
        let from = Moment(1_000_000_000);
        let until = from + Span::hours(4);
        storm(seed, &offices, Window { from, until })
    }

    #[test]
    fn a_storm_is_its_seed() {
        assert_eq!(drawn(7), drawn(7));
        assert_ne!(drawn(7), drawn(8));
    }

    #[test]
    fn over_many_seeds_every_kind_of_fault_comes_up() {
        let all: Vec<PlannedFault> = (0..50).flat_map(|seed| drawn(seed).faults).collect();
        let lost = |it: &&PlannedFault| {
            matches!(
                it.what,
                FaultKind::OfficeCrash {
                    disk: Disk::Lost,
                    ..
                }
            )
        };
        assert!(all.iter().any(|it| lost(&it)));
        assert!(
            all.iter()
                .any(|it| matches!(it.what, FaultKind::LinkDegrade { .. }))
        );
        assert!(
            all.iter()
                .any(|it| matches!(it.what, FaultKind::LinkCut { .. }))
        );
        assert!(all.iter().all(|it| it.from <= it.until));
    }
}
