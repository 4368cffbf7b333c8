//! The first lines: what it was, how it ended, and how far the record can be trusted.

use maud::{Markup, html};
use protocol::{Civil, Suite};

use super::speech::{minutes, t};
use crate::account::{Report, Run};
use crate::bilingual::Bilingual;

pub(super) fn section(report: &Report) -> Markup {
    let title = &report.run.title;
    html! {
        h1 { (report.lead_in()) (title) }
        p class="soft" { (t("复盘报告", "After-action report")) " · " (report.as_of()) }
        (facts(report))
        (cards(report))
        (notes(report))
        nav aria-label="目录 contents" {
            a href="#course" { (t("经过", "Course")) }
            @if !report.evaluation.is_empty() {
                a href="#evaluation" { (t("评估", "Evaluation")) }
            }
            a href="#map" { (t("态势图", "Map")) }
            a href="#response" { (t("响应时间", "Response times")) }
            a href="#aid" { (t("互助", "Mutual aid")) }
            a href="#usage" { (t("力量使用", "Utilisation")) }
            a href="#delivery" { (t("通信", "Delivery")) }
            a href="#custody" { (t("留存", "Who holds what")) }
            a href="#timeline-title" { (t("时间线", "Timeline")) }
            a href="#sources" { (t("数据来源", "Sources")) }
        }
    }
}

fn facts(report: &Report) -> Markup {
    let run = &report.run;
    let civil = |at| Civil::at(at, run.offset_min).rfc3339();
    let kind = run.mode.label();
    let mark = report.lead_in();
    html! {
        dl class="facts" {
            dt { (mark) (t("性质", "Kind")) }
            dd {
                (t(kind.zh, kind.en)) " · "
                @if run.suite == Suite::Virtual { (t("虚拟时间", "virtual time")) " · " }
                (t("网络", "network")) " " (run.network)
            }
            dt { (mark) (t("时段", "Period")) }
            dd { (civil(run.from)) " – " (civil(run.to)) " (" (run.period()) ")" }
            @if let Some(scenario) = &run.scenario {
                dt { (mark) (t("想定", "Scenario")) }
                dd { (scenario) " @ " (run.region) }
            }
            @if let Some(seed) = run.seed {
                dt { (mark) (t("随机种子", "Seed")) }
                dd { (seed) }
            }
            dt { (mark) (t("程序版本", "Version")) }
            dd { (run.version) }
            (digests(run, mark))
        }
    }
}

fn digests(run: &Run, mark: &str) -> Markup {
    html! {
        @if let Some(digest) = run.scenario_digest {
            dt { (mark) (t("想定摘要", "Scenario digest")) }
            dd { code { (digest) } }
        }
        @if run.seed.is_some() {
            dt { (mark) (t("过程摘要", "Digest of the run")) }
            dd {
                @match run.digest {
                    Some(digest) => { code { (digest) } }
                    None => { (t("记录中没有", "not in the record")) }
                }
            }
        }
    }
}

fn cards(report: &Report) -> Markup {
    let figures = &report.figures;
    let response = |pick: fn(&crate::Distribution) -> protocol::Span| {
        figures
            .response
            .as_ref()
            .map_or_else(|| "–".to_owned(), |times| minutes(pick(times)))
    };
    let doubled = figures.double_commits;
    html! {
        ul class="cards" {
            (card(report, &figures.incidents.to_string(), ("突发事件", "incidents"), false))
            @if figures.by_hand > 0 {
                (card(report, &figures.by_hand.to_string(), ("另有人工接报", "more entered by hand"), false))
            }
            (card(report, &figures.served.to_string(), ("处置完毕", "served"), false))
            (card(report, &figures.unserved.to_string(), ("未结", "unserved"), false))
            (card(report, &figures.unreached.to_string(), ("无队伍到场", "reached by nobody"), false))
            (card(report, &figures.aid_asked.to_string(), ("请求外市支援", "needs asked of others"), false))
            (card(report, &figures.aid_committed.to_string(), ("跨市调派", "committed to others"), false))
            (card(report, &doubled.to_string(), ("重复调派", "double commitments"), doubled > 0))
            (card(report, &response(|times| times.p50), ("响应 p50（分钟）", "response p50, minutes"), false))
            (card(report, &response(|times| times.p90), ("响应 p90（分钟）", "response p90, minutes"), false))
            (card(report, &response(|times| times.p99), ("响应 p99（分钟）", "response p99, minutes"), false))
        }
        p class="soft" { (report.lead_in()) (report.response.basis.label()) " · " (report.as_of()) }
    }
}

