//! Text measured in terminal cells: what is Chinese is two cells wide, and no column forgets it.

use protocol::{limit, mask, sanitise};
use ratatui::text::Span;

/// Cells that a text takes on the screen.
pub(crate) fn width(text: &str) -> usize {
    Span::raw(text).width()
}

/// Text from outside, made fit for a cell grid: nothing that steers a terminal, nothing that changes the
/// width of what stands before it, and of what tells of one person not all.
pub(crate) fn clean(text: &str) -> String {
    let shapes_its_neighbour = |c: &char| {
        matches!(c, '\u{300}'..='\u{36f}' | '\u{1f3fb}'..='\u{1f3ff}')
            || Span::raw(c.encode_utf8(&mut [0; 4]) as &str).width() == 0
    };
    mask(&sanitise(text, limit::TEXT_CHARS))
        .chars()
        .filter(|c| !shapes_its_neighbour(c))
        .collect()
}

/// The longest beginning of a text that fits into some cells; a cut is shown by `~`.
pub(crate) fn cut(text: &str, cells: usize) -> String {
    if width(text) <= cells {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 0;
    for c in text.chars() {
        let next = width(c.encode_utf8(&mut [0; 4]));
        if used + next + 1 > cells {
            break;
        }
        used += next;
        kept.push(c);
    }
    if cells > 0 {
        kept.push('~');
    }
    kept
}

/// A text of exactly so many cells: cut or filled with spaces on the right.
pub(crate) fn fit(text: &str, cells: usize) -> String {
    let mut fitted = cut(text, cells);
    let missing = cells.saturating_sub(width(&fitted));
    fitted.extend(std::iter::repeat_n(' ', missing));
    fitted
}

/// A text of exactly so many cells: cut or filled with spaces on the left.
pub(crate) fn fit_right(text: &str, cells: usize) -> String {
    let cut = cut(text, cells);
    let mut fitted = " ".repeat(cells.saturating_sub(width(&cut)));
    fitted.push_str(&cut);
    fitted
}

/// A text in lines of at most so many cells, broken at spaces where there are some.
pub(crate) fn wrap(text: &str, cells: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_inclusive([' ', '，', '。', '；', '、']) {
        if width(&line) + width(word.trim_end()) > cells && !line.is_empty() {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
        }
        for c in word.chars() {
            if width(&line) + width(c.encode_utf8(&mut [0; 4])) > cells && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            line.push(c);
        }
    }
    if !line.trim_end().is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_as_wide_as_it_says_whatever_is_in_it() {
        for text in [
            "",
            "珠海",
            "危化品泄漏",
            "Huizhou hazmat leak",
            "混合 mixed 文字",
        ] {
            for cells in 0..14 {
                assert_eq!(width(&fit(text, cells)), cells, "{text} in {cells}");
                assert_eq!(width(&fit_right(text, cells)), cells, "{text} in {cells}");
            }
        }
    }

    #[test]
    fn a_glyph_of_two_cells_is_never_halved() {
        assert_eq!(fit("危化品", 4), "危~ ");
        assert_eq!(fit("危化品", 5), "危化~");
    }

    #[test]
    fn what_would_steer_a_terminal_or_stack_on_a_letter_is_gone() {
        assert_eq!(clean("a\u{301}\u{1b}[2J\u{202e}b\u{fe0f}"), "a[2Jb");
        assert_eq!(clean("珠海\n斗门"), "珠海 斗门");
    }

    #[test]
    fn a_wrapped_text_loses_no_letter_and_fits() {
        let text = "示意图，无审图号，不作定位和划界依据";
        let lines = wrap(text, 20);
        assert!(lines.iter().all(|line| width(line) <= 20), "{lines:?}");
        assert_eq!(lines.concat(), text);
    }
}
