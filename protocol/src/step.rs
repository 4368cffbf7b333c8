//! Lock-step: the director lets an office hear what it has already received, at a stated instant.
//!
//! The frames themselves travel over the bus as ever; a step only says which of them the office
//! hears now and in which order, so that a live drill decides what virtual time decides.

use serde::{Deserialize, Serialize};

use crate::hash::Hash;
use crate::id::BusId;
use crate::quantity::Moment;

/// One instant of one office.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Counts the steps of the office, from 1.
    pub number: u64,
    /// Drill time.
    pub at: Moment,
    /// What the office hears, in order.
    pub cue: Cue,
}

/// What an office hears at a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Cue {
    /// A frame that came over the bus, by the digest of its topic and bytes.
    Frame {
        /// The bus that it counts as heard on.
        bus: BusId,
        /// Its digest.
        frame: Hash,
    },
    /// What it appended up to this ticket is durable.
    Durable {
        /// The ticket.
        ticket: u64,
    },
    /// What it asked to load.
    Loaded {
        /// The ticket.
        ticket: u64,
    },
    /// A bus came or went.
    Link {
        /// Which.
        bus: BusId,
        /// Whether it is there now.
        up: bool,
    },
    /// The time that it asked to be woken at.
    Wake,
    /// It starts from its journal.
    Boot {
        /// Its seed for this boot.
        seed: Hash,
    },
}

/// That an office has answered a step, and what it put out, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// The step's number.
    pub number: u64,
    /// What it did.
    pub acts: Vec<Act>,
}

/// One output of an office as the director needs to know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Act {
    /// It published a frame.
    Publish {
        /// On which bus.
        bus: BusId,
        /// Digest of topic and bytes.
        frame: Hash,
    },
    /// It appended an envelope, durable once the shell says so.
    Append {
        /// The ticket.
        ticket: u64,
        /// What it decided, if the envelope is its own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        decision: Option<String>,
    },
    /// It asked for old entries.
    Load {
        /// The ticket.
        ticket: u64,
    },
    /// It left with the bus what is to be said of it when it dies; with each boot.
    Will {
        /// The bytes, for the topic of its presence.
        text: String,
    },
    /// It wants to be woken.
    WakeAt {
        /// When, drill time.
        at: Moment,
    },
}
