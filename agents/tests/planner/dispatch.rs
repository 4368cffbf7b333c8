//! Plans for a region in which things happen: optimal over every arc, and the same for everybody.

use agents::planner::{Cost, Effort, HarmCurve, Planned, Settled};
use protocol::{NeedId, ResourceId};

use crate::drawn::{Draw, Drawn, shuffled};
use crate::oracles::by_pathfinding;
use crate::world::{KINDS, River, World, demand, office, place, supply};

const OFFICES: u64 = 3;

/// The least harm over all pairs, by an oracle that knows nothing of candidates.
fn least_harm(world: &World) -> i64 {
    let mut drawn = Drawn {
        units: (0..u32::try_from(world.units.len()).unwrap()).collect(),
        ..Drawn::default()
    };
    let mut slot = 0;
    for demand in world.demands.values() {
        let curve = HarmCurve::of(demand.severity);
        let owned = world.units.values();
        let owned = owned
            .filter(|(supply, _)| supply.serves(demand.kind))
            .count();
        for _ in 0..demand.quantity.min(u32::try_from(owned).unwrap()) {
            let ground = world.roads.borrow();
            let arcs = (0..).zip(world.units.values());
            let arcs = arcs.filter_map(|(unit, (supply, place))| {
                let eta = ground.eta(*place, demand.to)?;
                let harm = curve.harm(demand.waited, eta)?;
                supply.serves(demand.kind).then(|| (unit, harm.value()))
            });
            let row = (curve.unmet(demand.waited).value(), arcs.collect());
            drawn.slots.insert(slot, row);
            slot += 1;
        }
    }
    by_pathfinding(&drawn)
}

/// Tells a new dispatch the same picture, in another order.
fn told_anew(world: &World, draw: &mut Draw, rules: &Rules) -> Planned {
    let mut other = World::new();
    other.roads.borrow_mut().river = world.roads.borrow().river;
    let units: Vec<_> = world.units.values().cloned().collect();
    let demands: Vec<_> = world.demands.values().cloned().collect();
    let count = |count: usize| 0..u32::try_from(count).unwrap();
    let (first, last) = (draw.below(2), 1);
    for half in [first, last - first] {
        if half == 0 {
            for unit in shuffled(count(units.len()), draw) {
                let (supply, place) = units[unit as usize].clone();
                other.offer(supply, place);
            }
        } else {
            for need in shuffled(count(demands.len()), draw) {
                other.ask(demands[need as usize].clone());
            }
        }
    }
    rules.tell(&mut other);
    other.plan()
}

#[derive(Default)]
struct Rules {
    floors: Vec<(u64, usize, u32)>,
    prices: Vec<(u64, usize, Vec<Cost>)>,
    forbidden: Vec<(NeedId, ResourceId)>,
}

impl Rules {
    fn tell(&self, world: &mut World) {
        for (owner, kind, keep) in &self.floors {
            world.dispatch.keep(office(*owner), KINDS[*kind], *keep);
        }
        for (owner, kind, prices) in &self.prices {
            world.dispatch.price(office(*owner), KINDS[*kind], prices);
        }
        for (need, resource) in &self.forbidden {
            world.dispatch.forbid(*need, *resource);
        }
    }

    fn draw(draw: &mut Draw, world: &World) -> Self {
        let mut rules = Self::default();
        for owner in 0..OFFICES {
            for kind in 0..KINDS.len() {
                let keep = u32::try_from(draw.below(3)).unwrap();
                rules.floors.push((owner, kind, keep));
                let prices = (0..draw.below(3)).map(|_| Cost::new(draw.cost(40_000)).unwrap());
                rules.prices.push((owner, kind, prices.collect()));
            }
        }
        for need in world.demands.keys() {
            for unit in world.units.keys() {
                if draw.below(20) == 0 {
                    rules.forbidden.push((*need, *unit));
                }
            }
        }
        rules
    }
}

fn begin(draw: &mut Draw, units: u64, needs: u64) -> World {
    let mut world = World::new();
    for number in 0..units {
        let place = place(draw);
        world.offer(supply(draw, number, OFFICES), place);
    }
    for number in 0..needs {
        world.ask(demand(draw, number, OFFICES));
    }
    world
}

fn happen(world: &mut World, draw: &mut Draw, next: u64) {
    let needs: Vec<NeedId> = world.demands.keys().copied().collect();
    let need = needs.get(usize::try_from(draw.below(needs.len().max(1) as u64)).unwrap());
    let units: Vec<ResourceId> = world.units.keys().copied().collect();
    let unit = units.get(usize::try_from(draw.below(units.len().max(1) as u64)).unwrap());
    match (draw.below(6), need, unit) {
        (0, ..) => world.ask(demand(draw, next, OFFICES)),
        (1, Some(need), _) => world.withdraw(*need),
        (2, _, Some(unit)) => world.lose(*unit),
        (3, Some(need), _) => {
            let before = world.demands[need].clone();
            let mut changed = demand(draw, next, OFFICES);
            (changed.need, changed.office) = (before.need, before.office);
            world.ask(changed);
        }
        (4, ..) => {
            let river = [River::Bridged, River::Slow, River::Closed];
            world.river(river[usize::try_from(draw.below(3)).unwrap()]);
        }
        _ => {
            let place = place(draw);
            world.offer(supply(draw, next, OFFICES), place);
        }
    }
}

