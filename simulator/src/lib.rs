//! The truth in virtual time: scenario, hazards, crews, network, faults, judge.

mod stream;
pub use stream::{Chance, Draws, LONGEST_DRAW, Spread, Stream, arrivals};

pub mod hazard;

pub mod scenario;
pub use scenario::{FaultKind, FaultPlan, NetworkProfile, PlannedFault, PlannedIncident, Scenario};

mod calendar;
pub use calendar::Calendar;

mod network;
pub use network::{Arrivals, Way};

mod disk;

mod rank;
pub use rank::nearest_rank;

mod recorder;
pub use recorder::Recorder;

mod run_digest;

mod judge;
pub use judge::{Injects, Judge, Response, Rounds, Tally, Violation, invariant, liveness};

mod engine;
pub use engine::{Deed, Engine, EngineSetup, Hears, Turn, decision_of};

mod world;
pub use world::{
    Obeyed, RegionTerrain, StraightLines, Terrain, Voices, World, WorldInput, WorldOutput,
    WorldPlan,
};

mod chaos;
pub use chaos::storm;

mod shrink;
pub use shrink::fewest;

mod cast;
pub use cast::{Cast, Player};

mod drill;
pub use drill::Drill;

mod simulate;
pub use simulate::{
    Chaos, Outcome, Progress, Recording, SimulateOptions, Summary, played, simulate,
};

#[cfg(test)]
mod probe;
