//! The wire on a real broker: every test has its own on a port of the system, and waits on events.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod station;

mod lifecycle;
mod nodes;
mod secure;

mod flow;

mod survival;

mod stranger;
