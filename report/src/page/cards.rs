//! Control cards and evaluators' forms for A4: readable in black and white, with rows to write on.

use maud::{Markup, html};
use protocol::{EXERCISE_MARK, Mode, PartyId};

use super::speech::t;
use super::{banner, on_paper};
use crate::bilingual::Language;
use crate::cards::{Aim, Card, Cards, Expected};

const STYLE: &str = include_str!("cards.css");

/// The control cards.
pub(crate) fn controllers(cards: &Cards, language: Language) -> String {
    let body = html! {
        h1 { (EXERCISE_MARK) (cards.title) " " (t("导调卡", "control cards")) }
        (secret())
        @for card in &cards.cards { (control(cards, card)) }
    };
    page(cards, (language, "导调卡 control cards"), &body)
}

/// The evaluators' forms.
pub(crate) fn evaluators(cards: &Cards, language: Language) -> String {
    let body = html! {
        @for (office, _) in &cards.names { (form(cards, *office)) }
    };
    page(cards, (language, "评估表 evaluation"), &body)
}

fn page(cards: &Cards, (language, what): (Language, &str), body: &Markup) -> String {
    let title = html! { (EXERCISE_MARK) (cards.title.zh) " " (what) };
    on_paper(language, (&title, STYLE), (&running(cards), body))
}

/// What stands at the top and at the bottom of every printed page.
fn running(cards: &Cards) -> Markup {
    html! {
        div class="running" {
            @if let Some(words) = banner(Mode::Exercise) {
                b { (EXERCISE_MARK) " " (words.zh) " " (words.en) } " · "
            }
            (cards.scenario) " · liandong " (cards.version)
        }
    }
}

fn secret() -> Markup {
    html! {
        p { (EXERCISE_MARK) b { (t(
            "仅供导调人员，不得交参演单位。",
            "For the exercise staff alone; not for those who take part.",
        )) } }
    }
}

fn control(cards: &Cards, card: &Card) -> Markup {
    let row = |zh: &str, en: &str, said: Markup| html! { tr { th { (t(zh, en)) } td { (said) } } };
    html! {
        table class="card" {
            caption { (EXERCISE_MARK) b { (card.number) " " (card.title) } }
            tbody {
                (row("时间", "when", html! {
                    (cards.clock(card.at))
                    @for words in &card.when { " · " (words) }
                }))
                (row("渠道", "channel", html! { (card.channel) }))
                (row("对象", "to", html! {
                    @for (place, office) in card.to.iter().enumerate() {
                        @if place > 0 { ", " } (cards.name(*office))
                    }
                }))
                (row("内容", "given", html! { (card.gives) }))
                @if let Some(expected) = &card.expected { (row("预期行动", "expected", due(expected))) }
                @if let Some(aim) = &card.objective { (row("目标", "objective", html! { (aim) })) }
                (row("实施", "done", html! {
                    span class="write" {
                        (t("实际时间", "given at")) " ________  "
                        (t("导调员", "controller")) " __________  "
                        (t("备注", "note")) " ______________________"
                    }
                }))
            }
        }
    }
}

fn due(expected: &Expected) -> Markup {
    html! {
        (expected.action) " · " (t("时限", "within")) " " (expected.within)
        @match &expected.seen {
            Some(seen) => { " · " (t("系统自动判定：", "the drill looks for it: ")) (seen) }
            None => { " · " (t("评估员判定", "an evaluator judges")) }
        }
    }
}

fn form(cards: &Cards, office: PartyId) -> Markup {
    let expected: Vec<_> = cards.expected_of(office).collect();
    html! {
        section class="form" {
            h1 { (EXERCISE_MARK) (cards.name(office)) " " (t("评估表", "evaluation")) }
            (secret())
            p class="write" {
                (t("评估员", "evaluator")) " ____________  " (t("日期", "date")) " ____________  "
                (t("等次", "grades")) " " (cards.scale.join(" / "))
            }
            h2 { (EXERCISE_MARK) (t("预期行动", "Expected actions")) }
            @if expected.is_empty() {
                p { (EXERCISE_MARK) (t("无。", "None.")) }
            } @else {
                table class="list" {
                    thead { tr {
                        th { (t("注入", "inject")) } th { (t("时间", "given")) }
                        th { (t("预期行动", "expected action")) } th { (t("时限", "within")) }
                        th { (t("实际时间", "seen at")) } th { (t("等次", "grade")) }
                        th { (t("备注", "note")) }
                    } }
                    tbody { @for (card, expected) in expected { tr {
                        td { (EXERCISE_MARK) (card.number) } td { (cards.clock(card.at)) }
                        td { (expected.action) } td { (expected.within) }
                        td {} td {} td {}
                    } } }
                }
            }
            h2 { (EXERCISE_MARK) (t("目标", "Objectives")) }
            table class="list" {
                thead { tr {
                    th { (t("目标", "objective")) } th { (t("内容", "what")) }
                    th { (t("指标", "measured by")) } th { (t("等次", "grade")) }
                    th { (t("备注", "note")) }
                } }
                tbody { @for aim in &cards.aims { (judged(aim)) } }
            }
        }
    }
}

fn judged(aim: &Aim) -> Markup {
    html! { tr {
        td { (EXERCISE_MARK) (aim.id) } td { (aim.title) }
        td { @match &aim.measured {
            Some(measured) => (measured),
            None => (t("评估员判定", "an evaluator judges")),
        } }
        td {} td {}
    } }
}
