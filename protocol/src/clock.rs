//! Drill time as the exercise director owns it.

use serde::{Deserialize, Serialize};

use crate::quantity::Moment;

/// The drill clock, retained on `clock`. Between two of them time runs at the speed of the last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrillClock {
    /// Whether time runs.
    pub state: ClockState,
    /// Drill time when it was sent.
    pub now: Moment,
    /// Drill seconds in a thousand link seconds: 1000 is real time.
    pub speed_permille: u64,
    /// One more with each change; an older one is ignored.
    pub revision: u64,
    /// The drill's title, so that every screen can say what it shows.
    pub title: String,
}

/// Whether drill time runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClockState {
    /// Not begun.
    Initialised,
    /// Runs at its speed.
    Started,
    /// Stands.
    Paused,
    /// Has ended.
    Stopped,
}

/// What a director's console may ask of the clock. Its tag is its own, for it travels inside an
/// action, whose tag is `type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "clock", rename_all = "kebab-case")]
pub enum ClockCommand {
    /// Let time stand.
    Pause,
    /// Let time run on.
    Resume,
    /// Run at this many drill seconds in a thousand link seconds.
    Speed {
        /// 1000 is real time.
        permille: u64,
    },
    /// End the drill in order.
    Stop,
}
