//! What happens to slots, units and arcs. Each change keeps every worth and price right, and leaves to
//! `settle` whoever it parts.

use super::{Arc, Assignment, BackArc, Backs, Cost, NOBODY, Slot, SlotIx, State, UnitIx};

impl Assignment {
    /// Takes a slot out: its need is met, withdrawn or served otherwise.
    pub fn remove_slot(&mut self, slot: SlotIx) {
        let Some(State::Here) = self.slots.get(slot.place()).map(|slot| slot.state) else {
            return;
        };
        self.empty(slot.0);
        self.slots[slot.place()].state = State::Gone;
        self.empty_slots.push(slot.0);
    }

    /// States a slot anew: what it costs unserved, and every arc. Of a changed severity, say.
    ///
    /// As in [`Assignment::add_slot`]. Nothing happens to a slot that is not here.
    pub fn change_slot(&mut self, slot: SlotIx, unmet: Cost, arcs: &[(UnitIx, Cost)]) {
        if let Some(State::Here) = self.slots.get(slot.place()).map(|slot| slot.state) {
            self.empty(slot.0);
            self.fill(slot.0, unmet, arcs);
        }
    }

    /// Takes a unit out: it is lost, or committed.
    pub fn remove_unit(&mut self, unit: UnitIx) {
        let Some(State::Here) = self.units.get(unit.place()).map(|unit| unit.state) else {
            return;
        };
        self.part(unit.0);
        self.keep_backs();
        for back in std::mem::take(&mut self.units[unit.place()].arcs) {
            self.drop_forth(back.slot, unit.0);
        }
        self.dear.remove(&unit.0);
        self.prices[unit.place()] = 0;
        self.units[unit.place()].state = State::Gone;
        self.empty_units.push(unit.0);
    }

    /// States what one unit would cost one slot; `None` if it cannot serve it any more.
    ///
    /// Nothing happens where either is not here.
    pub fn set_arc(&mut self, slot: SlotIx, unit: UnitIx, cost: Option<Cost>) {
        let there = self.slots.get(slot.place()).map(|slot| slot.state);
        let here = self.units.get(unit.place()).map(|unit| unit.state);
        if (there, here) != (Some(State::Here), Some(State::Here)) {
            return;
        }
        let before = self.cost(slot, unit);
        if before == cost {
            return;
        }
        if before.is_some() {
            self.drop_forth(slot.0, unit.0);
            self.drop_back(slot.0, unit.0);
        }
        if let Some(cost) = cost {
            self.join(slot.0, unit.0, cost.value());
        }
        let serves = self.serves[unit.place()] == slot.0;
        if serves && cost.is_none_or(|cost| before < Some(cost)) {
            // Dearer than it is worth, or gone.
            self.part(unit.0);
        }
        let Some(cost) = cost else {
            return;
        };
        self.lower_to(slot.0, cost.value() + self.prices[unit.place()]);
    }

    /// Adds arcs to a slot that it does not have yet; what it has stays as it is.
    ///
    /// As in [`Assignment::add_slot`]. Nothing happens to a slot that is not here.
    pub fn add_arcs(&mut self, slot: SlotIx, arcs: &[(UnitIx, Cost)]) {
        if let Some(State::Here) = self.slots.get(slot.place()).map(|slot| slot.state) {
            let asked = self.extend(slot.0, arcs);
            self.lower_to(slot.0, asked);
        }
    }

    /// Nobody is worth more than what an arc asks: who is served by another looks for a better one.
    fn lower_to(&mut self, number: u32, asked: i64) {
        let Slot { worth, unit, .. } = self.slots[number as usize];
        if asked >= worth {
            return;
        }
        let pays = unit != NOBODY && {
            let arcs = &self.slots[number as usize].arcs;
            let own = arcs.iter().find(|arc| arc.unit == unit);
            own.is_some_and(|arc| arc.cost + self.prices[unit as usize] == asked)
        };
        if unit != NOBODY && !pays {
            self.part(unit);
        }
        let slot = &mut self.slots[number as usize];
        slot.worth = asked;
        if slot.unit == NOBODY {
            self.looking.insert(number);
        }
    }

