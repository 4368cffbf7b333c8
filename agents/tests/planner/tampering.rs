//! A certificate with one number changed proves nothing, and the checker says which.

use agents::planner::{Certificate, Flaw, Problem};

use crate::drawn::{Draw, Drawn};

/// A plan that serves several slots, with its proof.
fn proven(seed: u64) -> (Problem, Certificate) {
    let mut draw = Draw(seed);
    loop {
        let drawn = Drawn::new(&mut draw, 12, 12);
        let (mut plan, names) = drawn.load(&mut draw);
        names.settle(&mut plan);
        let certificate = plan.certificate();
        if certificate.pairs.len() > 3 {
            return (drawn.problem(&names), certificate);
        }
    }
}

fn refused(problem: &Problem, certificate: &Certificate) -> Flaw {
    certificate.check(problem).unwrap_err()
}

#[test]
fn a_plan_that_was_tampered_with_is_refused() {
    for seed in 0..200 {
        let (problem, sound) = proven(seed);
        assert_eq!(sound.check(&problem), Ok(()));
        let tampered: [fn(&mut Certificate); 9] = [
            |plan| plan.worths[0].1 += 1,
            |plan| plan.worths[0].1 -= 1,
            |plan| plan.prices[0].1 += 1,
            |plan| plan.prices[0].1 -= 1,
            |plan| plan.total += 1,
            |plan| plan.worths.truncate(1),
            |plan| plan.prices.truncate(1),
            |plan| plan.pairs.push(plan.pairs[0]),
            |plan| plan.pairs[0].1 = plan.pairs[1].1,
        ];
        for (which, tamper) in tampered.iter().enumerate() {
            let mut plan = sound.clone();
            tamper(&mut plan);
            assert!(
                plan.check(&problem).is_err(),
                "Draw({seed}), change {which}"
            );
        }
    }
}

#[test]
fn a_plan_that_leaves_out_a_pair_or_pays_too_much_is_no_optimum() {
    let mut worse = 0;
    for seed in 0..200 {
        let (problem, sound) = proven(seed);
        let mut plan = sound.clone();
        let (slot, unit) = plan.pairs.remove(0);
        let slot = &problem.slots[&slot];
        let saved = slot.unmet - slot.arcs.iter().find(|(to, _)| *to == unit).unwrap().1;
        plan.total += saved;
        if saved == 0 {
            assert_eq!(plan.check(&problem), Ok(()), "as good a plan, Draw({seed})");
            continue;
        }
        worse += 1;
        assert!(matches!(refused(&problem, &plan), Flaw::Gap { .. }));
    }
    assert!(worse > 100);
}

#[test]
fn each_flaw_has_its_name() {
    let (problem, sound) = proven(3);
    let with = |change: fn(&mut Certificate)| {
        let mut plan = sound.clone();
        change(&mut plan);
        refused(&problem, &plan)
    };
    assert_eq!(with(|plan| plan.pairs[0].0 = 99), Flaw::UnknownSlot(99));
    assert_eq!(with(|plan| plan.pairs[0].1 = 99), Flaw::UnknownUnit(99));
    assert_eq!(with(|plan| plan.worths[0].0 = 99), Flaw::UnknownSlot(99));
    assert_eq!(with(|plan| plan.prices[0].0 = 99), Flaw::UnknownUnit(99));
    let unit = sound.prices[0].0;
    assert_eq!(
        with(|plan| plan.prices[0].1 = -1),
        Flaw::NegativePrice(unit)
    );
    assert_eq!(
        with(|plan| plan.prices.push(plan.prices[0])),
        Flaw::UnitTwice(unit)
    );
    let slot = sound.worths[0].0;
    assert_eq!(
        with(|plan| plan.worths[0].1 = i64::MAX),
        Flaw::WorthAboveUnmet(slot)
    );
    let refusal = with(|plan| plan.total = i64::MIN);
    assert!(matches!(refusal, Flaw::Total { .. }), "{refusal}");
}

#[test]
fn an_arc_that_was_left_out_and_could_help_is_seen() {
    let (mut problem, sound) = proven(4);
    let (number, worth) = *sound.worths.iter().find(|(_, worth)| *worth > 0).unwrap();
    problem.slots.get_mut(&number).unwrap().omitted_from = Some(worth);
    assert_eq!(sound.check(&problem), Ok(()));
    problem.slots.get_mut(&number).unwrap().omitted_from = Some(worth - 1);
    assert_eq!(refused(&problem, &sound), Flaw::OmittedCouldHelp(number));
    problem.slots.get_mut(&number).unwrap().omitted_from = None;
    let unit = *problem.units.first().unwrap();
    problem
        .slots
        .get_mut(&number)
        .unwrap()
        .arcs
        .push((unit, -1_000_000_000));
    let slot = number;
    assert_eq!(refused(&problem, &sound), Flaw::ArcTooCheap { slot, unit });
}
