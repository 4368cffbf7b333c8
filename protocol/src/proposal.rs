//! What a planner would do and people decide: the proposal, and the decision as it enters the log.
//!
//! A proposal has no number and is kept nowhere: an office that is asked plans anew, and the same step
//! has the same id at any time. So what an operator decides is what would be done now, or nothing.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::command::Remark;
use crate::hash::{Hash, hex, unhex};
use crate::id::{AidId, NeedId, OfferId, ResourceId};
use crate::quantity::{Deciseconds, Moment};
use crate::text::sanitise;
use crate::why::Why;
use crate::words::{Audience, DeclineReason};

/// Names a step that is proposed, for as long as it is: eight hexadecimal digits of the step's hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProposalId(pub [u8; 4]);

/// Why a text names no proposal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" names no proposal; write the eight digits that `proposals` lists")]
pub struct ProposalIdError(String);

impl fmt::Display for ProposalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl FromStr for ProposalId {
    type Err = ProposalIdError;

    fn from_str(text: &str) -> Result<Self, ProposalIdError> {
        let digits = unhex(text.trim());
        digits
            .map(Self)
            .map_err(|_| ProposalIdError(sanitise(text, 60)))
    }
}

impl Serialize for ProposalId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ProposalId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        crate::text::read(deserializer)
    }
}

/// One thing that the planner would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Names the step.
    pub id: ProposalId,
    /// What it would do.
    pub step: ProposedStep,
    /// Readiness and road time together, where something would drive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eta: Option<Deciseconds>,
    /// Why this resource, where it sends one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Why>,
}

/// What a planner would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum ProposedStep {
    /// A5: accept an offer to a need of one's own.
    Accept {
        /// The need.
        need: NeedId,
        /// The offer.
        offer: OfferId,
    },
    /// A6: commit a resource of one's own to a need of one's own.
    Dispatch {
        /// The need.
        need: NeedId,
        /// The resource.
        resource: ResourceId,
        /// How much of it; 1 for a unit.
        quantity: u32,
    },
    /// 改派: turn a unit that drives to another need of one's own.
    Turn {
        /// The need that it is to serve.
        need: NeedId,
        /// The unit.
        resource: ResourceId,
    },
    /// A11: call home a unit that drives to a need of one's own, for another is there sooner.
    Recall {
        /// The commitment.
        aid: AidId,
    },
    /// A10: release a unit whose work at one's own incident is done.
    Release {
        /// The commitment.
        aid: AidId,
    },
    /// Give up an offer that was accepted: its owner has better use of the unit, which has not arrived.
    GiveUp {
        /// The need.
        need: NeedId,
        /// The offer.
        offer: OfferId,
    },
    /// A3: offer a resource of one's own to another's need.
    Offer {
        /// The need.
        need: NeedId,
        /// The resource.
        resource: ResourceId,
        /// How much of it; 1 for a unit.
        quantity: u32,
    },
    /// A2: ask a wider ring.
    Widen {
        /// The need.
        need: NeedId,
        /// The ring.
        audience: Audience,
    },
    /// A4: lend nothing.
    Decline {
        /// The need.
        need: NeedId,
        /// Why.
        reason: DeclineReason,
    },
}

impl ProposedStep {
    /// The name of the step: equal for equal steps, whenever they are proposed.
    pub fn id(&self) -> ProposalId {
        let Hash(bytes) = Hash::of_json(self);
        ProposalId([bytes[0], bytes[1], bytes[2], bytes[3]])
    }

    /// The need that it is about; a recall and a release name their commitment alone.
    pub const fn need(&self) -> Option<NeedId> {
        match self {
            Self::Accept { need, .. }
            | Self::Dispatch { need, .. }
            | Self::Turn { need, .. }
            | Self::GiveUp { need, .. }
            | Self::Offer { need, .. }
            | Self::Widen { need, .. }
            | Self::Decline { need, .. } => Some(*need),
            Self::Recall { .. } | Self::Release { .. } => None,
        }
    }

    /// Which resource it would send to which need, if that is what it would do.
    pub const fn pair(&self) -> Option<(NeedId, ResourceId)> {
        match self {
            Self::Dispatch { need, resource, .. }
            | Self::Turn { need, resource }
            | Self::Offer { need, resource, .. } => Some((*need, *resource)),
            _ => None,
        }
    }

