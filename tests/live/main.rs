//! The real binary on a real bus: loopback only, ports chosen by the system, nothing left running.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what it expects by failing"
)]

mod account;
mod bad_input;
mod campaign;
mod cards;
mod carriage;
#[expect(dead_code, reason = "no client here shows a certificate")]
mod certificates;
mod command;
mod doctor;
mod draws;
mod drill;
mod duty;
mod early;
mod foreign;
mod gate;
mod guest;
mod joint;
mod keys;
mod kills;
mod lent;
mod paper;
mod proxy;
mod refusals;
mod renewal;
mod run;
mod screen;
mod towns;
mod twin;
