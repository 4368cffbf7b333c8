//! The lines of a recording, one record each.

use std::collections::BTreeMap;

use protocol::{FORMAT, Record, RecordingHeader};
use serde_json::Value;

use crate::evidence::{Reading, ReportError, shorten};

pub(crate) use protocol::Record as SetDown;

/// Bytes of one line: a payload of the greatest size, every byte of it escaped, and room to spare.
const LINE_BYTES: usize = 8 * protocol::limit::PAYLOAD_BYTES;

/// Unknown kinds that are told apart; further ones are counted together.
const KINDS: usize = 32;

/// Reads the first line.
pub(super) fn header(line: &[u8]) -> Result<RecordingHeader, ReportError> {
    let value: Value = serde_json::from_slice(line)
        .map_err(|error| ReportError::Header(shorten(&error.to_string())))?;
    let found = value["format"].as_str().unwrap_or_default();
    if found != FORMAT {
        let found = shorten(found);
        return Err(ReportError::Format { found });
    }
    serde_json::from_value(value).map_err(|error| ReportError::Header(shorten(&error.to_string())))
}

/// Reads line after line and counts what is no record.
#[derive(Debug, Default)]
pub(super) struct Lines {
    read: u64,
    unreadable: u64,
    last_unreadable: Option<u64>,
    unknown: BTreeMap<String, u64>,
}

impl Lines {
    /// The record of a line; `None` if it holds none, which is counted.
    pub(super) fn record(&mut self, line: &[u8]) -> Option<Record> {
        let line = line.trim_ascii();
        if line.is_empty() {
            return None;
        }
        self.read += 1;
        if line.len() <= LINE_BYTES {
            if let Ok(record) = serde_json::from_slice(line) {
                return Some(record);
            }
            if let Some(kind) = kind_of(line) {
                let known = self.unknown.len() < KINDS || self.unknown.contains_key(&kind);
                let kind = if known { kind } else { "…".to_owned() };
                *self.unknown.entry(kind).or_default() += 1;
                return None;
            }
        }
        self.unreadable += 1;
        self.last_unreadable = Some(self.read);
        None
    }

    pub(super) fn finish(self, ended: bool) -> Reading {
        let torn = self.last_unreadable == Some(self.read) && self.read > 0;
        Reading {
            lines: self.read,
            torn,
            ended,
            unreadable: self.unreadable - u64::from(torn),
            unknown: self.unknown,
            refused: BTreeMap::new(),
        }
    }
}

/// Counts by kind as a recording tells them, cleaned and of a bounded number.
pub(super) fn kinds(counts: &BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    let counts = counts.iter().take(KINDS);
    counts
        .map(|(kind, count)| (shorten(kind), *count))
        .collect()
}

/// The kind of a record that this version does not know, or knows in another shape.
fn kind_of(line: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(line).ok()?;
    let kind = value["type"].as_str()?;
    let what = value["event"]["what"].as_str();
    let kind = what.map_or_else(|| kind.to_owned(), |what| format!("{kind}/{what}"));
    Some(shorten(&kind))
}
