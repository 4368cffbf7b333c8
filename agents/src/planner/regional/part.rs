//! What one office does of a plan for the region.

mod amounts;

use std::collections::{BTreeMap, BTreeSet};

use protocol::{Audience, Deciseconds, Form, Kind, NeedId, ResourceId};

use super::Postings;
use crate::board::{Board, Drive, Move, Reserve, Slot, When, Whole};
use crate::planner::{Allotted, above_floor};

/// What this office does of a plan for units and of one for amounts, if there is one: what it owns of it.
pub(super) fn own_part(
    board: &Board<'_>,
    whole: &Whole<'_>,
    (postings, allotted): (&Postings, Option<&Allotted>),
) -> Vec<Move> {
    let mut part = Part::new(board, whole);
    let mut moves = Vec::new();
    part.call_home(postings, &mut moves);
    let mut left: Vec<_> = postings
        .iter()
        .map(|((n, r), eta)| (*n, *r, *eta))
        .collect();
    // Whoever is turned away from a need makes room there for another: what has no room yet is looked
    // at again. Two that would take each other's place go on as they are.
    loop {
        let before = left.len();
        left.retain(|posting| !part.send(*posting, &mut moves));
        if left.len() == before {
            break;
        }
    }
    if let Some(allotted) = allotted {
        part.share_out(allotted, &mut moves);
    }
    // Whom nobody serves may be served by one of whom nothing is known here.
    let is_planned = |slot: &&Slot| slot.kind.form() == Form::Unit || allotted.is_some();
    for slot in board.own.iter().filter(is_planned) {
        let planned = part.planned.get(&slot.need).copied().unwrap_or(0);
        if planned < slot.open && board.now.since(slot.asked_at) >= board.window {
            part.widen(slot.need, &mut moves);
        }
    }
    moves
}

fn drives_to(reserve: &Reserve<'_>, need: NeedId) -> bool {
    matches!(reserve.when, When::Turned(drive) if drive.need == Some(need))
}

struct Part<'a, 'b, 'c> {
    board: &'a Board<'b>,
    whole: &'a Whole<'c>,
    units: BTreeMap<ResourceId, &'a Reserve<'c>>,
    /// The main kind of everything of this office that could leave home at once.
    kinds: BTreeMap<ResourceId, Kind>,
    /// How many more each need takes.
    open: BTreeMap<NeedId, u32>,
    /// How many each need is planned to have that can set out.
    planned: BTreeMap<NeedId, u32>,
}

impl<'a, 'b, 'c> Part<'a, 'b, 'c> {
    fn new(board: &'a Board<'b>, whole: &'a Whole<'c>) -> Self {
        let units = whole.units.iter();
        let units = units.map(|reserve| (reserve.unit.resource.resource, reserve));
        let at_home = board.idle.iter().filter(|it| !it.stands_by);
        let kinds = at_home.map(|it| it.resource);
        let open = board.own.iter().chain(&board.asked);
        Self {
            board,
            whole,
            units: units.collect(),
            kinds: kinds.map(|it| (it.resource, it.kind)).collect(),
            open: open.map(|slot| (slot.need, slot.open)).collect(),
            planned: BTreeMap::new(),
        }
    }

    /// One unit to one need; `false` if there is no room for it yet.
    fn send(
        &mut self,
        (need, resource, eta): (NeedId, ResourceId, Deciseconds),
        moves: &mut Vec<Move>,
    ) -> bool {
        let Some(reserve) = self.units.get(&resource).copied() else {
            return true;
        };
        let us = self.whole.us;
        let (ours, for_us) = (reserve.owner == us, need.author == us);
        let step = match reserve.when {
            _ if drives_to(reserve, need) => return true,
            When::Later(_) => return true,
            When::Now if ours && for_us => Move::Commit {
                need,
                resource,
                quantity: 1,
                eta,
            },
            When::Now if ours => {
                if self.may_lend(reserve, need, moves) {
                    moves.push(Move::Offer {
                        need,
                        resource,
                        quantity: 1,
                        eta,
                    });
                }
                return true;
            }
            When::Now => {
                *self.planned.entry(need).or_default() += 1;
                self.widen(need, moves);
                return true;
            }
            When::Turned(drive) if ours && for_us && self.may_turn(drive) => Move::Turn {
                need,
                resource,
                eta,
            },
            When::Turned(drive) => {
                // Its owner has better use of it, and turns it once it is let go.
                if let (Some(before), Some(offer), false) = (drive.need, drive.offer, ours)
                    && before.author == us
                {
                    self.leave(before);
                    moves.push(Move::GiveUp {
                        need: before,
                        offer,
                    });
                }
                return true;
            }
        };
        let room = self.open.entry(need).or_default();
        if *room == 0 {
            return false;
        }
        *room -= 1;
        *self.planned.entry(need).or_default() += 1;
        if let When::Turned(Drive {
            need: Some(before), ..
        }) = reserve.when
        {
            self.leave(before);
        }
        moves.push(step);
        true
    }

