//! An incident in full: its chain of reports, its needs, who offers, holds and commits what.

use picture::{Aid, Incident, Leading, Need, Offer, OfferState};
use protocol::{IncidentId, NeedId};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use super::aid::ring;
use super::custody::{custody_lines, held_briefly, is_obeyed};
use super::{boxed, list};
use crate::clock::time_of_day;
use crate::colours::FOCUS;
use crate::popup::popup;
use crate::view::View;
use crate::width::{clean, wrap};
use crate::wording as say;

/// ```text
/// ┌ 事件详情 440400-1-17 ────────────────────────┐
/// │堤防险情 井岸镇  珠海市  紧急  Ⅱ级  确认     │
/// │事发 14:02  接报 14:05  指挥 珠海市           │
/// │留存与办理                                    │
/// │ #482 本席已收  已存于 7/9: 东 西 …           │
/// │报告                                          │
/// │ #0 首报 14:06 两处管涌                       │
/// │需求                                          │
/// │ 排涝车 2/3  缺 1 (本圈)  存 7/9              │
/// │   答复 深 x2 预留至 14:40                    │
/// │   调派 440300-s01-pump-1 在途 已受令 存 7/9  │
/// └──────────────────────────────────────────────┘
/// ```
pub(crate) fn draw_detail(
    frame: &mut Frame<'_>,
    view: &View,
    area: Rect,
    (id, scroll): (IncidentId, usize),
) {
    let title = format!("{} {id}", view.word(say::PANE_DETAIL));
    let size = (
        area.width.saturating_sub(8).min(100),
        area.height.saturating_sub(4).min(34),
    );
    let inner = popup(frame, area, size, boxed(view, &title));
    let cells = usize::from(inner.width);
    let mut lines = Vec::new();
    if let Some(incident) = view.picture.incident(id) {
        lines.extend(head(view, id, incident, cells));
        lines.extend(custody_lines(view, id, cells));
        let chain = incident.chain.iter().rev().flat_map(|brief| {
            let text = format!(
                " #{} {} {} {}",
                brief.report_no,
                view.word(brief.kind.label()),
                clock(view, brief.at),
                clean(&brief.summary)
            );
            told(&text, cells, view.colours().text())
        });
        lines.push(section(view, say::REPORTS));
        lines.extend(chain);
        lines.push(section(view, say::NEEDS));
        for (need_id, need) in view.picture.needs() {
            if need.request.incident == id {
                lines.extend(need_lines(view, *need_id, need, cells));
            }
        }
    }
    list(frame, view, inner, (lines, scroll));
}

fn clock(view: &View, at: protocol::Moment) -> String {
    time_of_day(at, view.ground.offset_min)
}

fn section(view: &View, label: protocol::Label) -> Line<'static> {
    Line::styled(view.word(label), view.colours().heading())
}

fn told(text: &str, cells: usize, style: Style) -> Vec<Line<'static>> {
    let lines = wrap(text, cells.max(2)).into_iter();
    lines.map(|line| Line::styled(line, style)).collect()
}

fn head(view: &View, id: IncidentId, incident: &Incident, cells: usize) -> Vec<Line<'static>> {
    let report = &incident.report;
    let first = format!(
        "{} {}  {}  {} {}  {}  {}",
        view.ground.event(view.lang(), &report.event),
        clean(&report.place),
        view.ground.area(view.lang(), report.area),
        view.glyphs().severity(report.severity),
        view.word(report.severity.label()),
        view.word(report.level.label()),
        view.word(report.stage.label()),
    );
    let lead = match view.picture.leading(id) {
        Leading::Opener(office) | Leading::Settled(office) => view.ground.name(view.lang(), office),
        Leading::Unsettled(_) => view.word(say::UNSETTLED).to_owned(),
    };
    let second = format!(
        "{} {}  {} {}  {} {lead}",
        view.word(say::OCCURRED),
        clock(view, report.occurred_at),
        view.word(say::KNOWN),
        clock(view, report.known_at),
        view.word(say::LEADER),
    );
    let mut lines = told(&first, cells, FOCUS);
    lines.extend(told(&second, cells, view.colours().text()));
    lines
}

fn need_lines(view: &View, id: NeedId, need: &Need, cells: usize) -> Vec<Line<'static>> {
    let coverage = view.picture.coverage(id);
    let mut text = format!(
        " {} {}/{} ({})",
        view.word(need.request.kind.label()),
        coverage.covered,
        coverage.quantity,
        ring(view, need),
    );
    if coverage.open() > 0 && need.ended.is_none() {
        text = format!(
            "{text} {} {}",
            view.word(say::MISSING_UNITS),
            coverage.open()
        );
    }
    text.push_str(&held_briefly(view, view.trace.need(id)));
    let style = if coverage.open() > 0 {
        view.colours().attention()
    } else {
        view.colours().text()
    };
    let mut lines = told(&text, cells, style);
    for offer in view.picture.offers_for(id) {
        lines.extend(told(
            &offer_words(view, offer),
            cells,
            view.colours().text(),
        ));
    }
    for aid in view.picture.aids_for(id) {
        lines.extend(told(&aid_words(view, aid), cells, view.colours().text()));
    }
    lines
}

fn offer_words(view: &View, offer: &Offer) -> String {
    let held = if offer.state == OfferState::Open {
        let until = clock(view, offer.offer.hold_until);
        format!(" {} {until}", view.word(say::HOLD_UNTIL))
    } else {
        String::new()
    };
    format!(
        "   {} {} x{}{held}",
        view.word(say::OFFERS),
        view.ground.short(view.lang(), offer.offer.offer.author),
        offer.offer.lines.len(),
    )
}

fn aid_words(view: &View, aid: &Aid) -> String {
    let commit = &aid.commit;
    let owner = view.picture.state(commit.aid.author);
    let unit = owner
        .and_then(|state| state.holdings.get(&commit.resource))
        .and_then(|holding| holding.unit());
    let serves = unit.filter(|unit| unit.aid == Some(commit.aid));
    let state = serves.map_or("", |unit| view.word(unit.state.label()));
    let arrived = aid.arrived_at.map_or_else(String::new, |at| {
        format!(" {} {}", view.word(say::ARRIVED), clock(view, at))
    });
    let mark = if view.is_stale(commit.aid.author) {
        "?"
    } else {
        ""
    };
    let obeyed = if is_obeyed(view, aid) {
        format!(" {}", view.word(say::OBEYED))
    } else {
        String::new()
    };
    format!(
        "   {} {} {} x{} {state}{obeyed}{arrived}{mark}{}",
        view.word(say::COMMITS),
        view.ground.short(view.lang(), commit.aid.author),
        commit.resource,
        commit.quantity,
        held_briefly(view, view.trace.aid(commit.aid)),
    )
}
