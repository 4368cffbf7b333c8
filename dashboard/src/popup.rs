//! A box over the panes that leaves no half of a wide character behind.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::widgets::{Block, Clear, Widget as _};

use crate::width::width;

/// Clears the room for a box in the middle of an area and frames it; gives what is inside.
pub(crate) fn popup(frame: &mut Frame<'_>, area: Rect, size: (u16, u16), block: Block<'_>) -> Rect {
    let (cells, rows) = (size.0.min(area.width), size.1.min(area.height));
    let x = area.x + (area.width - cells) / 2;
    let y = area.y + (area.height - rows) / 2;
    let room = Rect::new(x, y, cells, rows);
    make_room(frame.buffer_mut(), room);
    let inner = block.inner(room);
    block.render(room, frame.buffer_mut());
    inner
}

/// Empties a rectangle, and the cell before it in each row where a wide character begins that
/// reaches in: otherwise the terminal draws that character over the box's border.
pub(crate) fn make_room(buffer: &mut Buffer, room: Rect) {
    let room = room.intersection(buffer.area);
    if let Some(before) = room.x.checked_sub(1) {
        for y in room.top()..room.bottom() {
            if let Some(cell) = buffer.cell_mut((before, y))
                && width(cell.symbol()) > 1
            {
                cell.set_symbol(" ");
            }
        }
    }
    Clear.render(room, buffer);
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::style::Style;

    #[test]
    fn a_box_over_chinese_keeps_its_left_border_at_odd_and_even_columns() {
        for x in 2..8 {
            let mut buffer = Buffer::empty(Rect::new(0, 0, 24, 3));
            for y in 0..3 {
                buffer.set_string(0, y, "危化品泄漏危化品泄漏", Style::new());
            }
            let room = Rect::new(x, 0, 9, 3);
            make_room(&mut buffer, room);
            Block::bordered().render(room, &mut buffer);
            for y in 0..3 {
                let mut at = 0;
                while at < x {
                    at += u16::try_from(width(buffer[(at, y)].symbol())).unwrap();
                }
                assert_eq!(at, x, "a glyph reaches into the box at {x}");
                assert!("┌│└".contains(buffer[(x, y)].symbol()));
            }
        }
    }
}
