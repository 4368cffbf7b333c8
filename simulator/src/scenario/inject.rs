//! What the exercise controllers give 情景注入, and what they expect to see.

use protocol::{
    Audience, Counts, FieldReport, Moment, PartyId, ReportKind, RequestId, Requirement, Span,
};
use serde::Serialize;

use super::Sign;

/// What the exercise controllers give at a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Inject {
    /// Its number in the control card 导调卡.
    pub number: String,
    /// In a few words.
    pub title: String,
    /// When it is given, or the first moment at which it may be.
    pub at: Moment,
    /// What it waits for, from then on.
    pub cue: Cue,
    /// 备用: it is not given if this has been seen by then.
    pub unless: Option<Sign>,
    /// How it reaches people.
    pub channel: Channel,
    /// Who is given it.
    pub to: Vec<PartyId>,
    /// What is given.
    pub gives: Given,
    /// What a good office does then, in words.
    pub expected: Option<Expected>,
    /// The objective that it serves.
    pub objective: Option<String>,
}

/// What an inject waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "cue", rename_all = "kebab-case")]
pub enum Cue {
    /// Its time alone.
    Time,
    /// A sign, as soon as it is seen.
    Sign {
        /// The sign.
        sign: Sign,
    },
    /// Another inject, of which nobody knows beforehand when it is given, or whether.
    Inject {
        /// Its number.
        number: String,
        /// How long after it.
        delay: Span,
    },
}

/// How an inject reaches people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// As a field report of a system: `field/{office}`.
    Field,
    /// As an operator's command at the office's desk.
    Operator,
    /// As a message on the bus from an author; delivered to the author as a field report.
    Bus,
}

/// What an inject gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "gives", rename_all = "kebab-case")]
pub enum Given {
    /// A field report: a call, a warning, a response, a road's or a hazard's state.
    Report {
        /// The report, the same to everybody in `to`.
        report: Box<FieldReport>,
    },
    /// An entry of the duty log, at the operator's desk.
    Note {
        /// What it says.
        text: String,
    },
    /// An operator reports on the incident of a call: 续报, 终报 or 更正.
    FollowUp {
        /// The call that opened the incident.
        call: RequestId,
        /// Which of the three.
        kind: ReportKind,
        /// People harmed, as of when it is given; none keeps those before.
        counts: Counts,
        /// What it says.
        text: String,
    },
    /// An operator asks for aid for the incident of a call (A1).
    AidRequest {
        /// The call that opened the incident.
        call: RequestId,
        /// What is asked.
        requirement: Requirement,
        /// Who is asked.
        audience: Audience,
    },
}

impl Given {
    /// The same, given so much later than was planned.
    #[must_use]
    pub fn later(mut self, by: Span) -> Self {
        if let Self::Report { report } = &mut self {
            match &mut **report {
                FieldReport::Warning(order) => {
                    order.from += by;
                    order.until = order.until.map(|until| until + by);
                }
                FieldReport::Call(call) => call.received_at += by,
                FieldReport::Road(status) => status.as_of += by,
                FieldReport::Response(_)
                | FieldReport::Hazard(_)
                | FieldReport::Scene(_)
                | FieldReport::Unit(_)
                | FieldReport::Count(_) => {}
            }
        }
        self
    }
}

/// What is expected after an inject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Expected {
    /// How soon.
    pub within: Span,
    /// What an evaluator should see.
    pub action: String,
    /// By what the drill itself sees it, from when the inject was given; people judge if `None`.
    pub seen: Option<Sign>,
}
