//! Open incidents: what is known of each, what it needs, and who is bound to it.

use maud::{Markup, html};
use picture::{Incident, Need};
use protocol::{Counts, IncidentId, NeedId};

use super::super::speech::{t, word};
use super::{Head, said, table};
use crate::bilingual::event;
use crate::paper::Paper;

/// Incidents of others that are printed; an office works on its own.
const OTHERS: usize = 120;

const HEADS: [Head; 5] = [
    Head("事件", "incident"),
    Head("紧急度、级别", "urgency, level"),
    Head("地点", "place"),
    Head("情况", "what is known"),
    Head("需求与已调派", "needs and who is bound"),
];

/// The office's own, the most urgent first.
pub(super) fn own(paper: &Paper) -> Markup {
    let mut rows = open(paper);
    rows.retain(|(id, _)| id.author == paper.order.office);
    let rows = rows.into_iter().map(|row| cells(paper, row)).collect();
    table(
        paper,
        ("本单位在处事件", "Open incidents of this office"),
        &HEADS,
        rows,
    )
}

/// Those of others.
pub(super) fn others(paper: &Paper) -> Markup {
    let mut rows = open(paper);
    rows.retain(|(id, _)| id.author != paper.order.office);
    let omitted = rows.len().saturating_sub(OTHERS);
    rows.truncate(OTHERS);
    let rows = rows.into_iter().map(|row| cells(paper, row)).collect();
    html! {
        (table(paper, ("其他单位在处事件", "Open incidents of others"), &HEADS, rows))
        @if omitted > 0 {
            p { (paper.mark()) (t(&format!("另有 {omitted} 起从略。"), &format!("{omitted} more are left out."))) }
        }
    }
}

fn open(paper: &Paper) -> Vec<(IncidentId, &Incident)> {
    let incidents = paper.picture.incidents();
    let open = incidents.filter(|(_, incident)| incident.is_open());
    let mut open: Vec<_> = open.map(|(id, incident)| (*id, incident)).collect();
    open.sort_by_key(|(id, it)| (it.report.severity, it.report.occurred_at, *id));
    open
}

fn cells(paper: &Paper, (id, incident): (IncidentId, &Incident)) -> Vec<Markup> {
    let report = &incident.report;
    let last = incident.chain.last();
    vec![
        html! { b { (event(&report.event)) } br; span class="id" { (id) } br; (paper.names.name(id.author)) },
        html! { (word(report.severity.label())) br; (word(report.level.label())) br; (word(report.stage.label())) },
        html! { (said(&report.place)) @if let Some(point) = report.point { br; span class="id" { (point) } } },
        html! {
            (t("事发", "occurred")) " " (paper.clock(report.occurred_at)) " "
            (t("接报", "received")) " " (paper.clock(report.known_at)) br;
            @if let Some(last) = last { (word(last.kind.label())) " " (paper.clock(last.at)) ": " }
            (said(&report.summary))
            (harmed(&report.counts))
        },
        needs(paper, id),
    ]
}

fn harmed(counts: &Counts) -> Markup {
    let told = [
        ("死亡", "dead", counts.deaths),
        ("失联", "missing", counts.missing),
        ("重伤", "seriously hurt", counts.serious),
        ("轻伤", "hurt", counts.minor),
        ("被困", "trapped", counts.trapped),
        ("转移", "evacuated", counts.evacuated),
    ];
    html! {
        @for (zh, en, count) in told {
            @if let Some(count) = count { " " (t(&format!("{zh} {}", count.0), &format!("{en} {}", count.0))) }
        }
    }
}

fn needs(paper: &Paper, incident: IncidentId) -> Markup {
    let needs: Vec<(&NeedId, &Need)> = paper
        .picture
        .needs()
        .filter(|(_, need)| need.request.incident == incident && need.ended.is_none())
        .collect();
    html! {
        @if needs.is_empty() { "–" }
        @for (id, need) in needs {
            @let coverage = paper.picture.coverage(*id);
            div {
                b { (word(need.request.kind.label())) " " (coverage.covered) "/" (coverage.quantity) }
                @if coverage.open() > 0 { " " (t(&format!("缺 {}", coverage.open()), &format!("short of {}", coverage.open()))) }
                " (" (word(need.request.audience.label())) @if need.request.stands_by { "，" (t("前置", "to stand by")) } ")"
            }
            ul {
                @for aid in paper.picture.aids_for(*id).filter(|aid| aid.binds()) {
                    li {
                        (paper.names.name(aid.commit.aid.author)) " " span class="id" { (aid.commit.resource) } " x" (aid.commit.quantity)
                        @if let Some(at) = aid.arrived_at { " " (t("到场", "arrived")) " " (paper.clock(at)) }
                        @else { " " (t("预计", "due")) " " (paper.clock(aid.commit.at + aid.commit.eta.into())) }
                    }
                }
                @for offer in paper.picture.open_offers(*id) {
                    li {
                        (t("答复", "offer of")) " " (paper.names.name(offer.offer.offer.author)) " x" (offer.offer.lines.len()) " "
                        (t("预留至", "held until")) " " (paper.clock(offer.offer.hold_until))
                    }
                }
            }
        }
    }
}
