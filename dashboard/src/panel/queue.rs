//! Pane 1, the incident queue: the most urgent first, with how much of what it needs is committed.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use protocol::{Severity, Stage};

use super::{Row, column, framed, list};
use crate::colours::SELECTION;
use crate::pane::Pane;
use crate::view::{QueueRow, View};
use crate::width::{clean, fit};
use crate::wording as say;

/// Cells of the columns that do not stretch.
struct Columns {
    urgency: usize,
    stage: usize,
    level: usize,
    office: usize,
    age: usize,
    cover: usize,
    event: usize,
    place: usize,
}

/// ```text
/// ┌ [1] 事件队列 8 ──────────────────────────────────────┐
/// │紧急度  级别 事件            城市 历时   力量  阶段   │
/// │⬢ 危急  Ⅱ   堤防险情 井岸镇  珠   12m    2/3   确认   │
/// └──────────────────────────────────────────────────────┘
/// ```
pub(super) fn draw_queue(frame: &mut Frame<'_>, view: &View, queue: &[QueueRow<'_>], area: Rect) {
    let inner = framed(frame, view, (Pane::Queue, area), &queue.len().to_string());
    let columns = columns(view, usize::from(inner.width));
    let heading = heading(view, &columns);
    frame.render_widget(
        heading,
        Rect {
            height: inner.height.min(1),
            ..inner
        },
    );
    let below = Rect {
        y: inner.y + inner.height.min(1),
        height: inner.height.saturating_sub(1),
        ..inner
    };
    let chosen = view.chosen_row(queue);
    let lines = queue
        .iter()
        .enumerate()
        .map(|(at, row)| {
            let marked = at == chosen && view.focus == Pane::Queue;
            let line = line(view, row, (&columns, if marked { ">" } else { " " }));
            if marked {
                let filled = fit(&line.to_string(), usize::from(below.width));
                Line::styled(filled, SELECTION)
            } else {
                line
            }
        })
        .collect();
    let first = chosen.saturating_sub(usize::from(below.height).saturating_sub(2));
    list(frame, view, below, (lines, first));
}

fn columns(view: &View, cells: usize) -> Columns {
    let words = Severity::ALL.iter().map(|one| view.word(one.label()));
    let stages = [Stage::Suspected, Stage::Confirmed, Stage::Controlled];
    // The mark of the chosen row, the sign, a space and the word.
    let urgency = column(words).max(4) + 3;
    let mut columns = Columns {
        urgency: urgency.max(column(std::iter::once(view.word(say::COL_URGENCY)))),
        stage: column(stages.iter().map(|one| view.word(one.label()))),
        level: column(std::iter::once(view.word(say::COL_LEVEL))),
        office: column(std::iter::once(view.word(say::COL_OFFICE))),
        age: 6,
        cover: 5,
        event: 0,
        place: 0,
    };
    let fixed = |columns: &Columns| {
        columns.urgency + columns.level + columns.office + columns.age + columns.cover + 6
    };
    if cells < fixed(&columns) + columns.stage + 1 + 16 {
        columns.stage = 0;
    }
    let stretch = cells.saturating_sub(fixed(&columns) + columns.stage + 1);
    if stretch > 24 {
        columns.event = stretch / 2 - 1;
        columns.place = stretch - columns.event - 2;
    } else {
        columns.event = stretch;
    }
    columns
}

fn heading(view: &View, columns: &Columns) -> Line<'static> {
    let style = view.colours().heading();
    let word = |label| view.word(label);
    let mut row = Row::new()
        .left(word(say::COL_URGENCY), columns.urgency, style)
        .left(word(say::COL_LEVEL), columns.level, style)
        .left(word(say::COL_EVENT), columns.event, style);
    if columns.place > 0 {
        row = row.left(word(say::COL_PLACE), columns.place, style);
    }
    row = row
        .left(word(say::COL_OFFICE), columns.office, style)
        .right(word(say::COL_AGE), columns.age, style)
        .right(word(say::COL_COVER), columns.cover, style);
    if columns.stage > 0 {
        row = row.left(word(say::COL_STAGE), columns.stage, style);
    }
    row.line()
}

fn line(view: &View, row: &QueueRow<'_>, (columns, mark): (&Columns, &str)) -> Line<'static> {
    let (colours, report) = (view.colours(), &row.incident.report);
    let sign = view.glyphs().severity(report.severity);
    let urgency = format!("{mark}{sign} {}", view.word(report.severity.label()));
    let event = view.ground.event(view.lang(), &report.event);
    let place = clean(&report.place);
    let stale = view.is_stale(row.id.author);
    let age = view.now().since(row.incident.opened_at);
    let mark = if stale { "?" } else { "" };
    let mut line = Row::new()
        .left(&urgency, columns.urgency, colours.severity(report.severity))
        .left(
            view.glyphs().level(report.level),
            columns.level,
            colours.level(report.level),
        );
    line = if columns.place > 0 {
        line.left(&event, columns.event, colours.text())
            .left(&place, columns.place, colours.text())
    } else {
        line.left(&format!("{event} {place}"), columns.event, colours.text())
    };
    let (cover, cover_style) = cover(view, row);
    line = line
        .left(
            &view.ground.short(view.lang(), row.id.author),
            columns.office,
            colours.text(),
        )
        .right(
            &format!("{age}{mark}"),
            columns.age,
            if stale { colours.dim() } else { colours.text() },
        )
        .right(&cover, columns.cover, cover_style);
    if columns.stage > 0 {
        line = line.left(
            view.word(report.stage.label()),
            columns.stage,
            colours.text(),
        );
    }
    line.line()
}

/// What is committed of what is needed: `2/3`.
fn cover(view: &View, row: &QueueRow<'_>) -> (String, Style) {
    let (covered, wanted) = (row.cover.covered, row.cover.quantity);
    if wanted == 0 {
        return ("-".to_owned(), view.colours().dim());
    }
    let style = if covered < wanted {
        view.colours().attention()
    } else {
        view.colours().text()
    };
    (format!("{covered}/{wanted}"), style)
}
