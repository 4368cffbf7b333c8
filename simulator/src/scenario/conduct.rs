//! How offices decide, how crews behave, and how many there are.

use std::collections::BTreeMap;

use protocol::{Autonomy, CommandAuthority, Kind, PartyId, Planning, Requirement, Span};
use serde::Serialize;

use crate::stream::Spread;

/// How offices decide: what holds for all, and where one differs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OfficePlan {
    /// For every office that is not listed.
    pub default: OfficePolicy,
    /// For these offices.
    pub offices: BTreeMap<PartyId, OfficePolicy>,
    /// 前置: units that an office asks to stand by in its city when a storm is forecast to strike it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stand_by: Vec<Requirement>,
}

impl OfficePlan {
    /// Has every office plan so.
    pub fn plan_by(&mut self, planning: Planning) {
        let all = self.offices.values_mut();
        for policy in all.chain([&mut self.default]) {
            policy.planning = planning;
        }
    }

    /// How this office decides.
    pub fn policy(&self, office: PartyId) -> &OfficePolicy {
        self.offices.get(&office).unwrap_or(&self.default)
    }
}

/// How one office decides. What is `None` is left to the office's own default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct OfficePolicy {
    /// Whether its planner acts or only advises.
    pub autonomy: Autonomy,
    /// Which unit it sends where.
    pub planning: Planning,
    /// How long it holds what it offers.
    pub hold: Option<Span>,
    /// How long it waits for offers before it takes the best.
    pub aid_window: Option<Span>,
    /// After how many entries of its own it writes a snapshot.
    pub snapshot_every: Option<u64>,
    /// Beyond how many missing entries it asks for a snapshot.
    pub snapshot_gap: Option<u64>,
}

impl Default for OfficePolicy {
    fn default() -> Self {
        Self {
            autonomy: Autonomy::Act,
            planning: Planning::OwnFirst,
            hold: None,
            aid_window: None,
            snapshot_every: None,
            snapshot_gap: None,
        }
    }
}

/// How crews behave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CrewPlan {
    /// From the order to wheels rolling.
    pub turnout: Spread,
    /// The same for kinds that differ.
    pub turnout_of: BTreeMap<Kind, Spread>,
    /// From coming home to being available again.
    pub rehab: Spread,
    /// How long a crew may be out at a stretch before another relieves it at home.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shift: Option<Span>,
    /// True work time at a scene as a percentage of what was expected: the spread of the factor
    /// is drawn with its typical time standing for 100 %.
    pub work: Spread,
}

impl CrewPlan {
    /// How long a crew of this kind takes to roll.
    pub fn turnout(&self, kind: Kind) -> Spread {
        self.turnout_of.get(&kind).copied().unwrap_or(self.turnout)
    }

    /// A unit's own readiness, unless it has none or the scenario says how long its kind takes to roll.
    pub fn own_readiness(&self, kind: Kind, readiness: Span) -> Option<Span> {
        let counts = readiness != Span::ZERO && !self.turnout_of.contains_key(&kind);
        counts.then_some(readiness)
    }
}

impl Default for CrewPlan {
    /// NFPA 1710 (2020) gives 60 s turnout for medical and 80 s for fire calls at the 90th
    /// percentile; crews rarely reach it, hence 75 s and 140 s (model). Rehab and the spread of
    /// work are (model).
    fn default() -> Self {
        Self {
            turnout: Spread::Lognormal {
                median: Span::seconds(75),
                p90: Span::seconds(140),
            },
            turnout_of: BTreeMap::new(),
            rehab: Spread::Triangular {
                min: Span::minutes(5),
                mode: Span::minutes(10),
                max: Span::minutes(30),
            },
            shift: None,
            work: Spread::Lognormal {
                median: Span::seconds(100),
                p90: Span::seconds(150),
            },
        }
    }
}

/// How large the demo fleet is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FleetPlan {
    /// Units as a percentage of what the demo fleet gives each office.
    pub scale_percent: u32,
    /// The same for offices that differ.
    pub scale_of: BTreeMap<PartyId, u32>,
    /// Kinds that another authority than the office's own commands.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub under: BTreeMap<Kind, CommandAuthority>,
}

impl FleetPlan {
    /// The percentage for this office.
    pub fn scale(&self, office: PartyId) -> u32 {
        self.scale_of
            .get(&office)
            .copied()
            .unwrap_or(self.scale_percent)
    }
}

impl Default for FleetPlan {
    fn default() -> Self {
        Self {
            scale_percent: 100,
            scale_of: BTreeMap::new(),
            under: BTreeMap::new(),
        }
    }
}
