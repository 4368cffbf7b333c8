//! The gate on a hostile network: each finding about rumqttd that loopback can decide in seconds. The same
//! tests with LIANDONG_TARGET=bare run against rumqttd alone, where most of them fail.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

mod authority;
mod members;
mod served;
mod target;
mod wire;

mod access;
mod deaths;
mod exactly_once;
mod floods;
mod keepalive;
mod lifecycle;
mod loss;
mod memory;
mod nonsense;
mod private;
mod put_off;
mod refusals;
mod retained;
mod sessions;
mod shares;
mod strictness;
mod wills;
