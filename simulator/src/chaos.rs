//! Faults at random: each seed draws its own mix, so that a campaign tries what nobody thought of.
//!
//! Swarm testing: which kinds of fault a seed knows, how many there are, how long and how bad they are
//! is drawn first, from a stream of their own; incidents stay where they are. A seed that knows few
//! kinds has many of each, which finds what a mixture of all would hide. Disks are lost or restored
//! from an image only where nothing else has kept an office from its peers, because nobody may ask for
//! an entry whose last copy was destroyed.

use std::collections::BTreeSet;

use protocol::{PartyId, Span};

use crate::scenario::{
    Brokers, Disk, FaultKind, FaultPlan, Lie, Links, Memory, NetworkProfile, PlannedFault, Ways,
    Window,
};
use crate::stream::{Chance, Draws, Spread, Stream};

/// How many faults a storm has, at least and at most.
const FAULTS: (u64, u64) = (8, 32);

/// How long one lasts, in minutes, at least and at most.
const LASTS_MIN: (u64, u64) = (1, 40);

/// How long before the end the last may begin, so that crews and logs can settle within the drill.
const CALM: Span = Span::minutes(20);

/// How long an entry takes at most to reach others over links that nothing disturbs, repairs
/// included: twice the pause between digests.
const SPREAD: Span = Span::minutes(2);

/// How fast or slow a clock runs at least and at most, in parts in a million: 0.2 to 90 seconds a day.
const DRIFTS_PPM: (u64, u64) = (2, 1_000);

/// What may fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Cut,
    Isolation,
    Lines,
    Broker,
    Relay,
    Crash,
    Restored,
    Pause,
    Duplicate,
    Skew,
    Clock,
    Full,
    Unreadable,
    Void,
}

impl Kind {
    const ALL: [Self; 14] = [
        Self::Cut,
        Self::Isolation,
        Self::Lines,
        Self::Broker,
        Self::Relay,
        Self::Crash,
        Self::Restored,
        Self::Pause,
        Self::Duplicate,
        Self::Skew,
        Self::Clock,
        Self::Full,
        Self::Unreadable,
        Self::Void,
    ];
}

/// The faults of a storm within the window, always the same for the same seed.
pub fn storm(seed: u64, offices: &[PartyId], window: Window, brokers: &Brokers) -> FaultPlan {
    let mut draws = Stream::Faults.draws(seed, "storm");
    let kinds = swarm(&mut draws);
    let count = between(&mut draws, FAULTS);
    let mut faults: Vec<PlannedFault> = Vec::new();
    if offices.is_empty() {
        return FaultPlan { faults };
    }
    let minutes = window.until.since(window.from + CALM).whole_seconds() / 60;
    for number in 1..=count {
        let from = window.from + Span::minutes(draws.below(minutes.max(1)));
        let until = (from + Span::minutes(between(&mut draws, LASTS_MIN))).min(window.until);
        let kind = kinds[draws.place(kinds.len())];
        // A clock that is skewed was so before anybody looked.
        let from = if kind == Kind::Skew {
            window.from
        } else {
            from
        };
        faults.push(PlannedFault {
            id: format!("storm-{number}"),
            from,
            until,
            what: drawn(&mut draws, kind, (offices, brokers)),
        });
    }
    spare_last_copies(&mut faults);
    faults.sort_by_key(|fault| (fault.from, fault.until));
    FaultPlan { faults }
}

/// Whose brokers a storm is over: one for all, or one at each office, with even chances.
pub(crate) fn drawn_brokers(seed: u64) -> Brokers {
    let mut draws = Stream::Faults.draws(seed, "brokers");
    if draws.happens(EVEN) {
        Brokers::NEIGHBOURS
    } else {
        Brokers::One
    }
}

/// The kinds that a seed knows: each with even chances, and all if that leaves none.
fn swarm(draws: &mut Draws) -> Vec<Kind> {
    let mut kinds = Kind::ALL.to_vec();
    kinds.retain(|_| draws.happens(EVEN));
    if kinds.is_empty() {
        return Kind::ALL.to_vec();
    }
    kinds
}

