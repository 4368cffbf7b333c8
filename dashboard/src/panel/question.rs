//! What the screen asks or says when nothing else may be seen.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Wrap};

use super::boxed;
use crate::draw::SMALLEST;
use crate::popup::popup;
use crate::view::View;
use crate::wording as say;

/// ```text
/// ┌ 退出 ───────────────────────────────┐
/// │退出界面？演练照常进行。 y 退出 n 返回│
/// └─────────────────────────────────────┘
/// ```
pub(crate) fn draw_quit(frame: &mut Frame<'_>, view: &View, area: Rect) {
    let inner = popup(
        frame,
        area,
        (62, 4),
        boxed(view, view.word(say::QUIT_TITLE)),
    );
    let ask = Paragraph::new(view.word(say::QUIT_ASK)).wrap(Wrap { trim: true });
    frame.render_widget(ask.style(view.colours().text()), inner);
}

/// One line instead of everything, until the terminal is large enough again.
pub(crate) fn draw_too_small(frame: &mut Frame<'_>, view: &View, area: Rect) {
    let lines = [
        format!(
            "{} {}x{}",
            view.word(say::TOO_SMALL),
            SMALLEST.0,
            SMALLEST.1
        ),
        format!("{} {}x{}", view.word(say::NOW_IS), area.width, area.height),
    ];
    let lines: Vec<Line<'_>> = lines.into_iter().map(Line::from).collect();
    frame.render_widget(Paragraph::new(lines).style(view.colours().text()), area);
}
