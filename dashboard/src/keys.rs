//! The one table of keys: bindings, help and hints are read from it, and a test finds duplicates.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use protocol::Label;

use crate::pane::Pane;

/// What an operator can ask of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Help,
    Quit,
    Back,
    Open,
    NextPane,
    PreviousPane,
    Pane(Pane),
    Move(Way),
    Top,
    Bottom,
    PageUp,
    PageDown,
    Enlarge,
    MapIn,
    MapOut,
    MapFit,
    Report,
    Pause,
    Slower,
    Faster,
    Language,
    Glyphs,
    Redraw,
    Yes,
    No,
}

/// Where to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Left,
    Down,
    Up,
    Right,
}

/// A key as a binding names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Char(char),
    Ctrl(char),
    Code(KeyCode),
}

/// Where a binding holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Everywhere but in a question and in a form.
    Screen,
    /// While the screen asks yes or no.
    Question,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Binding {
    pub(crate) place: Place,
    pub(crate) keys: &'static [Key],
    pub(crate) action: Action,
    /// What it does.
    pub(crate) label: Label,
    /// Whether the bottom line shows it, in the order of the table.
    pub(crate) hint: Hint,
}

/// Whether a binding is worth a place in the bottom line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hint {
    Shown,
    /// The first to give way where the line is short.
    IfRoom,
    HelpAlone,
}

const fn on(
    keys: &'static [Key],
    action: Action,
    hint: Hint,
    zh: &'static str,
    en: &'static str,
) -> Binding {
    Binding {
        place: Place::Screen,
        keys,
        action,
        label: Label { zh, en },
        hint,
    }
}

use Hint::{HelpAlone, IfRoom, Shown};
use Key::{Char, Code, Ctrl};

/// The table.
pub(crate) const BINDINGS: &[Binding] = &[
    on(&[Char('N')], Action::Report, Shown, "接报", "new report"),
    on(&[Code(KeyCode::Enter)], Action::Open, Shown, "详情", "open"),
    on(
        &[Code(KeyCode::Esc)],
        Action::Back,
        HelpAlone,
        "返回",
        "back",
    ),
    on(
        &[Code(KeyCode::Tab)],
        Action::NextPane,
        Shown,
        "切窗",
        "pane",
    ),
    on(
        &[Code(KeyCode::BackTab)],
        Action::PreviousPane,
        HelpAlone,
        "上一窗格",
        "previous pane",
    ),
    on(
        &[Char('1')],
        Action::Pane(Pane::Queue),
        HelpAlone,
        "事件队列",
        "incidents",
    ),
    on(
        &[Char('2')],
        Action::Pane(Pane::Resources),
        HelpAlone,
        "资源",
        "resources",
    ),
    on(
        &[Char('3')],
        Action::Pane(Pane::Timeline),
        HelpAlone,
        "时间线",
        "timeline",
    ),
    on(
        &[Char('4')],
        Action::Pane(Pane::Links),
        HelpAlone,
        "链路",
        "links",
    ),
    on(
        &[Char('5')],
        Action::Pane(Pane::Map),
        HelpAlone,
        "态势图",
        "map",
    ),
    on(
        &[Char('6')],
        Action::Pane(Pane::Aid),
        HelpAlone,
        "增援",
        "aid",
    ),
    on(
        &[Char('h'), Code(KeyCode::Left)],
        Action::Move(Way::Left),
        HelpAlone,
        "左移",
        "left",
    ),
    on(
        &[Char('j'), Code(KeyCode::Down)],
        Action::Move(Way::Down),
        HelpAlone,
        "下移",
        "down",
    ),
    on(
        &[Char('k'), Code(KeyCode::Up)],
        Action::Move(Way::Up),
        HelpAlone,
        "上移",
        "up",
    ),
    on(
        &[Char('l'), Code(KeyCode::Right)],
        Action::Move(Way::Right),
        HelpAlone,
        "右移",
        "right",
    ),
    on(
        &[Char('g'), Code(KeyCode::Home)],
        Action::Top,
        HelpAlone,
        "首行",
        "top",
    ),
    on(
        &[Char('G'), Code(KeyCode::End)],
        Action::Bottom,
        HelpAlone,
        "末行",
        "bottom",
    ),
    on(
        &[Ctrl('u'), Code(KeyCode::PageUp)],
        Action::PageUp,
        HelpAlone,
        "上翻",
        "page up",
    ),
    on(
        &[Ctrl('d'), Code(KeyCode::PageDown)],
        Action::PageDown,
        HelpAlone,
        "下翻",
        "page down",
    ),
    on(&[Char('z')], Action::Enlarge, IfRoom, "放大", "enlarge"),
    on(
        &[Char('+'), Char('=')],
        Action::MapIn,
        HelpAlone,
        "地图放大",
        "map in",
    ),
    on(
        &[Char('-')],
        Action::MapOut,
        HelpAlone,
        "地图缩小",
        "map out",
    ),
    on(&[Char('0')], Action::MapFit, HelpAlone, "全图", "whole map"),
    on(&[Char('p')], Action::Pause, Shown, "暂停/继续", "pause"),
    on(&[Char('[')], Action::Slower, HelpAlone, "减速", "slower"),
    on(&[Char(']')], Action::Faster, Shown, "加速", "faster"),
    on(
        &[Code(KeyCode::F(2)), Char('L')],
        Action::Language,
        Shown,
        "English",
        "中文",
    ),
    on(
        &[Code(KeyCode::F(4))],
        Action::Glyphs,
        HelpAlone,
        "盲文/半块/ASCII",
        "braille, blocks, ASCII",
    ),
    on(&[Ctrl('l')], Action::Redraw, HelpAlone, "重绘", "redraw"),
    on(
        &[Char('?'), Code(KeyCode::F(1))],
        Action::Help,
        Shown,
        "帮助",
        "help",
    ),
    on(&[Char('q'), Ctrl('c')], Action::Quit, Shown, "退出", "quit"),
    Binding {
        place: Place::Question,
        keys: &[Char('y'), Code(KeyCode::Enter), Ctrl('c')],
        action: Action::Yes,
        label: Label {
            zh: "是",
            en: "yes",
        },
        hint: HelpAlone,
    },
    Binding {
        place: Place::Question,
        keys: &[Char('n'), Code(KeyCode::Esc), Char('q')],
        action: Action::No,
        label: Label {
            zh: "否", en: "no"
        },
        hint: HelpAlone,
    },
];

