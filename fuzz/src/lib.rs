//! What must hold of every parser of outside bytes, whatever the bytes: a function each.
//!
//! libFuzzer calls them with what it makes up, `tests/fuzz.rs` on stable with the corpus and seeded
//! mutations of it. A function that returns has kept its promises; one that does not panics.

mod bundle;
pub mod cast;
mod desk;
mod direct;
mod files;
mod frame;
mod inventory;
mod journal;
mod line;
mod log;
mod mqtt;
mod recording;
mod region;
mod roster;
mod scenario;
mod state;
mod terms;

pub use bundle::bundle;
pub use direct::direct;
pub use frame::frame;
pub use inventory::inventory;
pub use journal::journal;
pub use line::line;
pub use log::log;
pub use mqtt::mqtt;
pub use recording::recording;
pub use region::region;
pub use roster::roster;
pub use scenario::scenario;
pub use state::state;

/// What became of the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Something was read from them, and is sound.
    Accepted,
    /// They were refused, with a reason.
    Refused,
}

/// A parser with what must hold of it.
pub struct Target {
    /// Its name, which its corpus has too.
    pub name: &'static str,
    /// Reads the bytes and asserts.
    pub check: fn(&[u8]) -> Verdict,
}

/// Every parser of outside bytes.
pub const TARGETS: [Target; 13] = [
    target("line", line),
    target("frame", frame),
    target("log", log),
    target("direct", direct),
    target("state", state),
    target("roster", roster),
    target("scenario", scenario),
    target("journal", journal),
    target("region", region),
    target("bundle", bundle),
    target("inventory", inventory),
    target("recording", recording),
    target("mqtt", mqtt),
];

const fn target(name: &'static str, check: fn(&[u8]) -> Verdict) -> Target {
    Target { name, check }
}
