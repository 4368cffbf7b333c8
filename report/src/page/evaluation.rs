//! 评估: objectives with their grades, and what was seen of what was expected.

use maud::{Markup, html};
use protocol::{Figure, Measure};

use super::speech::t;
use super::table::{Column, Row, Set, maybe, table};
use crate::account::Report;
use crate::evaluation::{Expectation, Reached};

/// Rows that a list of this section shows.
const ROWS: usize = 120;

pub(super) fn section(report: &Report) -> Markup {
    let found = &report.evaluation;
    html! {
        @if !found.is_empty() {
            section {
                h2 id="evaluation" { (report.lead_in()) (t("评估", "Evaluation")) }
                @if !found.objectives.is_empty() { (objectives(report)) }
                @if !found.expected.is_empty() { (expected(report)) }
            }
        }
    }
}

fn objectives(report: &Report) -> Markup {
    let columns = [
        Column("目标", "objective", Set::Words),
        Column("内容", "what", Set::Words),
        Column("指标", "measured by", Set::Words),
        Column("结果", "figure", Set::Number),
        Column("最优线", "best up to", Set::Number),
        Column("等次", "grade", Set::Words),
    ];
    let row = |reached: &Reached| {
        Row::of(vec![
            html! { (reached.id) },
            html! { (reached.title) },
            match reached.measure.map(Measure::label) {
                Some(label) => t(label.zh, label.en),
                None => t("由评估员判定", "judged by people"),
            },
            maybe(reached.figure),
            maybe(reached.target),
            maybe(reached.grade.as_ref()),
        ])
    };
    let rows: Vec<Row> = report.evaluation.objectives.iter().map(row).collect();
    table(report, ("目标达成", "Objectives"), &columns, &rows, ROWS)
}

fn expected(report: &Report) -> Markup {
    let columns = [
        Column("注入", "inject", Set::Words),
        Column("内容", "what", Set::Words),
        Column("时间", "given", Set::Time),
        Column("预期行动", "expected action", Set::Words),
        Column("时限", "within", Set::Number),
        Column("实际", "seen after", Set::Number),
        Column("结论", "verdict", Set::Words),
        Column("目标", "objective", Set::Words),
    ];
    let row = |it: &Expectation| {
        Row::of(vec![
            html! { (it.number) },
            html! { (it.title) },
            html! { (report.clock(it.given)) },
            html! { (it.action) },
            html! { (it.within) },
            maybe(it.after.map(Figure::Time)),
            html! { (it.verdict.label()) },
            maybe(it.objective.as_ref()),
        ])
    };
    let rows: Vec<Row> = report.evaluation.expected.iter().map(row).collect();
    table(
        report,
        ("预期行动", "Expected actions"),
        &columns,
        &rows,
        ROWS,
    )
}
