//! From the view to a frame: which panes stand where at which size. Drawing only reads.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::pane::Pane;
use crate::panel::{
    draw_detail, draw_form, draw_header, draw_help, draw_hints, draw_pane, draw_quit, draw_tabs,
    draw_too_small,
};
use crate::view::{Layer, Size, View};

/// The smallest terminal that everything fits into: columns and rows.
pub(crate) const SMALLEST: (u16, u16) = (80, 24);

/// From here on there is room for every pane at once.
const MEDIUM: (u16, u16) = (120, 40);

/// From here on there are three columns.
const LARGE: (u16, u16) = (180, 50);

/// Draws the whole screen.
///
/// ```text
///   80x24               120x40                     200x60
/// ┌ header ──────┐   ┌ header ───────────────┐   ┌ header ───────────────────────┐
/// │ tabs         │   │ 5 map        │ 1      │   │ 5 map          │ 1     │ 4    │
/// │ 1 queue      │   │              │ queue  │   │                │ queue │ links│
/// │ 5 map │ 3    │   │              │ 2      │   │                │       │ 6 aid│
/// │       │ time │   │ 3 timeline   │ 4 │ 6  │   │ 3 timeline     │ 2 resources  │
/// └ hints ───────┘   └ hints ────────────────┘   └ hints ────────────────────────┘
/// ```
pub fn draw(frame: &mut Frame<'_>, view: &View) {
    let all = frame.area();
    if all.width < SMALLEST.0 || all.height < SMALLEST.1 {
        return draw_too_small(frame, view, all);
    }
    let small = all.width < MEDIUM.0 || all.height < MEDIUM.1;
    let top = if small { 3 } else { 2 };
    let (header, rest) = split_top(all, 2);
    draw_header(frame, view, header);
    if small {
        draw_tabs(frame, view, Rect { height: 1, ..rest });
    }
    let body = Rect::new(all.x, all.y + top, all.width, all.height - top - 1);
    let queue = view.queue();
    for (pane, area) in places(view, body) {
        draw_pane(frame, view, &queue, (pane, area));
    }
    let hints = Rect::new(all.x, all.bottom() - 1, all.width, 1);
    draw_hints(frame, view, hints);
    match &view.layer {
        Layer::Panes => {}
        Layer::Help { scroll } => draw_help(frame, view, body, *scroll),
        Layer::Detail { incident, scroll } => draw_detail(frame, view, body, (*incident, *scroll)),
        Layer::Quit { .. } => draw_quit(frame, view, body),
        Layer::Form(form) => draw_form(frame, view, body, form),
    }
}

/// Which panes are seen, and where.
fn places(view: &View, body: Rect) -> Vec<(Pane, Rect)> {
    let large = body.width >= LARGE.0 && body.height + 3 >= LARGE.1;
    let medium = body.width >= MEDIUM.0 && body.height + 3 >= MEDIUM.1;
    if view.size == Size::Whole {
        vec![(view.focus, body)]
    } else if large {
        large_places(body)
    } else if medium {
        medium_places(body)
    } else if view.focus == Pane::Queue {
        let (queue, below) = split_top(body, 8);
        let (map, timeline) = split_left(below, body.width * 11 / 20);
        vec![
            (Pane::Queue, queue),
            (Pane::Map, map),
            (Pane::Timeline, timeline),
        ]
    } else {
        vec![(view.focus, body)]
    }
}

fn medium_places(body: Rect) -> Vec<(Pane, Rect)> {
    let (left, right) = split_left(body, body.width * 11 / 20);
    let (map, timeline) = split_top(left, left.height - 10);
    let (queue, rest) = split_top(right, right.height / 3);
    let (resources, rest) = split_top(rest, 12);
    let (links, aid) = split_left(rest, rest.width / 2);
    vec![
        (Pane::Map, map),
        (Pane::Timeline, timeline),
        (Pane::Queue, queue),
        (Pane::Resources, resources),
        (Pane::Links, links),
        (Pane::Aid, aid),
    ]
}

fn large_places(body: Rect) -> Vec<(Pane, Rect)> {
    let (upper, lower) = split_top(body, body.height - 14);
    let (map, rest) = split_left(upper, body.width / 2);
    let (queue, rest) = split_left(rest, rest.width * 3 / 5);
    let (links, aid) = split_top(rest, 18.min(rest.height / 2));
    let (timeline, resources) = split_left(lower, body.width / 2);
    vec![
        (Pane::Map, map),
        (Pane::Queue, queue),
        (Pane::Links, links),
        (Pane::Aid, aid),
        (Pane::Timeline, timeline),
        (Pane::Resources, resources),
    ]
}

fn split_top(area: Rect, rows: u16) -> (Rect, Rect) {
    let rows = rows.min(area.height);
    let top = Rect {
        height: rows,
        ..area
    };
    let rest = Rect {
        y: area.y + rows,
        height: area.height - rows,
        ..area
    };
    (top, rest)
}

fn split_left(area: Rect, cells: u16) -> (Rect, Rect) {
    let cells = cells.min(area.width);
    let left = Rect {
        width: cells,
        ..area
    };
    let rest = Rect {
        x: area.x + cells,
        width: area.width - cells,
        ..area
    };
    (left, rest)
}
