//! What the world alone sees of a drill: what truly happened, and what terminals and crews did.

use protocol::{Moment, ResourceId, Truth, UnitState};
use simulator::{Judge, Obeyed};

/// What the world saw.
#[derive(Clone, Debug)]
pub(crate) enum Seen {
    /// Something truly happened.
    Happened(Truth),
    /// A terminal obeyed an order.
    Obeyed(Obeyed),
    /// A crew went from one state to another.
    Moved(ResourceId, (UnitState, UnitState)),
}

impl Seen {
    /// Has it judged as virtual time does. No log shows what is broken here (J2, J3, J6): the fold makes
    /// void what would bind a unit twice, so that only its terminal knows whom it obeyed.
    pub(crate) fn judge(&self, at: Moment, judge: &mut Judge) {
        match self {
            Self::Happened(truth) => judge.truth(at, truth),
            Self::Obeyed(obeyed) => judge.obeyed(at, obeyed),
            Self::Moved(unit, step) => judge.moved(at, *unit, *step),
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::{AidId, Fence, Incarnation, Mode, Network, Signer, Suite};

    use super::*;

    fn judge() -> Judge {
        let root = Signer::new("region".parse().unwrap(), Suite::Virtual, [7; 32]);
        Judge::new(Network {
            id: "live".parse().unwrap(),
            mode: Mode::Exercise,
            region: root.party(),
            root: root.public(),
            suite: Suite::Virtual,
        })
    }

    /// An order of the second commitment, obeyed under this fence after the seventh.
    fn obeyed(command: u32, served: Option<u32>) -> Seen {
        let fence = |command| Fence {
            incarnation: Incarnation { epoch: 1, nonce: 7 },
            command,
        };
        let aid = |number| AidId {
            author: "990100".parse().unwrap(),
            epoch: 1,
            number,
        };
        Seen::Obeyed(Obeyed {
            unit: "990100-s01-fire-1".parse().unwrap(),
            before: Some(fence(7)),
            fence: fence(command),
            served: served.map(aid),
            aid: aid(2),
            turned_from: Vec::new(),
        })
    }

    #[test]
    fn what_a_terminal_of_a_live_drill_must_not_obey_counts_as_a_violation() {
        let mut judge = judge();
        let mut broken = |seen: Seen| {
            let before = judge.violations().len();
            seen.judge(Moment(1), &mut judge);
            let found = judge.violations()[before..].iter();
            let found: Vec<&str> = found.map(|it| it.invariant).collect();
            (found, judge.tally().double_commits)
        };
        assert_eq!(broken(obeyed(8, None)), (vec![], 0));
        assert_eq!(broken(obeyed(7, None)), (vec!["J6"], 0));
        assert_eq!(broken(obeyed(8, Some(1))), (vec!["J3"], 1));
        let unit = "990100-s01-fire-1".parse().unwrap();
        let jump = (UnitState::Available, UnitState::Working);
        assert_eq!(broken(Seen::Moved(unit, jump)), (vec!["J2"], 1));
    }
}
