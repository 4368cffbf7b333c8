//! The panels, one a file, and the frame and the columns that they share.

mod aid;
mod custody;
mod detail;
mod form;
mod header;
mod help;
mod links;
mod map;
mod question;
mod queue;
mod resources;
mod timeline;
pub(crate) use detail::draw_detail;
pub(crate) use form::draw_form;
pub(crate) use header::{draw_header, draw_hints, draw_tabs};
pub(crate) use help::draw_help;
pub(crate) use question::{draw_quit, draw_too_small};

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Borders, Paragraph};

use crate::colours::{FOCUS, SELECTION};
use crate::pane::Pane;
use crate::view::{Layer, QueueRow, View};
use crate::width::{cut, fit, fit_right, width};
use crate::wording as say;

/// Draws a pane into its place.
pub(crate) fn draw_pane(
    frame: &mut Frame<'_>,
    view: &View,
    queue: &[QueueRow<'_>],
    (pane, area): (Pane, Rect),
) {
    match pane {
        Pane::Queue => queue::draw_queue(frame, view, queue, area),
        Pane::Resources => resources::draw_resources(frame, view, area),
        Pane::Timeline => timeline::draw_timeline(frame, view, area),
        Pane::Links => links::draw_links(frame, view, area),
        Pane::Map => map::draw_map(frame, view, queue, area),
        Pane::Aid => aid::draw_aid(frame, view, area),
    }
}

/// Frames a pane with its number and title; gives what is inside.
fn framed(frame: &mut Frame<'_>, view: &View, (pane, area): (Pane, Rect), more: &str) -> Rect {
    let title = format!(" [{}] {} {more} ", pane.number(), view.word(pane.label()));
    let title = title.replace("  ", " ");
    let focused = view.focus == pane && matches!(view.layer, Layer::Panes);
    let (line, name) = if focused {
        let focus = FOCUS;
        (focus, focus.patch(SELECTION))
    } else {
        (view.colours().frame(), view.colours().text())
    };
    let room = usize::from(area.width).saturating_sub(2);
    let block = Block::new()
        .borders(Borders::ALL)
        .border_set(view.glyphs().border())
        .border_style(line)
        .title(Span::styled(cut(&title, room), name));
    let inner = block.inner(area);
    frame.render_widget(block, area);
    inner
}

/// A box for what lies over the panes.
fn boxed<'a>(view: &View, title: &str) -> Block<'a> {
    Block::new()
        .borders(Borders::ALL)
        .border_set(view.glyphs().border())
        .border_style(FOCUS)
        .title(Span::styled(format!(" {title} "), FOCUS))
}

/// Draws lines from a first one on; if more follow than fit, the last row says how many.
fn list(frame: &mut Frame<'_>, view: &View, area: Rect, (lines, first): (Vec<Line<'_>>, usize)) {
    let room = usize::from(area.height);
    let first = first.min(lines.len().saturating_sub(room));
    let hidden = lines.len().saturating_sub(first + room);
    let mut shown: Vec<Line<'_>> = lines.into_iter().skip(first).take(room).collect();
    if hidden > 0 && room > 1 {
        let text = format!("+{} {}", hidden + 1, view.word(say::ROWS_MORE));
        shown[room - 1] = Line::styled(text, view.colours().dim());
    }
    if shown.is_empty() {
        shown.push(Line::styled(
            view.word(say::NOTHING_YET),
            view.colours().dim(),
        ));
    }
    frame.render_widget(Paragraph::new(shown), area);
}

/// A row of columns, each cut or filled to its cells and set apart by a space.
#[derive(Default)]
struct Row {
    spans: Vec<Span<'static>>,
}

impl Row {
    fn new() -> Self {
        Self::default()
    }

    fn left(mut self, text: &str, cells: usize, style: Style) -> Self {
        self.spans.push(Span::styled(fit(text, cells), style));
        self.spans.push(Span::raw(" "));
        self
    }

    fn right(mut self, text: &str, cells: usize, style: Style) -> Self {
        self.spans.push(Span::styled(fit_right(text, cells), style));
        self.spans.push(Span::raw(" "));
        self
    }

    fn rest(mut self, text: &str, style: Style) -> Self {
        self.spans.push(Span::styled(text.to_owned(), style));
        self
    }

    fn line(self) -> Line<'static> {
        Line::from(self.spans)
    }
}

/// How wide a column must be for a heading and its words.
fn column<'a>(texts: impl Iterator<Item = &'a str>) -> usize {
    texts.map(width).max().unwrap_or(0)
}
