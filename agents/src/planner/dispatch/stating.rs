//! What has happened since the last plan is stated to the assignment: slots, arcs, and what stays home.

use std::collections::BTreeMap;

use protocol::{Kind, NeedId, PartyId, ResourceId};

use super::{Approach, Asked, Demand, Dispatch, Kept, Seat, Sight};
use crate::planner::assignment::Effort;
use crate::planner::candidates::Reach;
use crate::planner::cost::{Cost, SlotIx, UnitIx};
use crate::planner::harm::HarmCurve;

/// From so many new units on, slots look anew instead of asking about each.
const FRESH_MAX: usize = 64;

impl Dispatch {
    /// States what has happened, as far as the effort goes; how many needs and units are left for the
    /// next plan. What may never be planned is taken out whatever the effort.
    pub(super) fn state(&mut self, approach: &mut impl Approach, effort: &mut Effort) -> usize {
        self.keep_home();
        self.seat_reserves();
        self.seat_needs();
        // Who looks anew at everything meets the new ones too.
        if self.fresh.len() > FRESH_MAX || self.stale.len() == self.demands.len() {
            self.stale.extend(self.demands.keys());
            for unit in std::mem::take(&mut self.fresh) {
                self.introduce_at_home(unit);
            }
        }
        while let Some(need) = self.stale.first().copied() {
            if self.restate(need, approach, effort).is_none() {
                break;
            }
            self.stale.remove(&need);
        }
        while let Some(unit) = self.fresh.first().copied() {
            self.introduce_at_home(unit);
            if self.introduce(unit, approach, effort).is_none() {
                break;
            }
            self.fresh.remove(&unit);
        }
        self.stale.len() + self.fresh.len()
    }

    /// All slots, in an order that does not depend on the past.
    pub(super) fn slots(&self) -> Vec<SlotIx> {
        let needs = self.demands.values().flat_map(|asked| &asked.slots);
        let reserves = self.floors.values().flat_map(|floor| &floor.slots);
        needs.chain(reserves).copied().collect()
    }

    /// The rank of each unit by its number: that of its id.
    pub(super) fn ranks(&self) -> Vec<u32> {
        let mut ranks = vec![u32::MAX; self.units.len()];
        for (rank, unit) in (0..).zip(self.supplies.values()) {
            ranks[unit.place()] = rank;
        }
        ranks
    }

    pub(super) fn vacate(&mut self, slot: SlotIx) {
        self.plan.remove_slot(slot);
        self.candidates.forget(slot);
        self.seats[slot.place()] = Seat::Nobody;
    }

    /// Works out which units their owners' floors keep.
    ///
    /// So many as the floor says, and as many more as the owner's own open needs could take, so that
    /// whatever becomes of those the floor holds: of the lowest ids, which everybody knows.
    fn keep_home(&mut self) {
        let own_open = self.own_open();
        let mut kept = vec![Kept::Not; self.units.len()];
        for ((owner, kind), floor) in &self.floors {
            let Some(group) = self.groups.get(&(*owner, *kind)).filter(|_| floor.keep > 0) else {
                continue;
            };
            let own = own_open.get(owner).map_or(&[][..], |open| open);
            let keep = floor.keep.saturating_add(self.could_take(group, own));
            let keep = usize::try_from(keep).unwrap_or(usize::MAX);
            for unit in group.values().take(keep) {
                kept[unit.place()] = Kept::Home;
            }
        }
        let mut before = std::mem::replace(&mut self.kept, kept);
        before.resize(self.units.len(), Kept::Not);
        for (number, was) in (0..).zip(before) {
            let (unit, is) = (UnitIx(number), self.kept[number as usize]);
            if was == is {
                continue;
            }
            if is == Kept::Not {
                // Who is free to go again is told of as if it were new.
                self.fresh.insert(unit);
                continue;
            }
            let Some(Some(supply)) = self.units.get(unit.place()) else {
                continue;
            };
            let asked = self.demands.values();
            let others = asked.filter(|asked| asked.demand.office != supply.owner);
            for slot in others.flat_map(|asked| &asked.slots) {
                self.plan.set_arc(*slot, unit, None);
            }
        }
    }

    /// What each owner's own open needs ask for.
    fn own_open(&self) -> BTreeMap<PartyId, Vec<(Kind, u32)>> {
        let mut open: BTreeMap<PartyId, Vec<(Kind, u32)>> = BTreeMap::new();
        for Asked { demand, .. } in self.demands.values() {
            let own = open.entry(demand.office).or_default();
            match own.iter_mut().find(|(kind, _)| *kind == demand.kind) {
                Some((_, quantity)) => *quantity = quantity.saturating_add(demand.quantity),
                None => own.push((demand.kind, demand.quantity)),
            }
        }
        open
    }

    /// How many units of one of an owner's kinds its own open needs could take.
    fn could_take(&self, group: &BTreeMap<ResourceId, UnitIx>, open: &[(Kind, u32)]) -> u32 {
        let could = |wanted: Kind| {
            let mut units = group.values();
            units.any(|unit| {
                let supply = self.units[unit.place()].as_ref();
                supply.is_some_and(|supply| supply.serves(wanted))
            })
        };
        let own = open.iter().filter(|(kind, _)| could(*kind));
        own.fold(0, |sum, (_, quantity)| sum.saturating_add(*quantity))
    }

