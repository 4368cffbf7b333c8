//! One event at a time: something happens, and it is measured until the plan is optimal again.

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::{Map, Value};

use super::millis;
use super::town::Town;
use crate::bench::quantiles::quantiles;
use crate::failure::Failure;

/// How often a plan's proof is checked, in events.
const CHECKED_EVERY: u32 = 25;

/// What happens, in turns: what one takes the next gives back, so that the region stays as it is.
const TURN: [&str; 6] = [
    "event_new_incident_ms",
    "event_need_met_ms",
    "event_unit_lost_ms",
    "event_unit_back_ms",
    "event_closure_ms",
    "event_reopening_ms",
];

/// Measures so many of each.
pub(super) fn events(town: &mut Town, rounds: u32) -> Result<Map<String, Value>, Failure> {
    let first = town.plan()?;
    let mut times: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    let mut checked = 0;
    for round in 0..rounds {
        let need = town.draw_needs(1, 3..=3).remove(0);
        let lost = town.one_that_serves();
        let mut measure = |what, town: &mut Town, happen: &mut dyn FnMut(&mut Town)| {
            let start = Instant::now();
            happen(town);
            let planned = town.plan();
            times.entry(what).or_default().push(millis(start));
            planned
        };
        measure(TURN[0], town, &mut |town| town.ask(need.clone()))?;
        measure(TURN[1], town, &mut |town| town.withdraw(need.need))?;
        measure(TURN[2], town, &mut |town| town.lose(&lost))?;
        if round % CHECKED_EVERY == 0 {
            town.proven()?;
            checked += 1;
        }
        measure(TURN[3], town, &mut |town| town.bring_back(&lost))?;
        measure(TURN[4], town, &mut |town| town.close_one())?;
        let again = measure(TURN[5], town, &mut Town::reopen)?;
        if again.hash() != first.hash() {
            return Err(Failure::bug("the same picture came to another plan"));
        }
    }
    let mut figures = Map::new();
    let slots: u32 = town.needs().iter().map(|need| need.quantity).sum();
    figures.insert("event_slots".into(), slots.into());
    figures.insert("event_proofs_checked".into(), checked.into());
    for what in TURN {
        figures.extend(quantiles(what, &times[what]));
    }
    Ok(figures)
}
