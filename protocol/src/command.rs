//! What an operator asks of an office, and what the office answers.
//!
//! A command is idempotent by its request id: sent twice, it is done once and answered twice.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::authority::AuthorityAnswer;
use crate::clock::{ClockCommand, ClockState};
use crate::envelope::LogKey;
use crate::field::{Call, ResponseOrder, StockCount, WarningOrder};
use crate::id::{AidId, IncidentId, NeedId, OfferId, PartyId, RequestId, ResourceId};
use crate::incident::Counts;
#[cfg(doc)]
use crate::limit;
use crate::listing::{NeedListing, ResourceListing};
use crate::notice::LeadAct;
use crate::proposal::{Decision, Proposal, ProposalId};
use crate::quantity::{Moment, Span};
use crate::words::{Audience, DeclineReason, Kind, Level, ReportKind, Severity, Stage, UnitState};

/// How long an operator takes a command to mean anything; see [`crate::DirectHeader::life`]. Ours.
pub const COMMAND_LIFE: Span = Span::minutes(10);

/// One operator action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorCommand {
    /// Names this action; sent again under the same id it is not done again.
    pub request: RequestId,
    /// The post that acts, as the duty roster names it.
    pub by: String,
    /// What to do.
    pub action: Action,
    /// What the clock of whoever asks shows. What was so at that very time is so now, by whatever clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<Moment>,
}

/// What an operator can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Action {
    /// 接报: open an incident.
    Report(Box<Call>),
    /// 续报, 终报, 更正: the next report of a chain.
    FollowUp(FollowUp),
    /// 代报: a unit's state, as phoned in.
    UnitStatus {
        /// The unit.
        unit: ResourceId,
        /// Its state.
        state: UnitState,
        /// Who phoned, as a post.
        caller: String,
        /// When, drill time; now by the office's clock if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        called_at: Option<Moment>,
    },
    /// A stock or capacity, counted or corrected.
    Stock(StockCount),
    /// 已接收: another author's entry was read.
    Acknowledge {
        /// Which log.
        log: LogKey,
        /// Which entry.
        seq: u64,
    },
    /// A1: ask for aid.
    Request {
        /// For which incident.
        incident: IncidentId,
        /// What.
        kind: Kind,
        /// How many.
        quantity: u32,
        /// Who is asked.
        audience: Audience,
        /// How long the work will take.
        duration: Span,
        /// 前置: whether units are to come and stand by.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        stands_by: bool,
    },
    /// A2: ask for another amount, or of a wider ring.
    UpdateNeed {
        /// The need.
        need: NeedId,
        /// How many in all, those that were committed included; `None` leaves it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        quantity: Option<u32>,
        /// Who is asked from now on; `None` leaves it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        audience: Option<Audience>,
    },
    /// A2: end a need.
    WithdrawNeed {
        /// The need.
        need: NeedId,
    },
    /// A3: offer a resource to a need.
    Offer {
        /// The need.
        need: NeedId,
        /// The resource.
        resource: ResourceId,
        /// How much of it; 1 for a unit.
        quantity: u32,
    },
    /// A4: lend nothing.
    Decline {
        /// The need.
        need: NeedId,
        /// Why.
        reason: DeclineReason,
    },
    /// A5: accept an offer.
    Accept {
        /// The offer.
        offer: OfferId,
    },
    /// A6: commit a resource of one's own to a need of one's own.
    Dispatch {
        /// The need.
        need: NeedId,
        /// The resource.
        resource: ResourceId,
        /// Why the home floor may be broken, if it must.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        override_by: Option<String>,
    },
    /// A9: how long a commitment lasts. Its asker asks for longer; its owner answers, and `None` says that it
    /// lasts no longer than was planned.
    Extend {
        /// The commitment.
        aid: AidId,
        /// Until when, drill time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Moment>,
    },
    /// A10: a committed unit may go.
    Release {
        /// The commitment.
        aid: AidId,
    },
    /// A11: take a unit back.
    Recall {
        /// The commitment.
        aid: AidId,
        /// Why.
        reason: String,
    },
    /// 预警: issue, update or lift.
    Warning(WarningOrder),
    /// 应急响应: activate, adjust or end.
    Response(ResponseOrder),
    /// 指挥权: speak about who leads.
    Lead {
        /// The incident.
        incident: IncidentId,
        /// Who is to lead.
        lead: PartyId,
        /// How.
        act: LeadAct,
    },
    /// An entry of the duty log.
    Note {
        /// The incident, if any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        incident: Option<IncidentId>,
        /// What it says.
        text: String,
        /// When it was, drill time, if it is entered afterwards; now if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Moment>,
    },
    /// 接管: of several machines under this office's name the named one serves from now on. Only that
    /// one answers.
    TakeOver {
        /// The nonce of its boot, which its alarm tells.
        machine: u64,
    },
    /// What the planner proposes now.
    Proposals {
        /// For the needs of one incident alone; for all if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        incident: Option<IncidentId>,
    },
    /// What becomes of a proposal.
    Decide {
        /// The proposal.
        proposal: ProposalId,
        /// What becomes of it.
        #[serde(flatten)]
        decision: Decision,
    },
    /// What the authority of a unit that awaits it answered.
    Authority {
        /// The unit.
        unit: ResourceId,
        /// The answer.
        answer: AuthorityAnswer,
        /// The post that answered.
        post: String,
    },
    /// The needs that have not ended, with offers and commitments.
    Needs,
    /// The office's own resources.
    Resources,
    /// The drill clock; only the director answers it.
    Clock(ClockCommand),
}

