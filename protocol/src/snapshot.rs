//! Author snapshots: what a log has come to, so that nobody need read it from its first entry.
//!
//! An author writes the hash of its folded state into its own log from time to time. Equal logs give
//! equal states, so any holder that read so far can hand the state itself to a late joiner, who needs
//! to believe nobody but the author: the signed entry names the one state that will do.

use serde::{Deserialize, Serialize};

use crate::envelope::LogKey;
use crate::hash::Hash;
use crate::id::{AidId, IncidentId, NeedId, OfferId};

/// The state that an author's logs come to with this entry, and what leaves that state by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Hash of the author's state after this entry.
    pub state: Hash,
    /// What is over and leaves the state; the log keeps it.
    #[serde(default, skip_serializing_if = "Over::is_empty")]
    pub over: Over,
}

/// What is over by its author's judgement. Only it sees both its own log and those that answer it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Over {
    /// Its incidents, with their needs and with what it said about who leads them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub incidents: Vec<IncidentId>,
    /// Its offers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub offers: Vec<OfferId>,
    /// Its commitments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aids: Vec<AidId>,
    /// Commitments of others that it released or asked to extend.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answered: Vec<AidId>,
    /// Needs of others that it declined.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub declined: Vec<NeedId>,
    /// Calls and commands that it acted upon before this entry of its own, an epoch and a number there;
    /// before its last snapshot if nothing is said, as earlier builds leave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<(u32, u64)>,
}

impl Over {
    /// How many things are named, each by itself.
    pub fn len(&self) -> usize {
        self.incidents.len()
            + self.offers.len()
            + self.aids.len()
            + self.answered.len()
            + self.declined.len()
    }

    /// Whether nothing is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0 && self.requests.is_none()
    }
}

/// A part of the state that a snapshot names, for one who asked; the snapshot's envelope follows the
/// first part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatePart {
    /// The log of the snapshot.
    pub log: LogKey,
    /// Its number there.
    pub seq: u64,
    /// Which part this is, from 0.
    pub part: u32,
    /// How many there are.
    pub parts: u32,
    /// The part: a stretch of the state as JSON, [packed](crate::pack).
    pub text: String,
}
