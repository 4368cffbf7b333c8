//! What is in force: warnings, responses, hazards, closed roads.

use maud::{Markup, html};

use super::super::speech::word;
use super::{Head, said, table};
use crate::bilingual::{Bilingual, event};
use crate::paper::Paper;

pub(super) fn section(paper: &Paper) -> Markup {
    html! {
        (warnings(paper))
        (responses(paper))
        (hazards(paper))
        (roads(paper))
    }
}

fn warnings(paper: &Paper) -> Markup {
    let heads = [
        Head("预警", "warning"),
        Head("发布", "issued"),
        Head("起止", "from, until"),
        Head("警示与措施", "matters and measures"),
    ];
    let rows = paper.picture.warnings(paper.as_of).map(|state| {
        let warning = &state.warning;
        let until = warning.until;
        vec![
            html! { b { (event(&warning.hazard)) " " (word(warning.colour.label())) } },
            html! { (said(&warning.issuer)) " " (paper.clock(warning.issued_at)) },
            html! { (paper.clock(warning.from)) " – " (until.map_or_else(String::new, |until| paper.clock(until))) },
            html! { (said(&warning.matters)) " " (said(&warning.measures)) },
        ]
    });
    table(
        paper,
        ("生效预警", "Warnings in force"),
        &heads,
        rows.collect(),
    )
}

fn responses(paper: &Paper) -> Markup {
    let heads = [
        Head("单位", "office"),
        Head("响应", "response"),
        Head("级别", "level"),
        Head("启动", "since"),
        Head("措施", "measures"),
    ];
    let authors = paper.picture.authors().iter();
    let responses = authors.flat_map(|(author, known)| {
        let responses = known.state.responses.values();
        responses.map(move |response| (*author, response))
    });
    let rows = responses.filter_map(|(author, response)| {
        let level = response.level?;
        Some(vec![
            html! { (paper.names.name(author)) },
            html! { (said(&response.matter)) },
            word(level.label()),
            html! { (paper.clock(response.at)) },
            html! { (said(&response.measures)) },
        ])
    });
    table(
        paper,
        ("应急响应", "Responses in force"),
        &heads,
        rows.collect(),
    )
}

fn hazards(paper: &Paper) -> Markup {
    let heads = [
        Head("险情", "hazard"),
        Head("名称", "name"),
        Head("截至", "as of"),
    ];
    let rows = paper.picture.advisories().map(|advisory| {
        vec![
            html! { (event(&advisory.hazard)) },
            html! { (said(&advisory.name)) },
            html! { (paper.clock(advisory.as_of)) },
        ]
    });
    table(paper, ("险情", "Hazards announced"), &heads, rows.collect())
}

fn roads(paper: &Paper) -> Markup {
    let heads = [
        Head("道路", "road"),
        Head("原因", "why"),
        Head("截至", "as of"),
    ];
    let rows = paper.picture.closed_roads().map(|(road, status)| {
        let name = paper.names.road(road).cloned();
        vec![
            html! { (name.unwrap_or_else(|| Bilingual::same(&road.to_string()))) },
            html! { (said(&status.reason)) },
            html! { (paper.clock(status.as_of)) },
        ]
    });
    table(paper, ("封闭道路", "Roads closed"), &heads, rows.collect())
}
