//! The checker of `tests/live/kills` and what it stands on, as they are there.

#[path = "../live/kills/checker.rs"]
pub(crate) mod checker;
#[path = "../live/kills/disk.rs"]
#[expect(dead_code, reason = "no disk is torn here")]
mod disk;
#[path = "../live/kills/faults.rs"]
#[expect(dead_code, reason = "no fault is drawn here")]
mod faults;
#[path = "../live/kills/ledger.rs"]
#[expect(dead_code, reason = "other faults are planted in a storm")]
pub(crate) mod ledger;
#[path = "../live/kills/operators.rs"]
pub(crate) mod operators;
#[path = "../live/kills/papers.rs"]
pub(crate) mod papers;
#[path = "../live/kills/record.rs"]
#[expect(dead_code, reason = "no fault is drawn here")]
pub(crate) mod record;
