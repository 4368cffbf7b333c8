//! Two answers as tables: recorded where, held by how many, missing where, over whose hands.

use maud::{Markup, html};

use super::speech::t;
use super::table::{Column, Row, Set, number, table};
use crate::account::Report;
use crate::bilingual::Bilingual;
use crate::custody::{Alone, Handed, HolderGap, KindCustody, LogCustody};

/// Rows that a table of this file shows.
const ROWS: usize = 200;

pub(super) fn section(report: &Report) -> Markup {
    let holders = report.custody.holders;
    html! {
        section {
            h2 id="custody" { (report.lead_in()) (t("留存", "Who holds what")) }
            @if holders == 0 {
                p { (report.lead_in()) (t("记录中没有各席位的留存摘要。", "The record holds no word of what is on whose disk.")) }
            } @else {
                p class="soft" {
                    (report.lead_in())
                    (t(
                        &format!("{holders} 个席位在其摘要中报告了已落盘的条目。“留存”指作者以外的席位。"),
                        &format!("{holders} parties said in their digests what is on their disks. Peers are those beside the author."),
                    ))
                }
                (judged(report))
                (critical(report))
                (alone(report))
                (logs(report))
                (gaps(report))
            }
            (handed(report))
        }
    }
}

fn judged(report: &Report) -> Markup {
    html! {
        p {
            (report.lead_in())
            @if let Some(until) = report.custody.judged_until {
                @let until = report.clock(until);
                (t(
                    &format!("留存与缺口判断至 {until}；此后的条目在各席位最后几次摘要时尚在途中，计为新近。"),
                    &format!("Judged is what was written by {until}; later entries were under way when the holders last spoke and count as fresh."),
                ))
            } @else {
                (t(
                    "实际用时太短，各席位的摘要不足三次，不作留存与缺口判断。",
                    "The run was too short in real time for the holders to speak three times: nothing is judged.",
                ))
            }
        }
    }
}

fn critical(report: &Report) -> Markup {
    let columns = [
        Column("关键条目", "critical entries", Set::Words),
        Column("条数", "entries", Set::Number),
        Column("最少留存", "least peers", Set::Number),
        Column("中位", "median", Set::Number),
        Column("最多", "most", Set::Number),
    ];
    let row = |it: &KindCustody| {
        let counts = [it.least, it.median, it.most];
        let mut cells = vec![html! { (it.kind.label()) }, number(it.entries)];
        cells.extend(counts.map(|count| html! { (count) }));
        Row::of(cells)
    };
    let rows: Vec<Row> = report.custody.critical.iter().map(row).collect();
    let caption = (
        "关键条目由多少个其他席位留存",
        "How many peers hold what lives depend on",
    );
    html! { @if !rows.is_empty() { (table(report, caption, &columns, &rows, ROWS)) } }
}

fn alone(report: &Report) -> Markup {
    let columns = [
        Column("作者", "author", Set::Words),
        Column("类别", "kind", Set::Words),
        Column("条目", "entry", Set::Words),
        Column("时间", "written", Set::Time),
    ];
    let row = |it: &Alone| {
        Row::of(vec![
            html! { (report.name(it.log.author)) },
            html! { (it.kind.label()) },
            html! { span class="id" { (it.log) " #" (it.seq) } },
            html! { (report.clock(it.at)) },
        ])
    };
    let rows: Vec<Row> = report.custody.alone.iter().map(row).collect();
    let caption = (
        "只有作者留存的关键条目",
        "Critical entries that nobody but their author holds",
    );
    html! { @if !rows.is_empty() { (table(report, caption, &columns, &rows, ROWS)) } }
}

fn logs(report: &Report) -> Markup {
    let columns = [
        Column("作者", "author", Set::Words),
        Column("日志", "log", Set::Words),
        Column("条目", "entries", Set::Number),
        Column("新近", "fresh", Set::Number),
        Column("存于日志库", "journals", Set::Number),
        Column("最少留存", "least peers", Set::Number),
    ];
    let row = |it: &LogCustody| {
        Row::of(vec![
            html! { (report.name(it.log.author)) },
            html! { span class="id" { (it.log) } },
            number(it.entries),
            number(it.fresh),
            html! { (it.recorded_in) },
            html! { @if it.fresh == it.entries { "–" } @else { (it.least_held_by) } },
        ])
    };
    let rows: Vec<Row> = report.custody.logs.iter().map(row).collect();
    let caption = (
        "各日志存于何处；新近条目不计入最少留存",
        "Where each log is; fresh entries are left out of the least",
    );
    table(report, caption, &columns, &rows, ROWS)
}

fn gaps(report: &Report) -> Markup {
    let columns = [
        Column("席位", "holder", Set::Words),
        Column("缺口", "gap", Set::Words),
    ];
    let row = |it: &HolderGap| {
        Row::of(vec![
            html! { (report.name(it.holder)) },
            html! { (it.told) " " span class="id" { (it.log) } },
        ])
    };
    let rows: Vec<Row> = report.custody.gaps.iter().map(row).collect();
    let caption = (
        "各席位最后一次摘要时仍缺的消息",
        "What holders still missed when they last spoke",
    );
    html! {
        @if report.custody.judged_until.is_none() {
        } @else if rows.is_empty() {
            p { (report.lead_in()) (t("各席位最后一次摘要时没有缺少的消息。", "No messages were missing anywhere when the holders last spoke.")) }
        } @else {
            (table(report, caption, &columns, &rows, ROWS))
        }
    }
}

fn handed(report: &Report) -> Markup {
    let columns = [
        Column("经由", "over", Set::Words),
        Column("方式", "how", Set::Words),
        Column("条目", "entries", Set::Number),
    ];
    let row = |it: &Handed| {
        let how = if it.carried {
            Bilingual::new("存储盘导入", "a memory stick")
        } else {
            Bilingual::new("补发", "filled on request")
        };
        Row::of(vec![
            html! { (report.name(it.office)) },
            html! { (how) },
            number(it.entries),
        ])
    };
    let rows: Vec<Row> = report.custody.handed.iter().map(row).collect();
    let caption = (
        "非经作者日志主题首次到达的条目（跨总线转发与作者自发同在日志主题，帧中不署转发者）",
        "Entries that first came out of others' hands (relays between buses use the log's own topic and sign nothing, so frames do not tell them)",
    );
    html! {
        @if rows.is_empty() {
            p { (report.lead_in()) (t("所有条目均首次经其日志主题到达。", "Every entry first came on its log's own topic.")) }
        } @else {
            (table(report, caption, &columns, &rows, ROWS))
        }
    }
}
