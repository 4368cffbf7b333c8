//! Incident reports 突发事件信息: a chain of revisions by the office that opened the incident.
//!
//! Each report states the whole of what is known; the last one of the chain stands. Counts may
//! fall (found people are no longer missing), so no reader ever takes a maximum.

use serde::{Deserialize, Serialize};

use crate::id::{AreaCode, IncidentId, PartyId, RequestId};
use crate::quantity::{Moment, Point};
use crate::words::{Category, Datum, Level, ReportKind, Severity, Stage, Trend};

/// One report of an incident's chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentReport {
    /// The incident. Its author is the only one who may report on it.
    pub incident: IncidentId,
    /// 0 for the first report, then one more each.
    pub report_no: u32,
    /// First, follow-up, final or correction.
    pub kind: ReportKind,
    /// How certain and how far the incident is.
    pub stage: Stage,
    /// Which of the four kinds of the law. May change with a later report.
    pub category: Category,
    /// What happened, as a code of the event table in use, for example `structural-collapse`.
    pub event: String,
    /// Event level by consequence.
    pub level: Level,
    /// Why the level differs from what the counts give; required where it does (I8).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level_reason: Option<String>,
    /// How urgent the desk holds it; dispatch goes by this.
    pub severity: Severity,
    /// 事发时间, drill time.
    pub occurred_at: Moment,
    /// 接报时间: when the office learned of it, drill time.
    pub known_at: Moment,
    /// When this report was signed off, drill time.
    pub reported_at: Moment,
    /// When what a later report says was so, drill time, where it was entered afterwards 补录: from
    /// paper, say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Moment>,
    /// Where, in words.
    pub place: String,
    /// The district or city that it lies in.
    pub area: AreaCode,
    /// Where, as a point; `None` when only words are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub point: Option<Point>,
    /// The datum of the point. GCJ-02 is void.
    #[serde(default = "wgs84", skip_serializing_if = "is_wgs84")]
    pub datum: Datum,
    /// True if the place lies in a neighbour's ground.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub about_neighbour: bool,
    /// 信息来源: a call, a sensor, a neighbour.
    pub source: String,
    /// 简要经过, at most 160 characters.
    pub summary: String,
    /// Cause as far as known; facts fast, causes with care.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// People harmed. Not counted is not zero.
    #[serde(default, skip_serializing_if = "Counts::is_empty")]
    pub counts: Counts,
    /// Direct loss in yuan, if estimated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss_cny: Option<u64>,
    /// 已采取措施.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub measures: Vec<String>,
    /// Where it is heading.
    pub trend: Trend,
    /// Offices whose ground is threatened and that are told by this (art. 62).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub threatens: Vec<PartyId>,
    /// Same event, cause or part of another incident: an assertion by this author, reversible.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// The role that signed off 审签; required from level III up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_off_by: Option<String>,
    /// The call or command that led to this report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestId>,
}

/// People harmed, each count with the time it was true at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// 死亡.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deaths: Option<Count>,
    /// 下落不明.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<Count>,
    /// 重伤, acute poisoning included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serious: Option<Count>,
    /// 轻伤.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minor: Option<Count>,
    /// 被困.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trapped: Option<Count>,
    /// 转移.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evacuated: Option<Count>,
    /// 受影响.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub affected: Option<Count>,
}

/// A number of people and when it was true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count(
    /// How many.
    pub u32,
    /// As of when 截至, drill time.
    pub Moment,
);

/// A relation that the author asserts between its incident and another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// What the relation is.
    pub relation: Relation,
    /// The other incident.
    pub incident: IncidentId,
}

/// How two incidents belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// The same event, opened twice.
    SameAs,
    /// 次生, 衍生: the other one led to this one.
    CausedBy,
    /// A part of the other one.
    PartOf,
}

impl Counts {
    /// Whether nothing has been counted.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The same numbers, as of then.
    #[must_use]
    pub fn as_of(self, at: Moment) -> Self {
        let of = |count: Option<Count>| count.map(|Count(number, _)| Count(number, at));
        Self {
            deaths: of(self.deaths),
            missing: of(self.missing),
            serious: of(self.serious),
            minor: of(self.minor),
            trapped: of(self.trapped),
            evacuated: of(self.evacuated),
            affected: of(self.affected),
        }
    }
}

/// The event level that deaths, serious injuries and direct loss give.
///
/// The worst of the three columns of State Council Order 493 (2007), art. 3; "以上" includes its
/// number. It grades work-safety accidents; natural hazards and public health have their own
/// plans, whose thresholds are not built in, so there it is a floor that a declared level may leave
/// with a reason.
pub fn grade(deaths: u32, serious: u32, loss_cny: u64) -> Level {
    let column = |value: u64, steps: [u64; 3]| match value {
        v if v >= steps[0] => Level::One,
        v if v >= steps[1] => Level::Two,
        v if v >= steps[2] => Level::Three,
        _ => Level::Four,
    };
    column(u64::from(deaths), [30, 10, 3])
        .min(column(u64::from(serious), [100, 50, 10]))
        .min(column(loss_cny, [100_000_000, 50_000_000, 10_000_000]))
}

fn wgs84() -> Datum {
    Datum::Wgs84
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_wgs84(datum: &Datum) -> bool {
    *datum == Datum::Wgs84
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_boundary_of_the_grading_table_includes_its_number() {
        let by_deaths = [
            (2, Level::Four),
            (3, Level::Three),
            (9, Level::Three),
            (10, Level::Two),
            (29, Level::Two),
            (30, Level::One),
        ];
        for (deaths, level) in by_deaths {
            assert_eq!(grade(deaths, 0, 0), level, "{deaths} deaths");
        }
        let by_serious = [
            (9, Level::Four),
            (10, Level::Three),
            (49, Level::Three),
            (50, Level::Two),
            (99, Level::Two),
            (100, Level::One),
        ];
        for (serious, level) in by_serious {
            assert_eq!(grade(0, serious, 0), level, "{serious} seriously injured");
        }
        let by_loss = [
            (9_999_999, Level::Four),
            (10_000_000, Level::Three),
            (49_999_999, Level::Three),
            (50_000_000, Level::Two),
            (99_999_999, Level::Two),
            (100_000_000, Level::One),
        ];
        for (loss, level) in by_loss {
            assert_eq!(grade(0, 0, loss), level, "{loss} yuan");
        }
    }

    #[test]
    fn the_worst_column_decides() {
        assert_eq!(grade(1, 60, 20_000_000), Level::Two);
    }
}
