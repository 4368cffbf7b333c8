//! Warnings, responses, lead, situation reports, and what the ground is like.

use serde::{Deserialize, Serialize};

use crate::envelope::LogKey;
use crate::id::{AdvisoryId, AreaCode, IncidentId, PartyId, ResponseId, RoadId, WarningId};
use crate::quantity::{Meters, Moment, Point, Span};
use crate::words::{Colour, ResponseLevel, RoadState};

/// 预警: the eight items that art. 64 of the Emergency Response Law demands, and nothing less (I10).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// The warning. An update keeps the id and counts `revision` on; only its issuer may update it.
    pub warning: WarningId,
    /// 0 when issued, then one more with each update.
    pub revision: u32,
    /// 预警类别, for example `typhoon`.
    pub hazard: String,
    /// 级别.
    pub colour: Colour,
    /// 起始时间, drill time.
    pub from: Moment,
    /// When it ends by itself, drill time; `None` if it must be lifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Moment>,
    /// 可能影响的范围.
    pub areas: Vec<AreaCode>,
    /// 警示事项.
    pub matters: String,
    /// 应当采取的措施.
    pub measures: String,
    /// 发布单位.
    pub issuer: String,
    /// 发布时间, drill time.
    pub issued_at: Moment,
}

/// A warning is lifted. It never shows as active again (I18).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WarningLift {
    /// The warning.
    pub warning: WarningId,
    /// When, drill time.
    pub at: Moment,
}

/// 应急响应: the four items of art. 72.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    /// The response. Adjusting keeps the id and counts `revision` on.
    pub response: ResponseId,
    /// 0 when activated, then one more with each adjustment.
    pub revision: u32,
    /// 响应事项.
    pub matter: String,
    /// 级别; `None` ends the response 终止.
    pub level: Option<ResponseLevel>,
    /// 预计期限.
    pub expected: Span,
    /// 应急处置措施.
    pub measures: String,
    /// When, drill time.
    pub at: Moment,
}

/// 指挥权: who leads an incident. Two offices accept it, or the province declares it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lead {
    /// The incident.
    pub incident: IncidentId,
    /// The office that is to lead.
    pub lead: PartyId,
    /// What this author does: offers, accepts, or declares as the common superior.
    pub act: LeadAct,
    /// When, drill time.
    pub at: Moment,
}

/// How an author speaks about the lead of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeadAct {
    /// Proposes the lead.
    Offer,
    /// Agrees to a proposal.
    Accept,
    /// Decides as the province.
    Declare,
}

/// 日报, 专报: the roll-up of an author's log at a stated frontier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SituationReport {
    /// Start of the period, drill time.
    pub from: Moment,
    /// End of the period, drill time.
    pub to: Moment,
    /// Which prefix of which log it rolls up.
    pub frontier: Vec<(LogKey, u64)>,
    /// Incidents open at the end of the period.
    pub incidents_open: u32,
    /// Incidents closed within it.
    pub incidents_closed: u32,
    /// Needs still open.
    pub needs_open: u32,
    /// Units committed at its end.
    pub units_committed: u32,
    /// What words add.
    pub note: String,
}

/// The state of roads, by an author who would know: met, maritime, province, the office of the ground.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoadStatus {
    /// Which roads or crossings, by the region pack's names.
    pub roads: Vec<RoadId>,
    /// What they are like.
    pub state: RoadState,
    /// Travel time there as a percentage of the free one; only with [`RoadState::Slow`], 101 to 1000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub travel_percent: Option<u16>,
    /// When that was true, drill time.
    pub as_of: Moment,
    /// Why, in words.
    pub reason: String,
}

/// A hazard as announced: an area or a moving centre. Offices and screens know no other hazard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advisory {
    /// The notice; a later one with the same id replaces it.
    pub advisory: AdvisoryId,
    /// What kind of hazard, for example `typhoon`.
    pub hazard: String,
    /// What it is called in words.
    pub name: String,
    /// When it was true, drill time.
    pub as_of: Moment,
    /// Where it is.
    pub shape: HazardShape,
    /// True for the last notice: the hazard is over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub over: bool,
}

/// Where a hazard is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HazardShape {
    /// A closed ring: first and last corner are the same, four corners at least.
    Polygon(Vec<Point>),
    /// A centre that moves, with forecast positions.
    Track {
        /// Where the centre is.
        centre: Point,
        /// Greatest sustained wind near the centre, metres a second.
        wind_ms: u16,
        /// Radii of winds, each as (wind in metres a second, radius).
        radii: Vec<(u16, Meters)>,
        /// Where it is expected, each with its drill time.
        forecast: Vec<(Moment, Point)>,
    },
}

/// An entry of the duty log, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DutyNote {
    /// The incident that it belongs to, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<IncidentId>,
    /// The post that wrote it.
    pub by: String,
    /// What it says.
    pub text: String,
    /// When, drill time.
    pub at: Moment,
}

/// An office or author acknowledges what another published 已接收.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledge {
    /// Whose envelope.
    pub author: PartyId,
    /// Which log of the author.
    pub log: LogKey,
    /// Which entry of it.
    pub seq: u64,
    /// The post that read it.
    pub by: String,
    /// When, drill time.
    pub at: Moment,
}
