//! Arcs that cost just what they are worth, of which ties are made, from both sides.

use super::{Assignment, Effort};

/// The even arcs of an optimal plan: every optimal plan consists of those, whichever worths and prices
/// prove it.
#[derive(Clone, Debug, Default)]
pub(super) struct Even {
    /// By slot: where its units begin in the list.
    begins: Vec<u32>,
    units: Vec<u32>,
    /// By unit: where the slots that could take it begin in the list.
    taken_from: Vec<u32>,
    takers: Vec<u32>,
}

impl Even {
    /// Lists them; `None` if the effort was spent before.
    pub(super) fn list(&mut self, plan: &Assignment, effort: &mut Effort) -> Option<()> {
        self.begins.clear();
        self.units.clear();
        self.takers.clear();
        let place = |units: &Vec<u32>| u32::try_from(units.len()).ok();
        for slot in &plan.slots {
            self.begins.push(place(&self.units)?);
            let cheap = slot.arcs.iter().take_while(|arc| arc.cost <= slot.worth);
            let mut looked = 0;
            for arc in cheap {
                looked += 1;
                if arc.cost + plan.prices[arc.unit as usize] == slot.worth {
                    self.units.push(arc.unit);
                }
            }
            effort.spend(looked)?;
        }
        self.begins.push(place(&self.units)?);
        Some(())
    }

    /// Lists the slots of each unit as well, unless they are listed; how many there were to list.
    pub(super) fn turn_round(&mut self, units: usize) -> usize {
        if !self.takers.is_empty() {
            return 0;
        }
        self.taken_from.clear();
        self.taken_from.resize(units + 2, 0);
        for unit in &self.units {
            self.taken_from[*unit as usize + 2] += 1;
        }
        for unit in 2..self.taken_from.len() {
            self.taken_from[unit] += self.taken_from[unit - 1];
        }
        self.takers.resize(self.units.len(), 0);
        for (slot, bounds) in (0..).zip(self.begins.windows(2)) {
            for unit in &self.units[bounds[0] as usize..bounds[1] as usize] {
                // Where the next taker goes, and in the end where those of the next unit begin.
                let place = &mut self.taken_from[*unit as usize + 1];
                self.takers[*place as usize] = slot;
                *place += 1;
            }
        }
        self.units.len()
    }

    /// The slots that a unit could serve; once they are listed.
    pub(super) fn takers(&self, unit: u32) -> &[u32] {
        let place = unit as usize;
        let bounds = [self.taken_from[place], self.taken_from[place + 1]];
        &self.takers[bounds[0] as usize..bounds[1] as usize]
    }

    /// The units that a slot could have.
    pub(super) fn of(&self, slot: u32) -> &[u32] {
        let place = slot as usize;
        &self.units[self.begins[place] as usize..self.begins[place + 1] as usize]
    }
}
