//! What a drill looks for 评估: what offices are seen to say, what objectives are measured by, and how
//! that is told.

use serde::{Deserialize, Serialize};

use crate::body::Body;
use crate::id::{IncidentId, NeedId};
use crate::quantity::Span;
use crate::words::{Audience, ReportKind, words};

words! {
    /// What an office can be seen to say, by the log that it writes.
    Saying {
        FirstReport = "first-report", "首报", "first report";
        FollowUp = "follow-up", "续报", "follow-up report";
        FinalReport = "final-report", "终报", "final report";
        Correction = "correction", "更正", "correction";
        Warning = "warning", "预警", "warning";
        WarningLift = "warning-lift", "解除预警", "warning lifted";
        Response = "response", "应急响应", "response";
        Lead = "lead", "指挥权", "lead";
        RoadStatus = "road-status", "路况", "road status";
        DutyNote = "duty-note", "值班记事", "duty note";
        Acknowledge = "acknowledge", "已接收", "acknowledgement";
        AidRequest = "aid-request", "请求支援", "request for assistance";
        AidOffer = "aid-offer", "支援答复", "aid offer";
        AidDecline = "aid-decline", "无法支援", "decline";
        AidAccept = "aid-accept", "确认接收", "acceptance";
        AidCommit = "aid-commit", "调派", "dispatch";
        Release = "release", "解除任务", "release";
        Recall = "recall", "抽回", "recall";
        StockStatus = "stock-status", "物资变动", "stock status";
    }
}

impl Saying {
    /// What an entry says, if it is something that a drill looks for. To ask one's own city is no request
    /// for assistance.
    pub fn of(body: &Body) -> Option<Self> {
        Some(match body {
            Body::Incident(report) => match report.kind {
                ReportKind::First => Self::FirstReport,
                ReportKind::FollowUp => Self::FollowUp,
                ReportKind::Final => Self::FinalReport,
                ReportKind::Correction => Self::Correction,
            },
            Body::Warning(_) => Self::Warning,
            Body::WarningLift(_) => Self::WarningLift,
            Body::Response(_) => Self::Response,
            Body::Lead(_) => Self::Lead,
            Body::RoadStatus(_) => Self::RoadStatus,
            Body::DutyNote(_) => Self::DutyNote,
            Body::Acknowledge(_) => Self::Acknowledge,
            Body::AidRequest(ask) if ask.audience != Audience::Own => Self::AidRequest,
            Body::AidRequestUpdate(change) if change.audience != Audience::Own => Self::AidRequest,
            Body::AidOffer(_) => Self::AidOffer,
            Body::AidDecline(_) => Self::AidDecline,
            Body::AidAccept(_) => Self::AidAccept,
            Body::AidCommit(_) => Self::AidCommit,
            Body::Release(_) => Self::Release,
            Body::Recall(_) => Self::Recall,
            Body::StockStatus(_) => Self::StockStatus,
            _ => return None,
        })
    }

    /// What an entry is about, if it says so.
    pub fn about(body: &Body) -> Option<About> {
        match body {
            Body::Incident(report) => Some(About::Incident(report.incident)),
            Body::Lead(lead) => Some(About::Incident(lead.incident)),
            Body::DutyNote(note) => note.incident.map(About::Incident),
            Body::AidRequest(ask) => Some(About::Incident(ask.incident)),
            Body::AidCommit(commit) => Some(About::Incident(commit.incident)),
            Body::AidRequestUpdate(change) => Some(About::Need(change.need)),
            Body::AidOffer(offer) => Some(About::Need(offer.need)),
            Body::AidDecline(decline) => Some(About::Need(decline.need)),
            Body::AidAccept(accept) => Some(About::Need(accept.need)),
            _ => None,
        }
    }

    /// Whether what is said so is about an incident, always or where there is one: the sayings of the
    /// entries of which [`Self::about`] tells.
    pub const fn names_incident(self) -> bool {
        matches!(
            self,
            Self::FirstReport
                | Self::FollowUp
                | Self::FinalReport
                | Self::Correction
                | Self::Lead
                | Self::DutyNote
                | Self::AidRequest
                | Self::AidOffer
                | Self::AidDecline
                | Self::AidAccept
                | Self::AidCommit
        )
    }
}

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// An incident.
    Incident(IncidentId),
    /// A need, and by it the incident that it is for.
    Need(NeedId),
}

