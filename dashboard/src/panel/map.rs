//! Pane 5, the map: what offices and screens were told, never what truly is. The disclaimer is
//! part of the map and never gives way.

use protocol::Severity;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use ratatui::widgets::canvas::Canvas;

use super::framed;
use crate::map::{Placed, Sign, Window, draw_ground, marks, place};
use crate::pane::Pane;
use crate::view::{QueueRow, View};
use crate::width::{clean, width, wrap};
use crate::wording as say;

/// Below this height there is no room for the legend.
const LEGEND_FROM_ROWS: u16 = 12;

/// ```text
/// ┌ [5] 态势图 ──────────────────────────────┐
/// │  ⢠⠴⠒⠤⠒⠚⠙⠤⣄⣀⡀  ⣀⣀⣀⣠⠖⠤  borders, coast,   │
/// │⠰⡖⠚⠉  肇庆市3     广州市2  storm, aid,     │
/// │   ⢧⣀⡀        ✗虎门大桥   closures, units  │
/// │⬢危急 ◼紧急 ▴较急 ▪一般 ⠂力量             │
/// │示意图，无审图号，不作定位和划界依据       │
/// └──────────────────────────────────────────┘
/// ```
pub(super) fn draw_map(frame: &mut Frame<'_>, view: &View, queue: &[QueueRow<'_>], area: Rect) {
    let inner = framed(frame, view, (Pane::Map, area), "");
    let disclaimer = clean(view.lang().term(&view.ground.disclaimer));
    let mut foot: Vec<Line<'_>> = Vec::new();
    if area.height >= LEGEND_FROM_ROWS {
        foot.extend(legend(view, usize::from(inner.width)));
    }
    for line in wrap(&disclaimer, usize::from(inner.width).max(2)) {
        foot.push(Line::styled(line, view.colours().dim()));
    }
    let rows = u16::try_from(foot.len())
        .unwrap_or(u16::MAX)
        .min(inner.height);
    let sheet = Rect {
        height: inner.height - rows,
        ..inner
    };
    let below = Rect {
        y: inner.y + sheet.height,
        height: rows,
        ..inner
    };
    if sheet.height > 0 && sheet.width > 0 {
        draw_sheet(frame, view, queue, &view.outlook.window(sheet));
    }
    frame.render_widget(Paragraph::new(foot), below);
}

fn draw_sheet(frame: &mut Frame<'_>, view: &View, queue: &[QueueRow<'_>], window: &Window) {
    let canvas = Canvas::default()
        .marker(view.glyphs().marker())
        .x_bounds(window.x)
        .y_bounds(window.y)
        .paint(|ctx| draw_ground(ctx, view, window));
    frame.render_widget(canvas, window.area);
    let (signs, wishes) = marks(view, window, queue);
    let mut taken: Vec<Rect> = Vec::new();
    let buffer = frame.buffer_mut();
    for Sign {
        at: (x, y),
        text,
        style,
    } in signs
    {
        let cell = Rect::new(x, y, 1, 1);
        if !taken.contains(&cell) {
            buffer.set_string(x, y, text, style);
            taken.push(cell);
        }
    }
    for Placed { area, text, style } in place(window.area, &mut taken, wishes) {
        buffer.set_string(area.x, area.y, text, style);
    }
}

/// What the signs mean, in as many lines as it takes.
fn legend(view: &View, cells: usize) -> Vec<Line<'static>> {
    let (colours, glyphs) = (view.colours(), view.glyphs());
    let mut parts: Vec<Span<'static>> = Severity::ALL
        .iter()
        .map(|one| {
            let text = format!("{}{} ", glyphs.severity(*one), view.word(one.label()));
            Span::styled(text, colours.severity(*one))
        })
        .collect();
    let sign = |sign: &str, label| format!("{sign}{} ", view.word(label));
    parts.push(Span::styled(
        sign(glyphs.unit(), say::LEGEND_UNIT),
        colours.text(),
    ));
    parts.push(Span::styled(sign("--", say::LEGEND_AID), colours.aid()));
    parts.push(Span::styled(
        sign(glyphs.closed(), say::LEGEND_CLOSED),
        colours.lost(),
    ));
    parts.push(Span::styled(
        sign(glyphs.storm(), say::LEGEND_STORM),
        colours.attention(),
    ));
    let mut lines = vec![Line::default()];
    let mut used = 0;
    for part in parts {
        let next = width(&part.content);
        if used + next > cells && used > 0 {
            lines.push(Line::default());
            used = 0;
        }
        used += next;
        if let Some(line) = lines.last_mut() {
            line.push_span(part);
        }
    }
    lines
}
