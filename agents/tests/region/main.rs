//! A small region in virtual time: offices, disks, a bus, crews, and everything that can go wrong.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod aid;
mod bus;
mod cast;
mod crew;
mod desk;
mod life;
mod machine;
mod people;
