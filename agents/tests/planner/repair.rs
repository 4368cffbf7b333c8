//! Plans that change come to what a plan made from nothing comes to, pair by pair.

use agents::planner::{Assignment, Cost, Effort, Settled};

use crate::drawn::{Draw, Drawn, Names, cost, shuffled};
use crate::oracles::by_pathfinding;

/// A plan, the problem that it must solve, and the names of both.
struct Bench {
    plan: Assignment,
    names: Names,
    drawn: Drawn,
    costs: i64,
    /// The name that the next slot or unit gets.
    next: u32,
}

impl Bench {
    fn one(&self, draw: &mut Draw, slots: bool) -> Option<u32> {
        let names = if slots {
            self.names.slots.keys().copied().collect()
        } else {
            self.drawn.units.clone()
        };
        let place = usize::try_from(draw.below(names.len().max(1) as u64)).unwrap();
        names.get(place).copied()
    }

    fn add_slot(&mut self, draw: &mut Draw) {
        let row = self.drawn.row(draw, self.costs, 2);
        let arcs = self.names.arcs(&row.1);
        let number = self.plan.add_slot(cost(row.0), &arcs).unwrap();
        self.names.slots.insert(self.next, number);
        self.drawn.slots.insert(self.next, row);
        self.next += 1;
    }

    fn remove_slot(&mut self, draw: &mut Draw) {
        if let Some(slot) = self.one(draw, true) {
            self.plan.remove_slot(self.names.slots[&slot]);
            self.names.slots.remove(&slot);
            self.drawn.slots.remove(&slot);
        }
    }

    fn change_slot(&mut self, draw: &mut Draw) {
        if let Some(slot) = self.one(draw, true) {
            let row = self.drawn.row(draw, self.costs, 3);
            let number = self.names.slots[&slot];
            let arcs = self.names.arcs(&row.1);
            self.plan.change_slot(number, cost(row.0), &arcs);
            self.drawn.slots.insert(slot, row);
        }
    }

    fn add_unit(&mut self, draw: &mut Draw) {
        let unit = self.plan.add_unit().unwrap();
        self.names.units.insert(self.next, unit);
        self.drawn.units.push(self.next);
        for (slot, row) in &mut self.drawn.slots {
            if draw.below(2) == 0 {
                let price = draw.cost(self.costs);
                row.1.insert(self.next, price);
                let number = self.names.slots[slot];
                self.plan.set_arc(number, unit, Some(cost(price)));
            }
        }
        self.next += 1;
    }

    fn remove_unit(&mut self, draw: &mut Draw) {
        if let Some(unit) = self.one(draw, false) {
            self.plan.remove_unit(self.names.units[&unit]);
            self.names.units.remove(&unit);
            self.drawn.units.retain(|one| *one != unit);
            for row in self.drawn.slots.values_mut() {
                row.1.remove(&unit);
            }
        }
    }

    /// A road is closed or reopened: many arcs become longer, shorter, none, or there again.
    fn change_arcs(&mut self, draw: &mut Draw) {
        for (slot, row) in &mut self.drawn.slots {
            for unit in &self.drawn.units {
                if draw.below(5) > 0 {
                    continue;
                }
                let price = (draw.below(4) > 0).then(|| draw.cost(self.costs));
                match price {
                    Some(price) => row.1.insert(*unit, price),
                    None => row.1.remove(unit),
                };
                let (slot, unit) = (self.names.slots[slot], self.names.units[unit]);
                self.plan.set_arc(slot, unit, price.map(cost));
            }
        }
    }

    fn happen(&mut self, draw: &mut Draw) {
        match draw.below(6) {
            0 => self.add_slot(draw),
            1 => self.remove_slot(draw),
            2 => self.change_slot(draw),
            3 => self.add_unit(draw),
            4 => self.remove_unit(draw),
            _ => self.change_arcs(draw),
        }
    }
}

