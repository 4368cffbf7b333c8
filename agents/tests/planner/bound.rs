//! The least cost as HiGHS finds it, a solver of others for linear programs: for slots and units, and for
//! amounts. Behind the feature `bound`, for building it takes cmake and libclang.

use std::collections::BTreeMap;

use agents::planner::Effort;
use good_lp::{Expression, ProblemVariables, Solution, SolverModel, highs, variable};

use crate::amounts::Amounts;
use crate::drawn::{Draw, Drawn};

/// A wish for so much, what going without costs, and what each store costs.
type Wish = (u32, i64, BTreeMap<usize, i64>);

#[expect(clippy::cast_precision_loss, reason = "costs here stay below 2^53")]
fn by_highs(wishes: &[Wish], stores: &[u32]) -> i64 {
    let mut variables = ProblemVariables::new();
    let mut costs = Expression::default();
    let mut given: Vec<Expression> = vec![Expression::default(); wishes.len()];
    let mut taken: Vec<Expression> = vec![Expression::default(); stores.len()];
    for (wish, (wanted, unmet, arcs)) in wishes.iter().enumerate() {
        costs += f64::from(*wanted) * *unmet as f64;
        for (store, cost) in arcs {
            let most = f64::from((*wanted).min(stores[*store]));
            let quantity = variables.add(variable().min(0.0).max(most));
            costs += (cost - unmet) as f64 * quantity;
            given[wish] += quantity;
            taken[*store] += quantity;
        }
    }
    // The solver refuses a model without variables.
    let unmet = wishes.iter().map(|it| i64::from(it.0) * it.1);
    if wishes.iter().all(|(_, _, arcs)| arcs.is_empty()) {
        return unmet.sum();
    }
    let mut model = variables.minimise(costs.clone()).using(highs);
    for (given, (wanted, ..)) in given.into_iter().zip(wishes) {
        model.add_constraint(given.leq(f64::from(*wanted)));
    }
    for (taken, has) in taken.into_iter().zip(stores) {
        model.add_constraint(taken.leq(f64::from(*has)));
    }
    let solution = model.solve().unwrap();
    let least = solution.eval(costs).round();
    #[expect(clippy::cast_possible_truncation, reason = "it is a sum of costs")]
    let least = least as i64;
    least
}

fn slots(drawn: &Drawn) -> (Vec<Wish>, Vec<u32>) {
    let slots = drawn.slots.values().map(|(unmet, row)| {
        let arcs = row.iter().map(|(unit, cost)| (*unit as usize, *cost));
        (1, *unmet, arcs.collect())
    });
    (slots.collect(), vec![1; drawn.units.len()])
}

#[test]
fn a_thousand_plans_cost_what_a_linear_program_finds() {
    for seed in 0..1_000 {
        let mut draw = Draw(seed);
        let drawn = Drawn::new(&mut draw, 24, 27);
        let (mut plan, names) = drawn.load(&mut draw);
        names.settle(&mut plan);
        let (wishes, stores) = slots(&drawn);
        let least = by_highs(&wishes, &stores);
        assert_eq!(names.proven(&plan, &drawn).total, least, "Draw({seed})");
    }
}

#[test]
fn a_thousand_allotments_cost_what_a_linear_program_finds() {
    for seed in 0..1_000 {
        let amounts = Amounts::new(&mut Draw(seed), 12, 10_000);
        let (plan, _) = amounts.settled(&mut Effort::unbounded());
        let least = by_highs(&amounts.wishes, &amounts.stores);
        assert_eq!(plan.total(), i128::from(least), "Draw({seed})");
    }
}
