//! Response times: small plots, the table of percentiles, and the incidents that nobody reached.

use maud::{Markup, html};
use protocol::{PartyId, Severity, Span};

use super::plot::{self, Curve};
use super::speech::{colour, dash, minutes, t, word};
use super::table::{Column, Row, Set, number, table};
use crate::account::Report;
use crate::bilingual::event;
use crate::response::{Case, Group};

/// Rows of the list of incidents that nobody reached.
const ROWS: usize = 40;

pub(super) fn section(report: &Report) -> Markup {
    let response = &report.response;
    html! {
        section {
            h2 id="response" { (report.lead_in()) (t("响应时间", "Response times")) }
            p class="soft" { (report.lead_in()) (response.basis.label()) " · " (report.as_of()) }
            @if let Some(times) = report.figures.response {
                @let reach = plot::reach(&times);
                (histograms(report, reach))
                (curves(report, reach))
            } @else {
                p { (report.lead_in()) (t("没有到场记录。", "No arrival is on record.")) }
            }
            (percentiles(report))
            (unreached(report))
        }
    }
}

fn times(report: &Report, office: Option<PartyId>, severity: Option<Severity>) -> Vec<Span> {
    let fits = |case: &&Case| {
        office.is_none_or(|office| case.office == office)
            && severity.is_none_or(|severity| case.severity == severity)
    };
    let cases = report.response.cases.iter().filter(fits);
    cases.filter_map(|case| Some(case.arrival?.after)).collect()
}

fn beyond(times: &[Span], reach: Span) -> usize {
    times.iter().filter(|time| **time > reach).count()
}

fn histograms(report: &Report, reach: Span) -> Markup {
    html! {
        h3 { (report.lead_in()) (t("按紧急程度（分钟；末列为更久者）", "By urgency (minutes; the last column holds all longer ones)")) }
        div class="plots" {
            @for severity in Severity::ALL {
                @let times = times(report, None, Some(*severity));
                @if !times.is_empty() {
                    figure {
                        figcaption { (report.lead_in()) (word(severity.label())) " n=" (times.len()) }
                        (plot::histogram(&times, reach, *severity))
                    }
                }
            }
        }
    }
}

fn curves(report: &Report, reach: Span) -> Markup {
    html! {
        h3 { (report.lead_in()) (t("各市累计到场比例（灰线为全区域）", "Part reached within a time, by city (grey: whole region)")) }
        ul class="legend" {
            @for severity in Severity::ALL {
                li {
                    svg width="30" height="10" viewBox="0 0 30 10" aria-hidden="true" {
                        path d="M1 5H29" fill="none" stroke=(colour(*severity)) stroke-width="2.2" stroke-dasharray=(dash(*severity)) {}
                    }
                    (word(severity.label()))
                }
            }
        }
        @let whole = times(report, None, None);
        div class="plots" {
            @for office in report.response.offices() {
                (city(report, office, &whole, reach))
            }
        }
    }
}

fn city(report: &Report, office: PartyId, whole: &[Span], reach: Span) -> Markup {
    let all = times(report, Some(office), None);
    let mut curves = vec![Curve {
        severity: None,
        times: whole.to_vec(),
    }];
    curves.extend(Severity::ALL.iter().map(|severity| Curve {
        severity: Some(*severity),
        times: times(report, Some(office), Some(*severity)),
    }));
    let later = beyond(&all, reach);
    html! {
        figure {
            figcaption { (report.lead_in()) (report.name(office)) " n=" (all.len()) }
            (plot::cumulative(&curves, reach))
            @if later > 0 {
                span class="soft" { (report.lead_in()) (t(&format!("另有 {later} 例更久"), &format!("{later} took longer"))) }
            }
        }
    }
}

fn percentiles(report: &Report) -> Markup {
    let columns = [
        Column("城市", "city", Set::Words),
        Column("紧急程度", "urgency", Set::Words),
        Column("事件", "incidents", Set::Number),
        Column("处置完毕", "served", Set::Number),
        Column("到场 n", "reached n", Set::Number),
        Column("p50", "p50", Set::Number),
        Column("p90", "p90", Set::Number),
        Column("p99", "p99", Set::Number),
        Column("最长", "longest", Set::Number),
    ];
    let rows: Vec<Row> = report
        .response
        .groups
        .iter()
        .map(|group| percentile(report, group))
        .collect();
    let caption = (
        "首支队伍到场用时（分钟），最近秩法",
        "Minutes to the first unit at the scene, nearest rank",
    );
    table(report, caption, &columns, &rows, 400)
}

fn percentile(report: &Report, group: &Group) -> Row {
    let time = |pick: fn(&crate::Distribution) -> Span| {
        let found = group.times.as_ref().map(|times| minutes(pick(times)));
        html! { (found.unwrap_or_else(|| "–".to_owned())) }
    };
    let count = |count: usize| number(count as u64);
    Row {
        sums: group.severity.is_none(),
        cells: vec![
            match group.office {
                Some(office) => html! { (report.name(office)) },
                None => t("全区域", "whole region"),
            },
            match group.severity {
                Some(severity) => word(severity.label()),
                None => t("全部", "all"),
            },
            count(group.incidents),
            count(group.served),
            count(group.reached),
            time(|times| times.p50),
            time(|times| times.p90),
            time(|times| times.p99),
            time(|times| times.max),
        ],
    }
}

fn unreached(report: &Report) -> Markup {
    let columns = [
        Column("接报", "received", Set::Time),
        Column("城市", "city", Set::Words),
        Column("紧急程度", "urgency", Set::Words),
        Column("事件", "event", Set::Words),
        Column("编号", "id", Set::Words),
        Column("需队伍", "units", Set::Number),
    ];
    let mut cases: Vec<&Case> = report
        .response
        .cases
        .iter()
        .filter(|case| case.arrival.is_none())
        .collect();
    cases.sort_by_key(|case| (case.severity, case.began));
    let row = |case: &&Case| {
        Row::of(vec![
            html! { (report.clock(case.began)) },
            html! { (report.name(case.office)) },
            word(case.severity.label()),
            html! { (event(&case.event)) },
            html! { (case.incident.map_or_else(|| case.id.clone(), |id| id.to_string())) },
            number(u64::from(case.units)),
        ])
    };
    let rows: Vec<Row> = cases.iter().map(row).collect();
    html! {
        @if !rows.is_empty() {
            (table(report, ("无队伍到场的事件", "Incidents that nobody reached"), &columns, &rows, ROWS))
        }
    }
}
