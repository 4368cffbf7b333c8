//! Plans beside what others' solvers find, and beside plans made from nothing, over thousands of drawn
//! problems and changes.

#![expect(clippy::unwrap_used, reason = "a test may stop at what must not be")]

mod amounts;
#[cfg(feature = "bound")]
mod bound;
mod dispatch;
mod drawn;
mod oracles;
mod reasons;
mod repair;
mod stocks;
mod tampering;
mod world;
