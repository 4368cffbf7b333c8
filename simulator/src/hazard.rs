//! Hazards: fields over space and time that change travel and incidents.
//!
//! The world knows them; offices only hear what authors announce.

use serde::Serialize;

/// A hazard of the drill.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hazard {
    /// What the scenario calls it.
    pub id: String,
}