impl Key {
    /// The key that was pressed; `None` for what no binding could name.
    ///
    /// Full-width characters count as their ASCII twins, because a Chinese input method that is
    /// on sends those.
    fn of(event: KeyEvent) -> Option<Self> {
        if event.kind == KeyEventKind::Release {
            return None;
        }
        let held = event.modifiers - KeyModifiers::SHIFT;
        match event.code {
            KeyCode::Char(c) if held == KeyModifiers::CONTROL => {
                Some(Self::Ctrl(c.to_ascii_lowercase()))
            }
            KeyCode::Char(c) if held.is_empty() => Some(Self::Char(half_width(c))),
            KeyCode::Char(_) => None,
            code => Some(Self::Code(code)),
        }
    }

    /// The key as help writes it.
    pub(crate) fn name(self) -> String {
        match self {
            Self::Char(c) => c.to_string(),
            Self::Ctrl(c) => format!("Ctrl-{c}"),
            Self::Code(KeyCode::BackTab) => "Shift-Tab".to_owned(),
            Self::Code(KeyCode::F(number)) => format!("F{number}"),
            Self::Code(code) => format!("{code:?}"),
        }
    }
}

/// A full-width character as the ASCII character that the same key gives without an input method.
fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '【' => '[',
        '】' => ']',
        '。' => '.',
        _ => c,
    }
}

/// The action that a key has in a place.
pub(crate) fn action(event: KeyEvent, place: Place) -> Option<Action> {
    let key = Key::of(event)?;
    BINDINGS
        .iter()
        .find(|binding| binding.place == place && binding.keys.contains(&key))
        .map(|binding| binding.action)
}

/// Whether this is Ctrl-C, the one key that leads to the question of leaving from anywhere.
pub(crate) fn is_interrupt(event: KeyEvent) -> bool {
    Key::of(event) == Some(Ctrl('c'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::width::width;

    #[test]
    fn no_key_means_two_things_in_one_place() {
        for (at, binding) in BINDINGS.iter().enumerate() {
            for other in &BINDINGS[at + 1..] {
                let shared = binding.keys.iter().find(|key| other.keys.contains(key));
                let same_place = binding.place == other.place;
                assert!(
                    shared.is_none() || !same_place,
                    "{shared:?}: {binding:?} {other:?}"
                );
            }
        }
    }

    #[test]
    fn no_key_is_one_that_terminals_keep_for_themselves() {
        let kept = ['s', 'q', 'm', 'i', 'h', '[', 'z'].map(Ctrl);
        for binding in BINDINGS {
            assert!(
                !binding.keys.iter().any(|key| kept.contains(key)),
                "{binding:?}"
            );
        }
    }

    #[test]
    fn every_binding_says_what_it_does_in_both_languages() {
        for binding in BINDINGS {
            assert!(
                width(binding.label.zh) > 0 && width(binding.label.en) > 0,
                "{binding:?}"
            );
        }
    }

    #[test]
    fn a_key_typed_through_an_input_method_counts_as_its_ascii_twin() {
        for (typed, meant) in [('？', '?'), ('＋', '+'), ('】', ']'), ('ｑ', 'q')] {
            let event = KeyEvent::new(KeyCode::Char(typed), KeyModifiers::NONE);
            let plain = KeyEvent::new(KeyCode::Char(meant), KeyModifiers::NONE);
            assert!(action(plain, Place::Screen).is_some());
            assert_eq!(action(event, Place::Screen), action(plain, Place::Screen));
        }
    }
}
