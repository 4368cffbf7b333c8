//! Help: the table of keys, as it is.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::{Row, boxed, list};
use crate::colours::FOCUS;
use crate::keys::{BINDINGS, Place};
use crate::popup::popup;
use crate::view::View;
use crate::wording as say;

/// ```text
/// ┌ 帮助 ────────────────────────┐
/// │N              接报           │
/// │Enter          详情           │
/// └──────────────────────────────┘
/// ```
pub(crate) fn draw_help(frame: &mut Frame<'_>, view: &View, area: Rect, scroll: usize) {
    let inner = popup(
        frame,
        area,
        (56, 40),
        boxed(view, view.word(say::PANE_HELP)),
    );
    let lines = BINDINGS
        .iter()
        .filter(|binding| binding.place == Place::Screen)
        .map(|binding| {
            let keys: Vec<String> = binding.keys.iter().map(|key| key.name()).collect();
            Row::new()
                .left(&keys.join(" "), 18, FOCUS)
                .rest(view.word(binding.label), view.colours().text())
                .line()
        })
        .collect();
    list(frame, view, inner, (lines, scroll));
}
