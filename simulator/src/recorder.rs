//! Writes the recording of a run as lines; files are for others.

use std::collections::BTreeMap;
use std::sync::Arc;

use protocol::{Frame, Hash, Moment, Record, RecordingHeader, Topic, Truth};
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
    /// A recording that begins with this header.
    pub fn new(header: &RecordingHeader) -> Self {
        Self {
            lines: vec![line(header)],
            views: BTreeMap::new(),
        }
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