fn card(report: &Report, figure: &str, (zh, en): (&str, &str), bad: bool) -> Markup {
    html! {
        li class=[bad.then_some("bad")] {
            b { (figure) }
            span { (report.lead_in()) (t(zh, en)) }
        }
    }
}

/// What a reader must know before believing the figures.
fn notes(report: &Report) -> Markup {
    let notes = doubts(report);
    html! {
        @if !notes.is_empty() {
            ul class="notes" {
                @for note in &notes { li { (report.lead_in()) (note) } }
            }
        }
    }
}

fn doubts(report: &Report) -> Vec<Bilingual> {
    let reading = &report.reading;
    let mut notes = Vec::new();
    if reading.torn {
        notes.push(Bilingual::new(
            "记录的最后一行不完整：记录被截断，以下只反映截断之前的情况。",
            "The last line of the record is torn: the record was cut short, and this report \
             tells only what came before.",
        ));
    }
    if !reading.ended {
        notes.push(Bilingual::new(
            "记录没有结束标记：演练可能尚未结束。",
            "The record holds no end: the run may not have been over.",
        ));
    }
    if reading.unreadable > 0 {
        let lines = reading.unreadable;
        notes.push(Bilingual::new(
            format!("有 {lines} 行无法读取。"),
            format!("{lines} lines could not be read."),
        ));
    }
    for (kind, count) in &reading.unknown {
        notes.push(Bilingual::new(
            format!("有 {count} 条本版本不认识的记录：{kind}。"),
            format!("{count} records of a kind that this version does not know: {kind}."),
        ));
    }
    let refused: u64 = reading.refused.values().sum();
    if refused > 0 {
        notes.push(Bilingual::new(
            format!("有 {refused} 条报文未通过核验，未予采信（见“通信”）。"),
            format!("{refused} messages did not verify and were not believed (see Delivery)."),
        ));
    }
    let missing = report.delivery.missing();
    if missing > 0 {
        notes.push(Bilingual::new(
            format!("已知存在而记录中没有的日志条目：{missing} 条。"),
            format!("{missing} log entries are known to exist and are not in the record."),
        ));
    }
    if report.usage.iter().any(|row| row.demo) {
        notes.push(Bilingual::new(
            "资源台账含演示数据，不代表实际能力。",
            "Inventories hold demonstration data, not actual capability.",
        ));
    }
    notes
}

pub(super) fn sources(report: &Report) -> Markup {
    let mark = report.lead_in();
    html! {
        h2 id="sources" { (mark) (t("数据来源与说明", "Sources and notes")) }
        p { (mark) (report.ground.disclaimer) }
        @for line in &report.attribution { p { (mark) (line) } }
        p {
            (mark)
            (t(
                "百分位数按最近秩法：至少有该比例的个案不超过此值；不插值，少于 100 例时 p99 即最大值。",
                "Percentiles are by nearest rank: the case that at least so many per cent do not \
                 exceed; no interpolation, and of fewer than 100 cases p99 is the longest.",
            ))
        }
        p {
            (mark)
            (t(
                "时间均为各单位报告的时间（演练中为演练时间）。时间线依各单位日志，作废条目不列入。",
                "Times are as offices reported them (drill time in a drill). The timeline is \
                 from the offices' logs, without entries that are void.",
            ))
        }
    }
}