/// Even chances.
const EVEN: Chance = Chance(500_000);

fn drawn(draws: &mut Draws, kind: Kind, (offices, brokers): (&[PartyId], &Brokers)) -> FaultKind {
    let office = offices[draws.place(offices.len())];
    let other = another(draws, office, offices);
    let everybody: BTreeSet<PartyId> = offices.iter().copied().collect();
    let way = [Ways::Both, Ways::OneWay][draws.place(2)];
    let links = |to: BTreeSet<PartyId>, ways| Links {
        from: [office].into(),
        to,
        ways,
    };
    match kind {
        Kind::Cut => FaultKind::LinkCut {
            links: links([other].into(), way),
        },
        Kind::Isolation => FaultKind::LinkCut {
            links: links(everybody, way),
        },
        Kind::Lines => FaultKind::LinkDegrade {
            profile: worse(draws),
            links: links(everybody, way),
        },
        Kind::Broker => FaultKind::BrokerCrash {
            office: Some(office).filter(|_| *brokers != Brokers::One && draws.happens(EVEN)),
            memory: [Memory::Keep, Memory::Lost][draws.place(2)],
        },
        Kind::Relay => FaultKind::LyingRelay {
            office,
            lie: [Lie::Replay, Lie::Forge, Lie::Withhold][draws.place(3)],
        },
        Kind::Crash => FaultKind::OfficeCrash {
            office,
            disk: [Disk::Keep, Disk::Torn, Disk::Written][draws.place(3)],
        },
        Kind::Restored => FaultKind::OfficeCrash {
            office,
            disk: [Disk::Lost, Disk::Old(image(draws))][draws.place(2)],
        },
        Kind::Pause => FaultKind::OfficePause { office },
        Kind::Duplicate => duplicate(draws, office, offices),
        Kind::Skew => FaultKind::OfficeClock {
            office,
            offset: offset(draws),
            drift_ppm: 0,
        },
        Kind::Clock => wrong_clock(draws, office),
        Kind::Full => FaultKind::DiskFull { office },
        Kind::Unreadable => FaultKind::DiskUnreadable { office },
        Kind::Void => FaultKind::VoidEntry,
    }
}

/// How old an image is: minutes to hours.
fn image(draws: &mut Draws) -> Span {
    Span::minutes(between(draws, (2, 180)))
}

/// A second machine from the disk as it is or from an image, among all others or behind a cut, with some
/// of them on its side or with its crews alone.
fn duplicate(draws: &mut Draws, office: PartyId, offices: &[PartyId]) -> FaultKind {
    let age = image(draws);
    let image_age = [Span::ZERO, age][draws.place(2)];
    let mut side: BTreeSet<PartyId> = offices.iter().copied().collect();
    side.retain(|other| *other != office && draws.happens(EVEN));
    let apart = [None, Some(BTreeSet::new()), Some(side)];
    FaultKind::OfficeDuplicate {
        office,
        image_age,
        reaches: apart[draws.place(3)].clone(),
    }
}

/// Another office, where there is one.
fn another(draws: &mut Draws, office: PartyId, offices: &[PartyId]) -> PartyId {
    let others: Vec<PartyId> = offices.iter().copied().filter(|it| *it != office).collect();
    let place = draws.place(others.len().max(1));
    others.get(place).copied().unwrap_or(office)
}

/// A clock that somebody sets wrongly, or that runs badly.
fn wrong_clock(draws: &mut Draws, office: PartyId) -> FaultKind {
    let drifts = draws.happens(EVEN);
    let ppm = i32::try_from(between(draws, DRIFTS_PPM)).unwrap_or_default();
    let ppm = if draws.happens(EVEN) { -ppm } else { ppm };
    FaultKind::OfficeClock {
        office,
        offset: if drifts { 0 } else { offset(draws) },
        drift_ppm: if drifts { ppm } else { 0 },
    }
}

