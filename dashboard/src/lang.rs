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
    /// The language that the environment asks for: that of the first of `LC_ALL`, `LC_MESSAGES` and
    /// `LANG` that names one. `C` and `POSIX` name none, nor does nothing; if all are so, Chinese.
    pub fn of_locales(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter();
        set.filter_map(variable)
            .find_map(|locale| Self::of_locale(&locale))
            .unwrap_or(Self::Zh)
    }

    /// The language of a locale: Chinese for `zh…`, English for any other that is one.
    fn of_locale(locale: &str) -> Option<Self> {
        let bare = locale.split(['.', '@']).next().unwrap_or_default();
        match bare {
            "" | "C" | "POSIX" => None,
            _ if bare.starts_with("zh") => Some(Self::Zh),
            _ => Some(Self::En),
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
    fn the_first_locale_that_names_a_language_chooses_it_and_none_chooses_chinese() {
        let lang = |all: &str, messages: &str, lang: &str| {
            Lang::of_locales(|name| match name {
                "LC_ALL" => Some(all.to_owned()),
                "LC_MESSAGES" => Some(messages.to_owned()),
                "LANG" => Some(lang.to_owned()),
                _ => None,
            })
        };
        assert_eq!(Lang::of_locales(|_| None), Lang::Zh);
        for said in ["", "C", "C.UTF-8", "POSIX", "zh_CN.UTF-8", "zh_HK"] {
            assert_eq!(lang("", "", said), Lang::Zh, "{said}");
        }
        for said in ["en_US.UTF-8", "pt_PT", "ca_ES"] {
            assert_eq!(lang("", "", said), Lang::En, "{said}");
        }
        assert_eq!(lang("C.UTF-8", "", "en_US.UTF-8"), Lang::En);
        assert_eq!(lang("C.UTF-8", "POSIX", "zh_CN"), Lang::Zh);
        assert_eq!(lang("en_GB", "zh_CN", "zh_CN"), Lang::En);
        assert_eq!(lang("", "zh_CN", "en_US.UTF-8"), Lang::Zh);
    }
}
