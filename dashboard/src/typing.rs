//! One line of text being typed, pasted or composed by an input method.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::width::{clean, width};

/// Characters that a line holds at most.
const CHARS_MAX: usize = 400;

/// A line and the place in it where the next character goes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Typing {
    text: Vec<char>,
    at: usize,
}

impl Typing {
    pub(crate) fn of(text: &str) -> Self {
        let mut typing = Self::default();
        typing.paste(text);
        typing
    }

    pub(crate) fn text(&self) -> String {
        self.text.iter().collect()
    }

    /// Cells before the cursor.
    pub(crate) fn cursor(&self) -> usize {
        let before: String = self.text[..self.at].iter().collect();
        width(&before)
    }

    /// Puts a text in: from a paste or an input method, cleaned of whatever is no text.
    pub(crate) fn paste(&mut self, text: &str) {
        for c in clean(text).chars() {
            if self.text.len() < CHARS_MAX {
                self.text.insert(self.at, c);
                self.at += 1;
            }
        }
    }

    /// Takes a key that edits the line; other keys change nothing.
    pub(crate) fn key(&mut self, key: KeyEvent) {
        let plain = (key.modifiers - KeyModifiers::SHIFT).is_empty();
        match key.code {
            KeyCode::Char('u') if key.modifiers == KeyModifiers::CONTROL => *self = Self::default(),
            KeyCode::Char(c) if plain => self.paste(c.encode_utf8(&mut [0; 4])),
            KeyCode::Backspace if self.at > 0 => {
                self.at -= 1;
                self.text.remove(self.at);
            }
            KeyCode::Delete if self.at < self.text.len() => {
                self.text.remove(self.at);
            }
            KeyCode::Left => self.at = self.at.saturating_sub(1),
            KeyCode::Right => self.at = (self.at + 1).min(self.text.len()),
            KeyCode::Home => self.at = 0,
            KeyCode::End => self.at = self.text.len(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(typing: &mut Typing, code: KeyCode) {
        typing.key(KeyEvent::new(code, KeyModifiers::NONE));
    }

    #[test]
    fn chinese_is_typed_edited_and_counted_in_cells() {
        let mut typing = Typing::of("斗门");
        press(&mut typing, KeyCode::Left);
        press(&mut typing, KeyCode::Char('白'));
        assert_eq!((typing.text().as_str(), typing.cursor()), ("斗白门", 4));
        press(&mut typing, KeyCode::Backspace);
        press(&mut typing, KeyCode::Delete);
        assert_eq!((typing.text().as_str(), typing.cursor()), ("斗", 2));
    }

    #[test]
    fn a_paste_brings_text_and_nothing_else() {
        let mut typing = Typing::default();
        typing.paste("井岸镇\n\u{1b}[31m堤\u{202e}围");
        assert_eq!(typing.text(), "井岸镇 [31m堤围");
    }
}
