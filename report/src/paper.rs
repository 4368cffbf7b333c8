//! One office's picture for paper: what its journal tells, to work on by hand when the screens are dark.
//!
//! As of the newest entry, because nobody knows what happened after it; how old each author's word is
//! stands beside it. Deliberately absent: maps, and whatever needs more than the journal.

use std::collections::BTreeMap;
use std::sync::Arc;

use picture::{Picture, StateAt};
use protocol::{Body, Civil, Envelope, LogKey, Moment, Network, PartyId, missing_from};

use crate::bilingual::{Bilingual, Language};
use crate::evidence::{ReportError, fold};
use crate::ground::Ground;
use crate::names::Names;
use crate::page;
use crate::wording::{last_before, time_of};

/// Whose picture is printed, and where.
#[derive(Clone, Debug)]
pub struct PaperOrder {
    /// The network of the journal.
    pub network: Network,
    /// Whose journal it is.
    pub office: PartyId,
    /// Offset from UTC in minutes.
    pub offset_min: i16,
    /// The version of the program.
    pub version: String,
}

/// A picture ready to be printed.
#[derive(Debug)]
pub struct Paper {
    pub(crate) order: PaperOrder,
    pub(crate) picture: Picture,
    pub(crate) names: Names,
    /// When the newest entry was written.
    pub(crate) as_of: Moment,
    /// How fresh each author's word is.
    pub(crate) words: Vec<Word>,
    /// What the journal knows to be missing, a sentence each.
    pub(crate) gaps: Vec<Bilingual>,
}

/// An author's word as the journal has it.
#[derive(Debug)]
pub(crate) struct Word {
    pub(crate) author: PartyId,
    /// When its newest entry was written.
    pub(crate) last: Option<Moment>,
    pub(crate) entries: u64,
}

impl Paper {
    /// Folds the entries of an office's journal, in any order, and its states where entries before them are
    /// not there.
    pub fn of(
        order: PaperOrder,
        (states, envelopes): (Vec<StateAt>, Vec<Arc<Envelope>>),
        ground: &Ground,
    ) -> Result<Self, ReportError> {
        let (mut picture, entries) = fold(&order.network, states, envelopes);
        expect_sealed(&mut picture, &entries);
        let names = Names::of(&picture, ground);
        let mut last: BTreeMap<PartyId, Moment> = BTreeMap::new();
        for entry in &entries {
            if let Some(at) = time_of(entry) {
                let known = last.entry(entry.header().log.author).or_default();
                *known = at.max(*known);
            }
        }
        // Before anything happened, inventories alone are there, and tell no time of their own.
        let signed = entries
            .iter()
            .map(|it| Moment((it.header().hlc >> 16) * 1_000));
        let as_of = last.values().max().copied().or_else(|| signed.max());
        let Some(as_of) = as_of else {
            return Err(ReportError::NoEntry {
                network: order.network.id.to_string(),
            });
        };
        let authors = names.authors().iter();
        let words = authors.map(|author| Word {
            author: *author,
            last: last.get(author).copied(),
            entries: picture.state(*author).map_or(0, |state| state.folded),
        });
        Ok(Self {
            words: words.collect(),
            gaps: gaps(&picture, &names, &entries, order.offset_min),
            as_of,
            names,
            picture,
            order,
        })
    }

    /// When the newest entry of the journal was written: nothing later is known.
    pub fn as_of(&self) -> Moment {
        self.as_of
    }

    /// The picture as one page to be printed on A4; it loads nothing.
    pub fn to_html(&self, language: Language) -> String {
        page::paper::of(self, language)
    }

    /// A moment as the paper shows it.
    pub(crate) fn clock(&self, at: Moment) -> String {
        crate::sheet::day_and_time(at, self.order.offset_min)
    }

    /// What begins every line that may be copied.
    pub(crate) fn mark(&self) -> &'static str {
        self.order.network.mode.mark().unwrap_or_default()
    }
}

/// A life that an author sealed was as long as the seal says, whether all of it is here or not.
fn expect_sealed(picture: &mut Picture, entries: &[Arc<Envelope>]) {
    for entry in entries {
        if let Some(Body::Seal(seal)) = entry.body()
            && let Some(before) = seal.predecessor
        {
            picture.heard_of(before.log, before.seq);
        }
    }
}

fn gaps(
    picture: &Picture,
    names: &Names,
    entries: &[Arc<Envelope>],
    offset_min: i16,
) -> Vec<Bilingual> {
    let mut gaps = Vec::new();
    for (author, known) in picture.authors() {
        for (incarnation, log) in known.lineage.logs() {
            let missing = log.missing();
            if missing == 0 {
                continue;
            }
            let key = LogKey {
                author: *author,
                incarnation: *incarnation,
            };
            let since = last_before(entries, (key, log.prefix));
            let since = since.map(|at| Civil::at(at, offset_min).clock());
            let name = names.name(*author);
            let told = missing_from((&name.zh, &name.en), missing, since.as_deref());
            gaps.push(Bilingual::new(
                format!("{}（{key}）", told.zh),
                format!("{} ({key})", told.en),
            ));
        }
    }
    gaps
}
