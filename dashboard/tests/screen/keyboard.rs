//! Fingers: keys as a terminal would send them.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use dashboard::{Request, View};

pub(crate) fn press(view: &mut View, code: KeyCode) -> Option<Request> {
    view.on(&Event::Key(KeyEvent::new(code, KeyModifiers::NONE)))
}

pub(crate) fn interrupt(view: &mut View) -> Option<Request> {
    let key = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    view.on(&Event::Key(key))
}

pub(crate) fn type_in(view: &mut View, keys: &str) {
    for c in keys.chars() {
        assert_eq!(press(view, KeyCode::Char(c)), None);
    }
}