words! {
    /// What an objective of a drill is measured by.
    Measure {
        ResponseP50 = "response-p50", "首到时间（中位数）", "time to the first unit, median";
        ResponseP90 = "response-p90", "首到时间（九成）", "time to the first unit, nine of ten";
        IntakeP50 = "intake-p50", "接报时间（中位数）", "time from call to first report, median";
        IntakeP90 = "intake-p90", "接报时间（九成）", "time from call to first report, nine of ten";
        AidP50 = "aid-p50", "支援落实时间（中位数）", "time from request to the first unit promised, median";
        AidP90 = "aid-p90", "支援落实时间（九成）", "time from request to the first unit promised, nine of ten";
        ServedPercent = "served-percent", "处置完成率", "share of incidents whose work is done";
        ExpectedPercent = "expected-percent", "预期行动按时率", "share of expected actions seen in time";
    }
}

impl Measure {
    /// Whether it is a time, of which less is better; the others are shares in per cent, of which more is.
    pub const fn is_time(self) -> bool {
        !matches!(self, Self::ServedPercent | Self::ExpectedPercent)
    }
}

/// What was measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Figure {
    /// A time, in microseconds.
    Time(Span),
    /// A share, in whole per cent, 0 to 100.
    Percent(u32),
}

impl Figure {
    /// Whether it is at least as good as a bound of the same kind; of different kinds none is.
    pub fn reaches(self, bound: Self) -> bool {
        match (self, bound) {
            (Self::Time(it), Self::Time(bound)) => it <= bound,
            (Self::Percent(it), Self::Percent(bound)) => it >= bound,
            _ => false,
        }
    }
}

impl std::fmt::Display for Figure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let span = match self {
            Self::Time(span) => span.whole_seconds(),
            Self::Percent(percent) => return write!(f, "{percent} %"),
        };
        // To the second, for a grade may hang on it; a span otherwise leaves out what is small.
        match (span / 3_600, span / 60 % 60, span % 60) {
            (0, 0, seconds) => write!(f, "{seconds}s"),
            (0, minutes, 0) => write!(f, "{minutes}m"),
            (0, minutes, seconds) => write!(f, "{minutes}m{seconds:02}s"),
            (hours, 0, 0) => write!(f, "{hours}h"),
            (hours, minutes, 0) => write!(f, "{hours}h{minutes:02}m"),
            (hours, minutes, seconds) => write!(f, "{hours}h{minutes:02}m{seconds:02}s"),
        }
    }
}

/// What is expected after an inject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expects {
    /// What an evaluator should see, in words.
    pub action: String,
    /// How soon after the inject.
    pub within: Span,
    /// Whether the drill itself looks for it; otherwise people judge.
    pub watched: bool,
    /// The objective that it serves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objective: Option<String>,
}

/// How well an objective was reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Graded {
    /// The objective's id.
    pub objective: String,
    /// Its title.
    pub title: String,
    /// What it is measured by; `None` if people judge it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<Measure>,
    /// What was measured; `None` if there was nothing to measure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figure: Option<Figure>,
    /// The grade; `None` if there is no figure or no bound to hold it against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<String>,
    /// The worst figure that would have the best grade.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Figure>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_time_and_more_per_cent_are_better_and_the_two_are_not_compared() {
        let (minute, hour) = (Figure::Time(Span::minutes(1)), Figure::Time(Span::hours(1)));
        assert!(minute.reaches(hour) && minute.reaches(minute) && !hour.reaches(minute));
        assert!(Figure::Percent(90).reaches(Figure::Percent(80)));
        assert!(!Figure::Percent(79).reaches(Figure::Percent(80)));
        assert!(!Figure::Percent(100).reaches(hour) && !minute.reaches(Figure::Percent(1)));
    }

    #[test]
    fn a_figure_is_told_to_the_second() {
        let told = |seconds| Figure::Time(Span::seconds(seconds)).to_string();
        assert_eq!([0, 59, 600].map(told), ["0s", "59s", "10m"]);
        assert_eq!([754, 3_600, 5_400].map(told), ["12m34s", "1h", "1h30m"]);
        assert_eq!(told(3_605), "1h00m05s");
        assert_eq!(Figure::Percent(95).to_string(), "95 %");
    }

    #[test]
    fn a_measure_is_a_time_or_a_share_by_its_code() {
        for measure in Measure::ALL {
            assert_eq!(measure.is_time(), !measure.code().ends_with("-percent"));
        }
    }
}
