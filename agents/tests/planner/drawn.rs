//! Problems drawn from a seed, kept apart from the solver that they are given to.

use std::collections::BTreeMap;

use agents::planner::{
    Assignment, Certificate, Cost, Effort, Problem, Settled, SlotIx, StatedSlot, UnitIx,
};

/// Numbers from a seed, by splitmix64.
pub(crate) struct Draw(pub(crate) u64);

impl Draw {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub(crate) fn cost(&mut self, end: i64) -> i64 {
        i64::try_from(self.below(end.unsigned_abs())).unwrap()
    }
}

/// A problem by names that stay: of slots what they cost unserved and with each unit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Drawn {
    pub(crate) slots: BTreeMap<u32, (i64, BTreeMap<u32, i64>)>,
    pub(crate) units: Vec<u32>,
}

impl Drawn {
    /// So many slots and units at most; few costs, so that many plans are as good, or many.
    pub(crate) fn new(draw: &mut Draw, slots: u64, units: u64) -> Self {
        let mut drawn = Self {
            units: (0..u32::try_from(draw.below(units + 1)).unwrap()).collect(),
            ..Self::default()
        };
        let costs = [4, 30, 1_000_000][usize::try_from(draw.below(3)).unwrap()];
        let density = 1 + draw.below(4);
        for slot in 0..u32::try_from(draw.below(slots + 1)).unwrap() {
            let row = drawn.row(draw, costs, density);
            drawn.slots.insert(slot, row);
        }
        drawn
    }

    pub(crate) fn row(
        &self,
        draw: &mut Draw,
        costs: i64,
        density: u64,
    ) -> (i64, BTreeMap<u32, i64>) {
        let mut row = BTreeMap::new();
        for unit in &self.units {
            if draw.below(4) < density {
                row.insert(*unit, draw.cost(costs));
            }
        }
        (draw.cost(2 * costs), row)
    }

    /// The problem for the checker, as drawn and not as the solver keeps it.
    pub(crate) fn problem(&self, names: &Names) -> Problem {
        let slots = self.slots.iter().map(|(slot, (unmet, row))| {
            let arcs = row.iter().map(|(unit, cost)| (names.units[unit].0, *cost));
            let stated = StatedSlot {
                unmet: *unmet,
                arcs: arcs.collect(),
                omitted_from: None,
            };
            (names.slots[slot].0, stated)
        });
        Problem {
            slots: slots.collect(),
            units: self.units.iter().map(|unit| names.units[unit].0).collect(),
        }
    }

    /// Gives the solver all of it, in a drawn order.
    pub(crate) fn load(&self, draw: &mut Draw) -> (Assignment, Names) {
        let mut plan = Assignment::default();
        let mut names = Names::default();
        for unit in shuffled(self.units.iter().copied(), draw) {
            names.units.insert(unit, plan.add_unit().unwrap());
        }
        for slot in shuffled(self.slots.keys().copied(), draw) {
            let (unmet, row) = &self.slots[&slot];
            let number = plan.add_slot(cost(*unmet), &names.arcs(row)).unwrap();
            names.slots.insert(slot, number);
        }
        (plan, names)
    }
}

/// The numbers that slots and units go by in an assignment, by their names here.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    pub(crate) slots: BTreeMap<u32, SlotIx>,
    pub(crate) units: BTreeMap<u32, UnitIx>,
}

impl Names {
    pub(crate) fn arcs(&self, row: &BTreeMap<u32, i64>) -> Vec<(UnitIx, Cost)> {
        let arcs = row.iter();
        arcs.map(|(unit, price)| (self.units[unit], cost(*price)))
            .collect()
    }

    /// Settles costs and ties; the pairs by the names here.
    pub(crate) fn settle(&self, plan: &mut Assignment) -> Vec<(u32, u32)> {
        assert_eq!(plan.settle(&mut Effort::unbounded()), Settled::Optimal);
        let last = self.units.values().map(|unit| unit.place() + 1).max();
        let mut ranks = vec![u32::MAX; last.unwrap_or(0)];
        for (rank, unit) in (0..).zip(self.units.values()) {
            ranks[unit.place()] = rank;
        }
        let slots: Vec<SlotIx> = self.slots.values().copied().collect();
        plan.settle_ties(&slots, &ranks, &mut Effort::unbounded())
            .unwrap();
        let served = self.slots.iter().filter_map(|(slot, number)| {
            let unit = plan.unit_of(*number)?;
            let name = self.units.iter().find(|(_, number)| **number == unit);
            Some((*slot, *name.unwrap().0))
        });
        served.collect()
    }

    /// The plan's proof, checked against what was drawn.
    pub(crate) fn proven(&self, plan: &Assignment, drawn: &Drawn) -> Certificate {
        let certificate = plan.certificate();
        certificate.check(&drawn.problem(self)).unwrap();
        certificate
    }
}

pub(crate) fn cost(value: i64) -> Cost {
    Cost::new(value).unwrap()
}

pub(crate) fn shuffled(all: impl Iterator<Item = u32>, draw: &mut Draw) -> Vec<u32> {
    let mut keyed: Vec<(u64, u32)> = all.map(|one| (draw.next(), one)).collect();
    keyed.sort_unstable();
    keyed.into_iter().map(|(_, one)| one).collect()
}
