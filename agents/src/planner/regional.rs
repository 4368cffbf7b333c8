//! Policies that plan for the whole region: the same plan at every office that knows the same, of which
//! each does the part that it owns.
//!
//! A unit of one's own goes to a need of one's own at once, and is offered to a neighbour's. A unit of a
//! neighbour's that the plan gives to a need of one's own is asked for: its owner comes to the same plan
//! and offers it. One that is still at work is waited for. Stocks and room are planned the same way, by
//! amount; under nearest they go as own-first lets them.

mod amounts;

mod part;
mod reached;
mod standing;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use protocol::{Deciseconds, Form, NeedId, Planning, ResourceId};

use self::part::own_part;
pub(super) use self::standing::Standing;
use super::{Allotted, OwnFirst, Policy, Sees, Settled, Share, nearest};
use crate::board::{Board, Move, Slot, Ways, Whole};

/// Who goes where, as far as a way of planning decided it.
pub(super) type Postings = BTreeMap<(NeedId, ResourceId), Deciseconds>;

/// How much of which stock goes where.
type Shares = BTreeMap<(NeedId, ResourceId), Share>;

/// Which unit is not to serve which need.
pub(super) type Refused = BTreeSet<(NeedId, ResourceId)>;

/// A policy that plans for the region.
#[derive(Debug, Clone)]
pub(super) struct Regional {
    planning: Planning,
    standing: Standing,
    /// Its last plan for units.
    last: Postings,
    /// Its last plan for what is counted by amount.
    shares: Shares,
    /// How many plans of amounts ran out of effort.
    overruns: u64,
}

impl Regional {
    pub(super) fn new(planning: Planning) -> Self {
        Self {
            planning,
            standing: Standing::default(),
            last: Postings::new(),
            shares: Shares::new(),
            overruns: 0,
        }
    }

    fn solve(&mut self, whole: &Whole<'_>, refused: &Refused, ways: &mut dyn Ways) -> Postings {
        if self.planning == Planning::Nearest {
            nearest::in_order_of_calls(&mut self.standing, (whole, refused), ways)
        } else {
            self.standing.cheapest(whole, refused, ways)
        }
    }

    /// The plan for what is counted by amount; `None` if it is left to its owners.
    fn allot(
        &mut self,
        whole: &Whole<'_>,
        refused: &Refused,
        ways: &mut dyn Ways,
    ) -> Option<Allotted> {
        if self.planning == Planning::Nearest {
            return None;
        }
        let allotted = amounts::allot(whole, refused, ways);
        self.overruns += u64::from(allotted.settled != Settled::Optimal);
        self.shares.clone_from(&allotted.shares);
        Some(allotted)
    }
}

impl Policy for Regional {
    fn name(&self) -> Planning {
        self.planning
    }

    fn sees(&self) -> Sees {
        match self.planning {
            Planning::OwnFirst => Sees::Own,
            Planning::Nearest | Planning::Batch => Sees::Region,
            Planning::LookAhead => Sees::Ahead,
            Planning::Replan => Sees::Turning,
        }
    }

    fn overruns(&self) -> u64 {
        self.standing.overruns() + self.overruns
    }

    fn postings(&self) -> &Postings {
        &self.last
    }

    fn shares(&self) -> &Shares {
        &self.shares
    }

    fn plan(&mut self, board: &mut Board<'_>) -> Vec<Move> {
        self.last.clear();
        self.shares.clear();
        let Some(whole) = board.whole.take() else {
            return Vec::new();
        };
        let refused: Refused = board.barred.among(&whole);
        self.last = self.solve(&whole, &refused, board.ways);
        let allotted = self.allot(&whole, &refused, board.ways);
        let mut moves = own_part(board, &whole, (&self.last, allotted.as_ref()));
        if allotted.is_none() {
            let is_unit = |slot: &Slot| slot.kind.form() == Form::Unit;
            board.own.retain(|slot| !is_unit(slot));
            board.asked.retain(|slot| !is_unit(slot));
            moves.extend(OwnFirst.plan(board));
        }
        moves
    }
}
