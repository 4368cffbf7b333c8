//! Amounts divided: as cheap as another solver finds, proven, and of all such plans always the same.

use std::collections::BTreeMap;

use agents::planner::{Allotment, AllotmentFlaw, AllotmentProof, Effort, Settled, StatedAllotment};

use crate::drawn::{Draw, Drawn, cost};
use crate::oracles::by_pathfinding;

/// A problem: of wishes how much, what going without costs, and what each store costs.
#[derive(Debug)]
pub(crate) struct Amounts {
    pub(crate) wishes: Vec<(u32, i64, BTreeMap<usize, i64>)>,
    pub(crate) stores: Vec<u32>,
}

impl Amounts {
    pub(crate) fn new(draw: &mut Draw, most: u64, amount: u64) -> Self {
        let few = |draw: &mut Draw| u32::try_from(draw.below(amount + 1)).unwrap();
        let stores: Vec<u32> = (0..draw.below(most + 1)).map(|_| few(draw)).collect();
        let costs = [3, 30, 100_000][usize::try_from(draw.below(3)).unwrap()];
        let density = 1 + draw.below(4);
        let wishes = (0..draw.below(most + 1)).map(|_| {
            let mut arcs = BTreeMap::new();
            for store in 0..stores.len() {
                if draw.below(4) < density {
                    arcs.insert(store, draw.cost(costs));
                }
            }
            (few(draw), draw.cost(2 * costs), arcs)
        });
        Self {
            wishes: wishes.collect(),
            stores,
        }
    }

    pub(crate) fn settled(&self, effort: &mut Effort) -> (Allotment, Settled) {
        let mut plan = Allotment::default();
        let stores: Vec<_> = self.stores.iter().map(|has| plan.add_store(*has)).collect();
        for (wanted, unmet, arcs) in &self.wishes {
            let arcs = arcs
                .iter()
                .map(|(store, price)| (stores[*store], cost(*price)));
            plan.add_wish(*wanted, cost(*unmet), &arcs.collect::<Vec<_>>());
        }
        let settled = plan.settle(effort);
        (plan, settled)
    }

    /// The same with a slot for each that is wanted and a unit for each that there is.
    fn one_by_one(&self) -> Drawn {
        let mut drawn = Drawn::default();
        let mut of_store: Vec<Vec<u32>> = Vec::new();
        for has in &self.stores {
            let first = u32::try_from(drawn.units.len()).unwrap();
            of_store.push((first..first + has).collect());
            drawn.units.extend(first..first + has);
        }
        for (wanted, unmet, arcs) in &self.wishes {
            let mut row = BTreeMap::new();
            for (store, price) in arcs {
                row.extend(of_store[*store].iter().map(|unit| (*unit, *price)));
            }
            for _ in 0..*wanted {
                let number = u32::try_from(drawn.slots.len()).unwrap();
                drawn.slots.insert(number, (*unmet, row.clone()));
            }
        }
        drawn
    }

    /// Every plan there is, as amounts by wish and store, with its cost.
    fn every_plan(&self) -> Vec<(i64, Vec<u32>)> {
        let arcs: Vec<(usize, usize, i64)> = (0..)
            .zip(&self.wishes)
            .flat_map(|(wish, it)| {
                it.2.iter()
                    .map(move |(store, price)| (wish, *store, *price))
            })
            .collect();
        let none: i64 = self.wishes.iter().map(|it| i64::from(it.0) * it.1).sum();
        let open = self.wishes.iter().map(|it| it.0).collect();
        let mut plans = vec![(none, Vec::new(), open, self.stores.clone())];
        for (wish, store, price) in arcs {
            let mut more = Vec::new();
            for (total, given, open, left) in plans {
                let (open, left): (Vec<u32>, Vec<u32>) = (open, left);
                for quantity in 0..=open[wish].min(left[store]) {
                    let (mut given, mut open, mut left): (Vec<u32>, _, _) =
                        (given.clone(), open.clone(), left.clone());
                    given.push(quantity);
                    open[wish] -= quantity;
                    left[store] -= quantity;
                    let total = total + i64::from(quantity) * (price - self.wishes[wish].1);
                    more.push((total, given, open, left));
                }
            }
            plans = more;
        }
        plans.into_iter().map(|it| (it.0, it.1)).collect()
    }

    /// What a plan gives over every arc there is.
    fn amounts_of(&self, plan: &Allotment) -> Vec<u32> {
        let given = plan.given();
        let arcs = (0..)
            .zip(&self.wishes)
            .flat_map(|(wish, it)| it.2.keys().map(move |store| (wish, *store)));
        let amounts = arcs.map(|arc| {
            let of_arc = given.iter().find(|it| (it.wish.0, it.store.0) == arc);
            of_arc.map_or(0, |it| it.quantity)
        });
        amounts.collect()
    }
}

