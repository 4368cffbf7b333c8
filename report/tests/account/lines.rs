//! What the lines of an account say, for programs and for people of both languages.

use protocol::Mode;

use crate::{small, told};

#[test]
fn every_line_of_the_timeline_bears_the_mark_for_programs_too() {
    let report = told(&small(Mode::Exercise));
    let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
    let lines = json["timeline"].as_array().unwrap();
    assert!(lines.len() > 10, "{}", lines.len());
    for line in lines {
        assert_eq!(line["mark"], "【演练】", "{line}");
    }
    let actual = told(&small(Mode::Actual));
    assert!(actual.timeline.iter().all(|line| line.mark.is_none()));
}
