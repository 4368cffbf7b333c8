//! What exercise controllers look for before they go on, and after they gave something.

use protocol::{AreaCode, PartyId, RequestId, Saying, Severity};
use serde::Serialize;

/// Something that can be seen in the world or in the offices' logs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "sign", rename_all = "kebab-case")]
pub enum Sign {
    /// Each of these offices has said something so often, as its log tells. Whether it has effect is not
    /// asked.
    Said {
        /// What.
        what: Saying,
        /// Who.
        by: Vec<PartyId>,
        /// The call of the incident that it names; of any if `None`.
        about: Option<RequestId>,
        /// How often, each of them.
        times: u32,
    },
    /// A unit has truly come to an incident.
    Reached {
        /// The incident's call.
        call: RequestId,
    },
    /// The work at an incident is truly done.
    Served {
        /// The incident's call.
        call: RequestId,
    },
    /// So many incidents truly wait at the same time for their work to be done.
    Waiting {
        /// How many at least.
        at_least: u32,
        /// Only these.
        which: Which,
    },
    /// What is expected after an inject was seen, in time or not.
    Expected {
        /// The inject's number.
        inject: String,
    },
}

/// Which incidents count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Which {
    /// Those that are at least this grave; all if `None`.
    pub severity: Option<Severity>,
    /// Those of these cities or districts; all if empty.
    pub areas: Vec<AreaCode>,
}

impl Which {
    /// Whether an incident counts.
    pub fn holds(&self, severity: Severity, area: AreaCode) -> bool {
        let grave = self.severity.is_none_or(|least| severity <= least);
        let within = |of: &AreaCode| [area, area.city()].contains(of);
        grave && (self.areas.is_empty() || self.areas.iter().any(within))
    }
}
