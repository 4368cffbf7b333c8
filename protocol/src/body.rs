//! What an envelope says. The message kind is the body's type.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::aid::{
    AidAccept, AidCommit, AidCommitRefused, AidDecline, AidOffer, AidOfferEnd, AidPass, AidRequest,
    AidRequestUpdate, AidWithdraw, AssignTask, Extend, ExtendReply, Recall, Release, ReturnOrdered,
    Returned,
};
use crate::authority::{AuthorityAnswered, AuthorityAsked};
use crate::envelope::{LogKey, Seal};
use crate::hash::Hash;
use crate::incident::IncidentReport;
use crate::notice::{
    Acknowledge, Advisory, DutyNote, Lead, Response, RoadStatus, SituationReport, Warning,
    WarningLift,
};
use crate::proposal::ProposalDecision;
use crate::resource::{HomeFloor, Resource, StockStatus, UnitStatus};
use crate::roster::RosterChange;
use crate::snapshot::Snapshot;
use crate::tagged::tagged;

/// One entry of an author's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", remote = "Self")]
#[expect(
    missing_docs,
    reason = "each variant is named for the message that it holds"
)]
pub enum Body {
    Seal(Seal),
    Incident(Arc<IncidentReport>),
    Resource(Resource),
    HomeFloor(HomeFloor),
    UnitStatus(UnitStatus),
    StockStatus(StockStatus),
    AidRequest(AidRequest),
    AidRequestUpdate(AidRequestUpdate),
    AidWithdraw(AidWithdraw),
    AidOffer(AidOffer),
    AidOfferEnd(AidOfferEnd),
    AidDecline(AidDecline),
    AidAccept(AidAccept),
    AidPass(AidPass),
    AidCommit(Arc<AidCommit>),
    AidCommitRefused(AidCommitRefused),
    AssignTask(AssignTask),
    Extend(Extend),
    ExtendReply(ExtendReply),
    Release(Release),
    Recall(Recall),
    ReturnOrdered(ReturnOrdered),
    Returned(Returned),
    Warning(Warning),
    WarningLift(WarningLift),
    Response(Response),
    Lead(Lead),
    SituationReport(SituationReport),
    RoadStatus(RoadStatus),
    Advisory(Advisory),
    DutyNote(DutyNote),
    Acknowledge(Acknowledge),
    ProposalDecision(ProposalDecision),
    AuthorityAsked(AuthorityAsked),
    AuthorityAnswered(AuthorityAnswered),
    RosterChange(RosterChange),
    Snapshot(Snapshot),
}

tagged! { Body {
    Seal Incident Resource HomeFloor UnitStatus StockStatus AidRequest AidRequestUpdate
    AidWithdraw AidOffer AidOfferEnd AidDecline AidAccept AidPass AidCommit AidCommitRefused
    AssignTask Extend ExtendReply Release Recall ReturnOrdered Returned Warning WarningLift
    Response Lead SituationReport RoadStatus Advisory DutyNote Acknowledge ProposalDecision
    AuthorityAsked AuthorityAnswered RosterChange Snapshot
} }

impl Body {
    /// The body as it travels.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a body holds strings, numbers and lists alone")
    }

    /// The name of its type, as it travels.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Seal(_) => "seal",
            Self::Incident(_) => "incident",
            Self::Resource(_) => "resource",
            Self::HomeFloor(_) => "home-floor",
            Self::UnitStatus(_) => "unit-status",
            Self::StockStatus(_) => "stock-status",
            Self::AidRequest(_) => "aid-request",
            Self::AidRequestUpdate(_) => "aid-request-update",
            Self::AidWithdraw(_) => "aid-withdraw",
            Self::AidOffer(_) => "aid-offer",
            Self::AidOfferEnd(_) => "aid-offer-end",
            Self::AidDecline(_) => "aid-decline",
            Self::AidAccept(_) => "aid-accept",
            Self::AidPass(_) => "aid-pass",
            Self::AidCommit(_) => "aid-commit",
            Self::AidCommitRefused(_) => "aid-commit-refused",
            Self::AssignTask(_) => "assign-task",
            Self::Extend(_) => "extend",
            Self::ExtendReply(_) => "extend-reply",
            Self::Release(_) => "release",
            Self::Recall(_) => "recall",
            Self::ReturnOrdered(_) => "return-ordered",
            Self::Returned(_) => "returned",
            Self::Warning(_) => "warning",
            Self::WarningLift(_) => "warning-lift",
            Self::Response(_) => "response",
            Self::Lead(_) => "lead",
            Self::SituationReport(_) => "situation-report",
            Self::RoadStatus(_) => "road-status",
            Self::Advisory(_) => "advisory",
            Self::DutyNote(_) => "duty-note",
            Self::Acknowledge(_) => "acknowledge",
            Self::ProposalDecision(_) => "proposal-decision",
            Self::AuthorityAsked(_) => "authority-asked",
            Self::AuthorityAnswered(_) => "authority-answered",
            Self::RosterChange(_) => "roster-change",
            Self::Snapshot(_) => "snapshot",
        }
    }

    /// The body as it enters the digest of a run: without nonces and chain hashes, so that a run
    /// has one digest under any signature suite.
    pub fn decision_json(&self) -> String {
        let mut body = self.clone();
        match &mut body {
            Self::Seal(seal) => {
                if let Some(predecessor) = &mut seal.predecessor {
                    predecessor.log = without_nonce(predecessor.log);
                    predecessor.head = Hash::default();
                }
            }
            Self::AidCommit(commit) => Arc::make_mut(commit).fence.incarnation.nonce = 0,
            Self::Recall(recall) => recall.fence.incarnation.nonce = 0,
            Self::ReturnOrdered(order) => order.fence.incarnation.nonce = 0,
            Self::Acknowledge(acknowledge) => acknowledge.log = without_nonce(acknowledge.log),
            Self::SituationReport(report) => {
                for (log, _) in &mut report.frontier {
                    *log = without_nonce(*log);
                }
            }
            // The state holds fences and logs, and so nonces.
            Self::Snapshot(snapshot) => snapshot.state = Hash::default(),
            _ => {}
        }
        body.to_json()
    }
}

fn without_nonce(mut log: LogKey) -> LogKey {
    log.incarnation.nonce = 0;
    log
}
