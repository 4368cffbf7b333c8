//! Tables: a caption that says as of when, and the mark at the beginning of every row.

use maud::{Markup, html};

use super::speech::t;
use crate::account::Report;

/// A column: its title in both languages, and how it is set.
#[derive(Clone, Copy)]
pub(super) struct Column(pub &'static str, pub &'static str, pub Set);

/// How a column is set.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Set {
    Words,
    Number,
    Time,
}

impl Set {
    const fn class(self) -> Option<&'static str> {
        match self {
            Self::Words => None,
            Self::Number => Some("num"),
            Self::Time => Some("time"),
        }
    }
}

/// A row: its cells and whether it sums up others.
pub(super) struct Row {
    pub(super) cells: Vec<Markup>,
    pub(super) sums: bool,
}

impl Row {
    pub(super) fn of(cells: Vec<Markup>) -> Self {
        Self { cells, sums: false }
    }
}

/// A table with at most `limit` rows; what it leaves out is said below it.
pub(super) fn table(
    report: &Report,
    (zh, en): (&str, &str),
    columns: &[Column],
    rows: &[Row],
    limit: usize,
) -> Markup {
    let omitted = rows.len().saturating_sub(limit);
    html! {
        div class="wide" {
            table {
                caption { (report.lead_in()) (t(zh, en)) " · " (report.as_of()) }
                thead { tr {
                    (mark_head(report))
                    @for Column(zh, en, set) in columns { th class=[set.class()] { (t(zh, en)) } }
                } }
                tbody {
                    @for row in rows.iter().take(limit) {
                        tr class=[row.sums.then_some("sum")] {
                            (mark_cell(report))
                            @for (cell, column) in row.cells.iter().zip(columns) {
                                td class=[column.2.class()] { (cell) }
                            }
                        }
                    }
                }
            }
        }
        (left_out(report, omitted))
    }
}

/// Says how many rows a table leaves out, if any.
pub(super) fn left_out(report: &Report, omitted: usize) -> Markup {
    html! {
        @if omitted > 0 {
            p class="soft" {
                (report.lead_in())
                (t(
                    &format!("另有 {omitted} 行从略，全部见 CSV 表。"),
                    &format!("{omitted} more rows are left out here; the CSV table has all."),
                ))
            }
        }
    }
}

pub(super) fn mark_head(report: &Report) -> Markup {
    html! { @if let Some(mark) = report.mark { th class="mark" { (mark) } } }
}

/// The cell that begins every row of anything but an actual event.
pub(super) fn mark_cell(report: &Report) -> Markup {
    html! { @if let Some(mark) = report.mark { td class="mark" { (mark) } } }
}

/// A number, or a dash for none.
pub(super) fn number(value: u64) -> Markup {
    html! { @if value == 0 { "–" } @else { (value) } }
}

/// A text, or a dash for none.
pub(super) fn maybe<T: ToString>(value: Option<T>) -> Markup {
    html! { (value.map_or_else(|| "–".to_owned(), |value| value.to_string())) }
}
