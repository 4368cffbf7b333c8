//! The map: a schematic of the ground with incidents, closed crossings, hazards and flows of aid.

mod sheet;

use maud::{Markup, html};
use protocol::{PartyId, Point, Severity};

use super::speech::{colour, drawn, shape, t, word};
use super::table::{Column, Row, Set, maybe, table};
use crate::account::Report;
use crate::bilingual::Bilingual;
use crate::scene::{ClosedRoad, Track};
use sheet::Sheet;

/// Incidents drawn; of more, the gravest.
const MARKS: usize = 3_000;

/// Flows drawn; of more, the widest.
const FLOWS: usize = 40;

/// Closed crossings and notices of a track that carry a label.
const LABELS: usize = 10;

pub(super) fn section(report: &Report) -> Markup {
    let ground = &report.ground;
    html! {
        section {
            h2 id="map" { (report.lead_in()) (t("态势图", "Map")) }
            @if ground.is_drawn() {
                (drawing(report))
                (legend(report))
                p class="soft" { (report.lead_in()) (ground.disclaimer) }
            } @else {
                p class="soft" { (report.lead_in()) (t("没有底图数据。", "There is no ground to draw on.")) }
            }
            (closures(report))
        }
    }
}

fn drawing(report: &Report) -> Markup {
    let sheet = Sheet::over(&report.ground);
    let (width, height) = sheet.size();
    html! {
        figure {
            svg viewBox=(format!("0 0 {width:.0} {height:.0}")) role="img" aria-label="态势图 map" {
                defs {
                    clipPath id="frame" { rect width=(format!("{width:.0}")) height=(format!("{height:.0}")) {} }
                    marker id="head" markerUnits="userSpaceOnUse" markerWidth="17" markerHeight="17"
                        refX="6" refY="8" orient="auto" { path d="M0 0 16 8 0 16Z" fill="#009e73" {} }
                    @for severity in Severity::ALL {
                        path id=(format!("i-{severity}")) d=(shape(*severity)) stroke=(colour(*severity))
                            stroke-width="1.4" {}
                    }
                }
                g clip-path="url(#frame)" {
                    rect width=(format!("{width:.0}")) height=(format!("{height:.0}")) fill="#e8f1f6" {}
                    (ground(report, &sheet))
                    (areas(report, &sheet))
                    (incidents(report, &sheet))
                    (flows(report, &sheet))
                    @for track in &report.scene.tracks { (storm(report, &sheet, track)) }
                    (crossings(report, &sheet))
                    (cities(report, &sheet))
                    (inscription(report, height))
                }
                rect width=(format!("{width:.0}")) height=(format!("{height:.0}")) fill="none" stroke="#59636e" {}
            }
        }
    }
}

fn ground(report: &Report, sheet: &Sheet) -> Markup {
    html! {
        // One by one: rings that overlap must not cancel each other.
        @for ring in &report.ground.land {
            path d=(sheet.rings(std::slice::from_ref(ring))) fill="#eceae4" {}
        }
        @for city in &report.ground.cities {
            path d=(sheet.rings(&city.rings)) fill="#fbf9f4" stroke="#8c959f" fill-rule="evenodd" {}
        }
        @for line in &report.ground.water {
            path d=(sheet.line(line)) fill="none" stroke="#9ec5d8" stroke-width="1.2" {}
        }
    }
}

fn areas(report: &Report, sheet: &Sheet) -> Markup {
    html! {
        @for area in &report.scene.areas {
            path d=(sheet.rings(std::slice::from_ref(&area.ring))) fill="#cc79a7" fill-opacity=".18"
                stroke="#cc79a7" stroke-dasharray="5 3" { title { (area.name) } }
        }
    }
}

