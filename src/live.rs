//! Live drills: offices, world and director as clients of a real bus.

pub(crate) mod agreement;
pub(crate) mod buses;
pub(crate) mod director;
pub(crate) mod ending;
pub(crate) mod folder;
pub(crate) mod guests;
pub(crate) mod hop;
pub(crate) mod lines;
pub(crate) mod lockstep;
pub(crate) mod loss;
pub(crate) mod reach;
pub(crate) mod refusals;
pub(crate) mod scribe;
pub(crate) mod shell;
pub(crate) mod stage;
pub(crate) mod stepper;
pub(crate) mod time;
pub(crate) mod wires;
pub(crate) mod witness;
pub(crate) mod world;
