//! Writes the recording of a run as lines; files are for others.

use std::collections::BTreeMap;
use std::sync::Arc;

use protocol::{
    Envelope, Frame, Hash, Head, Moment, Record, RecordingHeader, RefusedKind, Topic, Truth,
    batches,
};
use serde::Serialize;

/// Collects the lines of a recording until somebody takes them.
///
/// Of views only the last of each topic is kept, and written at the end: they follow from the rest.
#[derive(Debug)]
pub struct Recorder {
    lines: Vec<String>,
    views: BTreeMap<Topic, (Moment, Arc<str>)>,
}

impl Recorder {
    /// A recording that begins with this header and with the roster's log, without which nobody
    /// could tell whose frames are believed: offices have it on their disks before they boot.
    pub fn new(header: &RecordingHeader, roster_log: &[Arc<Envelope>]) -> Self {
        let mut recorder = Self {
            lines: vec![line(header)],
            views: BTreeMap::new(),
        };
        for batch in batches(roster_log.to_vec()) {
            let Some(last) = batch.last() else { continue };
            let head = Head {
                log: last.header().log,
                seq: last.header().seq,
                hash: last.hash(),
            };
            let frame = Frame::append(header.network.id, head, batch);
            recorder.frame(header.start, &frame);
        }
        recorder
    }

    /// A frame was published.
    pub fn frame(&mut self, at: Moment, frame: &Frame) {
        let topic = frame.topic();
        if matches!(topic, Topic::View(..)) {
            self.views.insert(topic, (at, Arc::clone(frame.text())));
            return;
        }
        self.lines.push(line(&Record::Frame {
            at,
            topic: topic.to_string(),
            text: frame.text().to_string(),
        }));
    }

    /// Something truly happened.
    pub fn truth(&mut self, at: Moment, event: Truth) {
        self.lines.push(line(&Record::Truth { at, event }));
    }

    /// What was refused on the bus up to now, by kind; no line if nothing was.
    pub fn refused(&mut self, at: Moment, counts: &BTreeMap<RefusedKind, u64>) {
        if counts.is_empty() {
            return;
        }
        let counts = counts.iter();
        let counts = counts
            .map(|(kind, count)| (kind.code().to_owned(), *count))
            .collect();
        self.lines.push(line(&Record::Refused { at, counts }));
    }

    /// The lines since the last call.
    pub fn take(&mut self) -> Vec<String> {
        std::mem::take(&mut self.lines)
    }

    /// The last lines: the views as they stood, and the end.
    pub fn end(&mut self, at: Moment, digest: Hash) -> Vec<String> {
        for (topic, (at, text)) in std::mem::take(&mut self.views) {
            self.lines.push(line(&Record::Frame {
                at,
                topic: topic.to_string(),
                text: text.to_string(),
            }));
        }
        self.lines.push(line(&Record::End { at, digest }));
        self.take()
    }
}

fn line(record: &impl Serialize) -> String {
    serde_json::to_string(record).expect("a record is plain data")
}
