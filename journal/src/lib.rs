//! The durable log of an office: one SQLite file of envelopes, its own and foreign ones.
//!
//! An envelope is **recorded** when [`Journal::append_all`] has returned, not earlier. What is
//! recorded is never changed and never deleted: a journal keeps at least 400 days, and growing
//! smaller is the business of memory and wire. There is no thread, no clock and no network here.
//!
//! A damaged file is refused, not mended. A log survives its disk because its peers hold it too,
//! so the remedy is a backup, or an empty journal that the peers refill.

mod base;
pub use base::Base;

mod chain;
pub use chain::{Chain, ChainFault, Log};

mod error;
pub use error::{Fault, JournalError, RowFault};

mod file;
pub use file::{Origin, found};

mod owner;

mod row;

mod verify;
pub use verify::{Verification, verify};

mod aside;
pub use aside::read_aside;

mod store;
pub use store::{Journal, Opened, Stats};

mod resume;

mod queue;
pub use queue::{Queue, Ticket};
