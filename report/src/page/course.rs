//! What happened: a chart over time, and the phases, injects and faults as lists.

use maud::{Markup, html};
use protocol::Moment;

use super::speech::{drawn, t};
use super::table::{Column, Row, Set, maybe, table};
use crate::account::Report;
use crate::bilingual::Bilingual;
use crate::course::{MilestoneKind, Outage};

/// Rows that a list of this section shows.
const ROWS: usize = 120;

/// Width of the chart and what it leaves on its left for labels.
const WIDTH: f64 = 1_080.0;
const LEFT: f64 = 44.0;

/// Faults drawn as bars; further ones are in the list alone.
const BARS: usize = 14;

/// Height of the columns, and of one row of bars.
const TALL: f64 = 110.0;
const BAR: f64 = 15.0;

pub(super) fn section(report: &Report) -> Markup {
    let course = &report.course;
    html! {
        section {
            h2 id="course" { (report.lead_in()) (t("经过", "What happened")) }
            (chart(report))
            @if !course.milestones.is_empty() { (milestones(report)) }
            @if !course.outages.is_empty() { (outages(report)) }
        }
    }
}

fn milestones(report: &Report) -> Markup {
    let columns = [
        Column("时间", "time", Set::Time),
        Column("类别", "kind", Set::Words),
        Column("编号", "number", Set::Words),
        Column("内容", "what", Set::Words),
    ];
    let row = |milestone: &crate::course::Milestone| {
        let kind = match milestone.kind {
            MilestoneKind::Phase => t("阶段", "phase"),
            MilestoneKind::Inject => t("情景注入", "inject"),
            MilestoneKind::Spared => t("备用注入，未用", "inject, not needed"),
        };
        Row::of(vec![
            html! { (report.clock(milestone.at)) },
            kind,
            html! { (milestone.number) },
            html! { (milestone.title) },
        ])
    };
    let rows: Vec<Row> = report.course.milestones.iter().map(row).collect();
    table(
        report,
        ("阶段与情景注入", "Phases and injects"),
        &columns,
        &rows,
        ROWS,
    )
}

fn outages(report: &Report) -> Markup {
    let columns = [
        Column("开始", "from", Set::Time),
        Column("结束", "to", Set::Time),
        Column("时长", "lasted", Set::Number),
        Column("故障", "fault", Set::Words),
        Column("类型", "kind", Set::Words),
        Column("范围", "links or office", Set::Words),
    ];
    let row = |outage: &Outage| {
        Row::of(vec![
            html! { (report.clock(outage.from)) },
            maybe(outage.to.map(|to| report.clock(to))),
            maybe(outage.to.map(|to| to.since(outage.from))),
            html! { (outage.detail) },
            told(outage.kind.as_ref()),
            told(outage.whom.as_ref()),
        ])
    };
    let rows: Vec<Row> = report.course.outages.iter().map(row).collect();
    table(
        report,
        ("协同系统故障", "Faults of the coordination system"),
        &columns,
        &rows,
        ROWS,
    )
}

/// Words that an older recording lacks.
fn told(words: Option<&Bilingual>) -> Markup {
    html! { @if let Some(words) = words { (words) } @else { "–" } }
}

/// A moment's place on the chart.
fn across(report: &Report, at: Moment) -> f64 {
    let period = report.run.period().as_seconds().max(1.0);
    let after = at.since(report.run.from).as_seconds().min(period);
    LEFT + (WIDTH - LEFT) * after / period
}

fn chart(report: &Report) -> Markup {
    let bars = report.course.outages.len().min(BARS);
    let height = TALL + 40.0 + BAR * f64::from(u32::try_from(bars).unwrap_or(0));
    let column = report.course.column;
    html! {
        figure {
            svg viewBox=(format!("0 0 {WIDTH} {height}")) role="img" aria-label="经过 course" {
                (columns(report))
                (phases(report))
                (faults(report))
                (hours(report))
            }
            figcaption {
                (report.lead_in())
                (t(
                    &format!("每 {column} 新发事件数；竖线为阶段，灰条为协同系统故障"),
                    &format!(
                        "incidents that began in each {column}; lines are phases, grey bars \
                         faults of the coordination system"
                    ),
                ))
                " · " (report.as_of())
            }
        }
    }
}