    /// Gives each price of a floor a slot, which a unit fills by staying at home.
    fn seat_reserves(&mut self) {
        let floors: Vec<(PartyId, Kind)> = self.floors.keys().copied().collect();
        for key in floors {
            let Some(floor) = self.floors.get_mut(&key) else {
                continue;
            };
            let (prices, mut slots) = (floor.prices.clone(), std::mem::take(&mut floor.slots));
            let same = slots.len() == prices.len()
                && slots
                    .iter()
                    .zip(&prices)
                    .all(|(slot, price)| self.plan.unmet(*slot) == Some(*price));
            if !same {
                for slot in slots.drain(..) {
                    self.vacate(slot);
                }
                let group = self
                    .groups
                    .get(&key)
                    .into_iter()
                    .flat_map(|group| group.values());
                let arcs: Vec<(UnitIx, Cost)> = group.map(|unit| (*unit, Cost::ZERO)).collect();
                for price in &prices {
                    // Without room for one more the last prices are left out.
                    let Ok(slot) = self.plan.add_slot(*price, &arcs) else {
                        break;
                    };
                    self.seat(slot, Seat::Reserve);
                    self.candidates.note(slot, arcs.len(), None);
                    slots.push(slot);
                }
            }
            if let Some(floor) = self.floors.get_mut(&key) {
                floor.slots = slots;
            }
        }
    }

    /// Gives each need as many slots as it asks for units, and no more than there are units.
    fn seat_needs(&mut self) {
        let needs: Vec<NeedId> = self.demands.keys().copied().collect();
        for need in needs {
            let Some(Asked { demand, slots }) = self.demands.get_mut(&need) else {
                continue;
            };
            let owned = self.owned.get(&demand.kind).copied().unwrap_or(0);
            let wanted = usize::try_from(demand.quantity.min(owned)).unwrap_or(usize::MAX);
            if slots.len() == wanted {
                continue;
            }
            let unmet = HarmCurve::of(demand.severity).unmet(demand.waited);
            let mut slots = std::mem::take(slots);
            while slots.len() > wanted
                && let Some(slot) = slots.pop()
            {
                self.vacate(slot);
            }
            while slots.len() < wanted
                && let Ok(slot) = self.plan.add_slot(unmet, &[])
            {
                self.seat(slot, Seat::Need(need));
                slots.push(slot);
            }
            if let Some(asked) = self.demands.get_mut(&need) {
                asked.slots = slots;
            }
        }
    }

    fn seat(&mut self, slot: SlotIx, seat: Seat) {
        if self.seats.len() <= slot.place() {
            self.seats.resize(slot.place() + 1, Seat::Nobody);
        }
        self.seats[slot.place()] = seat;
    }

    /// States a need's arcs anew where they have changed. Slots that nobody has looked for arcs of
    /// are left to that.
    fn restate(
        &mut self,
        need: NeedId,
        approach: &mut impl Approach,
        effort: &mut Effort,
    ) -> Option<()> {
        let Some(Asked { demand, slots }) = self.demands.get(&need).cloned() else {
            return Some(());
        };
        let unmet = HarmCurve::of(demand.severity).unmet(demand.waited);
        let mut arcs = Vec::new();
        for slot in slots {
            arcs.clear();
            let count = self.candidates.count(slot);
            let known = self.candidates.is_known(slot);
            let omitted_from = if known {
                Sight::new(self, approach).cheapest(slot, count, &mut arcs)
            } else {
                None
            };
            effort.spend(arcs.len())?;
            arcs.sort_unstable_by_key(|(unit, cost)| (*cost, *unit));
            let same = self.plan.arcs(slot).eq(arcs.iter().copied());
            if !same || self.plan.unmet(slot) != Some(unmet) {
                self.plan.change_slot(slot, unmet, &arcs);
            }
            if known {
                self.candidates.note(slot, count, omitted_from);
            }
        }
        Some(())
    }

    /// Tells the slots of its owner's floor of a unit that is new.
    fn introduce_at_home(&mut self, unit: UnitIx) {
        let Some(Some(supply)) = self.units.get(unit.place()) else {
            return;
        };
        let floor = self.floors.get(&(supply.owner, supply.kind));
        for slot in floor.into_iter().flat_map(|floor| &floor.slots) {
            self.plan.set_arc(*slot, unit, Some(Cost::ZERO));
        }
    }

    /// Tells slots that know their arcs of a unit that is new.
    fn introduce(
        &mut self,
        unit: UnitIx,
        approach: &mut impl Approach,
        effort: &mut Effort,
    ) -> Option<()> {
        for Asked { demand, slots } in self.demands.values() {
            effort.spend(slots.len())?;
            let below = slots.iter().map(|slot| self.candidates.told_below(*slot));
            let Some(below) = below.max().filter(|_| self.may(unit, demand)) else {
                continue;
            };
            let Some(harm) = harm(unit, demand, below, approach) else {
                continue;
            };
            for slot in slots {
                let told = harm < self.candidates.told_below(*slot);
                if told && self.plan.cost(*slot, unit).is_none() {
                    self.plan.set_arc(*slot, unit, Some(harm));
                }
            }
        }
        Some(())
    }
}

/// The harm that a unit's way to a need leaves time for, if it is less than so much.
pub(super) fn harm(
    unit: UnitIx,
    demand: &Demand,
    below: Cost,
    approach: &mut impl Approach,
) -> Option<Cost> {
    let curve = HarmCurve::of(demand.severity);
    let within = curve.from_when(demand.waited, below);
    let eta = approach.eta(unit, demand.to, within)?;
    curve.harm(demand.waited, eta)
}
