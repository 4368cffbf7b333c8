//! The recording of a run, which anybody may send: it gives an account or a reason, and an account
//! that programs and people can read.

use report::{Ground, Language, from_recording};

use super::Verdict;
use super::cast::trio;
use super::terms::assert_shows;

/// Reads the bytes as a recording, line by line.
pub fn recording(bytes: &[u8]) -> Verdict {
    let ground = Ground::from(&**trio());
    let lines = || bytes.split(|byte| *byte == b'\n');
    match from_recording(lines(), &ground) {
        Ok(report) => {
            let json = report.to_json();
            let read: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
            assert!(read.is_object());
            let page = report.to_html(Language::English);
            assert!(page.contains("</html>"));
            let steering = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
            assert!(!page.contains(steering), "a page that steers a terminal");
            Verdict::Accepted
        }
        Err(error) => {
            assert_shows(&error.to_string());
            Verdict::Refused
        }
    }
}
