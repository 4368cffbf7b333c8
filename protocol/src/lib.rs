//! The words: what the offices say to each other, and how it is signed, framed and read.
//!
//! - An **incident** is an emergency event; its office reports on it in a chain of revisions.
//! - A **resource** is a unit, a stock or a capacity; its home office owns it for ever.
//! - A **need** is one kind and quantity asked for an incident; an **offer** answers it with a
//!   hold; a **commit** by the owner alone binds a unit, under a **fence** that its terminal checks.
//! - An **envelope** is one signed entry of an author's **log**; an **incarnation** is one life of
//!   that author. A **direct** message is said once and not kept.
//! - A **frame** is what one MQTT message carries. A **bundle** is a file of envelopes, carried by
//!   hand where no bus goes. A **roster** says who belongs.
//!
//! The crate knows no clock, no randomness and no I/O.

mod access;
mod aid;
mod authority;
mod blemish;
mod body;
mod bundle;
mod civil;
mod clock;
mod codec;
mod command;
mod direct;
mod envelope;
mod evaluation;
mod event;
mod field;
mod frame;
mod gap;
mod gist;
mod hash;
mod id;
mod incident;
mod label;
pub mod limit;
mod line;
mod listing;
mod memory;
mod nearest;
mod notice;
mod order;
mod packing;
mod phrase;
mod plan_mark;
mod prefix;
mod proposal;
mod quantity;
mod recording;
mod requirement;
mod resource;
mod roster;
mod signing;
mod snapshot;
mod step;
mod tag;
mod tagged;
mod text;
mod topic;
mod why;
mod words;

pub use access::AccessList;
pub use aid::{
    AidAccept, AidCommit, AidCommitRefused, AidDecline, AidOffer, AidOfferEnd, AidPass, AidRequest,
    AidRequestUpdate, AidWithdraw, AssignTask, Extend, ExtendReply, Fence, NeedEnd, OfferLine,
    Recall, Release, ReturnOrdered, Returned,
};
pub use authority::{
    AuthorityAnswer, AuthorityAnswered, AuthorityAsked, CommandAuthority, Ordered,
};
pub use blemish::{Blemish, blemishes, mask};
pub use body::Body;
pub use bundle::{
    BUNDLE, BundleError, BundleHeader, BundleLine, BundleReader, BundleWriter, Closing, Stretch,
};
pub use civil::{Civil, CivilError, TimeOfDay, TimeOfDayError};
pub use clock::{ClockCommand, ClockState, DrillClock};
pub use codec::{Decoder, Refusal, Verified};
pub use command::{
    Action, COMMAND_LIFE, CommandReply, FollowUp, Machine, OperatorCommand, Outcome, Remark,
};
pub use direct::{Digest, Direct, DirectHeader, FieldMessage, Fill, Presence, Speaker, Want};
pub use envelope::{
    Content, Draft, Envelope, Header, Incarnation, LogKey, LogKeyError, Predecessor, Seal,
};
pub use evaluation::{About, Expects, Figure, Graded, Measure, Saying};
pub use event::EventKind;
pub use field::{
    Call, FieldReport, HazardReport, ResponseOrder, SceneReport, StockCount, UnitReport,
    WarningOrder,
};
pub use frame::{Batch, Frame, Head, Said, batches};
pub use gap::missing_from;
pub use gist::Gist;
pub use hash::{Hash, HexError, hex, unhex};
pub use id::{
    AdvisoryId, AidId, AreaCode, BusId, FacilityId, IncidentId, NeedId, NetId, OfferId, PartyId,
    RequestId, ResourceId, ResponseId, RoadId, ThingIdError, WarningId,
};
pub use incident::{Count, Counts, IncidentReport, Link, Relation, grade};
pub use line::LineError;
pub use listing::{AidListing, NeedListing, OfferListing, ResourceListing};
pub use nearest::{known_words, nearest_word};
pub use notice::{
    Acknowledge, Advisory, DutyNote, HazardShape, Lead, LeadAct, Response, RoadStatus,
    SituationReport, Warning, WarningLift,
};
pub use order::{Task, UnitOrder};
pub use packing::{pack, unpack};
pub use phrase::Phrase;
pub use plan_mark::{PlanMark, PlanMarkError};
pub use prefix::{HashMark, Prefix, PrefixError};
pub use proposal::{
    Decision, Proposal, ProposalDecision, ProposalId, ProposalIdError, ProposedStep,
};
pub use quantity::{Deciseconds, Meters, Moment, Point, Span, SpanError, Wall};
pub use recording::{Breakdown, FORMAT, Record, RecordingHeader, Truth};
pub use requirement::{Requirement, RequirementError};
pub use resource::{HomeFloor, Resource, StatusSource, StockStatus, UnitStatus};
pub use roster::{Member, Network, Roster, RosterChange, Standing};
pub use signing::{KeyId, PublicKey, Signature, Signer, Suite};
pub use snapshot::{Over, Snapshot, StatePart};
pub use step::{Act, Cue, Done, Step};
pub use tag::{Tag, TagError};
pub use text::{is_hostile, sanitise};
pub use topic::{Topic, View};
pub use why::{Because, Cover, Nearer, NextBest, Why};
pub use words::{
    Audience, Autonomy, Category, Colour, Datum, DeclineReason, EXERCISE_MARK, Form, Kind, Label,
    Level, Mode, Planning, RefusalReason, RefusedKind, ReportKind, ResponseLevel, RoadState, Role,
    Sensitivity, Severity, Stage, Trend, UnitState,
};