#[test]
fn three_thousand_allotments_cost_what_another_solver_finds_and_prove_it() {
    for seed in 0..3_000 {
        let mut draw = Draw(seed);
        let amounts = Amounts::new(&mut draw, 5, 6);
        let (plan, settled) = amounts.settled(&mut Effort::unbounded());
        assert_eq!(settled, Settled::Optimal);
        let least = by_pathfinding(&amounts.one_by_one());
        assert_eq!(plan.total(), i128::from(least), "Draw({seed}): {amounts:?}");
        let (stated, proof) = plan.proof();
        assert_eq!(proof.check(&stated), Ok(()), "Draw({seed}): {amounts:?}");
    }
}

#[test]
fn of_all_cheapest_plans_the_first_wish_has_most_of_the_first_store() {
    for seed in 0..2_000 {
        let amounts = Amounts::new(&mut Draw(seed), 3, 2);
        let (plan, _) = amounts.settled(&mut Effort::unbounded());
        let every = amounts.every_plan();
        let least = every.iter().map(|(total, _)| *total).min().unwrap();
        let cheapest = every.iter().filter(|(total, _)| *total == least);
        let first = cheapest.map(|(_, given)| given).max().unwrap();
        assert_eq!(
            &amounts.amounts_of(&plan),
            first,
            "Draw({seed}): {amounts:?}"
        );
    }
}

#[test]
fn a_great_many_of_each_take_no_longer_than_a_few() {
    let mut draw = Draw(7);
    let mut few = Amounts::new(&mut draw, 60, 9);
    while few.wishes.len() < 30 || few.stores.len() < 30 {
        few = Amounts::new(&mut draw, 60, 9);
    }
    let spent = |amounts: &Amounts| {
        let mut effort = Effort::unbounded();
        let (plan, _) = amounts.settled(&mut effort);
        (plan.total(), effort.spent())
    };
    let (total, arcs) = spent(&few);
    for wish in &mut few.wishes {
        wish.0 *= 100_000_000;
    }
    for store in &mut few.stores {
        *store *= 100_000_000;
    }
    assert_eq!(spent(&few), (total * 100_000_000, arcs));
}

#[test]
fn a_plan_that_runs_out_of_effort_gives_what_there_is_and_says_so() {
    let mut overruns = 0;
    for seed in 0..500 {
        let mut draw = Draw(seed);
        let amounts = Amounts::new(&mut draw, 6, 6);
        let best = amounts.settled(&mut Effort::unbounded()).0;
        let (plan, settled) = amounts.settled(&mut Effort::arcs(draw.below(60)));
        let (stated, proof) = plan.proof();
        if settled == Settled::Optimal {
            assert_eq!(proof.check(&stated), Ok(()));
            continue;
        }
        overruns += 1;
        assert!(plan.total() >= best.total(), "Draw({seed})");
        let none: i128 = amounts
            .wishes
            .iter()
            .map(|it| i128::from(it.0) * i128::from(it.1))
            .sum();
        assert!(plan.total() <= none, "Draw({seed}): it harms nobody");
        let honest = AllotmentProof {
            worths: vec![0; stated.wishes.len()],
            prices: vec![0; stated.stores.len()],
            ..proof
        };
        // Feasible, and proven by nothing; unless it costs nothing.
        let gap = honest.check(&stated);
        assert!(
            matches!(gap, Err(AllotmentFlaw::Gap { .. })) || plan.total() == 0,
            "Draw({seed}): {gap:?}"
        );
    }
    assert!(overruns > 100, "{overruns}");
}

/// The same proof with each of its numbers changed by one in turn.
fn tampered(proof: &AllotmentProof) -> Vec<AllotmentProof> {
    let mut all = Vec::new();
    for by in [-1, 1] {
        for place in 0..proof.worths.len() {
            let mut other = proof.clone();
            other.worths[place] += by;
            all.push(other);
        }
        for place in 0..proof.prices.len() {
            let mut other = proof.clone();
            other.prices[place] += by;
            all.push(other);
        }
        for place in 0..proof.given.len() {
            let mut other = proof.clone();
            let quantity = &mut other.given[place].2;
            *quantity = quantity.wrapping_add_signed(i32::try_from(by).unwrap());
            all.push(other);
            let mut other = proof.clone();
            other.given[place].1 = other.given[place]
                .1
                .wrapping_add_signed(isize::try_from(by).unwrap());
            all.push(other);
        }
        let total = proof.total + i128::from(by);
        all.push(AllotmentProof {
            total,
            ..proof.clone()
        });
    }
    all.push(AllotmentProof {
        worths: Vec::new(),
        prices: Vec::new(),
        ..proof.clone()
    });
    all
}

#[test]
fn an_allotment_that_was_tampered_with_is_refused() {
    let (mut refused, mut stood) = (0, 0);
    for seed in 0..500 {
        let amounts = Amounts::new(&mut Draw(seed), 4, 4);
        let (plan, _) = amounts.settled(&mut Effort::unbounded());
        let (stated, proof): (StatedAllotment, _) = plan.proof();
        for other in tampered(&proof) {
            if other.check(&stated).is_err() {
                refused += 1;
            } else {
                // Another plan or another proof, of just as much.
                assert_eq!(other.total, proof.total, "Draw({seed})");
                stood += 1;
            }
        }
    }
    assert!(refused > 5 * stood, "{refused} {stood}");
}
