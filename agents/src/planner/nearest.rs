//! Nearest of the region: every call takes the nearest unit that is free, in the order in which they
//! came.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use protocol::{Kind, PartyId};

use super::regional::{Postings, Refused, Standing};
use super::{Approach, HORIZON, UnitIx};
use crate::board::{Ways, Whole};

/// Gives every need the nearest units that are left, and keeps home floors.
pub(super) fn in_order_of_calls(
    standing: &mut Standing,
    (whole, refused): (&Whole<'_>, &Refused),
    ways: &mut dyn Ways,
) -> Postings {
    standing.muster(whole);
    let (arriving, serving) = standing.arriving(whole, ways);
    let mut approach = arriving.approach(serving);
    let mut left: BTreeMap<(PartyId, Kind), u32> = BTreeMap::new();
    for reserve in whole.units.iter().filter(|it| !it.unit.stands_by) {
        let group = (reserve.owner, reserve.unit.resource.kind);
        *left.entry(group).or_default() += 1;
    }
    let mut order: Vec<_> = whole.slots.iter().collect();
    order.sort_by_key(|slot| (slot.asked_at, slot.need));
    let mut taken = BTreeSet::new();
    let mut postings = Postings::new();
    for slot in order {
        let mut open = slot.open;
        let may = |unit: UnitIx| {
            let resource = arriving.of(unit).unit.resource.resource;
            !refused.contains(&(slot.need, resource))
        };
        approach.soonest((slot.kind, slot.to), &may, &mut |unit, eta| {
            if open == 0 || eta >= HORIZON {
                return ControlFlow::Break(());
            }
            let reserve = arriving.of(unit);
            let group = (reserve.owner, reserve.unit.resource.kind);
            let keep = whole.floors.get(&group).copied().unwrap_or(0);
            let is_lent = reserve.owner != slot.need.author;
            // What stands by elsewhere is no part of what a floor counts.
            let mut count = left.get_mut(&group).filter(|_| !reserve.unit.stands_by);
            let is_kept = is_lent && count.as_ref().is_some_and(|count| **count <= keep);
            if taken.contains(&unit) || is_kept {
                return ControlFlow::Continue(());
            }
            if let Some(count) = &mut count {
                **count -= 1;
            }
            open -= 1;
            taken.insert(unit);
            postings.insert((slot.need, reserve.unit.resource.resource), eta);
            ControlFlow::Continue(())
        });
    }
    postings
}
