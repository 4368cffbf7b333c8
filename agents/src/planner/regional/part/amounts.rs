//! What one office does of a plan for what is counted by amount.

use protocol::{DeclineReason, Form, NeedId, ResourceId};

use super::Part;
use crate::board::{Move, Slot};
use crate::planner::{Allotted, Reason, Share};

impl Part<'_, '_, '_> {
    /// Commits and offers what is this office's own, asks for what others have, and tells who asks in
    /// vain why nothing comes from here.
    pub(super) fn share_out(&mut self, allotted: &Allotted, moves: &mut Vec<Move>) {
        for ((need, resource), share) in &allotted.shares {
            self.share(*need, (*resource, *share), moves);
        }
        let is_amount = |slot: &&Slot| slot.kind.form() != Form::Unit;
        for slot in self.board.asked.iter().filter(is_amount) {
            let lacks = allotted.unserved.iter().filter(|it| it.need == slot.need);
            let told: Vec<Reason> = lacks.map(|it| it.reason).collect();
            if told.is_empty() {
                continue;
            }
            if let Some(reason) = self.why_nothing(slot, &told, moves) {
                let need = slot.need;
                moves.push(Move::Decline { need, reason });
            }
        }
    }

    fn share(
        &mut self,
        need: NeedId,
        (resource, share): (ResourceId, Share),
        moves: &mut Vec<Move>,
    ) {
        let eta = share.eta;
        let for_us = need.author == self.whole.us;
        let Some(kind) = self.kinds.get(&resource).copied() else {
            if for_us {
                *self.planned.entry(need).or_default() += share.quantity;
                self.widen(need, moves);
            }
            return;
        };
        let room = self.open.get(&need).copied().unwrap_or(0);
        let mut quantity = share.quantity.min(room);
        if !for_us {
            let asks = self.board.asked.iter().any(|slot| slot.need == need);
            quantity = quantity.min(if asks { self.spare(kind, moves) } else { 0 });
        }
        if quantity == 0 {
            return;
        }
        self.open.insert(need, room - quantity);
        *self.planned.entry(need).or_default() += quantity;
        moves.push(if for_us {
            Move::Commit {
                need,
                resource,
                quantity,
                eta,
            }
        } else {
            Move::Offer {
                need,
                resource,
                quantity,
                eta,
            }
        });
    }

    /// Why this office gives a need nothing that the plan leaves wanting; `None` if it gives something, or
    /// has something that the plan has better use for.
    fn why_nothing(&self, slot: &Slot, told: &[Reason], decided: &[Move]) -> Option<DeclineReason> {
        let gives = |step: &Move| matches!(step, Move::Offer { need, .. } if *need == slot.need);
        if decided.iter().any(gives) {
            return None;
        }
        let stocks = self.whole.stores.iter();
        let own = stocks.filter(|it| it.owner == self.whole.us);
        let mut own = own.filter(|it| it.stock.could(slot.kind)).peekable();
        if own.peek().is_none() {
            return Some(DeclineReason::Busy);
        }
        if own.all(|it| self.spare(it.stock.resource.kind, decided) == 0) {
            return Some(DeclineReason::KeepHome);
        }
        // What has a way and is free would be given, or the plan says what keeps it.
        let is_kept = |why: &Reason| {
            matches!(
                why,
                Reason::Elsewhere | Reason::KeptHome | Reason::Forbidden
            )
        };
        let far = !told.iter().any(is_kept);
        far.then_some(DeclineReason::Unreachable)
    }
}
