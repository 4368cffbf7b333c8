//! The two languages of the screen. Chinese is canonical; English is a gloss of it.

use protocol::Label;

/// A language of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// 中文.
    Zh,
    /// English.
    En,
}

/// A name or a sentence in both languages, from a data pack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Term {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

impl Lang {
    /// The language for a locale as the environment names it (`LC_ALL`, then `LC_MESSAGES`, then
    /// `LANG`): Chinese for `zh…` and for none at all, English for any other.
    pub fn of_locale(locale: &str) -> Self {
        let plain = matches!(locale, "" | "C" | "POSIX") || locale.starts_with("C.");
        if plain || locale.starts_with("zh") {
            Self::Zh
        } else {
            Self::En
        }
    }

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Zh => Self::En,
            Self::En => Self::Zh,
        }
    }

    /// A built-in term in this language.
    pub(crate) const fn word(self, label: Label) -> &'static str {
        match self {
            Self::Zh => label.zh,
            Self::En => label.en,
        }
    }

    /// A term of the data pack in this language.
    pub(crate) fn term(self, term: &Term) -> &str {
        match self {
            Self::Zh => &term.zh,
            Self::En => &term.en,
        }
    }
}

impl Term {
    /// A term from its two parts.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            zh: zh.into(),
            en: en.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locale_chooses_the_language_and_none_chooses_chinese() {
        for locale in ["", "C", "C.UTF-8", "zh_CN.UTF-8", "zh_HK"] {
            assert_eq!(Lang::of_locale(locale), Lang::Zh, "{locale}");
        }
        for locale in ["en_US.UTF-8", "pt_PT"] {
            assert_eq!(Lang::of_locale(locale), Lang::En, "{locale}");
        }
    }
}
