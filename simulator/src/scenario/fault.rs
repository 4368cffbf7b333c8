//! What fails in the coordination system, and on which links.

use std::collections::BTreeSet;

use protocol::{Breakdown, Moment, PartyId};
use serde::Serialize;

use super::NetworkProfile;

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
    /// An office's process dies and boots again at the end of the fault.
    OfficeCrash {
        /// The office.
        office: PartyId,
        /// What its disk holds when it boots.
        disk: Disk,
    },
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
            Self::OfficeCrash { office, .. } => Breakdown::OfficeCrash { office: *office },
        }
    }
}

/// What an office finds on its disk after a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Disk {
    /// Everything that was durable.
    Keep,
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
