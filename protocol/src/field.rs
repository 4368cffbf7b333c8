//! What reaches an office from its own ground: calls, crew terminals, counts, observations.
//!
//! This is the open door for existing call systems; `liandong schema field` prints its JSON Schema.
//! Every report is idempotent: by its request id, or by the terminal's last command and time.

use serde::{Deserialize, Serialize};

use crate::aid::Fence;
use crate::id::{AidId, AreaCode, RequestId, ResourceId};
use crate::incident::Counts;
use crate::notice::{HazardShape, RoadStatus};
use crate::quantity::{Deciseconds, Moment, Point, Span};
use crate::requirement::Requirement;
use crate::tagged::tagged;
use crate::words::{Category, Colour, ResponseLevel, Severity, Trend, UnitState};

/// One report from the ground.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", remote = "Self")]
pub enum FieldReport {
    /// 接报: somebody calls.
    Call(Box<Call>),
    /// News of an incident that this office opened, from its crews or its caller.
    Scene(SceneReport),
    /// A crew terminal speaks.
    Unit(UnitReport),
    /// A store keeper counts.
    Count(StockCount),
    /// What a road is like; only authors who would know are asked.
    Road(RoadStatus),
    /// What a hazard does; only authors who would know are asked.
    Hazard(HazardReport),
    /// A warning to be issued or lifted by this author.
    Warning(WarningOrder),
    /// A response to be activated, adjusted or ended by this office.
    Response(ResponseOrder),
}

tagged! { FieldReport { Call Scene Unit Count Road Hazard Warning Response } }

/// A call or an alarm: the beginning of an incident, or more about one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The call; a second one with the same id is the same call.
    pub request: RequestId,
    /// What happened, as a code of the event table in use.
    pub event: String,
    /// Which of the four kinds of the law.
    pub category: Category,
    /// How urgent it sounds.
    pub severity: Severity,
    /// When it happened, drill time.
    pub occurred_at: Moment,
    /// When the call came, drill time.
    pub received_at: Moment,
    /// Where, in words.
    pub place: String,
    /// The district or city of the place.
    pub area: AreaCode,
    /// Where, as a WGS 84 point, if the caller's system knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub point: Option<Point>,
    /// Who says so: a call, a sensor, media.
    pub source: String,
    /// What was said, at most 160 characters.
    pub summary: String,
    /// People harmed, as far as told.
    #[serde(default, skip_serializing_if = "Counts::is_empty")]
    pub counts: Counts,
    /// What it takes, if the caller's system knows; otherwise the desk goes by the event.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<Requirement>,
}

/// News from a scene.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SceneReport {
    /// This piece of news; the same id twice is the same news.
    pub request: RequestId,
    /// The call that opened the incident.
    pub call: RequestId,
    /// When, drill time.
    pub at: Moment,
    /// Where it is heading.
    pub trend: Trend,
    /// People harmed, as of now; may be fewer than before.
    #[serde(default, skip_serializing_if = "Counts::is_empty")]
    pub counts: Counts,
    /// What further it takes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<Requirement>,
    /// What was seen, at most 160 characters.
    pub summary: String,
    /// True if all work there is done.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub done: bool,
}

/// What a crew terminal says of its unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitReport {
    /// The unit.
    pub unit: ResourceId,
    /// What it does.
    pub state: UnitState,
    /// The commitment that it serves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aid: Option<AidId>,
    /// The greatest fence that it has seen; `None` before its first order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fence: Option<Fence>,
    /// When, drill time.
    pub at: Moment,
    /// The question of its office that it heard last ([`Task::Report`]): what it says is younger.
    ///
    /// [`Task::Report`]: crate::order::Task::Report
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<u64>,
    /// Where it is.
    pub point: Point,
    /// How long it still travels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eta: Option<Deciseconds>,
    /// True when its work at the scene is done and it could go.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub work_done: bool,
}

/// A count of a stock or of free room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockCount {
    /// This count; the same id twice is the same count.
    pub request: RequestId,
    /// What was counted.
    pub resource: ResourceId,
    /// How much is there.
    pub on_hand: u32,
    /// When, drill time.
    pub at: Moment,
    /// Why it changed.
    pub reason: String,
}

/// What an author knows of a hazard. The author gives it an id and announces it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HazardReport {
    /// What kind of hazard.
    pub hazard: String,
    /// What it is called; a later report of the same name replaces the earlier one.
    pub name: String,
    /// When it was true, drill time.
    pub as_of: Moment,
    /// Where it is.
    pub shape: HazardShape,
    /// True for the last report.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub over: bool,
}

/// A warning as its author is told to issue it; the same hazard again updates it, no colour lifts it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WarningOrder {
    /// 预警类别.
    pub hazard: String,
    /// 级别; `None` lifts the warning.
    pub colour: Option<Colour>,
    /// 起始时间, drill time.
    pub from: Moment,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Moment>,
    /// 可能影响的范围.
    pub areas: Vec<AreaCode>,
    /// 警示事项.
    pub matters: String,
    /// 应当采取的措施.
    pub measures: String,
}

/// A response as the office is told to activate it; the same matter again adjusts it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponseOrder {
    /// 响应事项.
    pub matter: String,
    /// 级别; `None` ends it.
    pub level: Option<ResponseLevel>,
    /// 预计期限.
    pub expected: Span,
    /// 应急处置措施.
    pub measures: String,
}