    fn leave(&mut self, need: NeedId) {
        *self.open.entry(need).or_default() += 1;
    }

    /// Whether the unit is this office's to turn: it drives for nobody else.
    fn may_turn(&self, drive: Drive) -> bool {
        drive.need.is_none_or(|need| need.author == self.whole.us)
    }

    /// Whether a unit can be offered: above the home floor, to a need that asks and takes more.
    fn may_lend(&mut self, reserve: &Reserve<'_>, need: NeedId, decided: &[Move]) -> bool {
        let asks = self.board.asked.iter().any(|slot| slot.need == need);
        let spare = reserve.unit.stands_by || self.spare(reserve.unit.resource.kind, decided) > 0;
        let room = self.open.entry(need).or_default();
        let lends = asks && spare && *room > 0;
        *room -= u32::from(lends);
        lends
    }

    /// How much of a kind is free beyond the floor, with what is decided already.
    fn spare(&self, kind: Kind, decided: &[Move]) -> u32 {
        let taken = decided.iter().map(|step| match step {
            Move::Commit {
                resource, quantity, ..
            }
            | Move::Offer {
                resource, quantity, ..
            } if self.kinds.get(resource) == Some(&kind) => *quantity,
            _ => 0,
        });
        let taken = taken.fold(0, u32::saturating_add);
        above_floor(self.board, kind).saturating_sub(taken)
    }

    /// Calls home units of one's own that the plan has no use for, whose place another of one's own
    /// takes that can set out at once.
    fn call_home(&mut self, postings: &Postings, moves: &mut Vec<Move>) {
        let us = self.whole.us;
        let mut relieved: BTreeMap<NeedId, u32> = BTreeMap::new();
        for (need, resource) in postings.keys().filter(|(need, _)| need.author == us) {
            let reserve = self.units.get(resource);
            if reserve.is_some_and(|it| it.owner == us && it.when == When::Now) {
                *relieved.entry(*need).or_default() += 1;
            }
        }
        for slot in &self.board.own {
            // Whoever fills what is open relieves nobody.
            let count = relieved.entry(slot.need).or_default();
            *count = count.saturating_sub(slot.open);
        }
        let used: BTreeSet<ResourceId> = postings.keys().map(|(_, resource)| *resource).collect();
        let own = self.units.iter().filter(|(_, reserve)| reserve.owner == us);
        let driving = own.filter_map(|(resource, reserve)| match reserve.when {
            When::Turned(drive) => Some((*resource, drive, drive.need?)),
            When::Now | When::Later(_) => None,
        });
        let driving: Vec<(ResourceId, Drive, NeedId)> = driving.collect();
        for (resource, drive, need) in driving {
            let count = relieved.entry(need).or_default();
            if *count > 0 && !used.contains(&resource) {
                *count -= 1;
                self.leave(need);
                moves.push(Move::Recall { aid: drive.aid });
            }
        }
    }

    /// Asks the region for a need, once.
    fn widen(&self, need: NeedId, moves: &mut Vec<Move>) {
        let asked = self.board.own.iter().find(|slot| slot.need == need);
        let step = Move::Widen {
            need,
            audience: Audience::Region,
        };
        if asked.is_some_and(|slot| slot.audience != Audience::Region) && !moves.contains(&step) {
            moves.push(step);
        }
    }
}
