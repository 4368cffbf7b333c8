//! A frame as text: what a terminal would show, with every row measured in cells.

use dashboard::{View, draw};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::text::Span;

/// The frame that a terminal of this size would get.
pub(crate) fn frame(view: &View, width: u16, height: u16) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("memory is no file");
    terminal
        .draw(|frame| draw(frame, view))
        .expect("memory takes every frame");
    terminal.backend().buffer().clone()
}

/// The frame's rows; each must be exactly as wide as the terminal.
pub(crate) fn rows(buffer: &Buffer) -> Vec<String> {
    let area = buffer.area;
    let row = |y: u16| {
        let mut text = String::new();
        let mut x = 0;
        while x < area.width {
            let symbol = buffer[(x, y)].symbol();
            let cells = Span::raw(symbol).width().max(1);
            text.push_str(symbol);
            x += u16::try_from(cells).expect("a glyph is narrow");
        }
        assert_eq!(
            x, area.width,
            "a glyph hangs over the edge in row {y}: {text}"
        );
        assert_eq!(
            Span::raw(&text).width(),
            usize::from(area.width),
            "row {y}: {text}"
        );
        text
    };
    (0..area.height).map(row).collect()
}

/// The frame as one text.
pub(crate) fn text(view: &View, width: u16, height: u16) -> String {
    rows(&frame(view, width, height)).join("\n")
}