#[test]
fn after_every_change_the_plan_is_the_one_that_is_made_from_nothing() {
    for seed in 0..200 {
        let mut draw = Draw(seed);
        let most = if seed % 3 == 0 { 30 } else { 8 };
        let costs = [3, 20, 100_000][usize::try_from(seed % 3).unwrap()];
        let drawn = Drawn::new(&mut draw, most, most);
        let (plan, names) = drawn.load(&mut draw);
        let mut bench = Bench {
            plan,
            names,
            drawn,
            costs,
            next: 1_000,
        };
        for step in 0..40 {
            // Now and then several things happen before anybody plans.
            for _ in 0..=draw.below(3) / 2 * 3 {
                bench.happen(&mut draw);
            }
            let pairs = bench.names.settle(&mut bench.plan);
            let total = bench.names.proven(&bench.plan, &bench.drawn).total;
            let (mut anew, names) = bench.drawn.load(&mut draw);
            assert_eq!(
                names.settle(&mut anew),
                pairs,
                "Draw({seed}), step {step}: {:?}",
                bench.drawn
            );
            if step % 8 == 0 {
                assert_eq!(
                    total,
                    by_pathfinding(&bench.drawn),
                    "Draw({seed}), step {step}"
                );
            }
        }
    }
}

#[test]
fn a_plan_of_little_effort_is_feasible_and_ends_as_the_same() {
    for seed in 0..500 {
        let mut draw = Draw(seed);
        let drawn = Drawn::new(&mut draw, 30, 25);
        let (mut plan, names) = drawn.load(&mut draw);
        let mut rounds = 0;
        while let Settled::Overrun { waiting } = plan.settle(&mut Effort::arcs(40 + rounds)) {
            assert!(waiting > 0, "Draw({seed})");
            let pairs = plan.pairs();
            let mut units: Vec<_> = pairs.iter().map(|(_, unit)| *unit).collect();
            units.sort_unstable();
            units.dedup();
            assert_eq!(units.len(), pairs.len(), "Draw({seed})");
            assert!(
                pairs
                    .iter()
                    .all(|(slot, unit)| plan.cost(*slot, *unit).is_some()),
                "Draw({seed})"
            );
            rounds += 1;
            assert!(rounds < 1_000, "Draw({seed}) never ends");
        }
        let (mut at_once, again) = drawn.load(&mut Draw(seed));
        let pairs = again.settle(&mut at_once);
        assert_eq!(names.settle(&mut plan), pairs, "Draw({seed})");
    }
}

#[test]
fn nothing_happens_to_what_is_not_here() {
    let mut draw = Draw(1);
    let drawn = Drawn::new(&mut draw, 9, 9);
    let (mut plan, names) = drawn.load(&mut draw);
    names.settle(&mut plan);
    let before = plan.certificate();
    let (slot, unit) = (
        plan.add_slot(Cost::MAX, &[]).unwrap(),
        plan.add_unit().unwrap(),
    );
    plan.remove_slot(slot);
    plan.remove_unit(unit);
    plan.remove_slot(slot);
    plan.remove_unit(unit);
    plan.set_arc(slot, unit, Some(Cost::ZERO));
    plan.change_slot(slot, Cost::MAX, &[(unit, Cost::ZERO)]);
    names.settle(&mut plan);
    assert_eq!(plan.certificate().total, before.total);
    assert_eq!(plan.unit_of(slot), None);
    assert_eq!(plan.worth(slot), None);
}

#[test]
fn equal_pictures_make_equal_plans_in_whatever_order_they_came() {
    for seed in 0..2_000 {
        let mut draw = Draw(seed);
        let drawn = Drawn::new(&mut draw, 12, 12);
        let mut plans = (0..3).map(|_| {
            let (mut plan, names) = drawn.load(&mut draw);
            names.settle(&mut plan)
        });
        let first = plans.next();
        assert!(
            plans.all(|plan| Some(&plan) == first.as_ref()),
            "Draw({seed})"
        );
    }
    assert_ne!(shuffled(0..20, &mut Draw(1)), shuffled(0..20, &mut Draw(2)));
}