    /// How much of a resource it would send: 1 for a unit, none if it sends nothing.
    pub const fn quantity(&self) -> u32 {
        match self {
            Self::Dispatch { quantity, .. } | Self::Offer { quantity, .. } => *quantity,
            Self::Turn { .. } => 1,
            _ => 0,
        }
    }

    /// The step in words.
    pub fn told(&self) -> Remark {
        let (zh, en) = match self {
            Self::Accept { need, offer } => (
                format!("确认接收 {offer}，用于 {need}"),
                format!("accept offer {offer} for {need}"),
            ),
            Self::Dispatch {
                need,
                resource,
                quantity,
            } => (
                format!("调派 {resource} ×{quantity} 至 {need}"),
                format!("dispatch {resource} x{quantity} to {need}"),
            ),
            Self::Turn { need, resource } => (
                format!("改派 {resource} 至 {need}"),
                format!("turn {resource} to {need}"),
            ),
            Self::Recall { aid } => (format!("抽回 {aid}"), format!("recall {aid}")),
            Self::Release { aid } => (format!("解除任务 {aid}"), format!("release {aid}")),
            Self::GiveUp { need, offer } => (
                format!("放弃 {need} 已接收的 {offer}"),
                format!("give up {offer}, accepted for {need}"),
            ),
            Self::Offer {
                need,
                resource,
                quantity,
            } => (
                format!("向 {need} 答复支援 {resource} ×{quantity}"),
                format!("offer {resource} x{quantity} to {need}"),
            ),
            Self::Widen { need, audience } => (
                format!("将 {need} 的请求范围扩大到{}", audience.label().zh),
                format!("ask the {} for {need}", audience.label().en),
            ),
            Self::Decline { need, reason } => (
                format!("答复无法支援 {need}（{}）", reason.label().zh),
                format!("decline {need} ({})", reason.label().en),
            ),
        };
        Remark { zh, en }
    }
}

/// What an operator makes of a proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "decision", rename_all = "kebab-case")]
pub enum Decision {
    /// It is done as proposed.
    Accept,
    /// Another resource goes in its place.
    Change {
        /// Which.
        instead: ResourceId,
    },
    /// It is not done, and not proposed again.
    Decline {
        /// Why.
        reason: String,
    },
}

/// What became of a proposal, in the log of the office whose planner made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalDecision {
    /// What was proposed.
    pub proposed: ProposedStep,
    /// What people made of it.
    #[serde(flatten)]
    pub decision: Decision,
    /// The post that decided.
    pub by: String,
    /// When, drill time.
    pub at: Moment,
}

impl ProposalDecision {
    /// The resource that is not to serve a need, if that is what was decided.
    pub const fn refuses(&self) -> Option<(NeedId, ResourceId)> {
        match self.decision {
            Decision::Decline { .. } => self.proposed.pair(),
            Decision::Accept | Decision::Change { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(quantity: u32) -> ProposedStep {
        ProposedStep::Dispatch {
            need: "440400-1-17".parse().unwrap(),
            resource: "440400-pump-1".parse().unwrap(),
            quantity,
        }
    }

    #[test]
    fn equal_steps_have_one_id_and_others_another() {
        assert_eq!(step(1).id(), step(1).id());
        assert_ne!(step(1).id(), step(2).id());
        let id = step(1).id();
        assert_eq!(id.to_string().parse(), Ok(id));
        for text in ["", "12345", "1234567g", "123456789"] {
            assert!(text.parse::<ProposalId>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_decision_reads_back_as_it_was_written() {
        let reason = "needed at the ferry".to_owned();
        let instead = "440400-pump-2".parse().unwrap();
        for decision in [
            Decision::Accept,
            Decision::Change { instead },
            Decision::Decline { reason },
        ] {
            let said = ProposalDecision {
                proposed: step(1),
                decision,
                by: "desk".into(),
                at: Moment(7),
            };
            let json = serde_json::to_string(&said).unwrap();
            assert_eq!(
                serde_json::from_str::<ProposalDecision>(&json).unwrap(),
                said
            );
        }
    }
}
