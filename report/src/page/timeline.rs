//! The timeline: a table that reads without a script, and two filters for those who run it.

use maud::{Markup, html};
use protocol::PartyId;

use super::speech::t;
use super::table::{left_out, mark_cell, mark_head};
use crate::account::Report;
use crate::timeline::{Entry, EntryKind, shown};

/// Lines that a page shows; what gives way first is a city's work for itself.
const LINES: usize = 3_000;

pub(super) fn section(report: &Report) -> Markup {
    let (entries, omitted) = shown(&report.timeline, LINES);
    html! {
        section {
            h2 id="timeline-title" { (report.lead_in()) (t("时间线", "Timeline")) }
            (filters(report, &entries))
            div class="wide" { table id="timeline" {
                caption {
                    (report.lead_in())
                    (t("按时间排列", "In the order of time")) " · n=" (entries.len()) " · " (report.as_of())
                }
                thead { tr {
                    (mark_head(report))
                    th { (t("时间", "time")) }
                    th { (t("单位", "office")) }
                    th { (t("类别", "kind")) }
                    th { (t("内容", "what")) }
                } }
                tbody { @for entry in &entries { (line(report, entry)) } }
            } }
            (left_out(report, omitted))
        }
    }
}

fn line(report: &Report, entry: &Entry) -> Markup {
    let city = entry.office.map(|office| office.to_string());
    html! {
        tr data-city=[city] data-kind=(entry.kind.code()) {
            (mark_cell(report))
            td class="time" { (report.clock(entry.at)) }
            td { @if let Some(office) = entry.office { (report.name(office)) } @else { (t("导调", "control")) } }
            td { (entry.kind.label()) }
            td { (entry.text) }
        }
    }
}

/// Hidden until the script shows them.
fn filters(report: &Report, entries: &[&Entry]) -> Markup {
    let mut offices: Vec<PartyId> = entries.iter().filter_map(|entry| entry.office).collect();
    offices.sort_unstable();
    offices.dedup();
    let there = |kind: &EntryKind| entries.iter().any(|entry| entry.kind == *kind);
    html! {
        div class="filters" id="filters" hidden {
            label {
                (t("单位 ", "office "))
                select id="by-city" {
                    option value="" { "全部 all" }
                    @for office in offices {
                        @let name = report.name(office);
                        option value=(office) { (name.zh) " " (name.en) }
                    }
                }
            }
            label {
                (t("类别 ", "kind "))
                select id="by-kind" {
                    option value="" { "全部 all" }
                    @for kind in EntryKind::ALL.into_iter().filter(there) {
                        @let name = kind.label();
                        option value=(kind.code()) { (name.zh) " " (name.en) }
                    }
                }
            }
            span { (t("显示 ", "shown ")) span id="shown" { (entries.len()) } }
        }
    }
}
