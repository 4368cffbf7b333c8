//! The fold, tried: random logs in random orders, every rule broken once, every step of a life.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod admission;
mod aid_rules;
mod bodies;
mod bounds;
mod breaking;
mod cast;
mod convergence;
mod invariants;
mod joins;
mod lifecycle;
mod report_rules;
mod sharing;
mod standing;
mod stock;
mod story;
