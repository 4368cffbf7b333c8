//! The timeline: one line for each thing that was said or happened and that a reader may ask about.

use protocol::{Envelope, Mode, Moment, PartyId, Truth};
use serde::Serialize;

use crate::bilingual::Bilingual;
use crate::evidence::Evidence;
use crate::names::Names;
use crate::wording;

/// One line of the timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// What the line begins with when it is copied; `None` for an actual event.
    pub mark: Option<&'static str>,
    /// When, drill time, by the clock of whoever said it.
    pub at: Moment,
    /// Who said it; `None` for what the exercise staff or the world did.
    pub office: Option<PartyId>,
    /// What it is about.
    pub kind: EntryKind,
    /// How early the line gives way when a page must leave lines out; 0 never does.
    pub weight: u8,
    /// What it says.
    pub text: Bilingual,
}

/// What a line of the timeline is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryKind {
    /// A named window of the drill began.
    Phase,
    /// The exercise staff gave an inject.
    Inject,
    /// A fault of the coordination system began or ended.
    Fault,
    /// A report on an incident.
    Incident,
    /// Mutual aid.
    Aid,
    /// A warning.
    Warning,
    /// An activated response.
    Response,
    /// Who leads.
    Lead,
    /// The state of roads.
    Road,
    /// A hazard as announced.
    Hazard,
    /// The duty log and situation reports.
    Note,
}

impl EntryKind {
    /// Every kind, in the order in which a page lists them.
    pub const ALL: [Self; 11] = [
        Self::Phase,
        Self::Inject,
        Self::Fault,
        Self::Incident,
        Self::Aid,
        Self::Warning,
        Self::Response,
        Self::Lead,
        Self::Road,
        Self::Hazard,
        Self::Note,
    ];

    /// The word for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Phase => "phase",
            Self::Inject => "inject",
            Self::Fault => "fault",
            Self::Incident => "incident",
            Self::Aid => "aid",
            Self::Warning => "warning",
            Self::Response => "response",
            Self::Lead => "lead",
            Self::Road => "road",
            Self::Hazard => "hazard",
            Self::Note => "note",
        }
    }

    /// The word for people.
    pub fn label(self) -> Bilingual {
        let (zh, en) = match self {
            Self::Phase => ("阶段", "phase"),
            Self::Inject => ("情景注入", "inject"),
            Self::Fault => ("故障", "fault"),
            Self::Incident => ("突发事件", "incident"),
            Self::Aid => ("互助", "aid"),
            Self::Warning => ("预警", "warning"),
            Self::Response => ("响应", "response"),
            Self::Lead => ("指挥权", "lead"),
            Self::Road => ("道路", "road"),
            Self::Hazard => ("灾害", "hazard"),
            Self::Note => ("值班", "duty log"),
        };
        Bilingual::new(zh, en)
    }
}

/// Every line, in the order of time; equal times by the authors' hybrid clocks.
///
/// Entries that the fold found void are left out: they mean nothing, and [`crate::Delivery`] counts
/// them.
pub(crate) fn of(evidence: &Evidence, names: &Names) -> Vec<Entry> {
    let period = evidence.run.from..=evidence.run.to;
    let mode = evidence.run.mode;
    let staged = evidence
        .truth
        .iter()
        .filter_map(|told| staged(told, mode, names));
    let said = evidence
        .entries
        .iter()
        .filter(|envelope| !is_void(evidence, envelope))
        .filter_map(|envelope| Some((envelope.header().hlc, wording::entry(envelope, names)?)));
    let mut entries: Vec<(u64, Entry)> = staged.map(|entry| (0, entry)).chain(said).collect();
    entries.retain(|(_, entry)| period.contains(&entry.at));
    entries.sort_by_key(|(hybrid, entry)| (entry.at, *hybrid));
    entries.into_iter().map(|(_, entry)| entry).collect()
}

fn is_void(evidence: &Evidence, envelope: &Envelope) -> bool {
    let header = envelope.header();
    let state = evidence.picture.state(header.log.author);
    let mut voids = state.into_iter().flat_map(|state| &state.voids);
    voids.any(|void| void.log == header.log && void.seq == header.seq)
}

fn staged((at, event): &(Moment, Truth), mode: Mode, names: &Names) -> Option<Entry> {
    let (kind, text) = match event {
        Truth::Phase { title } => (EntryKind::Phase, Bilingual::same(title)),
        Truth::Inject { number, title, .. } => (
            EntryKind::Inject,
            Bilingual::same(&format!("{number} {title}")),
        ),
        Truth::Spared { number, title } => (
            EntryKind::Inject,
            Bilingual::outside(
                &format!("{number} {title}（备用，未用）"),
                &format!("{number} {title} (not needed, not given)"),
            ),
        ),
        Truth::Observed { number, after } => {
            let after = protocol::Span::seconds(after.whole_seconds());
            let text = Bilingual::outside(
                &format!("{number} 预期行动已见，用时 {after}"),
                &format!("{number}: the expected action was seen after {after}"),
            );
            (EntryKind::Inject, text)
        }
        Truth::Fault {
            detail,
            begins,
            breakdown,
        } => {
            let (zh, en) = if *begins {
                ("开始", "begins")
            } else {
                ("结束", "ends")
            };
            let mut text = Bilingual::outside(&format!("{detail} {zh}"), &format!("{detail} {en}"));
            if let Some(breakdown) = breakdown {
                let whole = wording::struck(breakdown, names).whole();
                text = Bilingual::new(
                    format!("{}：{}", text.zh, whole.zh),
                    format!("{}: {}", text.en, whole.en),
                );
            }
            (EntryKind::Fault, text)
        }
        _ => return None,
    };
    Some(Entry {
        mark: mode.mark(),
        at: *at,
        office: None,
        kind,
        weight: 0,
        text,
    })
}

/// The lines that a page of at most `limit` lines shows, and how many it leaves out: those that
/// weigh most stay, and of equal weight the earlier.
pub(crate) fn shown(entries: &[Entry], limit: usize) -> (Vec<&Entry>, usize) {
    let mut by_weight: Vec<(usize, &Entry)> = entries.iter().enumerate().collect();
    by_weight.sort_by_key(|(place, entry)| (entry.weight, *place));
    by_weight.truncate(limit);
    by_weight.sort_unstable_by_key(|(place, _)| *place);
    let shown: Vec<&Entry> = by_weight.into_iter().map(|(_, entry)| entry).collect();
    let omitted = entries.len() - shown.len();
    (shown, omitted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_keeps_the_weightiest_lines_in_the_order_of_time() {
        let line = |at: u64, weight: u8| Entry {
            mark: None,
            at: Moment(at),
            office: None,
            kind: EntryKind::Note,
            weight,
            text: Bilingual::same("x"),
        };
        let entries = [line(1, 4), line(2, 0), line(3, 4), line(4, 1)];
        let (kept, omitted) = shown(&entries, 3);
        let times: Vec<u64> = kept.iter().map(|entry| entry.at.0).collect();
        assert_eq!((times, omitted), (vec![1, 2, 4], 1));
    }
}
