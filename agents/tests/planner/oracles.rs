//! The least cost as two solvers of others find it.

use pathfinding::kuhn_munkres::kuhn_munkres;
use pathfinding::matrix::Matrix;

use crate::drawn::{Draw, Drawn};

/// What a pair costs that there is no arc for: no plan needs one.
const NO_ARC: i64 = 1 << 40;

/// A row of a slot: its units, then a place for each slot to stay unserved at.
fn rows(drawn: &Drawn) -> Vec<Vec<i64>> {
    let unserved = drawn.slots.len();
    let rows = drawn.slots.values().map(|(unmet, row)| {
        let units = drawn.units.iter();
        let units = units.map(|unit| row.get(unit).copied().unwrap_or(NO_ARC));
        units.chain(std::iter::repeat_n(*unmet, unserved)).collect()
    });
    rows.collect()
}

/// As the Hungarian algorithm of `pathfinding` has it.
pub(crate) fn by_pathfinding(drawn: &Drawn) -> i64 {
    if drawn.slots.is_empty() {
        return 0;
    }
    let rows = rows(drawn);
    let negative = rows.iter().map(|row| row.iter().map(|cost| -cost));
    -kuhn_munkres(&Matrix::from_rows(negative).unwrap()).0
}

/// As scipy's algorithm in `lsap` has it.
fn by_lsap(drawn: &Drawn) -> i64 {
    if drawn.slots.is_empty() {
        return 0;
    }
    let rows = rows(drawn);
    #[expect(clippy::cast_precision_loss, reason = "costs here stay below 2^53")]
    let floats: Vec<f64> = rows.iter().flatten().map(|cost| *cost as f64).collect();
    let (slots, units) = lsap::solve(rows.len(), rows[0].len(), &floats, false).unwrap();
    let pairs = slots.into_iter().zip(units);
    pairs.map(|(slot, unit)| rows[slot][unit]).sum()
}

#[test]
fn ten_thousand_plans_cost_what_two_other_solvers_find() {
    for seed in 0..10_000 {
        let mut draw = Draw(seed);
        // Every fourth is large enough that slots bid before they search.
        let most = if seed % 4 == 0 { 24 } else { 9 };
        let drawn = Drawn::new(&mut draw, most, most + 3);
        let (mut plan, names) = drawn.load(&mut draw);
        names.settle(&mut plan);
        let total = names.proven(&plan, &drawn).total;
        let others = (by_pathfinding(&drawn), by_lsap(&drawn));
        assert_eq!((total, total), others, "Draw({seed}): {drawn:?}");
    }
}
