//! Text in both languages, cleaned of what could steer a reader's screen.

use protocol::{EventKind, Label, Phrase, mask, sanitise};
use serde::Serialize;

/// Characters of one text from outside that a report shows; longer ones are cut.
pub(crate) const TEXT_CHARS: usize = 240;

/// A text in Chinese, which is canonical, and in English.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Bilingual {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// Which language a page shows first. Its reader can switch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// 中文.
    #[default]
    Chinese,
    /// English.
    English,
    /// Both, Chinese first.
    Both,
}

impl Bilingual {
    /// A text of ours.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            zh: zh.into(),
            en: en.into(),
        }
    }

    /// A text of others, cleaned and cut.
    pub fn outside(zh: &str, en: &str) -> Self {
        Self::new(clean(zh), clean(en))
    }

    /// A text of an entry: in English too if it is a stock phrase of a drill.
    pub(crate) fn said(text: &str) -> Self {
        let zh = clean(text);
        let en = Phrase::english(&zh).unwrap_or_else(|| zh.clone());
        Self::new(zh, en)
    }

    /// A text of others that has one language only.
    pub fn same(text: &str) -> Self {
        Self::outside(text, text)
    }
}

/// What an event or hazard is called; its code if that is none of the usual.
pub(crate) fn event(code: &str) -> Bilingual {
    EventKind::of(code).map_or_else(|| Bilingual::same(code), |event| event.label.into())
}

impl From<Label> for Bilingual {
    fn from(label: Label) -> Self {
        Self::new(label.zh, label.en)
    }
}

/// A text from outside, fit to be shown; of what tells of one person not all.
pub(crate) fn clean(text: &str) -> String {
    mask(&sanitise(text, TEXT_CHARS))
}
