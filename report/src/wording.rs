//! What an entry of a log says, in one sentence of each language.

mod aid;
mod fault;

use std::sync::Arc;

use protocol::{
    Advisory, Body, Envelope, HazardShape, IncidentReport, LeadAct, LogKey, Moment, ReportKind,
    Response, RoadId, RoadStatus, Severity, Warning,
};

use crate::bilingual::{Bilingual, clean, event};
use crate::names::Names;
use crate::timeline::{Entry, EntryKind};
pub(crate) use fault::struck;

/// Names of roads that one line lists.
const ROADS: usize = 6;

/// When an entry happened, by its own author's drill clock.
pub(crate) fn time_of(envelope: &Envelope) -> Option<Moment> {
    Some(match envelope.body()? {
        Body::Incident(report) => report.as_of.unwrap_or(report.reported_at),
        Body::UnitStatus(status) => status.as_of,
        Body::StockStatus(status) => status.as_of,
        Body::AidRequest(ask) => ask.asked_at,
        Body::AidRequestUpdate(update) => update.at,
        Body::AidWithdraw(end) => end.at,
        Body::AidOffer(offer) => offer.at,
        Body::AidOfferEnd(end) => end.at,
        Body::AidDecline(decline) => decline.at,
        Body::AidAccept(accept) => accept.at,
        Body::AidPass(pass) => pass.at,
        Body::ProposalDecision(said) => said.at,
        Body::AuthorityAsked(asked) => asked.at,
        Body::AuthorityAnswered(said) => said.at,
        Body::AidCommit(commit) => commit.at,
        Body::AidCommitRefused(refused) => refused.at,
        Body::AssignTask(task) => task.at,
        Body::Release(release) => release.at,
        Body::Recall(recall) => recall.at,
        Body::ReturnOrdered(order) => order.at,
        Body::Returned(returned) => returned.at,
        Body::Warning(warning) => warning.issued_at,
        Body::WarningLift(lift) => lift.at,
        Body::Response(response) => response.at,
        Body::Lead(lead) => lead.at,
        Body::SituationReport(report) => report.to,
        Body::RoadStatus(status) => status.as_of,
        Body::Advisory(advisory) => advisory.as_of,
        Body::DutyNote(note) => note.at,
        Body::Acknowledge(acknowledge) => acknowledge.at,
        Body::Seal(_)
        | Body::Resource(_)
        | Body::HomeFloor(_)
        | Body::Extend(_)
        | Body::ExtendReply(_)
        | Body::RosterChange(_)
        | Body::Snapshot(_) => return None,
    })
}

/// When what is missing behind an entry of a log began to be: the time of that entry or, where it tells
/// none, of the last before it that does, in an earlier life if need be. The entries are in their places;
/// `None` if none of them tells a time.
pub(crate) fn last_before(entries: &[Arc<Envelope>], place: (LogKey, u64)) -> Option<Moment> {
    let end = entries.partition_point(|it| (it.header().log, it.header().seq) <= place);
    let before = entries[..end].iter().rev();
    let mut of_author = before.take_while(|it| it.header().log.author == place.0.author);
    of_author.find_map(|entry| time_of(entry))
}

/// The line of the timeline that an entry gives; `None` for what is counted elsewhere.
pub(crate) fn entry(envelope: &Envelope, names: &Names) -> Option<Entry> {
    let at = time_of(envelope)?;
    let author = envelope.header().log.author;
    let (kind, weight, text) = match envelope.body()? {
        Body::Incident(report) => (EntryKind::Incident, gravity(report), incident(report)),
        Body::Warning(warning) => (EntryKind::Warning, 0, issued(warning)),
        Body::WarningLift(lift) => {
            let id = lift.warning;
            let text = Bilingual::new(format!("解除预警 {id}"), format!("warning {id} lifted"));
            (EntryKind::Warning, 0, text)
        }
        Body::Response(response) => (EntryKind::Response, 0, responded(response)),
        Body::Lead(lead) => {
            let (zh, en) = match lead.act {
                LeadAct::Offer => ("提议指挥主体", "proposes as lead of"),
                LeadAct::Accept => ("同意指挥主体", "agrees to lead of"),
                LeadAct::Declare => ("确定指挥主体", "declares lead of"),
            };
            let (who, incident) = (names.name(lead.lead), lead.incident);
            let text = Bilingual::new(
                format!("{incident} {zh}：{}", who.zh),
                format!("{en} {incident}: {}", who.en),
            );
            (EntryKind::Lead, 1, text)
        }
        Body::SituationReport(report) => {
            let (open, closed, units) = (
                report.incidents_open,
                report.incidents_closed,
                report.units_committed,
            );
            let text = Bilingual::new(
                format!("专报：未结 {open} 起，已结 {closed} 起，已调派 {units} 队"),
                format!("situation report: {open} open, {closed} closed, {units} units committed"),
            );
            (EntryKind::Note, 2, text)
        }
        Body::RoadStatus(status) => (EntryKind::Road, 1, road(status, names)),
        Body::Advisory(advisory) => (EntryKind::Hazard, 1, hazard(advisory)),
        Body::DutyNote(note) => {
            let (by, said) = (names.post(&note.by), clean(&note.text));
            let text = Bilingual::new(format!("{}：{said}", by.zh), format!("{}: {said}", by.en));
            (EntryKind::Note, 2, text)
        }
        body => {
            let (weight, text) = aid::said(body, author, names)?;
            (EntryKind::Aid, weight, text)
        }
    };
    Some(Entry {
        mark: envelope.header().mode.mark(),
        at,
        office: Some(author),
        kind,
        weight,
        text,
    })
}