/// The next report of an incident's chain: what changed. What is left out stands as before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowUp {
    /// The incident.
    pub incident: IncidentId,
    /// 续报, 终报 or 更正.
    pub kind: ReportKind,
    /// New stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Stage>,
    /// New level and why it differs from the counts, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<(Level, Option<String>)>,
    /// New urgency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// Counts as of now; `None` keeps those before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<Counts>,
    /// What is new, at most 160 characters.
    pub summary: String,
    /// When it was so, drill time, if it is entered afterwards; now if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Moment>,
}

/// What an office answers to a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandReply {
    /// The command.
    pub request: RequestId,
    /// What came of it.
    pub outcome: Outcome,
    /// What the machine that answers is to its office.
    #[serde(default, skip_serializing_if = "Machine::serves")]
    pub machine: Machine,
}

impl CommandReply {
    /// Whether a machine refuses that does not do its office's work: the one that does may not, so this is
    /// not the last word.
    pub fn is_of_idle(&self) -> bool {
        self.machine == Machine::Idle && matches!(self.outcome, Outcome::Refused { .. })
    }
}

/// What a machine is to the office that it answers for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Machine {
    /// It does the office's work.
    #[default]
    Serving,
    /// It listens, looks on or stands back: another one under the office's name may do what it refuses.
    Idle,
}

impl Machine {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde asks for a reference"
    )]
    fn serves(&self) -> bool {
        *self == Self::Serving
    }
}

/// What came of a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Outcome {
    /// Done, and recorded on this office's disk.
    Done {
        /// The log that it was recorded in.
        log: LogKey,
        /// The entry that says so.
        seq: u64,
        /// What was made or changed: an id, a number.
        about: String,
        /// Peers that hold the entry as far as known now.
        held_by: Vec<PartyId>,
        /// What the operator should know beside it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        remark: Option<Remark>,
    },
    /// Nothing was left to do, and nothing was written.
    Already {
        /// How it stands.
        remark: Remark,
    },
    /// The drill clock was asked for, and is this now. It keeps no log: the clock itself, retained on
    /// the bus, is the record.
    Clock {
        /// Whether it runs.
        state: ClockState,
        /// Drill seconds in a thousand link seconds.
        speed_permille: u64,
    },
    /// Not done.
    Refused {
        /// Why, and what to do.
        reason: String,
    },
    /// What the planner proposes.
    Proposals {
        /// The most urgent and oldest needs first; at most [`limit::LISTED`].
        proposals: Vec<Proposal>,
        /// How many more there are.
        #[serde(default)]
        more: u32,
    },
    /// The needs that have not ended: the office's own, then those that ask it.
    Needs {
        /// At most [`limit::LISTED`] of them, the most urgent and oldest of each first.
        needs: Vec<NeedListing>,
        /// How many more there are.
        more: u32,
        /// Drill time of the answer.
        now: Moment,
    },
    /// The office's own resources, in the order of their ids.
    Resources {
        /// At most [`limit::LISTED_RESOURCES`] of them.
        resources: Vec<ResourceListing>,
        /// How many more there are.
        more: u32,
        /// Drill time of the answer.
        now: Moment,
    },
}

/// A sentence for the operator, in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// In Chinese, which counts.
    pub zh: String,
    /// The same in English.
    pub en: String,
}

/// Both, where nobody chose a language.
impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.zh, self.en)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_command_reads_back_as_it_was_written() {
        for clock in [ClockCommand::Pause, ClockCommand::Speed { permille: 500 }] {
            let action = Action::Clock(clock);
            let json = serde_json::to_string(&action).unwrap();
            assert_eq!(serde_json::from_str::<Action>(&json).unwrap(), action);
        }
    }

    #[test]
    fn an_answer_of_the_clock_reads_back_as_it_was_written() {
        let outcome = Outcome::Clock {
            state: ClockState::Started,
            speed_permille: 60_000,
        };
        let json = serde_json::to_string(&outcome).unwrap();
        assert_eq!(serde_json::from_str::<Outcome>(&json).unwrap(), outcome);
    }
}
