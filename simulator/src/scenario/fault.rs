//! What fails in the coordination system, and on which links.

use std::collections::BTreeSet;

use protocol::{Breakdown, Moment, PartyId, Span};
use serde::Serialize;

use super::NetworkProfile;
use crate::stream::Chance;

/// Everything that fails, in order of its beginning.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FaultPlan {
    /// The faults.
    pub faults: Vec<PlannedFault>,
}

/// One fault of the coordination system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlannedFault {
    /// What it is called; unique in the scenario.
    pub id: String,
    /// When it begins.
    pub from: Moment,
    /// When it is over.
    pub until: Moment,
    /// What fails.
    pub what: FaultKind,
}

impl PlannedFault {
    /// What it is, for counting, in a run that begins at this time.
    pub fn kinds(&self, start: Moment) -> Vec<&'static str> {
        let onset = if self.from <= start {
            Onset::Before
        } else {
            Onset::During
        };
        self.what.kinds(onset)
    }
}

/// Whether a fault is there when offices boot for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Onset {
    Before,
    During,
}

/// What fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum FaultKind {
    /// Nothing passes on these links. Isolating an office is this, towards everybody.
    LinkCut {
        /// The links.
        links: Links,
    },
    /// These links are worse than [`Scenario::network`](super::Scenario::network), whose place the profile takes.
    LinkDegrade {
        /// The links.
        links: Links,
        /// What they are like meanwhile.
        profile: NetworkProfile,
    },
    /// The broker is gone: nobody hears anybody. At the end it is back, and every office connects anew.
    BrokerCrash {
        /// Whose broker, where each office has one; every broker there is if `None`.
        office: Option<PartyId>,
        /// What it still knows then.
        memory: Memory,
    },
    /// Whoever carries an office's frames lies about it. It has no key, so it can add, hold back and
    /// change, and sign nothing.
    LyingRelay {
        /// The office whose frames are in its hands.
        office: PartyId,
        /// What it does.
        lie: Lie,
    },
    /// An office's process dies and boots again at the end of the fault.
    OfficeCrash {
        /// The office.
        office: PartyId,
        /// What its disk holds when it boots.
        disk: Disk,
    },
    /// An office's process stands still and then goes on, as after SIGSTOP or on a machine that was
    /// asleep. The broker gives up on it after a while.
    OfficePause {
        /// The office.
        office: PartyId,
    },
    /// A second machine starts under an office's name, with its key and an image of its disk. At the end
    /// people switch it off, and an operator makes the first serve if it stood back.
    OfficeDuplicate {
        /// The office.
        office: PartyId,
        /// How old the image is; nothing for a copy of the disk as it is.
        image_age: Span,
        /// Whom it reaches of the other machines, and who reaches it; everybody if `None`. The ground of
        /// the office hears and tells both machines.
        reaches: Option<BTreeSet<PartyId>>,
    },
    /// An office's wall clock is wrong.
    OfficeClock {
        /// The office.
        office: PartyId,
        /// By how much, in microseconds; negative is late. It is set so when the fault begins: under a
        /// running office, unless the fault is there from the beginning of the run.
        offset: i64,
        /// How much faster it runs, in parts in a million; negative is slower.
        drift_ppm: i32,
    },
    /// An office's disk is full: nothing that it appends becomes durable until there is room.
    DiskFull {
        /// The office.
        office: PartyId,
    },
    /// An office's disk gives nothing back: it cannot boot from it, and its process ends when it reads.
    DiskUnreadable {
        /// The office.
        office: PartyId,
    },
    /// The region's own log goes on with an entry that breaks a rule, and a sound one behind it.
    VoidEntry,
}

impl FaultKind {
    /// What a recording tells of it.
    pub fn breakdown(&self) -> Breakdown {
        match self {
            Self::LinkCut { links } => Breakdown::LinkCut {
                from: links.from.clone(),
                to: links.to.clone(),
                symmetric: links.ways == Ways::Both,
            },
            Self::LinkDegrade { links, .. } => Breakdown::LinkDegrade {
                from: links.from.clone(),
                to: links.to.clone(),
                symmetric: links.ways == Ways::Both,
            },
            Self::BrokerCrash { office, .. } => Breakdown::BrokerCrash { office: *office },
            Self::LyingRelay { office, .. } => Breakdown::LyingRelay { office: *office },
            Self::OfficeCrash { office, .. } => Breakdown::OfficeCrash { office: *office },
            Self::OfficePause { office } => Breakdown::OfficePause { office: *office },
            Self::OfficeDuplicate { office, .. } => Breakdown::OfficeDuplicate { office: *office },
            Self::OfficeClock { office, .. } => Breakdown::OfficeClock { office: *office },
            Self::DiskFull { office } => Breakdown::DiskFull { office: *office },
            Self::DiskUnreadable { office } => Breakdown::DiskUnreadable { office: *office },
            Self::VoidEntry => Breakdown::VoidEntry,
        }
    }

    /// What a disk is called that gives nothing back.
    pub(crate) const UNREADABLE: &'static str = "unreadable-disk";

    /// The names of all kinds that [`PlannedFault::kinds`] tells.
    pub const KINDS: [&str; 28] = [
        "cut",
        "one-way-cut",
        "isolation",
        "delay",
        "loss",
        "duplication",
        "reordering",
        "corruption",
        "bandwidth",
        "broker-crash",
        "broker-amnesia",
        "replay",
        "forgery",
        "withholding",
        "crash",
        "torn-tail",
        "unsynced-lost",
        "old-image",
        "lost-disk",
        "pause",
        "duplicate",
        "duplicate-apart",
        "clock-skew",
        "clock-drift",
        "clock-step",
        "full-disk",
        Self::UNREADABLE,
        "void-entry",
    ];

