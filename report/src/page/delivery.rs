//! Delivery and utilisation as tables.

use maud::{Markup, html};
use protocol::RefusedKind;

use super::speech::{t, word};
use super::table::{Column, Row, Set, number, table};
use crate::account::Report;
use crate::bilingual::Bilingual;
use crate::delivery::AuthorDelivery;
use crate::usage::Usage;

/// Rows that a table of this file shows.
const ROWS: usize = 400;

pub(super) fn usage(report: &Report) -> Markup {
    let columns = [
        Column("城市", "city", Set::Words),
        Column("类别", "kind", Set::Words),
        Column("数量", "units", Set::Number),
        Column("调派", "commitments", Set::Number),
        Column("同时最多", "most at once", Set::Number),
        Column("占用率", "time bound", Set::Number),
        Column("数据", "data", Set::Words),
    ];
    let row = |usage: &Usage| {
        let share = usage.share_permille;
        Row::of(vec![
            html! { (report.name(usage.office)) },
            word(usage.kind.label()),
            number(usage.units),
            number(usage.commits),
            number(usage.peak),
            html! { (share / 10) "." (share % 10) "%" },
            html! { @if usage.demo { span class="demo" { (t("演示数据", "demo data")) } } @else { "–" } },
        ])
    };
    let rows: Vec<Row> = report.usage.iter().map(row).collect();
    let caption = (
        "占用率：自调派至归建的时间占全部单位时间的比例（粗略）",
        "Time bound: from commitment to return, as part of all unit time (rough)",
    );
    html! {
        section {
            h2 id="usage" { (report.lead_in()) (t("力量使用", "Utilisation")) }
            @if rows.is_empty() {
                p { (report.lead_in()) (t("没有资源台账。", "There is no inventory.")) }
            } @else {
                (table(report, caption, &columns, &rows, ROWS))
            }
            (stock(report))
        }
    }
}

/// Why the commitments of the table are fewer than those of mutual aid.
fn stock(report: &Report) -> Markup {
    let count = report.aid.stock;
    html! {
        @if count > 0 {
            p class="soft" {
                (report.lead_in())
                (t(
                    &format!("另有 {count} 次调派为物资或容量，不计入上表。"),
                    &format!("Commitments of stock or room, not in this table: {count}."),
                ))
            }
        }
    }
}

pub(super) fn section(report: &Report) -> Markup {
    html! {
        section {
            h2 id="delivery" { (report.lead_in()) (t("通信", "Delivery")) }
            (authors(report))
            (faults(report))
            (refused(report))
            (traffic(report))
        }
    }
}

fn authors(report: &Report) -> Markup {
    let columns = [
        Column("作者", "author", Set::Words),
        Column("条目", "entries", Set::Number),
        Column("启动", "starts", Set::Number),
        Column("缺失", "missing", Set::Number),
        Column("失效", "orphaned", Set::Number),
        Column("作废", "void", Set::Number),
        Column("一号两文", "equivocates", Set::Words),
    ];
    let row = |author: &AuthorDelivery| {
        Row::of(vec![
            html! { (report.name(author.author)) },
            number(author.entries),
            number(author.lives),
            number(author.missing),
            number(author.orphans),
            number(author.voids),
            html! { @if author.equivocates { (t("是 R04", "yes, R04")) } @else { "–" } },
        ])
    };
    let rows: Vec<Row> = report.delivery.authors.iter().map(row).collect();
    table(
        report,
        ("各单位日志", "Logs by author"),
        &columns,
        &rows,
        ROWS,
    )
}

fn faults(report: &Report) -> Markup {
    let columns = [
        Column("规则", "rule", Set::Words),
        Column("含义", "meaning", Set::Words),
        Column("作废条目", "void entries", Set::Number),
        Column("未采信", "not believed", Set::Number),
    ];
    let (voids, disbelieved) = (&report.delivery.voids, &report.reading.refused);
    let mut codes: Vec<&String> = voids.keys().chain(disbelieved.keys()).collect();
    codes.sort_unstable();
    codes.dedup();
    let count = |counts: &std::collections::BTreeMap<String, u64>, code: &String| {
        number(counts.get(code).copied().unwrap_or(0))
    };
    let row = |code: &&String| {
        let (zh, en) = meaning(code);
        Row::of(vec![
            html! { (code) },
            t(zh, en),
            count(voids, code),
            count(disbelieved, code),
        ])
    };
    let rows: Vec<Row> = codes.iter().map(row).collect();
    html! {
        @if rows.is_empty() {
            p { (report.lead_in()) (t("记录中的报文均通过核验，没有作废条目。", "Every message of the record verified, and no entry is void.")) }
        } @else {
            (table(report, ("作废与未采信", "Void entries and messages not believed"), &columns, &rows, ROWS))
        }
    }
}

/// What a drill's bus carried and nobody took: strangers' messages, damage, repeats.
fn refused(report: &Report) -> Markup {
    let columns = [
        Column("类别", "kind", Set::Words),
        Column("拒收", "refused", Set::Number),
    ];
    let row = |(kind, count): (&String, &u64)| {
        let named = RefusedKind::from_code(kind).map(RefusedKind::label);
        let named = named.map_or_else(|| Bilingual::same(kind), Bilingual::from);
        Row::of(vec![html! { (named) }, number(*count)])
    };
    let rows: Vec<Row> = report.delivery.refused.iter().map(row).collect();
    html! {
        @if !rows.is_empty() {
            (table(report, ("总线上拒收的报文", "Messages refused on the bus"), &columns, &rows, ROWS))
        }
    }
}

/// What a rule asks for, in short.
fn meaning(code: &str) -> (&'static str, &'static str) {
    match code {
        "R01" => ("网络或性质不符", "another network or mode"),
        "R02" => ("身份或签名不符", "unknown key or wrong signature"),
        "R03" => ("不在有效任期", "a life not in force"),
        "R04" => ("一号两文", "two entries of one number"),
        "R07" => ("格式或长度不符", "shape or size"),
        "R08" => ("引用不存在", "refers to what is not there"),
        "R09" => ("非本单位事项", "another author's matter"),
        "R10" => ("非本单位资源", "another owner's resource"),
        "R11" => ("流程不允许", "no such step"),
        "R12" => ("数量不足", "more than there is"),
        "R13" => ("时间矛盾", "times that cannot be"),
        "R14" => ("位置不可用", "a place that cannot be used"),
        "R15" => ("缺法定要素", "a legal field is missing"),
        "R16" => ("报次不连续", "the report does not follow"),
        "R17" => ("修订号不连续", "the revision does not follow"),
        "I8" => ("等级与数字不符且无理由", "level without reason"),
        _ => ("未细分", "not told apart"),
    }
}

fn traffic(report: &Report) -> Markup {
    let columns = [
        Column("主题", "topic", Set::Words),
        Column("报文", "frames", Set::Number),
        Column("千字节", "kilobytes", Set::Number),
    ];
    let rows: Vec<Row> = report
        .delivery
        .traffic
        .iter()
        .map(|(level, traffic)| {
            Row::of(vec![
                html! { (level) },
                number(traffic.frames),
                html! { (traffic.bytes.div_ceil(1_000)) },
            ])
        })
        .collect();
    html! {
        @if !rows.is_empty() {
            (table(report, ("总线报文", "Frames on the bus"), &columns, &rows, ROWS))
        }
    }
}
