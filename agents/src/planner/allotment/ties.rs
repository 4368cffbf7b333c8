//! Of all plans that cost the least, the one that everybody takes.
//!
//! Whatever costs the least moves along arcs that cost just what worths and prices say. So each such arc
//! in turn, by wish and by store, is given as much as any cheapest plan gives it, and holds that from then
//! on. What nobody has and what goes without are one more wish and one more store.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{Allotment, Effort};

/// Goods that move along arcs that cost nothing beside worth and price: by wish and store.
#[derive(Debug, Default)]
struct Even {
    /// What moves; arcs over which nothing does are here too.
    flow: BTreeMap<(usize, usize), u64>,
    wishes: BTreeMap<usize, Vec<usize>>,
    stores: BTreeMap<usize, Vec<usize>>,
    /// Arcs that hold what they have.
    held: BTreeSet<(usize, usize)>,
}

/// Whether an arc could have more.
enum More {
    /// By moving goods along a cycle: arcs by turns that get more and that get less, the one itself first.
    By(Vec<(usize, usize)>),
    Never,
}

impl Allotment {
    /// `None` once the effort is spent; then the plan is one of the cheapest.
    pub(super) fn settle_ties(&mut self, effort: &mut Effort) -> Option<()> {
        let (left, without) = (self.wishes.len(), self.stores.len());
        let mut even = self.even();
        let arcs: Vec<(usize, usize)> = even.flow.keys().copied().collect();
        for (wish, store) in arcs {
            if wish == left || store == without {
                continue;
            }
            while let More::By(cycle) = even.cycle((wish, store), effort)? {
                even.turn(&cycle);
            }
            even.held.insert((wish, store));
        }
        self.adopt(&even);
        Some(())
    }

    fn even(&self) -> Even {
        let (left, without) = (self.wishes.len(), self.stores.len());
        let mut even = Even::default();
        for (number, wish) in self.wishes.iter().enumerate() {
            for (place, cost) in &wish.arcs {
                let store = &self.stores[*place];
                if cost + store.price == wish.worth {
                    let given = store.given.get(&number).copied().unwrap_or(0);
                    even.add((number, *place), given.into());
                }
            }
            if wish.worth == wish.unmet {
                even.add((number, without), wish.without.into());
            }
        }
        for (number, store) in self.stores.iter().enumerate() {
            if store.price == 0 {
                even.add((left, number), store.left.into());
            }
        }
        // More may always go without, for less is given then.
        even.add((left, without), u64::MAX / 2);
        even
    }

    fn adopt(&mut self, even: &Even) {
        let quantity =
            |flow: u64| u32::try_from(flow).expect("no arc moves more than its wish or store has");
        let (left, without) = (self.wishes.len(), self.stores.len());
        for ((wish, store), flow) in &even.flow {
            match (*wish == left, *store == without) {
                (true, true) => {}
                (true, false) => self.stores[*store].left = quantity(*flow),
                (false, true) => self.wishes[*wish].without = quantity(*flow),
                (false, false) if *flow == 0 => {
                    self.stores[*store].given.remove(wish);
                }
                (false, false) => {
                    self.stores[*store].given.insert(*wish, quantity(*flow));
                }
            }
        }
    }
}

impl Even {
    fn add(&mut self, arc: (usize, usize), flow: u64) {
        self.flow.insert(arc, flow);
        self.wishes.entry(arc.0).or_default().push(arc.1);
        self.stores.entry(arc.1).or_default().push(arc.0);
    }

    /// Looks for a way in which one arc could have more; `None` once the effort is spent.
    fn cycle(&self, arc: (usize, usize), effort: &mut Effort) -> Option<More> {
        let (goal, start) = arc;
        // By wish the store that would give it less, by store the wish that would get more of it.
        let mut less: BTreeMap<usize, usize> = BTreeMap::new();
        let mut more: BTreeMap<usize, usize> = BTreeMap::from([(start, goal)]);
        let mut waiting = VecDeque::from([start]);
        while let Some(store) = waiting.pop_front() {
            let wishes = self.stores.get(&store).into_iter().flatten();
            for wish in wishes.copied() {
                effort.spend(1)?;
                let back = (wish, store);
                let gives = self.flow[&back] > 0 && !self.held.contains(&back) && back != arc;
                if !gives || less.contains_key(&wish) {
                    continue;
                }
                less.insert(wish, store);
                if wish == goal {
                    return Some(More::By(trace(arc, &less, &more)));
                }
                for next in &self.wishes[&wish] {
                    effort.spend(1)?;
                    if !self.held.contains(&(wish, *next)) && !more.contains_key(next) {
                        more.insert(*next, wish);
                        waiting.push_back(*next);
                    }
                }
            }
        }
        Some(More::Never)
    }

    /// Moves as much as fits.
    fn turn(&mut self, cycle: &[(usize, usize)]) {
        let less = cycle.iter().skip(1).step_by(2);
        let quantity = less.map(|arc| self.flow[arc]).min().unwrap_or(0);
        for (place, arc) in cycle.iter().enumerate() {
            let flow = self.flow.get_mut(arc).expect("a cycle is of known arcs");
            if place % 2 == 0 {
                *flow += quantity;
            } else {
                *flow -= quantity;
            }
        }
    }
}

/// The cycle from its goal back to where it began.
fn trace(
    (goal, start): (usize, usize),
    less: &BTreeMap<usize, usize>,
    more: &BTreeMap<usize, usize>,
) -> Vec<(usize, usize)> {
    let mut cycle = vec![(goal, start)];
    let mut wish = goal;
    loop {
        let store = less[&wish];
        cycle.push((wish, store));
        if store == start {
            return cycle;
        }
        wish = more[&store];
        cycle.push((wish, store));
    }
}
