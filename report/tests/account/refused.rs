//! What a live drill refused on its bus is told by kind, and an older recording is read without it.

use std::collections::BTreeMap;

use protocol::{Mode, Record};
use report::{Language, Report};

use super::stage::minute;
use crate::{small, told};

fn told_with(counts: &[(&str, u64)]) -> Report {
    let mut stage = small(Mode::Exercise);
    let end = stage.lines.pop().unwrap();
    let counts: BTreeMap<String, u64> = counts
        .iter()
        .map(|(kind, count)| ((*kind).to_owned(), *count))
        .collect();
    let at = minute(239);
    let line = serde_json::to_string(&Record::Refused { at, counts }).unwrap();
    stage.lines.extend([line, end]);
    told(&stage)
}

#[test]
fn what_the_bus_refused_is_told_by_kind_in_both_languages() {
    let report = told_with(&[("malformed", 2), ("wrongly-signed", 31), ("replayed", 4)]);
    assert_eq!(report.delivery.refused["wrongly-signed"], 31);
    assert!(report.reading.refused.is_empty() && report.reading.unknown.is_empty());
    let html = report.to_html(Language::Both);
    for words in [
        "总线上拒收的报文",
        "Messages refused on the bus",
        "签名不符",
        "wrongly signed",
        "格式错误",
        "重放",
    ] {
        assert!(html.contains(words), "{words}");
    }
}

#[test]
fn a_kind_that_this_version_does_not_know_is_shown_by_its_code() {
    let report = told_with(&[("out-of-<tune>\u{202e}", 1)]);
    let html = report.to_html(Language::English);
    assert!(html.contains("out-of-&lt;tune&gt;"));
    assert!(!html.contains('\u{202e}'));
}

#[test]
fn a_recording_without_the_line_is_read_as_before() {
    let report = told(&small(Mode::Exercise));
    assert!(report.delivery.refused.is_empty());
    let html = report.to_html(Language::Both);
    assert!(!html.contains("总线上拒收的报文"));
}