fn columns(report: &Report) -> Markup {
    let course = &report.course;
    let most = course.incidents.iter().copied().max().unwrap_or(0).max(1);
    let step = across(report, report.run.from + course.column) - LEFT;
    let bar = |place: usize, count: u32| {
        let x = LEFT + step * f64::from(u32::try_from(place).unwrap_or(0));
        let tall = (TALL - 32.0) * f64::from(count) / f64::from(most);
        (x, TALL - tall, tall)
    };
    let width = format!("{:.1}", (step - 1.0).max(0.5));
    html! {
        text x="0" y=(format!("{:.1}", TALL - 2.0)) font-size="11" { "0" }
        text x="0" y="40" font-size="11" { (most) }
        line x1=(LEFT) x2=(WIDTH) y1=(TALL) y2=(TALL) stroke="#59636e" {}
        @for (place, count) in course.incidents.iter().enumerate().filter(|(_, count)| **count > 0) {
            @let (x, y, tall) = bar(place, *count);
            rect x=(format!("{x:.1}")) y=(format!("{y:.1}")) width=(width)
                height=(format!("{tall:.1}")) fill="#56b4e9" { title { (count) } }
        }
    }
}

fn phases(report: &Report) -> Markup {
    let phases: Vec<_> = report
        .course
        .milestones
        .iter()
        .filter(|milestone| milestone.kind == MilestoneKind::Phase)
        .take(24)
        .collect();
    html! {
        @for (place, phase) in phases.iter().enumerate() {
            @let x = across(report, phase.at);
            @let y = if place % 2 == 0 { 10.0 } else { 22.0 };
            @let late = x > WIDTH - 160.0;
            line x1=(format!("{x:.1}")) x2=(format!("{x:.1}")) y1="2" y2=(TALL) stroke="#cc79a7" {}
            text x=(format!("{:.1}", if late { x - 4.0 } else { x + 4.0 })) y=(y) font-size="11"
                text-anchor=(if late { "end" } else { "start" }) { (phase.title) }
        }
    }
}

fn faults(report: &Report) -> Markup {
    html! {
        @for (place, outage) in report.course.outages.iter().take(BARS).enumerate() {
            @let y = TALL + 20.0 + BAR * f64::from(u32::try_from(place).unwrap_or(0));
            @let from = across(report, outage.from);
            @let to = across(report, outage.to.unwrap_or(report.run.to)).max(from + 2.0);
            @let late = to > WIDTH * 0.6;
            rect x=(format!("{from:.1}")) y=(format!("{y:.1}")) height="11" fill="#b7bfc7"
                width=(format!("{:.1}", to - from)) {}
            text x=(format!("{:.1}", if late { from - 4.0 } else { to + 4.0 }))
                y=(format!("{:.1}", y + 9.5)) font-size="10.5"
                text-anchor=(if late { "end" } else { "start" }) {
                    (outage.detail)
                    @if let Some(kind) = &outage.kind { " " (drawn(&kind.zh, &kind.en)) }
                }
        }
    }
}

/// The time axis: five moments.
fn hours(report: &Report) -> Markup {
    let period = report.run.period();
    html! {
        @for part in 0..=4_u32 {
            @let at = report.run.from + protocol::Span(period.0 / 4 * u64::from(part));
            @let x = across(report, at);
            @let anchor = match part { 0 => "start", 4 => "end", _ => "middle" };
            text x=(format!("{x:.1}")) y=(format!("{:.1}", TALL + 13.0)) font-size="11"
                text-anchor=(anchor) { (report.clock(at)) }
        }
        @if report.course.incidents.iter().all(|count| *count == 0) {
            @let none = Bilingual::new("无事件", "no incident");
            text x=(LEFT + 8.0) y=(format!("{:.1}", TALL - 8.0)) font-size="12" { (drawn(&none.zh, &none.en)) }
        }
    }
}
