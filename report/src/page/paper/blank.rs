//! Rows to write on by hand, and how they are entered afterwards.

use maud::{Markup, html};

use super::super::speech::t;
use crate::paper::Paper;

/// Rows of the two sheets: what fits a page of A4 at 9 mm a row.
const INCIDENT_ROWS: usize = 21;
const LOG_ROWS: usize = 25;

const INCIDENT: [(&str, &str); 8] = [
    ("事发", "occurred"),
    ("接报", "received"),
    ("来源", "from whom"),
    ("地点", "place"),
    ("情况（类别、级别、伤亡）", "what (kind, level, harm)"),
    ("需求", "needs"),
    ("签发", "signed"),
    ("已补录", "entered"),
];

const LOG: [(&str, &str); 7] = [
    ("时间", "time"),
    ("来源", "from whom"),
    (
        "内容（续报、终报、命令、通知）",
        "what (follow-up, final, order, notice)",
    ),
    ("单位与状态", "unit and state"),
    ("物资数", "stock"),
    ("签发/审核", "signed/checked"),
    ("已补录", "entered"),
];

pub(super) fn section(paper: &Paper) -> Markup {
    let office = paper.order.office;
    html! {
        div class="fresh-page" {
            h2 { (paper.mark()) (t("新事件登记（手写）", "New incidents, by hand")) }
            (lines(&INCIDENT, INCIDENT_ROWS))
            (afterwards(office.as_str()))
        }
        div class="fresh-page" {
            h2 { (paper.mark()) (t("值班记录（手写）", "Duty log, by hand")) }
            (lines(&LOG, LOG_ROWS))
        }
    }
}

fn lines(heads: &[(&str, &str)], rows: usize) -> Markup {
    html! {
        table class="list blank" {
            thead { tr { @for (zh, en) in heads { th { (t(zh, en)) } } } }
            tbody { @for _ in 0..rows { tr { @for _ in heads { td {} } } } }
        }
    }
}

/// The commands that enter what was written, with its own times.
fn afterwards(office: &str) -> Markup {
    let to = format!("liandong command --run RUN --office {office}");
    let commands = [
        "report --at 14:05 --known 14:07 --place … --event … --summary …",
        "follow-up INCIDENT --at 14:40 \"…\"    follow-up INCIDENT --kind final --at 16:10 \"…\"",
        "unit UNIT working --caller … --called 14:25",
        "stock STOCK 1200 --counted 15:00",
        "note --at 14:10 \"…\"",
    ];
    html! {
        p {
            (t(
                "恢复后按时间先后补录，各用原始时间（早于 12 小时的写明日期，如 2018-09-16T14:05:00+08:00）：",
                "Afterwards enter these in the order of their times, each with its own (with the date where it is more than 12 hours ago, as 2018-09-16T14:05:00+08:00):",
            ))
        }
        pre { (to) " …\n" @for command in commands { "  " (command) "\n" } }
    }
}
