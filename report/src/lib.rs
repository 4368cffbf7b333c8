//! What happened: the account of a drill from its recording, or of a real event from its journals.
//!
//! - [`from_recording`] and [`from_envelopes`] read; a [`Report`] is plain data.
//! - [`Report::to_html`] is one page that needs nothing else, [`Report::to_json`] the same account
//!   for programs, and the CSV tables hold every row that the page leaves out.
//! - A [`Paper`] is one office's picture on A4, for when the screens are dark.
//!
//! Deliberately absent: files, clocks, and opinions. A figure is here only if the record holds it.

mod account;
mod aid;
mod bilingual;
mod cards;
mod course;
mod custody;
mod delivery;
mod distribution;
mod evaluation;
mod evidence;
mod ground;
mod names;
mod page;
mod paper;
mod response;
mod scene;
mod sheet;
mod timeline;
mod usage;
mod wording;

pub use account::{Figures, Report, Run};
pub use aid::{AidAccount, DoubleCommit, Flow, LedgerRow, Outcome};
pub use bilingual::{Bilingual, Language};
pub use cards::{Aim, Card, Cards, Expected as ExpectedAction};
pub use course::{Course, Milestone, MilestoneKind, Outage};
pub use custody::{Alone, Critical, CustodyAccount, Handed, HolderGap, KindCustody, LogCustody};
pub use delivery::{AuthorDelivery, Delivery, Traffic};
pub use distribution::Distribution;
pub use evaluation::{Evaluation, Expectation, Reached, Verdict};
pub use evidence::{Event, Reading, ReportError, from_envelopes, from_recording};
pub use ground::{CityGround, Crossing, Ground};
pub use paper::{Paper, PaperOrder};
pub use response::{Arrival, Basis, Case, Group, Response};
pub use scene::{ClosedRoad, HazardArea, Mark, Scene, Track, TrackPoint};
pub use timeline::{Entry, EntryKind};
pub use usage::Usage;
