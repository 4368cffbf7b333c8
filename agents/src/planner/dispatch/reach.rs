//! What a slot could take: units that serve its kind, by the harm that their way leaves time for.

use std::ops::ControlFlow;

use super::{Approach, Asked, Demand, Dispatch, Doing, Kept, Seat};
use crate::planner::candidates::Reach;
use crate::planner::cost::{Cost, SlotIx, UnitIx};
use crate::planner::harm::HarmCurve;

/// Looks for arcs over the ways that units have.
pub(super) struct Sight<'a, A> {
    dispatch: &'a Dispatch,
    approach: &'a mut A,
    /// What was found last: slots of one need, which stand together, find the same.
    last: Option<Last>,
}

struct Last {
    demand: Demand,
    count: usize,
    arcs: Vec<(UnitIx, Cost)>,
    omitted_from: Option<Cost>,
}

impl<'a, A: Approach> Sight<'a, A> {
    pub(super) fn new(dispatch: &'a Dispatch, approach: &'a mut A) -> Self {
        Self {
            dispatch,
            approach,
            last: None,
        }
    }

    /// Looks for the arcs of a need's slots.
    fn look(&mut self, demand: &Demand, count: usize) -> Last {
        let curve = HarmCurve::of(demand.severity);
        let mut arcs = Vec::with_capacity(count);
        let mut omitted_from = None;
        let may = |unit| self.dispatch.may(unit, demand);
        let wanted = (demand.kind, demand.to);
        self.approach.soonest(wanted, &may, &mut |unit, eta| {
            let Some(harm) = curve.harm(demand.waited, eta) else {
                return ControlFlow::Break(());
            };
            if arcs.len() >= count {
                omitted_from = Some(harm);
                return ControlFlow::Break(());
            }
            arcs.push((unit, harm));
            ControlFlow::Continue(())
        });
        Last {
            demand: demand.clone(),
            count,
            arcs,
            omitted_from,
        }
    }
}

impl<A: Approach> Reach for Sight<'_, A> {
    fn cheapest(
        &mut self,
        slot: SlotIx,
        count: usize,
        arcs: &mut Vec<(UnitIx, Cost)>,
    ) -> Option<Cost> {
        let Some(Seat::Need(need)) = self.dispatch.seats.get(slot.place()) else {
            return None;
        };
        let Asked { demand, .. } = self.dispatch.demands.get(need)?;
        let last = self.last.take();
        let same = last.filter(|last| last.count == count && last.demand == *demand);
        let found = same.unwrap_or_else(|| self.look(demand, count));
        arcs.extend_from_slice(&found.arcs);
        let omitted_from = found.omitted_from;
        self.last = Some(found);
        omitted_from
    }
}

impl Dispatch {
    /// Whether a unit that serves the kind may serve the need.
    pub(super) fn may(&self, unit: UnitIx, demand: &Demand) -> bool {
        let Some(Some(supply)) = self.units.get(unit.place()) else {
            return false;
        };
        let lent = || match supply.doing {
            Doing::Waits => self.kept.get(unit.place()) != Some(&Kept::Home),
            Doing::StandsBy | Doing::Works => true,
            Doing::Drives(to) => to == Some(demand.need),
        };
        let goes = || supply.owner == demand.office || lent();
        let refused = || self.forbidden.contains(&(demand.need, supply.resource));
        supply.serves(demand.kind) && goes() && (self.forbidden.is_empty() || !refused())
    }
}
