//! Mutual aid 互助调度, A1 to A12: who asks, who offers, who accepts, and the owner who commits.
//!
//! A need is asked by the incident's office; a unit is committed by its home office alone. An
//! accept is a wish, never a commitment: the hold runs on the owner's clock, and only the owner's
//! commit, under a fence, binds the unit.

use serde::{Deserialize, Serialize};

use crate::authority::Ordered;
use crate::envelope::Incarnation;
use crate::id::{AidId, IncidentId, NeedId, OfferId, PartyId, RequestId, ResourceId};
use crate::quantity::{Deciseconds, Moment, Point, Span};
use crate::words::{Audience, DeclineReason, Kind, RefusalReason, Severity};

/// What a commitment is numbered with, so that a crew terminal can tell an old order from a new one.
///
/// Ordered: a later incarnation of the owner beats an earlier one, then the greater command number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Fence {
    /// The owner's incarnation that committed.
    pub incarnation: Incarnation,
    /// The unit's command number, one more with each command of its owner.
    pub command: u32,
}

/// A1 支援请求: a need is stated, for one's own city first and then for wider rings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AidRequest {
    /// The need.
    pub need: NeedId,
    /// The incident that it serves.
    pub incident: IncidentId,
    /// What is needed.
    pub kind: Kind,
    /// How many units, or how much of a stock.
    pub quantity: u32,
    /// How urgent, as the incident's desk holds it.
    pub severity: Severity,
    /// Where to report to.
    pub report_to: Point,
    /// How long the work is expected to take.
    pub duration: Span,
    /// 前置: units come before anything has happened, stand by at the place and are free there for
    /// what does. Nobody works for such a need, and it asks for none in place of those that left for
    /// work.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stands_by: bool,
    /// Who is asked.
    pub audience: Audience,
    /// When it was asked, drill time.
    pub asked_at: Moment,
    /// The post that signed it.
    pub authority: String,
    /// The command that asked for it, if an operator did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestId>,
}

/// A2: the quantity or the ring changes. Never below what is already committed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AidRequestUpdate {
    /// The need.
    pub need: NeedId,
    /// The new quantity.
    pub quantity: u32,
    /// The new ring.
    pub audience: Audience,
    /// When, drill time.
    pub at: Moment,
}

/// A2: the need ends; what is committed beyond it is released.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AidWithdraw {
    /// The need.
    pub need: NeedId,
    /// Why it ended.
    pub reason: NeedEnd,
    /// When, drill time.
    pub at: Moment,
}

/// Why a need ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NeedEnd {
    /// The work is done.
    Served,
    /// It was asked in error or is no longer needed.
    Withdrawn,
    /// Nobody could serve it in time.
    Expired,
}

/// A3 支援答复: the owner holds resources for a need until a time on its own clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AidOffer {
    /// The offer.
    pub offer: OfferId,
    /// The need that it answers.
    pub need: NeedId,
    /// What is held.
    pub lines: Vec<OfferLine>,
    /// Until when, on the owner's drill clock.
    pub hold_until: Moment,
    /// When it was made, drill time.
    pub at: Moment,
    /// Who ordered it, where people do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordered: Option<Ordered>,
}

/// One resource of an offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferLine {
    /// The resource.
    pub resource: ResourceId,
    /// How much of it; 1 for a unit.
    pub quantity: u32,
    /// Readiness and road time together.
    pub eta: Deciseconds,
}

/// An offer is taken back before it was accepted, or lapses: the hold ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AidOfferEnd {
    /// The offer.
    pub offer: OfferId,
    /// When, on the owner's drill clock.
    pub at: Moment,
}

/// A4 无法支援.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AidDecline {
    /// The need.
    pub need: NeedId,
    /// Why not.
    pub reason: DeclineReason,
    /// When, drill time.
    pub at: Moment,
}

