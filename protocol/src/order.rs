//! What an office tells a unit of its own, under a fence that the crew terminal checks.
//!
//! A terminal obeys an order if its fence is greater than the greatest that it has seen, and if it
//! is idle or the order names the commitment that it serves, or turns it away from that and the crew is
//! not at work. Everything else it answers with its state and does nothing.

use serde::{Deserialize, Serialize};

use crate::aid::Fence;
use crate::id::{AidId, IncidentId, ResourceId};
use crate::quantity::{Moment, Point};

/// An order to one unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitOrder {
    /// The unit.
    pub unit: ResourceId,
    /// The fence.
    pub fence: Fence,
    /// The commitment that it concerns.
    pub aid: AidId,
    /// What to do.
    pub task: Task,
    /// When it was given, drill time.
    pub at: Moment,
}

/// What a unit is to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Task {
    /// 调派: go and work there.
    Go {
        /// The incident.
        incident: IncidentId,
        /// Where.
        to: Point,
    },
    /// 改派: leave what you serve, on the way there or home, and go there.
    Turn {
        /// The commitments that it may be turned away from: the one before, and those before that of
        /// which its crew may not have heard.
        from: Vec<AidId>,
        /// The incident.
        incident: IncidentId,
        /// Where.
        to: Point,
    },
    /// 前置: go there and stand by until you are ordered elsewhere.
    Stand {
        /// As of [`Task::Turn`]; empty for a crew that waits at home.
        from: Vec<AidId>,
        /// Where.
        to: Point,
    },
    /// 解除任务, 抽回: go home.
    Home,
    /// Say what you do. Obeyed under any fence, changes nothing.
    Report {
        /// Names the question: every report from now on says that it was heard.
        asked: u64,
    },
}
