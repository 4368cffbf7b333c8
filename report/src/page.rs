//! The report as one page: no network, no files beside it, readable without its script, printable.
//!
//! Both languages are in the page; three radio buttons and a style rule switch between them. On
//! anything but an actual event every row of every table begins with its mark, in the text.

mod aid;
pub(crate) mod cards;
mod course;
mod custody;
mod delivery;
mod evaluation;
mod headline;
mod map;
pub(crate) mod paper;
mod plot;
mod response;
mod speech;
mod table;
mod timeline;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use protocol::{Mode, Moment};

use crate::account::Report;
use crate::bilingual::{Bilingual, Language};
use crate::sheet::day_and_time;
use speech::t;

const STYLE: &str = include_str!("page/style.css");
const SCRIPT: &str = include_str!("page/script.js");

/// Nothing is loaded from anywhere, whatever the page might hold.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

/// The page of a report.
pub(crate) fn of(report: &Report, language: Language) -> String {
    let title = title(report, language);
    let lang = match language {
        Language::English => "en",
        Language::Chinese | Language::Both => "zh-CN",
    };
    html! {
        (DOCTYPE)
        html lang=(lang) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                title { (title) }
                style { (PreEscaped(STYLE)) }
                @if let Some(words) = banner(report.run.mode) {
                    style { (PreEscaped(running_head(&words))) }
                }
            }
            body {
                (buttons(language))
                div class="page" { (body(report)) }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
    .into_string()
}

/// A page for A4: one table, so that its head and foot stand on every printed page in every browser.
fn on_paper(
    language: Language,
    (title, style): (&Markup, &str),
    (running, body): (&Markup, &Markup),
) -> String {
    let (lang, shown) = match language {
        Language::English => ("en", "en-only"),
        Language::Chinese => ("zh-CN", "zh-only"),
        Language::Both => ("zh-CN", "both"),
    };
    html! {
        (DOCTYPE)
        html lang=(lang) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                title { (title) }
                style { (PreEscaped(style)) }
            }
            body class=(shown) {
                table class="sheet" {
                    thead { tr { td { (running) } } }
                    tfoot { tr { td { (running) } } }
                    tbody { tr { td { (body) } } }
                }
            }
        }
    }
    .into_string()
}

fn body(report: &Report) -> Markup {
    let banner = banner(report.run.mode);
    html! {
        header {
            @if let Some(words) = &banner { div class="banner" { (words.zh) " " (words.en) } }
            (switch())
            (headline::section(report))
        }
        main {
            (course::section(report))
            (evaluation::section(report))
            (map::section(report))
            (response::section(report))
            (aid::section(report))
            (delivery::usage(report))
            (delivery::section(report))
            (custody::section(report))
            (timeline::section(report))
        }
        footer {
            (headline::sources(report))
            @if let Some(words) = &banner { div class="banner" { (words.zh) " " (words.en) } }
        }
    }
}

/// What stands above and below anything but an actual event.
fn banner(mode: Mode) -> Option<Bilingual> {
    match mode {
        Mode::Actual => None,
        Mode::Exercise => Some(Bilingual::new("演练·虚构", "EXERCISE · FICTIONAL")),
        Mode::Test => Some(Bilingual::new("测试·虚构", "TEST · FICTIONAL")),
    }
}

/// The banner in the margin of every printed page.
fn running_head(words: &Bilingual) -> String {
    let text = format!("{} {}", words.zh, words.en);
    format!("@page{{@top-center{{content:\"{text}\"}}@bottom-center{{content:\"{text}\"}}}}")
}

fn title(report: &Report, language: Language) -> String {
    let title = &report.run.title;
    let mark = report.mark.unwrap_or_default();
    match language {
        Language::Chinese => format!("{mark}{} 复盘报告", title.zh),
        Language::English => format!("{mark}{}: after-action report", title.en),
        Language::Both => format!("{mark}{} {}", title.zh, title.en),
    }
}

const BUTTONS: [(&str, &str, &str); 3] = [
    ("lang-zh", "zh-CN", "中文"),
    ("lang-en", "en", "English"),
    ("lang-both", "zh-CN", "中英 both"),
];

fn buttons(language: Language) -> Markup {
    let chosen = match language {
        Language::Chinese => 0,
        Language::English => 1,
        Language::Both => 2,
    };
    html! {
        @for (place, (id, lang, name)) in BUTTONS.into_iter().enumerate() {
            input class="lang" type="radio" name="lang" id=(id) value=(lang) aria-label=(name)
                checked[place == chosen];
        }
    }
}

fn switch() -> Markup {
    html! {
        div class="switch" {
            @for (id, _, name) in BUTTONS { label for=(id) { (name) } }
        }
    }
}

impl Report {
    /// A moment as the page shows it.
    pub(crate) fn clock(&self, at: Moment) -> String {
        day_and_time(at, self.run.offset_min)
    }

    /// A moment beside an earlier one of its row: without the date if the day is the same.
    pub(crate) fn clock_after(&self, earlier: Moment, at: Moment) -> String {
        let (before, now) = (self.clock(earlier), self.clock(at));
        match (before.split_once(' '), now.split_once(' ')) {
            (Some((day, _)), Some((same, time))) if day == same => time.to_owned(),
            _ => now,
        }
    }

    /// 截至: when the figures were true.
    pub(crate) fn as_of(&self) -> Markup {
        let at = self.clock(self.run.to);
        t(&format!("截至 {at}"), &format!("as of {at}"))
    }

    /// What begins a line that may be copied.
    pub(crate) fn lead_in(&self) -> &'static str {
        self.mark.unwrap_or_default()
    }
}
