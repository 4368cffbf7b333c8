//! Pane 3, the timeline: what happened, latest first, in drill time.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::{Row, framed, list};
use crate::clock::time_of_day;
use crate::pane::Pane;
use crate::timeline::{Entry, Happening, sentence};
use crate::view::View;

/// ```text
/// ┌ [3] 时间线 ──────────────────────────────────────────┐
/// │14:31:40 莞 请求增援 排涝车 x3 (本圈)                 │
/// │14:30:05 深⇨惠 无人机 x1 到场                         │
/// └──────────────────────────────────────────────────────┘
/// ```
pub(super) fn draw_timeline(frame: &mut Frame<'_>, view: &View, area: Rect) {
    let inner = framed(frame, view, (Pane::Timeline, area), "");
    let first = view.scroll.get(&Pane::Timeline).copied().unwrap_or(0);
    // One row more than fits, so that the list knows that there is more.
    let rows = view
        .timeline
        .latest()
        .skip(first)
        .take(usize::from(inner.height));
    let lines = rows.map(|entry| line(view, entry)).collect();
    list(frame, view, inner, (lines, 0));
}

fn line(view: &View, entry: &Entry) -> Line<'static> {
    let colours = view.colours();
    let style = match &entry.what {
        Happening::Asked { .. } | Happening::NotCommitted { .. } | Happening::Warned { .. } => {
            colours.attention()
        }
        Happening::Link { .. } | Happening::Office { .. } => colours.lost(),
        Happening::Offered { .. }
        | Happening::Committed { .. }
        | Happening::Arrived { .. }
        | Happening::Recalled { .. }
        | Happening::Returned { .. } => colours.aid(),
        _ => colours.text(),
    };
    let time = time_of_day(entry.at, view.ground.offset_min);
    Row::new()
        .left(&time, 8, colours.dim())
        .rest(&sentence(&entry.what, view.speech()), style)
        .line()
}
