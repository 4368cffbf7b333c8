//! What an account rests on: the recording or the journals as read, verified and folded.
//!
//! A line that cannot be read, a record of an unknown kind or a frame that does not verify is
//! counted and never ends the reading; a record cut short still gives a report, which says so.

mod holder;
mod recording;

use std::collections::BTreeMap;
use std::sync::Arc;

use picture::{Custody, Picture, StateAt};
use protocol::{Body, Envelope, FORMAT, Moment, Network, PartyId, Truth, sanitise};
use serde::Serialize;

use crate::account::{Report, Run};
use crate::bilingual::Bilingual;
use crate::delivery::Traffic;
use crate::ground::Ground;
use crate::wording;
use holder::Holder;
use recording::{Lines, SetDown};

/// Why no report can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// There is no first line.
    #[error("the recording is empty; give one that begins with its header")]
    Empty,
    /// The first line is no header.
    #[error("line 1 is no recording header: {0}")]
    Header(String),
    /// A recording of another format.
    #[error("the recording has format \"{found}\"; this version reads \"{FORMAT}\"")]
    Format {
        /// The format found.
        found: String,
    },
    /// Journals without an entry.
    #[error("the journals hold no entry of network \"{network}\"; name another network or period")]
    NoEntry {
        /// The network asked for.
        network: String,
    },
}

/// How much of the record could be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Reading {
    /// Lines or entries read.
    pub lines: u64,
    /// Whether the last line was cut short.
    pub torn: bool,
    /// Whether the record holds the run's end.
    pub ended: bool,
    /// Lines that are no record.
    pub unreadable: u64,
    /// Records of kinds that this version does not know, by kind.
    pub unknown: BTreeMap<String, u64>,
    /// Frames and envelopes of the record that were not believed on reading, by rule.
    pub refused: BTreeMap<String, u64>,
}

/// A real event to report on from journals.
#[derive(Clone, Debug)]
pub struct Event {
    /// What the report is called.
    pub title: Bilingual,
    /// The region pack's id.
    pub region: String,
    /// The network of the journals.
    pub network: Network,
    /// Offset from UTC in minutes.
    pub offset_min: i16,
    /// First and last moment that the report is about; `None` for all that the journals hold.
    pub period: Option<(Moment, Moment)>,
    /// The version of the program.
    pub version: String,
}

/// All that an account is made of.
#[derive(Debug)]
pub(crate) struct Evidence {
    pub(crate) run: Run,
    pub(crate) reading: Reading,
    pub(crate) picture: Picture,
    pub(crate) entries: Vec<Arc<Envelope>>,
    pub(crate) truth: Vec<(Moment, Truth)>,
    pub(crate) traffic: BTreeMap<String, Traffic>,
    /// Who said to hold what.
    pub(crate) custody: Custody,
    /// Until when each holder that spoke often enough is judged.
    pub(crate) words: BTreeMap<PartyId, Moment>,
    /// What a drill's bus carried and nobody took, by kind.
    pub(crate) refused: BTreeMap<String, u64>,
}

/// Makes the report of a recording, given line by line.
///
/// The lines may be text or bytes; a torn last line, unknown records and frames that do not verify
/// are counted in [`Reading`].
pub fn from_recording<L: AsRef<[u8]>>(
    lines: impl IntoIterator<Item = L>,
    ground: &Ground,
) -> Result<Report, ReportError> {
    let mut lines = lines.into_iter();
    let first = lines.next().ok_or(ReportError::Empty)?;
    let header = recording::header(first.as_ref())?;
    let mut holder = Holder::new(header.network.clone());
    let mut read = Lines::default();
    let mut truth = Vec::new();
    let (mut last, mut digest, mut refused) = (header.start, None, BTreeMap::new());
    for line in lines {
        match read.record(line.as_ref()) {
            Some(SetDown::Frame { at, topic, text }) => {
                holder.hear(&topic, text);
                last = last.max(at);
            }
            Some(SetDown::Truth { at, event }) => {
                truth.push((at, event));
                last = last.max(at);
            }
            Some(SetDown::Refused { at, counts }) => {
                refused = recording::kinds(&counts);
                last = last.max(at);
            }
            Some(SetDown::End { at, digest: found }) => {
                digest = Some(found);
                last = last.max(at);
            }
            None => {}
        }
    }
    let mut reading = read.finish(digest.is_some());
    let held = holder.finish();
    reading.refused = held.refused;
    let evidence = Evidence {
        run: Run::of_recording(&header, last, digest),
        reading,
        picture: held.picture,
        entries: held.entries,
        truth,
        traffic: held.traffic,
        custody: held.custody,
        words: held.words,
        refused,
    };
    Ok(Report::of(&evidence, ground))
}

/// Makes the report of a real event from the states and the entries of journals, in any order.
///
/// The journals verified their entries when they stored them. There is no truth to compare with:
/// response times run from the time received (接报时间) to the first recorded arrival.
pub fn from_envelopes(
    event: &Event,
    (states, envelopes): (Vec<StateAt>, Vec<Arc<Envelope>>),
    ground: &Ground,
) -> Result<Report, ReportError> {
    let mut holder = Holder::new(event.network.clone());
    let lines = holder.read(states, envelopes);
    let held = holder.finish();
    let spanned = || span_of(&held.entries);
    let Some(period) = event.period.or_else(spanned) else {
        return Err(ReportError::NoEntry {
            network: event.network.id.to_string(),
        });
    };
    let reading = Reading {
        lines,
        ended: true,
        refused: held.refused,
        ..Reading::default()
    };
    let evidence = Evidence {
        run: Run::of_event(event, period),
        reading,
        picture: held.picture,
        entries: held.entries,
        truth: Vec::new(),
        traffic: held.traffic,
        custody: held.custody,
        words: held.words,
        refused: BTreeMap::new(),
    };
    Ok(Report::of(&evidence, ground))
}

/// Folds entries of journals, in any order: what is known, and the entries in their places.
pub(crate) fn fold(
    network: &Network,
    states: Vec<StateAt>,
    envelopes: Vec<Arc<Envelope>>,
) -> (Picture, Vec<Arc<Envelope>>) {
    let mut holder = Holder::new(network.clone());
    holder.read(states, envelopes);
    let held = holder.finish();
    (held.picture, held.entries)
}

/// From the first call received, or the first entry, to the last entry.
fn span_of(entries: &[Arc<Envelope>]) -> Option<(Moment, Moment)> {
    let times = || entries.iter().filter_map(|entry| wording::time_of(entry));
    let received = entries.iter().filter_map(|entry| match entry.body() {
        Some(Body::Incident(report)) => Some(report.known_at),
        _ => None,
    });
    times().chain(received).min().zip(times().max())
}

/// A text of a broken line, short enough for an error.
fn shorten(text: &str) -> String {
    sanitise(text, 80)
}
