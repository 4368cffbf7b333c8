//! The tables as comma-separated text (RFC 4180), complete.
//!
//! A field that a spreadsheet would run as a formula gets an apostrophe before it.

use std::fmt::Write;

use protocol::{Civil, EXERCISE_MARK, Moment, Span};

use crate::account::Report;
use crate::cards::Cards;

/// Tells spreadsheets that the text is UTF-8.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Rows of one table.
struct Sheet<'a> {
    text: String,
    mark: Option<&'a str>,
    offset_min: i16,
}

impl<'a> Sheet<'a> {
    fn new(report: &'a Report, columns: &[&str]) -> Self {
        Self::begin(report.mark, report.run.offset_min, columns)
    }

    fn begin(mark: Option<&'a str>, offset_min: i16, columns: &[&str]) -> Self {
        let mut sheet = Self {
            text: String::from(BYTE_ORDER_MARK),
            mark,
            offset_min,
        };
        let mark = mark.map(|_| "mark");
        let columns: Vec<&str> = mark.into_iter().chain(columns.iter().copied()).collect();
        sheet.text.push_str(&columns.join(","));
        sheet.text.push_str("\r\n");
        sheet
    }

    fn row(&mut self, fields: &[String]) {
        let mark = self.mark.map(str::to_owned);
        for (place, field) in mark.iter().chain(fields).enumerate() {
            if place > 0 {
                self.text.push(',');
            }
            self.text.push_str(&quoted(field));
        }
        self.text.push_str("\r\n");
    }

    fn time(&self, at: Moment) -> String {
        Civil::at(at, self.offset_min).rfc3339()
    }

    fn maybe(&self, at: Option<Moment>) -> String {
        at.map(|at| self.time(at)).unwrap_or_default()
    }
}

fn quoted(field: &str) -> String {
    let formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guard = if formula { "'" } else { "" };
    if field.contains(['"', ',', '\n', '\r']) {
        format!("\"{guard}{}\"", field.replace('"', "\"\""))
    } else {
        format!("{guard}{field}")
    }
}

/// Seconds with one decimal.
fn seconds(span: Span) -> String {
    let tenths = (span.0 + 50_000) / 100_000;
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn text<T: ToString>(value: Option<T>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// The evaluators' forms: what is to be filled in stands empty.
pub(crate) fn forms(cards: &Cards) -> String {
    let columns = [
        "office",
        "office_zh",
        "what",
        "id",
        "title",
        "expected",
        "given",
        "within_s",
        "seen_at",
        "grade",
        "note",
        "evaluator",
    ];
    let mut sheet = Sheet::begin(Some(EXERCISE_MARK), cards.offset_min, &columns);
    for (office, name) in &cards.names {
        let head = |what: &str| [office.to_string(), name.zh.clone(), what.to_owned()];
        for (card, expected) in cards.expected_of(*office) {
            let (given, within) = (sheet.time(card.at), seconds(expected.within));
            let said = [
                card.number.clone(),
                card.title.clone(),
                expected.action.clone(),
                given,
                within,
            ];
            let empty = vec![String::new(); 4];
            sheet.row(&[&head("expected")[..], &said, &empty].concat());
        }
        for aim in &cards.aims {
            let said = [aim.id.clone(), aim.title.clone()];
            let empty = vec![String::new(); 7];
            sheet.row(&[&head("objective")[..], &said, &empty].concat());
        }
    }
    sheet.text
}

pub(crate) fn responses(report: &Report) -> String {
    let columns = [
        "case",
        "incident",
        "office",
        "office_zh",
        "office_en",
        "area",
        "event",
        "severity",
        "began",
        "longitude",
        "latitude",
        "units",
        "first_unit",
        "first_kind",
        "first_owner",
        "response_s",
        "served_s",
    ];
    let mut sheet = Sheet::new(report, &columns);
    for case in &report.response.cases {
        let name = report.name(case.office);
        let arrival = case.arrival;
        let row = [
            case.id.clone(),
            text(case.incident),
            case.office.to_string(),
            name.zh,
            name.en,
            case.area.to_string(),
            case.event.clone(),
            case.severity.to_string(),
            sheet.time(case.began),
            text(case.point.map(|point| format!("{:.6}", point.longitude()))),
            text(case.point.map(|point| format!("{:.6}", point.latitude()))),
            case.units.to_string(),
            text(arrival.map(|arrival| arrival.unit)),
            text(arrival.map(|arrival| arrival.kind)),
            text(arrival.map(|arrival| arrival.owner)),
            text(arrival.map(|arrival| seconds(arrival.after))),
            text(case.served.map(seconds)),
        ];
        sheet.row(&row);
    }
    sheet.text
}

pub(crate) fn ledger(report: &Report) -> String {
    let columns = [
        "need",
        "incident",
        "asker",
        "kind",
        "quantity",
        "audience",
        "asked_at",
        "owner",
        "offer",
        "resource",
        "offered_at",
        "accepted_at",
        "aid",
        "committed_at",
        "arrived_at",
        "released_at",
        "returned_at",
        "outcome",
    ];
    let mut sheet = Sheet::new(report, &columns);
    for row in &report.aid.ledger {
        let fields = [
            row.need.to_string(),
            row.incident.to_string(),
            row.need.author.to_string(),
            row.kind.to_string(),
            row.quantity.to_string(),
            row.audience.to_string(),
            sheet.time(row.asked_at),
            text(row.owner),
            text(row.offer),
            text(row.resource),
            sheet.maybe(row.offered_at),
            sheet.maybe(row.accepted_at),
            text(row.aid),
            sheet.maybe(row.committed_at),
            sheet.maybe(row.arrived_at),
            sheet.maybe(row.released_at),
            sheet.maybe(row.returned_at),
            row.outcome.label().1.to_owned(),
        ];
        sheet.row(&fields);
    }
    sheet.text
}

pub(crate) fn timeline(report: &Report) -> String {
    let mut sheet = Sheet::new(report, &["at", "office", "kind", "text_zh", "text_en"]);
    for entry in &report.timeline {
        let row = [
            sheet.time(entry.at),
            text(entry.office),
            entry.kind.code().to_owned(),
            entry.text.zh.clone(),
            entry.text.en.clone(),
        ];
        sheet.row(&row);
    }
    sheet.text
}

/// A time of day with its date, for a page: `09-16 14:05`.
pub(crate) fn day_and_time(at: Moment, offset_min: i16) -> String {
    let civil = Civil::at(at, offset_min);
    let mut text = String::new();
    write!(
        text,
        "{:02}-{:02} {}",
        civil.month,
        civil.day,
        civil.clock()
    )
    .expect("a string takes whatever is written");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_disarmed_and_a_comma_is_quoted() {
        assert_eq!(quoted("=cmd()"), "'=cmd()");
        assert_eq!(quoted("-1, then \"2\""), "\"'-1, then \"\"2\"\"\"");
        assert_eq!(quoted("珠海"), "珠海");
    }

    #[test]
    fn seconds_are_rounded_to_a_tenth() {
        assert_eq!(seconds(Span(1_250_000)), "1.3");
        assert_eq!(seconds(Span::minutes(2)), "120.0");
    }
}
