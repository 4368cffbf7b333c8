//! Policies that plan for the whole region: the same plan at every office that knows the same, of which
//! each does the part that it owns.
//!
//! A unit of one's own goes to a need of one's own at once, and is offered to a neighbour's. A unit of a
//! neighbour's that the plan gives to a need of one's own is asked for: its owner comes to the same plan
//! and offers it. One that is still at work is waited for. Stocks and rooms are divided and not planned
//! here; they go as own-first lets them.

mod part;
mod reached;
mod standing;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use protocol::{Deciseconds, Form, NeedId, Planning, ResourceId};

use self::part::own_part;
pub(super) use self::standing::Standing;
use super::{OwnFirst, Policy, Sees, nearest};
use crate::board::{Board, Move, Slot, Ways, Whole};

/// Who goes where, as far as a way of planning decided it.
pub(super) type Postings = BTreeMap<(NeedId, ResourceId), Deciseconds>;

/// Which unit is not to serve which need.
pub(super) type Refused = BTreeSet<(NeedId, ResourceId)>;

/// A policy that plans for the region.
#[derive(Debug, Clone)]
pub(super) struct Regional {
    planning: Planning,
    standing: Standing,
    /// Its last plan.
    last: Postings,
}

impl Regional {
    pub(super) fn new(planning: Planning) -> Self {
        Self {
            planning,
            standing: Standing::default(),
            last: Postings::new(),
        }
    }

    fn solve(&mut self, whole: &Whole<'_>, refused: &Refused, ways: &mut dyn Ways) -> Postings {
        if self.planning == Planning::Nearest {
            nearest::in_order_of_calls(&mut self.standing, (whole, refused), ways)
        } else {
            self.standing.cheapest(whole, refused, ways)
        }
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
        self.standing.overruns()
    }

    fn postings(&self) -> &Postings {
        &self.last
    }

    fn plan(&mut self, board: &mut Board<'_>) -> Vec<Move> {
        self.last.clear();
        let Some(whole) = board.whole.take() else {
            return Vec::new();
        };
        self.last = self.solve(&whole, board.refused, board.ways);
        let mut moves = own_part(board, &whole, &self.last);
        let is_unit = |slot: &Slot| slot.kind.form() == Form::Unit;
        board.own.retain(|slot| !is_unit(slot));
        board.asked.retain(|slot| !is_unit(slot));
        moves.extend(OwnFirst.plan(board));
        moves
    }
}
