//! What the exercise controllers give 情景注入, and what they expect to see.

use protocol::{Audience, FieldReport, Moment, PartyId, RequestId, Requirement};
use serde::Serialize;

/// What the drill is to exercise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Objective {
    /// What injects call it.
    pub id: String,
    /// In words.
    pub title: String,
}

/// What the exercise controllers give at a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Inject {
    /// Its number in the control card 导调卡.
    pub number: String,
    /// In a few words.
    pub title: String,
    /// When it is given. Chains of injects are resolved.
    pub at: Moment,
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

/// What is expected after an inject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Expected {
    /// By when.
    pub by: Moment,
    /// What an evaluator should see.
    pub action: String,
}
