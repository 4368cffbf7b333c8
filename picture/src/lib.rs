//! What is known: a pure fold of the envelopes that a holder has.
//!
//! - [`Picture::admit`] decides by log, number and hash whether an envelope enters its author's log
//!   (admission), and folds it.
//! - [`AuthorState`] is the state machine of one author's log; an entry whose content breaks a rule
//!   is [`Void`], with its reason, and never a hole.
//! - Joins over authors ([`Coverage`], [`Leading`], roads, warnings) are derived on reading.
//!
//! Deliberately absent: clocks, signatures, the wire. Equal sets of envelopes give equal hashes.

mod aid;
mod author;
mod authority;
mod bounds;
mod claim;
mod custody;
mod hashes;
mod holding;
mod holds;
mod incident;
mod index;
mod join;
mod lineage;
mod log;
mod need;
mod notice;
mod picture;
mod proposal;
mod reading;
mod shelf;
mod sound;
mod stock_taking;
mod trial;
mod unit;
mod void;
mod way_home;
mod word;

pub use aid::{Aid, AidState, Offer, OfferState};
pub use author::AuthorState;
pub use authority::Authority;
pub use custody::Custody;
pub use holding::{Holding, Standing, StockStanding, UnitStanding};
pub use incident::{Incident, ReportBrief};
pub use join::{Coverage, Leading};
pub use lineage::{BELIEVED, Lineage, Placed};
pub use log::LogStatus;
pub use need::{Need, reaches};
pub use notice::WarningState;
pub use picture::{Admission, Author, Entry, Folded, Picture, Reading};
pub use shelf::SharedFolds;
pub use stock_taking::{LastSnapshot, StateAt};
pub use unit::{frees_or_ends, is_deployed, may_divert, may_order_home, may_report};
pub use void::{Void, VoidEntry};
pub use word::{Unheeded, Words};
