//! Every colour of the screen. Colour only ever repeats what a word or a sign says.
//!
//! The law fixes the hues of the four steps; the shades were chosen over simulated colour
//! blindness so that any two of them, and the grey of plain text, stay apart: the least
//! difference is 14.7 (CIEDE2000), where plain red, orange, yellow and blue come to 3.1. No state
//! that is as it should be has a colour.

use protocol::{Colour, Level, Severity};
use ratatui::style::{Color, Modifier, Style};

/// Whether the screen uses colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colours {
    /// The palette of 256 indexed colours.
    Indexed,
    /// None: `NO_COLOR` is set. Everything is still told apart by words and by weight.
    None,
}

/// The frame of the pane that keys go to, and whatever must stand out without a colour.
pub(crate) const FOCUS: Style = Style::new().add_modifier(Modifier::BOLD);

/// The row that Enter opens.
pub(crate) const SELECTION: Style = Style::new().add_modifier(Modifier::REVERSED);

const RED: Color = Color::Indexed(203);
const ORANGE: Color = Color::Indexed(214);
const YELLOW: Color = Color::Indexed(229);
const BLUE: Color = Color::Indexed(75);
const AID: Color = Color::Indexed(99);
const TEXT: Color = Color::Indexed(250);
const DIM: Color = Color::Indexed(245);
const LINE: Color = Color::Indexed(240);
const COAST: Color = Color::Indexed(67);

impl Colours {
    /// The choice that the environment variable `NO_COLOR` makes: any value but none and the empty.
    pub fn of_environment(no_color: Option<&str>) -> Self {
        if no_color.is_some_and(|value| !value.is_empty()) {
            Self::None
        } else {
            Self::Indexed
        }
    }

    /// A colour of the palette, or none.
    fn ink(self, colour: Color) -> Color {
        match self {
            Self::Indexed => colour,
            Self::None => Color::Reset,
        }
    }

    fn fg(self, colour: Color) -> Style {
        Style::new().fg(self.ink(colour))
    }

    /// One of the four steps: first gravest. Without colour by weight.
    fn step(self, step: usize) -> Style {
        let (colour, weight) = [
            (RED, Modifier::BOLD.union(Modifier::REVERSED)),
            (ORANGE, Modifier::REVERSED),
            (YELLOW, Modifier::UNDERLINED),
            (BLUE, Modifier::empty()),
        ][step.min(3)];
        match self {
            Self::Indexed if step == 0 => self.fg(colour).add_modifier(Modifier::BOLD),
            Self::Indexed => self.fg(colour),
            Self::None => Style::new().add_modifier(weight),
        }
    }

    pub(crate) fn text(self) -> Style {
        self.fg(TEXT)
    }

    pub(crate) fn dim(self) -> Style {
        match self {
            Self::Indexed => self.fg(DIM),
            Self::None => Style::new().add_modifier(Modifier::DIM),
        }
    }

    /// Frames of panes.
    pub(crate) fn frame(self) -> Style {
        self.fg(LINE)
    }

    pub(crate) fn heading(self) -> Style {
        self.fg(DIM).add_modifier(Modifier::UNDERLINED)
    }

    pub(crate) fn severity(self, severity: Severity) -> Style {
        self.step(severity as usize)
    }

    pub(crate) fn level(self, level: Level) -> Style {
        match level {
            Level::Undecided => self.dim(),
            _ => self.step(level as usize),
        }
    }

    /// A warning by its colour: its word is always written beside it.
    pub(crate) fn warning(self, colour: Colour) -> Style {
        self.step(colour as usize)
    }

    /// Something that asks for a look: late, missing, refused.
    pub(crate) fn attention(self) -> Style {
        self.step(1)
    }

    /// Something lost: a link, an office.
    pub(crate) fn lost(self) -> Style {
        self.step(0)
    }

    pub(crate) fn aid(self) -> Style {
        self.fg(AID).add_modifier(Modifier::BOLD)
    }

    pub(crate) fn aid_line(self) -> Color {
        self.ink(AID)
    }

    pub(crate) fn border_line(self) -> Color {
        self.ink(LINE)
    }

    pub(crate) fn coast_line(self) -> Color {
        self.ink(COAST)
    }

    pub(crate) fn unit_dot(self) -> Color {
        self.ink(TEXT)
    }

    pub(crate) fn storm_line(self) -> Color {
        self.ink(ORANGE)
    }

    pub(crate) fn closed_line(self) -> Color {
        self.ink(RED)
    }
}