    /// Gives an empty slot its costs.
    pub(super) fn fill(&mut self, number: u32, unmet: Cost, arcs: &[(UnitIx, Cost)]) {
        let unmet = unmet.value();
        let worth = self.extend(number, arcs).min(unmet);
        let slot = &mut self.slots[number as usize];
        slot.unmet = unmet;
        slot.worth = worth;
        if worth < unmet {
            self.looking.insert(number);
        }
    }

    /// Gives a slot arcs that it does not have; the least that one of them asks.
    fn extend(&mut self, number: u32, arcs: &[(UnitIx, Cost)]) -> i64 {
        let mut all = std::mem::take(&mut self.slots[number as usize].arcs);
        let mut new = std::mem::take(&mut self.new);
        self.scratch.begin(self.units.len());
        for arc in &all {
            self.scratch.meet(arc.unit, 0, NOBODY);
        }
        for (unit, cost) in arcs {
            let here = self.units.get(unit.place()).map(|unit| unit.state);
            if here == Some(State::Here) {
                let (unit, cost) = (unit.0, cost.value());
                new.push(Arc { cost, unit });
            }
        }
        new.sort_unstable();
        new.retain(|arc| self.scratch.meet(arc.unit, 0, NOBODY));
        let asks = |arc: &Arc| arc.cost + self.prices[arc.unit as usize];
        let least = new.iter().map(asks).min().unwrap_or(i64::MAX);
        if self.backs == Backs::Kept {
            for Arc { cost, unit } in new.iter().copied() {
                let slot = number;
                self.units[unit as usize].arcs.push(BackArc { cost, slot });
            }
        }
        let had_none = all.is_empty();
        all.append(&mut new);
        if !had_none {
            all.sort();
        }
        self.new = new;
        self.slots[number as usize].arcs = all;
        least
    }

    /// From now on units know the slots that they could serve.
    pub(super) fn keep_backs(&mut self) {
        if self.backs == Backs::Kept {
            return;
        }
        self.backs = Backs::Kept;
        for (slot, number) in self.slots.iter().zip(0..) {
            for Arc { cost, unit } in slot.arcs.iter().copied() {
                let slot = number;
                self.units[unit as usize].arcs.push(BackArc { cost, slot });
            }
        }
    }

    /// Takes all from a slot that it has.
    fn empty(&mut self, number: u32) {
        let unit = self.slots[number as usize].unit;
        if unit != NOBODY {
            self.part(unit);
        }
        self.looking.remove(&number);
        for arc in std::mem::take(&mut self.slots[number as usize].arcs) {
            self.drop_back(number, arc.unit);
        }
    }

    /// Parts a unit from the slot that it serves, if any; both wait for `settle`.
    fn part(&mut self, unit: u32) {
        let number = std::mem::replace(&mut self.serves[unit as usize], NOBODY);
        if number == NOBODY {
            return;
        }
        let slot = &mut self.slots[number as usize];
        slot.unit = NOBODY;
        if slot.worth < slot.unmet {
            self.looking.insert(number);
        }
        if self.prices[unit as usize] > 0 {
            self.dear.insert(unit);
        }
    }

    fn join(&mut self, number: u32, unit: u32, cost: i64) {
        let arcs = &mut self.slots[number as usize].arcs;
        let arc = Arc { cost, unit };
        let place = arcs.partition_point(|other| *other < arc);
        arcs.insert(place, arc);
        if self.backs == Backs::Kept {
            let slot = number;
            self.units[unit as usize].arcs.push(BackArc { cost, slot });
        }
    }

    fn drop_forth(&mut self, number: u32, unit: u32) {
        let arcs = &mut self.slots[number as usize].arcs;
        let place = arcs.iter().position(|arc| arc.unit == unit);
        arcs.remove(place.expect("an arc stands on both sides"));
    }

    fn drop_back(&mut self, number: u32, unit: u32) {
        if self.backs == Backs::NotYet {
            return;
        }
        let arcs = &mut self.units[unit as usize].arcs;
        let place = arcs.iter().position(|arc| arc.slot == number);
        arcs.swap_remove(place.expect("an arc stands on both sides"));
    }
}