/// How early a report's line gives way when a page must leave lines out; 0 never does.
fn gravity(report: &IncidentReport) -> u8 {
    match (report.severity, report.kind) {
        (Severity::Critical, ReportKind::First) => 1,
        (Severity::Serious, ReportKind::First) | (Severity::Critical, _) => 2,
        (_, ReportKind::First) => 3,
        _ => 4,
    }
}

fn incident(report: &IncidentReport) -> Bilingual {
    let (kind, severity, stage) = (
        report.kind.label(),
        report.severity.label(),
        report.stage.label(),
    );
    let number = match (report.kind, report.report_no) {
        (ReportKind::FollowUp, no) => format!(" {no}"),
        _ => String::new(),
    };
    let id = report.incident;
    let event = event(&report.event);
    let (place, summary) = (clean(&report.place), Bilingual::said(&report.summary));
    Bilingual::new(
        format!(
            "{}{number} {id} [{}·{}] {} {place}：{}",
            kind.zh, severity.zh, stage.zh, event.zh, summary.zh
        ),
        format!(
            "{}{number} {id} [{}, {}] {} {place}: {}",
            kind.en, severity.en, stage.en, event.en, summary.en
        ),
    )
}

fn issued(warning: &Warning) -> Bilingual {
    let colour = warning.colour.label();
    let hazard = event(&warning.hazard);
    let matters = clean(&warning.matters);
    let (zh, en) = match warning.revision {
        0 => ("发布", "issued"),
        _ => ("更新", "updated"),
    };
    Bilingual::new(
        format!("{zh}{}{}预警：{matters}", hazard.zh, colour.zh),
        format!("{} {} warning {en}: {matters}", colour.en, hazard.en),
    )
}

fn responded(response: &Response) -> Bilingual {
    let matter = clean(&response.matter);
    match (response.level, response.revision) {
        (None, _) => Bilingual::new(
            format!("终止应急响应：{matter}"),
            format!("response ended: {matter}"),
        ),
        (Some(level), 0) => Bilingual::new(
            format!("启动{}：{matter}", level.label().zh),
            format!("{} activated: {matter}", level.label().en),
        ),
        (Some(level), _) => Bilingual::new(
            format!("调整为{}：{matter}", level.label().zh),
            format!("adjusted to {}: {matter}", level.label().en),
        ),
    }
}

fn road(status: &RoadStatus, names: &Names) -> Bilingual {
    let roads = listed(&status.roads, names);
    let reason = Bilingual::said(&status.reason);
    let state = status.state.label();
    Bilingual::new(
        format!("{}：{}（{}）", roads.zh, state.zh, reason.zh),
        format!("{}: {} ({})", roads.en, state.en, reason.en),
    )
}

/// Crossings by their names, then roads that have none by their ids.
fn listed(roads: &[RoadId], names: &Names) -> Bilingual {
    let shown = &roads[..roads.len().min(ROADS)];
    let crossings = shown.iter().filter_map(|road| names.road(*road));
    let (mut zh, mut en): (Vec<String>, Vec<String>) = crossings
        .map(|name| (name.zh.clone(), name.en.clone()))
        .unzip();
    let plain = shown.iter().filter(|road| names.road(**road).is_none());
    let plain: Vec<&str> = plain.map(RoadId::as_str).collect();
    if !plain.is_empty() {
        let sections = if plain.len() == 1 {
            "section"
        } else {
            "sections"
        };
        zh.push(format!("路段 {}", plain.join("、")));
        en.push(format!("road {sections} {}", plain.join(", ")));
    }
    let (zh, en) = (zh.join("、"), en.join(", "));
    match roads.len() - shown.len() {
        0 => Bilingual::new(zh, en),
        more => Bilingual::new(
            format!("{zh} 等，另 {more} 处"),
            format!("{en} and {more} more"),
        ),
    }
}

fn hazard(advisory: &Advisory) -> Bilingual {
    let name = clean(&advisory.name);
    if advisory.over {
        return Bilingual::new(format!("{name} 结束"), format!("{name} is over"));
    }
    match &advisory.shape {
        HazardShape::Polygon(_) => Bilingual::new(
            format!("{name} 影响范围更新"),
            format!("{name}: area updated"),
        ),
        HazardShape::Track {
            centre, wind_ms, ..
        } => Bilingual::new(
            format!("{name} 中心位于 {centre}，最大风速 {wind_ms} 米/秒"),
            format!("{name}: centre at {centre}, {wind_ms} m/s"),
        ),
    }
}
