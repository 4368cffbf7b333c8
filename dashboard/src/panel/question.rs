//! What the screen asks or says when nothing else may be seen.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Paragraph, Wrap};

use super::boxed;
use crate::desk::Departure;
use crate::draw::SMALLEST;
use crate::popup::popup;
use crate::view::View;
use crate::wording as say;

/// ```text
/// ┌ 退出 ───────────────────────────────┐
/// │结束演练？将写出报告。  y 结束  n 返回 │
/// └─────────────────────────────────────┘
/// ```
pub(crate) fn draw_quit(frame: &mut Frame<'_>, view: &View, area: Rect) {
    let inner = popup(
        frame,
        area,
        (62, 4),
        boxed(view, view.word(say::QUIT_TITLE)),
    );
    let ask = match view.setting.departure {
        Departure::EndsDrill => say::END_ASK,
        Departure::LeavesDrill => say::QUIT_ASK,
    };
    let ask = Paragraph::new(view.word(ask)).wrap(Wrap { trim: true });
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