/// By how much a clock is wrong, in microseconds: seconds, hours or months, late or early.
fn offset(draws: &mut Draws) -> i64 {
    let seconds = [5, 3_600, 8_000_000][draws.place(3)];
    let by = i64::try_from(between(draws, (1, seconds * 1_000_000))).unwrap_or_default();
    if draws.happens(EVEN) { -by } else { by }
}

/// A link by satellite on a bad day, or worse, in some respects (model).
fn worse(draws: &mut Draws) -> NetworkProfile {
    let chance = |draws: &mut Draws, most: u64| {
        let below = u32::try_from(draws.below(most)).expect("a chance is a small number");
        if draws.happens(EVEN) {
            Chance(below)
        } else {
            Chance::NEVER
        }
    };
    let slow = Spread::Lognormal {
        median: Span::millis(700),
        p90: Span::millis(2_500),
    };
    let usual = NetworkProfile::default();
    NetworkProfile {
        latency: [usual.latency, slow][draws.place(2)],
        loss: chance(draws, 500_000),
        duplicate: chance(draws, 100_000),
        reorder: chance(draws, 200_000),
        reorder_by: Span::seconds(5),
        corrupt: chance(draws, 200_000),
        bits_per_s: [None, Some(64_000), Some(256_000)][draws.place(3)],
    }
}

/// A disk is not lost nor restored if the office is kept from its peers by another fault just before:
/// what it wrote last may be nowhere else. Nor is it restored if it is kept from them when it boots: the
/// image looks like a past, and nobody would tell it that there is more.
fn spare_last_copies(faults: &mut [PlannedFault]) {
    let all = faults.to_vec();
    for (place, fault) in faults.iter_mut().enumerate() {
        let FaultKind::OfficeCrash { office, disk } = &mut fault.what else {
            continue;
        };
        let from = fault.from;
        let until = match disk {
            // A disk that holds nothing knows that it holds nothing.
            Disk::Lost => from,
            _ => fault.until + SPREAD,
        };
        let mut others = all.iter().enumerate().filter(|(other, _)| *other != place);
        let disturbed = others.any(|(_, other)| {
            let overlaps = other.from <= until && from < other.until + SPREAD;
            overlaps && keeps_apart(&other.what, *office)
        });
        if disturbed && matches!(disk, Disk::Lost | Disk::Old(_)) {
            *disk = Disk::Keep;
        }
    }
}

/// Whether a fault keeps an office from telling its peers, or them from telling it.
fn keeps_apart(what: &FaultKind, office: PartyId) -> bool {
    let touched = |links: &Links| links.from.contains(&office) || links.to.contains(&office);
    match what {
        FaultKind::BrokerCrash { .. } => true,
        FaultKind::OfficeClock { .. } => false,
        _ => what.office() == Some(office) || what.links().is_some_and(touched),
    }
}

fn between(draws: &mut Draws, (least, most): (u64, u64)) -> u64 {
    least + draws.below(most - least + 1)
}

#[cfg(test)]
mod tests {
    use protocol::Moment;

    use super::*;

    const START: Moment = Moment(1_000_000_000);

    fn storm_of(seed: u64) -> FaultPlan {
        let offices = ["990100", "990200", "990300"].map(|name| name.parse().unwrap());
        let from = START;
        let until = from + Span::hours(4);
        storm(seed, &offices, Window { from, until }, &Brokers::One)
    }

    #[test]
    fn a_storm_is_its_seed() {
        assert_eq!(storm_of(7), storm_of(7));
        assert_ne!(storm_of(7), storm_of(8));
    }

    #[test]
    fn over_many_seeds_every_kind_of_fault_comes_up_and_no_seed_knows_them_all() {
        let mut all = BTreeSet::new();
        let mut fewest = usize::MAX;
        for seed in 0..60 {
            let faults = storm_of(seed).faults;
            assert!(faults.iter().all(|it| it.from <= it.until));
            let kinds: BTreeSet<&str> = faults.iter().flat_map(|it| it.kinds(START)).collect();
            fewest = fewest.min(kinds.len());
            all.extend(kinds);
        }
        let known: BTreeSet<&str> = FaultKind::KINDS.into();
        assert_eq!(all, known);
        assert!(fewest < 8, "{fewest}");
    }
}
