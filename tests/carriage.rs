//! A log carried by hand between two journals whose offices never shared a bus: the real binary on run
//! folders made here.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

/// The folders, their authors and the binary.
mod carriage {
    pub(crate) mod began;
    pub(crate) mod place;
    pub(crate) mod refusals;
    pub(crate) mod since;
    pub(crate) mod voyage;
}
