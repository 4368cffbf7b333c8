//! What fails in a storm, and how often.

use super::disk::Tear;
use crate::draws::Draws;
use crate::proxy::{Line, Way};

/// What fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// An office is killed.
    KillOffice,
    /// An office is killed, and its journal's tail is torn.
    KillAndTear(Tear),
    /// The bus is killed.
    KillBroker,
    /// An office is started again on a disk without room, and ends by itself.
    Full,
    /// An office stands still and goes on.
    StopOffice,
    /// The bus stands still and goes on.
    StopBroker,
    /// The line of an office is bad for a while.
    BadLine,
}

/// How often each is drawn, of 100.
pub(crate) const MIX: [(Fault, usize); 8] = [
    (Fault::KillOffice, 38),
    (Fault::KillAndTear(Tear::HalfWritten), 9),
    (Fault::KillAndTear(Tear::Forgotten), 9),
    (Fault::KillBroker, 14),
    (Fault::Full, 6),
    (Fault::StopOffice, 8),
    (Fault::StopBroker, 3),
    (Fault::BadLine, 13),
];

impl Fault {
    /// The next fault: at first each kind until it has struck, then as the mix has it.
    pub(crate) fn draw(draws: &mut Draws, happened: impl Fn(Self) -> bool) -> Self {
        let mut left = draws.below(100);
        let unseen = MIX.iter().find(|(fault, _)| !happened(*fault));
        let by_weight = || {
            MIX.iter().find(|(_, weight)| {
                let here = left < *weight;
                left = left.saturating_sub(*weight);
                here
            })
        };
        let (fault, _) = unseen.or_else(by_weight).expect("the mix is of 100");
        *fault
    }

    /// Whether a process is killed by it.
    pub(crate) fn kills(self) -> bool {
        match self {
            Self::KillOffice | Self::KillAndTear(_) | Self::KillBroker | Self::Full => true,
            Self::StopOffice | Self::StopBroker | Self::BadLine => false,
        }
    }
}

/// How a line is bad.
pub(crate) fn bad_line(draws: &mut Draws) -> Line {
    let late = draws.between_ms(20, 400);
    draws.of(&[
        Line::Late(late),
        Line::Slow(4_000),
        Line::Mute(Way::Up),
        Line::Mute(Way::Down),
        Line::HalfOpen,
        Line::Corrupt,
        Line::Cut,
    ])
}