fn incidents(report: &Report, sheet: &Sheet) -> Markup {
    let mut marks: Vec<_> = report
        .scene
        .incidents
        .iter()
        .filter(|mark| sheet.holds(mark.point))
        .collect();
    marks.sort_by_key(|mark| mark.severity);
    marks.truncate(MARKS);
    html! {
        // The gravest last, so that they lie on top.
        @for mark in marks.iter().rev() {
            @let (x, y) = sheet.place(mark.point);
            @let fill = if mark.reached { colour(mark.severity) } else { "#fff" };
            use href=(format!("#i-{}", mark.severity)) x=(format!("{x:.1}")) y=(format!("{y:.1}"))
                fill=(fill) fill-opacity=".8" {}
        }
    }
}

fn flows(report: &Report, sheet: &Sheet) -> Markup {
    let mut flows: Vec<_> = report.aid.between().collect();
    flows.sort_by_key(|flow| (std::cmp::Reverse(flow.commits), flow.from, flow.to));
    flows.truncate(FLOWS);
    let most = flows.first().map_or(1, |flow| flow.commits).max(1);
    let ends = |flow: &crate::aid::Flow| {
        let from = report.ground.city(flow.from)?.seat;
        let to = report.ground.city(flow.to)?.seat;
        Some(sheet.bow(from, to))
    };
    html! {
        @for flow in flows.iter().rev() {
            @if let Some((path, (x, y))) = ends(flow) {
                @let width = 1.5 + 6.0 * sheet::ratio(flow.commits, most);
                path d=(path) fill="none" stroke="#009e73" stroke-opacity=".75"
                    stroke-width=(format!("{width:.1}")) marker-end="url(#head)" {
                    title { (both(report, flow.from)) " → " (both(report, flow.to)) " " (flow.commits) }
                }
                text x=(format!("{x:.1}")) y=(format!("{:.1}", y + 4.0)) font-size="12" font-weight="700"
                    text-anchor="middle" stroke="#fff" stroke-width="3" paint-order="stroke" { (flow.commits) }
            }
        }
    }
}

/// A name in both languages, for a title, which no style can switch.
fn both(report: &Report, party: PartyId) -> String {
    let name = report.name(party);
    format!("{} {}", name.zh, name.en)
}

fn storm(report: &Report, sheet: &Sheet, track: &Track) -> Markup {
    let points: Vec<Point> = track.points.iter().map(|told| told.point).collect();
    let last = points.last().copied();
    let forecast: Vec<Point> = last
        .into_iter()
        .chain(track.forecast.iter().copied())
        .collect();
    let every = track.points.len().div_ceil(LABELS).max(1);
    html! {
        path d=(sheet.line(&points)) fill="none" stroke="#9b2f7d" stroke-width="2.5" { title { (track.name) } }
        path d=(sheet.line(&forecast)) fill="none" stroke="#9b2f7d" stroke-width="2" stroke-dasharray="2 5" {}
        @for (place, told) in track.points.iter().enumerate() {
            @let (x, y) = sheet.place(told.point);
            circle cx=(format!("{x:.1}")) cy=(format!("{y:.1}")) r=(format!("{:.1}", 2.0 + f64::from(told.wind_ms) / 15.0))
                fill="#fff" stroke="#9b2f7d" stroke-width="1.6" {}
            @if place % every == 0 && sheet.holds(told.point) {
                text x=(format!("{:.1}", x + 8.0)) y=(format!("{:.1}", y - 5.0)) font-size="10.5"
                    stroke="#fff" stroke-width="2.5" paint-order="stroke" { (report.clock(told.at)) }
            }
        }
    }
}

fn crossings(report: &Report, sheet: &Sheet) -> Markup {
    let labelled = report.scene.closed.len() <= LABELS;
    let middle = |road: &ClosedRoad| {
        let line = &report.ground.crossing(road.road)?.line;
        line.get(line.len() / 2).copied()
    };
    html! {
        @for road in &report.scene.closed {
            @if let Some(point) = middle(road) {
                @let (x, y) = sheet.place(point);
                g transform=(format!("translate({x:.1} {y:.1})")) {
                    circle r="7.5" fill="#fff" stroke="#1b1f24" stroke-width="1.5" {}
                    path d="M-4-4 4 4M-4 4 4-4" stroke="#1b1f24" stroke-width="2.4" {}
                    @if labelled {
                        @if let Some(name) = &road.name {
                            text x="11" y="4" font-size="11" stroke="#fff" stroke-width="3"
                                paint-order="stroke" { (drawn(&name.zh, &name.en)) }
                        }
                    }
                }
            }
        }
    }
}

