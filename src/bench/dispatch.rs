//! How long plans take, from a region's first to the one after a single event: drawn units and needs
//! over the roads of the largest built-in region.

mod events;

mod office;

mod pen;

mod road_search;

mod town;
use town::Town;

mod views;

use std::time::Instant;

use agents::planner::{Assignment, Cost, Effort, Problem, Settled, SlotIx};
use region::Region;
use serde_json::{Map, Value};

use super::quantiles::quantiles;
use super::{progress, rounded, tell};
use crate::cli::DispatchArgs;
use crate::failure::Failure;

/// The region whose roads are driven.
const REGION: &str = "prd";

/// Units of a whole mobilisation, and the needs of the worst hour: the goal of dispatch.md.
const LARGE: (u32, u32) = (100_000, 10_000);

/// Units of a region as it is.
const SMALL_UNITS: u32 = 1_000;

/// Needs of a region in a burst; of 1 to 5 units, 300 slots.
const SMALL_NEEDS: u32 = 100;

/// What each owner keeps at home of each kind where floors are weighed.
const FLOOR: u32 = 2;

/// Measures.
pub(crate) fn dispatch(args: &DispatchArgs) -> Result<(), Failure> {
    let region = Region::built_in(REGION).expect("the pack is in the binary");
    let mut figures = Map::new();
    figures.insert("seed".into(), args.seed.into());
    progress("plans for 10,000 slots and 100,000 units");
    figures.extend(large(&region, args)?);
    progress("events at 1,000 units and 300 slots");
    let mut town = Town::over(&region, args.seed);
    town.mobilise(SMALL_UNITS)?;
    town.burst(SMALL_NEEDS, 1..=5);
    figures.extend(events::events(&mut town, args.rounds)?);
    figures.extend(floors(&region, args)?);
    progress("offices that miss some of what others recorded");
    figures.extend(views::views(&region, args)?);
    progress("an office that is asked what the plan is, and why");
    figures.extend(office::office(region, args.seed, args.rounds)?);
    tell(&figures, args.output)
}

/// From units that stand at their nodes to a plan, and the plan alone where its arcs are known.
fn large(region: &Region, args: &DispatchArgs) -> Result<Map<String, Value>, Failure> {
    let (mut whole, mut warm, mut ties) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..args.large_rounds {
        let mut town = Town::over(region, args.seed + u64::from(round));
        town.mobilise(LARGE.0)?;
        let needs = town.draw_needs(LARGE.1, 1..=1);
        let start = Instant::now();
        for need in needs {
            town.ask(need);
        }
        town.plan()?;
        whole.push(millis(start));
        let (problem, _) = town.proven()?;
        for _ in 0..args.large_rounds {
            let (costs_ms, ties_ms) = solve_warm(&problem)?;
            warm.push(costs_ms);
            ties.push(ties_ms);
        }
    }
    let mut figures = quantiles("large_whole_ms", &whole);
    figures.extend(quantiles("large_warm_ms", &warm));
    figures.extend(quantiles("large_ties_ms", &ties));
    Ok(figures)
}

/// Solves a problem whose arcs are known; how long costs and how long ties took, ms.
fn solve_warm(problem: &Problem) -> Result<(f64, f64), Failure> {
    let mut plan = Assignment::default();
    let mut units = std::collections::BTreeMap::new();
    for unit in &problem.units {
        units.insert(*unit, plan.add_unit().map_err(Failure::bug)?);
    }
    let mut slots: Vec<SlotIx> = Vec::new();
    for slot in problem.slots.values() {
        let arcs = slot.arcs.iter().map(|(unit, cost)| {
            let cost = Cost::new(*cost).map_err(Failure::bug)?;
            Ok((units[unit], cost))
        });
        let arcs = arcs.collect::<Result<Vec<_>, Failure>>()?;
        let unmet = Cost::new(slot.unmet).map_err(Failure::bug)?;
        slots.push(plan.add_slot(unmet, &arcs).map_err(Failure::bug)?);
    }
    let ranks: Vec<u32> = (0..).zip(&units).map(|(rank, _)| rank).collect();
    let mut effort = Effort::unbounded();
    let start = Instant::now();
    let settled = plan.settle(&mut effort);
    let solved = millis(start);
    if settled != Settled::Optimal {
        return Err(Failure::bug("a plan without a bound ran out of effort"));
    }
    let start = Instant::now();
    plan.settle_ties(&slots, &ranks, &mut effort);
    Ok((solved, millis(start)))
}

/// What floors cost all slots together, per cent of the harm without.
fn floors(region: &Region, args: &DispatchArgs) -> Result<Map<String, Value>, Failure> {
    let mut harm = [0, 0];
    for round in 0..args.large_rounds {
        let mut town = Town::over(region, args.seed + u64::from(round));
        town.mobilise(SMALL_UNITS)?;
        town.burst(SMALL_NEEDS, 1..=5);
        harm[0] += town.plan()?.total;
        town.keep(FLOOR);
        harm[1] += town.plan()?.total;
        town.proven()?;
    }
    let mut figures = Map::new();
    #[expect(clippy::cast_precision_loss, reason = "a share of a hundred is told")]
    let more = (harm[1] - harm[0]) as f64 * 100.0 / harm[0] as f64;
    figures.insert("floors_cost_percent".into(), rounded(more));
    Ok(figures)
}

fn millis(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1_000.0
}
