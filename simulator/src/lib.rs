//! The truth in virtual time: scenario, hazards, crews, network, faults, judge.

mod stream;
pub use stream::{Chance, Draws, LONGEST_DRAW, Spread, Stream, arrivals};

pub mod hazard;

pub mod scenario;
pub use scenario::{FaultKind, FaultPlan, NetworkProfile, PlannedFault, PlannedIncident, Scenario};