fn cities(report: &Report, sheet: &Sheet) -> Markup {
    html! {
        @for city in &report.ground.cities {
            @let (x, y) = sheet.place(city.seat);
            circle cx=(format!("{x:.1}")) cy=(format!("{y:.1}")) r="3" fill="#1b1f24" {}
            text x=(format!("{x:.1}")) y=(format!("{:.1}", y - 8.0)) font-size="15" font-weight="600"
                text-anchor="middle" stroke="#fff" stroke-width="4" paint-order="stroke" {
                (drawn(&city.name.zh, &city.name.en))
            }
        }
    }
}

/// What stands in the drawing itself, so that a copied picture still says it.
fn inscription(report: &Report, height: f64) -> Markup {
    let disclaimer = &report.ground.disclaimer;
    html! {
        text x="10" y="20" font-size="13" font-weight="700" stroke="#fff" stroke-width="3" paint-order="stroke" {
            (report.lead_in()) (drawn(&report.run.title.zh, &report.run.title.en)) " "
            (report.clock(report.run.to))
        }
        text x="10" y=(format!("{:.0}", height - 10.0)) font-size="12" stroke="#fff" stroke-width="3"
            paint-order="stroke" {
            (report.lead_in()) (drawn(&disclaimer.zh, &disclaimer.en))
        }
    }
}

fn legend(report: &Report) -> Markup {
    let shown = report.scene.incidents.len().min(MARKS);
    let omitted = report.scene.incidents.len() - shown;
    let icon = |path: &str, fill: &str, stroke: &str| {
        html! {
            svg width="16" height="16" viewBox="-8 -8 16 16" aria-hidden="true" {
                path d=(path) fill=(fill) stroke=(stroke) stroke-width="1.5" {}
            }
        }
    };
    html! {
        ul class="legend" {
            @for severity in Severity::ALL {
                li { (icon(shape(*severity), colour(*severity), colour(*severity))) (word(severity.label())) }
            }
            li { (icon(shape(Severity::Moderate), "#fff", "#59636e")) (t("空心：无队伍到场", "hollow: reached by nobody")) }
            li { (icon("M-7 0H7", "none", "#009e73")) (t("跨市支援，线宽与数字为调派数", "aid between cities; width and figure: commitments")) }
            li { (icon("M-4-4 4 4M-4 4 4-4", "none", "#1b1f24")) (t("曾封闭的道路", "crossing closed at some time")) }
            li { (icon("M-7 0H7", "none", "#9b2f7d")) (t("已发布的风暴路径，虚线为预报", "storm track as announced; dotted: forecast")) }
        }
        @if omitted > 0 {
            p class="soft" {
                (report.lead_in())
                (t(&format!("图上从略 {omitted} 起程度较轻的事件。"), &format!("{omitted} less urgent incidents are not drawn.")))
            }
        }
    }
}

/// A road that is no crossing has no name but its id.
fn section_of(road: &ClosedRoad) -> Markup {
    let id = road.road;
    t(&format!("路段 {id}"), &format!("road section {id}"))
}

fn closures(report: &Report) -> Markup {
    let columns = [
        Column("道路", "road", Set::Words),
        Column("封闭", "closed", Set::Time),
        Column("恢复", "reopened", Set::Time),
        Column("原因", "reason", Set::Words),
    ];
    let row = |road: &ClosedRoad| {
        Row::of(vec![
            html! { @if let Some(name) = &road.name { (name) } @else { (section_of(road)) } },
            html! { (report.clock(road.from)) },
            maybe(road.to.map(|to| report.clock(to))),
            html! { (Bilingual::said(&road.reason)) },
        ])
    };
    let rows: Vec<Row> = report.scene.closed.iter().map(row).collect();
    html! {
        @if !rows.is_empty() {
            (table(report, ("曾封闭的道路", "Roads that were closed"), &columns, &rows, 60))
        }
    }
}
