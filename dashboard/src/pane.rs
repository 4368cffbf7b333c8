//! The panes: each keeps its number, order and meaning at every size of the screen.

use protocol::Label;

use crate::wording as say;

/// A pane of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Pane {
    Queue,
    Resources,
    Timeline,
    Links,
    Map,
    Aid,
}

impl Pane {
    /// Every pane in the order of its number.
    pub(crate) const ALL: [Self; 6] = [
        Self::Queue,
        Self::Resources,
        Self::Timeline,
        Self::Links,
        Self::Map,
        Self::Aid,
    ];

    /// The number that its key and its title have.
    pub(crate) const fn number(self) -> usize {
        self as usize + 1
    }

    pub(crate) const fn label(self) -> Label {
        match self {
            Self::Queue => say::PANE_QUEUE,
            Self::Resources => say::PANE_RESOURCES,
            Self::Timeline => say::PANE_TIMELINE,
            Self::Links => say::PANE_LINKS,
            Self::Map => say::PANE_MAP,
            Self::Aid => say::PANE_AID,
        }
    }

    pub(crate) const fn next(self) -> Self {
        Self::ALL[(self as usize + 1) % Self::ALL.len()]
    }

    pub(crate) const fn previous(self) -> Self {
        Self::ALL[(self as usize + Self::ALL.len() - 1) % Self::ALL.len()]
    }
}