    /// What it is, for counting: a line may be bad in several ways at once, or in none, and so may a clock.
    fn kinds(&self, onset: Onset) -> Vec<&'static str> {
        match self {
            Self::LinkCut { links } if links.ways == Ways::OneWay => vec!["one-way-cut"],
            Self::LinkCut { links } if links.to.len() > 1 => vec!["isolation"],
            Self::LinkCut { .. } => vec!["cut"],
            Self::LinkDegrade { profile, .. } => profile.worse_in(),
            Self::BrokerCrash { memory, .. } => vec![match memory {
                Memory::Keep => "broker-crash",
                Memory::Lost => "broker-amnesia",
            }],
            Self::LyingRelay { lie, .. } => vec![match lie {
                Lie::Replay => "replay",
                Lie::Forge => "forgery",
                Lie::Withhold => "withholding",
            }],
            Self::OfficeCrash { disk, .. } => vec![match disk {
                Disk::Written => "crash",
                Disk::Torn => "torn-tail",
                Disk::Keep => "unsynced-lost",
                Disk::Old(_) => "old-image",
                Disk::Lost => "lost-disk",
            }],
            Self::OfficePause { .. } => vec!["pause"],
            Self::OfficeDuplicate { reaches, .. } => vec![match reaches {
                None => "duplicate",
                Some(_) => "duplicate-apart",
            }],
            Self::OfficeClock {
                offset, drift_ppm, ..
            } => {
                let set = match onset {
                    Onset::Before => "clock-skew",
                    Onset::During => "clock-step",
                };
                let ways = [(*offset != 0, set), (*drift_ppm != 0, "clock-drift")];
                let ways = ways.into_iter().filter(|(wrong, _)| *wrong);
                ways.map(|(_, kind)| kind).collect()
            }
            Self::DiskFull { .. } => vec!["full-disk"],
            Self::DiskUnreadable { .. } => vec![Self::UNREADABLE],
            Self::VoidEntry => vec!["void-entry"],
        }
    }

    /// The office that it strikes, if it strikes one.
    pub fn office(&self) -> Option<PartyId> {
        match self {
            Self::LinkCut { .. }
            | Self::LinkDegrade { .. }
            | Self::BrokerCrash { .. }
            | Self::VoidEntry => None,
            Self::OfficeCrash { office, .. }
            | Self::LyingRelay { office, .. }
            | Self::OfficePause { office }
            | Self::OfficeDuplicate { office, .. }
            | Self::OfficeClock { office, .. }
            | Self::DiskFull { office }
            | Self::DiskUnreadable { office } => Some(*office),
        }
    }

    /// The links that it strikes, if it strikes some and not all.
    pub fn links(&self) -> Option<&Links> {
        match self {
            Self::LinkCut { links } | Self::LinkDegrade { links, .. } => Some(links),
            _ => None,
        }
    }

    /// Whether a drill on a real bus can bring it about; the others are virtual time's alone.
    pub fn is_live(&self) -> bool {
        match self {
            Self::LinkCut { .. } => true,
            Self::LinkDegrade { profile, .. } => profile.corrupt == Chance::NEVER,
            Self::OfficeCrash { disk, .. } => matches!(disk, Disk::Keep | Disk::Lost),
            _ => false,
        }
    }
}

/// What a relay does with frames that it cannot sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lie {
    /// It says again what it carried before.
    Replay,
    /// It changes what it carries, and says it in others' names.
    Forge,
    /// It keeps the office's log to itself and passes on the rest.
    Withhold,
}

impl Lie {
    /// Every lie, as a scenario writes it.
    pub(crate) const WORDS: [(&'static str, Self); 3] = [
        ("replay", Self::Replay),
        ("forge", Self::Forge),
        ("withhold", Self::Withhold),
    ];
}

impl Memory {
    /// Every memory, as a scenario writes it.
    pub(crate) const WORDS: [(&'static str, Self); 2] =
        [("keep", Self::Keep), ("lost", Self::Lost)];
}

/// What a broker knows when it is back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Memory {
    /// What was retained.
    Keep,
    /// Nothing.
    Lost,
}

/// What an office finds on its disk after a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Disk {
    /// Everything that was durable: the power went.
    Keep,
    /// That, and some of what was being written.
    Torn,
    /// That, and all of what was being written: the process died and the machine lives on.
    Written,
    /// What was durable so long ago: the machine was restored from an image.
    Old(Span),
    /// Nothing: a new disk.
    Lost,
}

/// A set of directed links between parties.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Links {
    /// One end.
    pub from: BTreeSet<PartyId>,
    /// The other end.
    pub to: BTreeSet<PartyId>,
    /// Whether frames from `to` to `from` are touched as well.
    pub ways: Ways,
}

impl Links {
    /// Whether a frame from one party to the other is touched. A party is never cut from itself.
    pub fn touch(&self, from: PartyId, to: PartyId) -> bool {
        let there = self.from.contains(&from) && self.to.contains(&to);
        let back = self.ways == Ways::Both && self.from.contains(&to) && self.to.contains(&from);
        from != to && (there || back)
    }
}

/// In which direction a fault acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ways {
    /// In both.
    Both,
    /// Only on frames that go from the first list to the second.
    OneWay,
}
