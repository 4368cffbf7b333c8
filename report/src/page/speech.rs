//! One text in both languages as markup; the page's style shows one of them.

use maud::{Markup, Render, html};
use protocol::{Label, Severity, Span};

use crate::bilingual::Bilingual;

/// A text of ours in both languages.
pub(super) fn t(zh: &str, en: &str) -> Markup {
    html! { span class="zh" lang="zh-CN" { (zh) } " " span class="en" lang="en" { (en) } }
}

/// The same inside a drawing's text.
pub(super) fn drawn(zh: &str, en: &str) -> Markup {
    html! { tspan class="zh" { (zh) } tspan class="en" { (en) } }
}

/// A word of a closed list.
pub(super) fn word(label: Label) -> Markup {
    t(label.zh, label.en)
}

impl Render for Bilingual {
    fn render(&self) -> Markup {
        if self.zh == self.en {
            html! { (self.zh) }
        } else {
            t(&self.zh, &self.en)
        }
    }
}

/// Minutes with one decimal, rounded: `12.5`.
pub(super) fn minutes(span: Span) -> String {
    let tenths = (span.0 + 3_000_000) / 6_000_000;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Colours that readers with any kind of colour vision tell apart (Okabe and Ito, 2008); shape or
/// dash says the same again.
pub(super) const fn colour(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "#d55e00",
        Severity::Serious => "#e69f00",
        Severity::Moderate => "#0072b2",
        Severity::Minor => "#6e7781",
    }
}

/// The dash of a severity's line.
pub(super) const fn dash(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "none",
        Severity::Serious => "7 3",
        Severity::Moderate => "3 2",
        Severity::Minor => "1 2",
    }
}

/// The shape of a severity's symbol, around its own origin.
pub(super) const fn shape(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "M0-6 5.5 4H-5.5Z",
        Severity::Serious => "M0-5 5 0 0 5-5 0Z",
        Severity::Moderate => "M-3.6-3.6H3.6V3.6H-3.6Z",
        Severity::Minor => "M-3 0A3 3 0 1 0 3 0A3 3 0 1 0-3 0Z",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_are_rounded_to_a_tenth() {
        assert_eq!(minutes(Span::seconds(750)), "12.5");
        assert_eq!(minutes(Span::seconds(2)), "0.0");
        assert_eq!(minutes(Span::seconds(3)), "0.1");
    }
}