#[test]
fn whatever_happens_the_plan_is_the_cheapest_over_every_arc_and_proves_it() {
    for seed in 0..40 {
        let mut draw = Draw(seed);
        let sizes = [(90, 12), (40, 25), (6, 3)];
        let (units, needs) = sizes[usize::try_from(seed % 3).unwrap()];
        let mut world = begin(&mut draw, units, needs);
        for step in 0..15 {
            let planned = world.plan();
            assert_eq!(planned.settled, Settled::Optimal);
            let (problem, proof) = world.dispatch.proof();
            assert_eq!(proof.check(&problem), Ok(()), "Draw({seed}), step {step}");
            assert_eq!(
                planned.total,
                least_harm(&world),
                "Draw({seed}), step {step}"
            );
            for _ in 0..=draw.below(2) * 2 {
                let next = 1_000 + step * 10 + draw.below(1_000) * 1_000;
                happen(&mut world, &mut draw, next);
            }
        }
    }
}

#[test]
fn offices_that_were_told_the_same_in_another_order_have_one_plan() {
    for seed in 0..40 {
        let mut draw = Draw(seed);
        let mut world = begin(&mut draw, 60, 12);
        // Crews of one station are as good as each other, and more than a slot begins with.
        let station = place(&mut draw);
        for number in 2_000..2_060 {
            world.offer(supply(&mut draw, number, OFFICES), station);
        }
        for step in 0..10 {
            let rules = Rules::draw(&mut draw, &World::new());
            rules.tell(&mut world);
            let planned = world.plan();
            let anew = told_anew(&world, &mut draw, &rules);
            assert_eq!(planned, anew, "Draw({seed}), step {step}");
            assert_eq!(planned.hash(), anew.hash());
            let next = 1_000 + step * 10 + draw.below(1_000) * 1_000;
            happen(&mut world, &mut draw, next);
        }
        assert_eq!(world.dispatch.overruns(), 0);
    }
}

#[test]
fn what_is_forbidden_is_never_planned_and_the_plan_is_the_same_for_all() {
    for seed in 0..100 {
        let mut draw = Draw(seed);
        let mut world = begin(&mut draw, 30, 10);
        world.plan();
        let rules = Rules::draw(&mut draw, &world);
        rules.tell(&mut world);
        let planned = world.plan();
        for posting in &planned.postings {
            let pair = (posting.need, posting.resource);
            assert!(!rules.forbidden.contains(&pair), "Draw({seed}): {pair:?}");
        }
        assert_eq!(
            planned,
            told_anew(&world, &mut draw, &rules),
            "Draw({seed})"
        );
    }
}

#[test]
fn a_floor_holds_whatever_the_owner_takes_for_itself() {
    let (mut lent_some, mut went_below) = (0, 0);
    for seed in 0..300 {
        let mut draw = Draw(seed);
        let mut world = begin(&mut draw, 40, 25);
        let rules = Rules::draw(&mut draw, &World::new());
        rules.tell(&mut world);
        let planned = world.plan();
        for (owner, kind, keep) in &rules.floors {
            let of_group = |resource: &ResourceId| {
                let supply = &world.units[resource].0;
                supply.owner == office(*owner) && supply.kind == KINDS[*kind]
            };
            let taken = planned.postings.iter();
            let taken: Vec<_> = taken.filter(|one| of_group(&one.resource)).collect();
            let lent = taken.iter();
            let lent = lent.filter(|one| world.demands[&one.need].office != office(*owner));
            let all = world.units.keys().filter(|unit| of_group(unit)).count();
            let stay = all - taken.len();
            let lent = lent.count();
            lent_some += usize::from(lent > 0 && *keep > 0);
            went_below += usize::from(stay < *keep as usize && !taken.is_empty());
            assert!(
                lent == 0 || stay >= *keep as usize,
                "Draw({seed}): {stay} stay"
            );
        }
    }
    // Floors bind, and do not keep an owner from its own.
    assert!(
        lent_some > 100 && went_below > 20,
        "{lent_some} {went_below}"
    );
}

#[test]
fn a_unit_stays_home_while_its_price_is_above_what_it_saves() {
    let mut draw = Draw(5);
    let mut world = begin(&mut draw, 30, 0);
    world.ask(demand(&mut draw, 1, OFFICES));
    let free = world.plan();
    assert!(!free.postings.is_empty());
    for owner in 0..OFFICES {
        for kind in KINDS {
            world.dispatch.price(office(owner), kind, &[Cost::MAX; 40]);
        }
    }
    let dear = world.plan();
    assert_eq!(dear.postings, []);
    for owner in 0..OFFICES {
        for kind in KINDS {
            world.dispatch.price(office(owner), kind, &[]);
        }
    }
    assert_eq!(world.plan(), free);
}

#[test]
fn a_plan_that_runs_out_of_effort_is_feasible_and_counted() {
    let mut draw = Draw(11);
    let mut world = begin(&mut draw, 60, 40);
    let short = world.plan_within(&mut Effort::arcs(900));
    assert!(matches!(short.settled, Settled::Overrun { .. }));
    assert_eq!(world.dispatch.overruns(), 1);
    let mut units: Vec<_> = short.postings.iter().map(|one| one.resource).collect();
    units.sort_unstable();
    units.dedup();
    assert_eq!(units.len(), short.postings.len());
    let full = world.plan();
    assert_eq!(full.settled, Settled::Optimal);
    assert!(full.total <= short.total, "{} {}", full.total, short.total);
    assert_eq!(full, told_anew(&world, &mut draw, &Rules::default()));
    assert_eq!(world.dispatch.overruns(), 1);
}

#[test]
fn few_ways_are_looked_up_where_the_least_tells_enough() {
    let mut draw = Draw(2);
    let mut world = begin(&mut draw, 900, 5);
    world.plan();
    let asked = world.roads.borrow().asked;
    let slots: u32 = world.demands.values().map(|demand| demand.quantity).sum();
    assert!(asked < slots as usize * 60, "{asked} for {slots} slots");
}
