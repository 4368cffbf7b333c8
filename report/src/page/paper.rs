//! An office's picture on A4: what is known, then rows to write on by hand.

mod blank;
mod incidents;
mod notices;
mod strength;

use maud::{Markup, html};

use super::speech::t;
use super::{banner, on_paper};
use crate::bilingual::{Bilingual, Language};
use crate::paper::{Paper, Word};

const STYLE: &str = include_str!("paper/style.css");

/// A column of a table: its title in both languages.
#[derive(Clone, Copy)]
struct Head(&'static str, &'static str);

/// The page.
pub(crate) fn of(paper: &Paper, language: Language) -> String {
    let name = paper.names.name(paper.order.office);
    let title = html! { (paper.mark()) (name.zh) " " (paper.clock(paper.as_of)) };
    on_paper(language, (&title, STYLE), (&running(paper), &body(paper)))
}

/// What stands at the top and at the bottom of every printed page.
fn running(paper: &Paper) -> Markup {
    let name = paper.names.name(paper.order.office);
    let at = paper.clock(paper.as_of);
    html! {
        div class="running" {
            @if let Some(words) = banner(paper.order.network.mode) {
                b { (paper.mark()) " " (words.zh) " " (words.en) } " · "
            }
            (name) " · " (t(&format!("截至 {at}"), &format!("as of {at}")))
        }
    }
}

fn body(paper: &Paper) -> Markup {
    let name = paper.names.name(paper.order.office);
    html! {
        h1 { (paper.mark()) (name) " " (t("纸质态势", "picture on paper")) }
        (facts(paper))
        (incidents::own(paper))
        (incidents::others(paper))
        (strength::units(paper))
        (strength::stock(paper))
        (strength::offers(paper))
        (strength::lent(paper))
        (strength::region(paper))
        (notices::section(paper))
        (freshness(paper))
        (blank::section(paper))
    }
}

fn facts(paper: &Paper) -> Markup {
    let at = paper.clock(paper.as_of);
    let (network, version) = (paper.order.network.id, &paper.order.version);
    html! {
        p {
            (t(
                &format!("态势截至 {at}：本单位日志库最后一条的时间，此后的情况本表不知。网络 {network}，liandong {version}。"),
                &format!("True as of {at}, the newest entry of this office's journal; what came after, this sheet does not know. Network {network}, liandong {version}."),
            ))
        }
        p class="write" {
            (t("打印时间", "printed at")) " ________  "
            (t("转入纸质时间", "on paper since")) " ________  "
            (t("值班员", "duty officer")) " ____________  "
            (t("带班领导", "duty leader")) " ____________"
        }
    }
}

/// How old each author's word is, and what is known to be missing.
fn freshness(paper: &Paper) -> Markup {
    let heads = [
        Head("单位", "author"),
        Head("最后一条", "last entry"),
        Head("距今", "age"),
        Head("条目", "entries"),
    ];
    let row = |word: &Word| {
        let age = word.last.map(|last| paper.as_of.since(last).to_string());
        vec![
            html! { (paper.names.name(word.author)) },
            html! { (word.last.map_or_else(|| "–".to_owned(), |last| paper.clock(last))) },
            html! { (age.unwrap_or_else(|| "–".to_owned())) },
            html! { (word.entries) },
        ]
    };
    let rows = paper.words.iter().map(row).collect();
    html! {
        (table(paper, ("各单位数据新旧", "How old each author's word is"), &heads, rows))
        @if paper.gaps.is_empty() {
            p { (paper.mark()) (t("据本单位日志库，没有缺少的消息。", "As far as this journal can tell, no messages are missing.")) }
        } @else {
            @for gap in &paper.gaps { p { (paper.mark()) b { (gap) } } }
        }
    }
}

/// A titled table; says so where there is nothing to list.
fn table(paper: &Paper, (zh, en): (&str, &str), heads: &[Head], rows: Vec<Vec<Markup>>) -> Markup {
    html! {
        h2 { (paper.mark()) (t(zh, en)) @if !rows.is_empty() { " " span class="count" { (rows.len()) } } }
        @if rows.is_empty() {
            p { (paper.mark()) (t("无。", "None.")) }
        } @else {
            table class="list" {
                thead { tr { @for Head(zh, en) in heads { th { (t(zh, en)) } } } }
                tbody { @for row in rows { tr { @for cell in row { td { (cell) } } } } }
            }
        }
    }
}

/// A text of others in one language.
fn said(text: &str) -> Markup {
    html! { (Bilingual::said(text)) }
}