/// A5 确认接收: the asker takes these lines of an offer. A wish; the owner commits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AidAccept {
    /// The need.
    pub need: NeedId,
    /// The offer.
    pub offer: OfferId,
    /// Which of its resources.
    pub resources: Vec<ResourceId>,
    /// When, drill time.
    pub at: Moment,
}

/// The asker does not take an offer; its holds may end at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AidPass {
    /// The need.
    pub need: NeedId,
    /// The offer.
    pub offer: OfferId,
    /// When, drill time.
    pub at: Moment,
}

/// A6 调派令: the owner commits one resource. The only message that binds a unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AidCommit {
    /// The commitment.
    pub aid: AidId,
    /// The resource.
    pub resource: ResourceId,
    /// How much of it; 1 for a unit.
    pub quantity: u32,
    /// The need that it serves.
    pub need: NeedId,
    /// The incident.
    pub incident: IncidentId,
    /// The offer that was accepted; `None` where the owner serves its own need.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<OfferId>,
    /// The fence that the crew terminal checks.
    pub fence: Fence,
    /// The office that leads the work: the terminal takes tasks from it within this aid.
    pub lead: PartyId,
    /// Where to go.
    pub to: Point,
    /// 前置: to stand by there, as its need asks ([`AidRequest::stands_by`]).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stands_by: bool,
    /// Readiness and road time together, as planned.
    pub eta: Deciseconds,
    /// When, drill time.
    pub at: Moment,
    /// The post that decided.
    pub decided_by: String,
    /// Why the home floor was broken, if it was (I16).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub override_by: Option<String>,
    /// The command that ordered it, if an operator did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestId>,
    /// The commitment that the unit is turned away from, on its way there or home; it ends with this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turned_from: Option<AidId>,
    /// Who ordered it, where people do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordered: Option<Ordered>,
}

/// A6': the owner does not commit what was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AidCommitRefused {
    /// The offer.
    pub offer: OfferId,
    /// The need.
    pub need: NeedId,
    /// Why.
    pub reason: RefusalReason,
    /// When, on the owner's drill clock.
    pub at: Moment,
}

/// A8 任务: the office that leads gives a committed unit its task. The unit's office passes it on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssignTask {
    /// The commitment.
    pub aid: AidId,
    /// The incident.
    pub incident: IncidentId,
    /// What to do and whom to report to.
    pub task: String,
    /// When, drill time.
    pub at: Moment,
}

/// A9: the asker wants a unit for longer; the owner answers with its own [`ExtendReply`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extend {
    /// The commitment.
    pub aid: AidId,
    /// The wished end, drill time.
    pub until: Moment,
}

/// A9: the owner's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtendReply {
    /// The commitment.
    pub aid: AidId,
    /// The granted end; `None` if refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Moment>,
}

/// A10 解除任务: the asker needs the unit no longer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// The commitment.
    pub aid: AidId,
    /// When, drill time.
    pub at: Moment,
    /// Condition and consumption, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Who ordered it, where people do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordered: Option<Ordered>,
}

/// A11 抽回: the owner takes the unit back. The fence counts on, so that an old order cannot return.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recall {
    /// The commitment.
    pub aid: AidId,
    /// The fence of the recall order.
    pub fence: Fence,
    /// Why.
    pub reason: String,
    /// When, drill time.
    pub at: Moment,
    /// Who ordered it, where people do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordered: Option<Ordered>,
}

/// The owner has received the asker's release and orders the unit home under the next fence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnOrdered {
    /// The commitment.
    pub aid: AidId,
    /// The fence of the order home.
    pub fence: Fence,
    /// When, drill time.
    pub at: Moment,
}

/// A12 归建: the unit is home and the commitment ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    /// The commitment.
    pub aid: AidId,
    /// How much came back; 1 for a unit.
    pub quantity: u32,
    /// How much is used up or lost.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub consumed: u32,
    /// When, drill time.
    pub at: Moment,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_zero(quantity: &u32) -> bool {
    *quantity == 0
}
