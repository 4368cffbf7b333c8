//! A quotation mark that nobody closed, which makes the rest of a table one field.

/// Where a quotation mark is opened and never closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unclosed {
    /// The line of the mark, counted from 1.
    pub(super) line: u32,
    /// Its field in that row, counted from 1.
    pub(super) field: u32,
    /// Where its row begins, in bytes; what stands before can be read.
    pub(super) row: usize,
}

/// Where the reader is in a field.
enum State {
    Start,
    Plain,
    Quoted(Unclosed),
    /// Behind a mark that closes the field unless another follows.
    Marked(Unclosed),
}

/// The mark that is still open at the end of a text, by the rules by which its fields are read.
pub(super) fn unclosed(text: &str) -> Option<Unclosed> {
    let mut here = Unclosed {
        line: 1,
        field: 1,
        row: 0,
    };
    let mut state = State::Start;
    for (place, char) in text.char_indices() {
        state = match (state, char) {
            (State::Start, '"') => State::Quoted(here),
            (State::Quoted(opened), '"') => State::Marked(opened),
            (State::Marked(opened), '"') | (State::Quoted(opened), _) => State::Quoted(opened),
            (_, ',') => {
                here.field += 1;
                State::Start
            }
            (_, '\n' | '\r') => {
                here.field = 1;
                here.row = place + 1;
                State::Start
            }
            _ => State::Plain,
        };
        if char == '\n' {
            here.line += 1;
        }
    }
    match state {
        State::Quoted(opened) => Some(opened),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_open_only_if_none_closes_it() {
        for closed in ["a,\"b\"\n", "\"a,\n\"\"b\"", "a\"b,c\n", "\"\"\"\"", ""] {
            assert_eq!(unclosed(closed), None, "{closed}");
        }
        let found = unclosed("a,b\r\n\"c\nd\",\"e,f\n").unwrap();
        assert_eq!((found.line, found.field, found.row), (3, 2, 5));
        assert!(unclosed("\"a\"\"").is_some());
    }
}
