//! Why an admitted envelope means nothing: it stays in its log, and the fold passes over it.

use std::borrow::Cow;

use protocol::LogKey;
use serde::{Deserialize, Serialize};

/// A rule of the fold that an entry broke (R08 to R17, I7, I8).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Void {
    /// R07: this version cannot read the body.
    #[error("the body is of no kind that this version knows")]
    Unreadable,
    /// R07: a text or a list is longer than its limit.
    #[error("{field} is longer than its limit")]
    TooLong {
        /// Which field.
        field: &'static str,
    },
    /// R08: it refers to something that this author never made.
    #[error("it refers to {what}, which this log does not hold")]
    Unknown {
        /// What it refers to.
        what: String,
    },
    /// R09: somebody else's incident, warning, need or response.
    #[error("{what} belongs to another author")]
    NotTheAuthor {
        /// What it is about.
        what: String,
    },
    /// R10: somebody else's resource.
    #[error("{what} is not a resource of this author")]
    NotTheOwner {
        /// The resource.
        what: String,
    },
    /// R11: the lifecycle has no such step.
    #[error("{what} cannot go from {from} to {to}")]
    Step {
        /// What it is about.
        what: String,
        /// Where it is.
        from: String,
        /// Where it was to go.
        to: String,
    },
    /// R11: the fence is not greater than the one before.
    #[error("the fence of {what} does not rise")]
    Fence {
        /// The resource.
        what: String,
    },
    /// R12: more than is there.
    #[error("{wanted} of {what} are wanted and {there} are there")]
    Quantity {
        /// The resource or need.
        what: String,
        /// How much is wanted.
        wanted: u32,
        /// How much is there.
        there: u32,
    },
    /// R13: times that cannot be.
    #[error("{earlier} lies after {later}")]
    Times {
        /// The field that should be earlier.
        earlier: &'static str,
        /// The field that should be later.
        later: &'static str,
    },
    /// R14: a place that cannot be, or a datum that must be converted first.
    #[error("the place cannot be used: {why}")]
    Place {
        /// Why.
        why: &'static str,
    },
    /// R15: a field that the law demands is missing.
    #[error("the legal field \"{field}\" is missing")]
    Legal {
        /// Which one.
        field: &'static str,
    },
    /// R16, I7: after a final report comes only a correction.
    #[error("the final report was given; only a correction may follow it")]
    ReportEnded,
    /// R16, I7: the first report stands once.
    #[error("the first report was given; a follow-up, the final report or a correction is next")]
    FirstAgain,
    /// R16, I7: the report number does not follow.
    #[error("report {found} does not follow; {expected} was next")]
    Chain {
        /// The number found.
        found: u32,
        /// The number that was next.
        expected: u32,
    },
    /// I8: the level is not the one that the counts give and has no reason.
    #[error("the level differs from what the counts give and has no reason")]
    Level,
    /// R17: a revision that is not the next.
    #[error("revision {found} does not follow; {expected} was next")]
    Revision {
        /// The revision found.
        found: u32,
        /// The revision that was next.
        expected: u32,
    },
    /// R11: the state that a snapshot names is not what its log comes to.
    #[error("the state that it names is not the one that its log comes to")]
    State,
    /// Only the region's own log changes the roster; only an office of that role says this.
    #[error("this author's role does not say this")]
    Role,
}

impl Void {
    /// The code of the rule.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable | Self::TooLong { .. } => "R07",
            Self::Unknown { .. } => "R08",
            Self::NotTheAuthor { .. } => "R09",
            Self::NotTheOwner { .. } => "R10",
            Self::Step { .. } | Self::Fence { .. } | Self::Role | Self::State => "R11",
            Self::Quantity { .. } => "R12",
            Self::Times { .. } => "R13",
            Self::Place { .. } => "R14",
            Self::Legal { .. } => "R15",
            Self::ReportEnded | Self::FirstAgain | Self::Chain { .. } => "R16",
            Self::Level => "I8",
            Self::Revision { .. } => "R17",
        }
    }
}

/// A void entry, for those who look into it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VoidEntry {
    /// The log.
    pub log: LogKey,
    /// The entry.
    pub seq: u64,
    /// The rule that it broke.
    pub code: Cow<'static, str>,
    /// In words.
    pub reason: String,
}
