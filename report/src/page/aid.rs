//! Mutual aid: sums, who lent to whom, double commitments if any, and the ledger.

use maud::{Markup, html};
use protocol::{Moment, PartyId};

use super::speech::{t, word};
use super::table::{Column, Row, Set, mark_cell, mark_head, maybe, number, table};
use crate::account::Report;
use crate::aid::LedgerRow;

/// Rows of the ledger that a page shows.
const ROWS: usize = 300;

pub(super) fn section(report: &Report) -> Markup {
    html! {
        section {
            h2 id="aid" { (report.lead_in()) (t("互助：支出与接受", "Mutual aid given and received")) }
            (sums(report))
            (doubled(report))
            (matrix(report))
            (ledger(report))
        }
    }
}

fn sums(report: &Report) -> Markup {
    let aid = &report.aid;
    let zh = format!(
        "需求 {} 项，其中向外市请求 {} 项；本市调派 {}，跨市调派 {}（到场 {}，归建 {}）；无法支援 {} 次，接受后未调派 {} 次。",
        aid.needs,
        aid.asked,
        aid.own,
        aid.lent,
        aid.arrived,
        aid.returned,
        aid.declined,
        aid.refused,
    );
    let en = format!(
        "{} needs, {} of them asked of others; {} commitments at home, {} to others ({} arrived, {} returned); \
         {} declines, {} accepted offers not committed.",
        aid.needs,
        aid.asked,
        aid.own,
        aid.lent,
        aid.arrived,
        aid.returned,
        aid.declined,
        aid.refused,
    );
    html! { p { (report.lead_in()) (t(&zh, &en)) " " (report.as_of()) } }
}

fn doubled(report: &Report) -> Markup {
    let columns = [
        Column("时间", "time", Set::Time),
        Column("单位", "unit", Set::Words),
        Column("先", "first", Set::Words),
        Column("后", "second", Set::Words),
    ];
    let row = |double: &crate::aid::DoubleCommit| {
        Row::of(vec![
            html! { (report.clock(double.at)) },
            html! { (double.resource) },
            html! { (double.first) },
            html! { (double.second) },
        ])
    };
    let rows: Vec<Row> = report.aid.double_commits.iter().map(row).collect();
    html! {
        @if rows.is_empty() {
            p { (report.lead_in()) (t("没有重复调派。", "No unit was committed twice at one time.")) }
        } @else {
            (table(report, ("重复调派", "Double commitments"), &columns, &rows, 60))
        }
    }
}

/// Who takes part in the matrix: cities of the ground, then others that lent or borrowed.
fn parties(report: &Report) -> Vec<PartyId> {
    let mut parties: Vec<PartyId> = report
        .ground
        .cities
        .iter()
        .map(|city| city.office)
        .collect();
    for flow in &report.aid.flows {
        for party in [flow.from, flow.to] {
            if !parties.contains(&party) {
                parties.push(party);
            }
        }
    }
    parties
}

fn matrix(report: &Report) -> Markup {
    let parties = parties(report);
    let commits = |from: PartyId, to: PartyId| {
        let mut flows = report.aid.flows.iter();
        let found = flows.find(|flow| flow.from == from && flow.to == to);
        found.map_or(0, |flow| flow.commits)
    };
    let lent = |party: PartyId| -> u64 {
        report
            .aid
            .between()
            .filter(|flow| flow.from == party)
            .map(|flow| flow.commits)
            .sum()
    };
    let borrowed = |party: PartyId| -> u64 {
        report
            .aid
            .between()
            .filter(|flow| flow.to == party)
            .map(|flow| flow.commits)
            .sum()
    };
    html! {
        @if !report.aid.flows.is_empty() {
            div class="wide" { table {
                caption {
                    (report.lead_in())
                    (t("调派矩阵：行为支出，列为接受（灰色为本市自用）", "Commitments: rows lend, columns receive (grey: a city's own)"))
                    " · " (report.as_of())
                }
                thead { tr {
                    (mark_head(report))
                    th { (t("支出＼接受", "lends ＼ receives")) }
                    @for party in &parties { th class="num" { (report.name(*party)) } }
                    th class="num" { (t("支出合计", "lent")) }
                } }
                tbody {
                    @for from in &parties { tr {
                        (mark_cell(report))
                        td { (report.name(*from)) }
                        @for to in &parties {
                            td class=(if from == to { "num own" } else { "num" }) { (number(commits(*from, *to))) }
                        }
                        td class="num" { (number(lent(*from))) }
                    } }
                    tr class="sum" {
                        (mark_cell(report))
                        td { (t("接受合计", "received")) }
                        @for to in &parties { td class="num" { (number(borrowed(*to))) } }
                        td class="num" { (number(report.aid.lent)) }
                    }
                }
            } }
        }
    }
}

fn ledger(report: &Report) -> Markup {
    let columns = [
        Column("请求", "asked", Set::Time),
        Column("需求", "need", Set::Words),
        Column("请求方", "asker", Set::Words),
        Column("类别×数量", "what", Set::Words),
        Column("支援方", "owner", Set::Words),
        Column("资源", "resource", Set::Words),
        Column("答复", "offered", Set::Time),
        Column("确认", "accepted", Set::Time),
        Column("调派", "committed", Set::Time),
        Column("到场", "arrived", Set::Time),
        Column("归建", "returned", Set::Time),
        Column("结果", "outcome", Set::Words),
    ];
    let rows: Vec<Row> = report
        .aid
        .ledger
        .iter()
        .map(|row| line(report, row))
        .collect();
    html! {
        @if rows.is_empty() {
            p { (report.lead_in()) (t("没有跨市请求或支援。", "No aid was asked of others or given to others.")) }
        } @else {
            (table(report, ("互助台账", "Aid ledger"), &columns, &rows, ROWS))
        }
    }
}

fn line(report: &Report, row: &LedgerRow) -> Row {
    let clock = |at: Option<Moment>| maybe(at.map(|at| report.clock_after(row.asked_at, at)));
    let (zh, en) = row.outcome.label();
    Row::of(vec![
        html! { (report.clock(row.asked_at)) },
        html! { span class="id" { (row.need) } },
        html! { (report.name(row.need.author)) },
        html! { (word(row.kind.label())) "×" (row.quantity) },
        html! { @if let Some(owner) = row.owner { (report.name(owner)) } @else { "–" } },
        html! { span class="id" { (maybe(row.resource)) } },
        clock(row.offered_at),
        clock(row.accepted_at),
        clock(row.committed_at),
        clock(row.arrived_at),
        clock(row.returned_at),
        t(zh, en),
    ])
}
