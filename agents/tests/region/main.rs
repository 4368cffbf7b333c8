//! A small region in virtual time: offices, disks, a bus, crews, and everything that can go wrong.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod advised;
mod afterwards;
mod aid;
mod alike;
mod amnesia;
mod authorised;
mod bus;
mod buses;
mod by_hand;
mod cast;
mod claims;
mod clocks;
mod command;
mod crew;
mod desk;
mod durable;
mod entries;
mod explained;
mod holds;
mod hostile;
mod life;
mod logs;
mod machine;
mod many;
mod passed;
mod past;
mod people;
mod placing;
mod stock;
mod terminals;
mod turning;
mod twice;
mod twins;
mod views;
mod weather;
