//! Signs of the screen: in full, and in ASCII for terminals that draw borders two cells wide.

use protocol::{Level, Severity};
use ratatui::symbols::{Marker, border};

/// Which signs a terminal can be trusted with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyphs {
    /// Box drawing and braille.
    Full,
    /// Box drawing, and half blocks instead of braille, for fonts without it.
    Blocks,
    /// ASCII alone, for terminals that draw ambiguous characters two cells wide.
    Ascii,
}

impl Glyphs {
    /// The next choice of signs.
    #[must_use]
    pub(crate) const fn next(self) -> Self {
        match self {
            Self::Full => Self::Blocks,
            Self::Blocks => Self::Ascii,
            Self::Ascii => Self::Full,
        }
    }

    const fn of(self, full: &'static str, ascii: &'static str) -> &'static str {
        match self {
            Self::Full | Self::Blocks => full,
            Self::Ascii => ascii,
        }
    }

    /// What lines of the map are drawn with.
    pub(crate) const fn marker(self) -> Marker {
        match self {
            Self::Full => Marker::Braille,
            Self::Blocks => Marker::HalfBlock,
            Self::Ascii => Marker::Custom('.'),
        }
    }

    /// What panes are framed with.
    pub(crate) const fn border(self) -> border::Set<'static> {
        match self {
            Self::Full | Self::Blocks => border::PLAIN,
            Self::Ascii => border::Set {
                top_left: "+",
                top_right: "+",
                bottom_left: "+",
                bottom_right: "+",
                vertical_left: "|",
                vertical_right: "|",
                horizontal_top: "-",
                horizontal_bottom: "-",
            },
        }
    }

    /// How urgent an incident is, as a sign on the map and in the queue.
    pub(crate) const fn severity(self, severity: Severity) -> &'static str {
        match severity {
            Severity::Critical => self.of("⬢", "!"),
            Severity::Serious => self.of("◼", "#"),
            Severity::Moderate => self.of("▴", "^"),
            Severity::Minor => self.of("▪", "o"),
        }
    }

    /// The event level: never a colour word, which belongs to warnings.
    pub(crate) const fn level(self, level: Level) -> &'static str {
        match level {
            Level::One => self.of("Ⅰ", "I"),
            Level::Two => self.of("Ⅱ", "II"),
            Level::Three => self.of("Ⅲ", "III"),
            Level::Four => self.of("Ⅳ", "IV"),
            Level::Undecided => "?",
        }
    }

    /// From here to there.
    pub(crate) const fn arrow(self) -> &'static str {
        self.of("⇨", ">")
    }

    /// Something closed.
    pub(crate) const fn closed(self) -> &'static str {
        self.of("✗", "x")
    }

    /// A deployed unit, for the legend.
    pub(crate) const fn unit(self) -> &'static str {
        self.of("⠂", ".")
    }

    /// The centre of a storm.
    pub(crate) const fn storm(self) -> &'static str {
        self.of("⬡", "@")
    }

    /// Between two words of a title.
    pub(crate) const fn dot(self) -> &'static str {
        self.of("·", "/")
    }
}
