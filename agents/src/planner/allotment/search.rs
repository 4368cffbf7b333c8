//! Serving one wish: cheapest paths from it to a store that has something left, or to whoever goes
//! without.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::{Allotment, Effort};

/// Where a path ends.
#[derive(Clone, Copy, Debug)]
enum End {
    /// At a store that has something left.
    Store(usize),
    /// At a wish that goes without so much more.
    Without(usize),
}

/// What is known of the ways from one wish: how far all is that was reached, and whence.
#[derive(Debug)]
struct Paths {
    /// By wish: how far, and the store that it gives up.
    wishes: BTreeMap<usize, (i64, Option<usize>)>,
    /// By store: how far, and the wish that would take of it.
    stores: BTreeMap<usize, (i64, usize)>,
    waiting: BinaryHeap<Reverse<(i64, usize)>>,
    end: (i64, End),
}

impl Allotment {
    /// Serves all of a wish, or leaves of it unserved what is not worth more; `None` once the effort is
    /// spent.
    pub(super) fn serve(&mut self, wish: usize, effort: &mut Effort) -> Option<()> {
        let it = &self.wishes[wish];
        let arcs = it.arcs.iter();
        let costs = arcs.map(|(store, cost)| cost + self.stores[*store].price);
        let cheapest = costs.min().unwrap_or(it.unmet);
        self.wishes[wish].worth = cheapest.min(it.unmet);
        while self.wishes[wish].open > 0 {
            let paths = self.paths(wish, effort)?;
            self.revalue(&paths);
            self.shift(wish, &paths);
        }
        Some(())
    }

    /// Looks for the cheapest way to serve one more.
    fn paths(&self, wish: usize, effort: &mut Effort) -> Option<Paths> {
        let mut paths = Paths {
            wishes: BTreeMap::new(),
            stores: BTreeMap::new(),
            waiting: BinaryHeap::new(),
            end: (i64::MAX, End::Without(wish)),
        };
        self.reach(wish, (0, None), &mut paths, effort)?;
        while let Some(Reverse((far, store))) = paths.waiting.pop() {
            if far >= paths.end.0 {
                break;
            }
            if far > paths.stores[&store].0 {
                continue;
            }
            let it = &self.stores[store];
            if it.left > 0 {
                paths.end = (far, End::Store(store));
                break;
            }
            effort.spend(it.given.len())?;
            for other in it.given.keys() {
                if !paths.wishes.contains_key(other) {
                    self.reach(*other, (far, Some(store)), &mut paths, effort)?;
                }
            }
        }
        Some(paths)
    }

    fn reach(
        &self,
        wish: usize,
        (far, from): (i64, Option<usize>),
        paths: &mut Paths,
        effort: &mut Effort,
    ) -> Option<()> {
        paths.wishes.insert(wish, (far, from));
        let it = &self.wishes[wish];
        let without = far + it.unmet - it.worth;
        if without < paths.end.0 {
            paths.end = (without, End::Without(wish));
        }
        effort.spend(it.arcs.len() + 1)?;
        for (store, cost) in &it.arcs {
            let there = far + cost + self.stores[*store].price - it.worth;
            let known = paths.stores.get(store);
            if there < paths.end.0 && known.is_none_or(|known| there < known.0) {
                paths.stores.insert(*store, (there, wish));
                paths.waiting.push(Reverse((there, *store)));
            }
        }
        Some(())
    }

    /// Raises worths and prices of all that was nearer than the end, so that the path costs just that.
    fn revalue(&mut self, paths: &Paths) {
        let (end, _) = paths.end;
        for (wish, (far, _)) in &paths.wishes {
            self.wishes[*wish].worth += (end - far).max(0);
        }
        for (store, (far, _)) in &paths.stores {
            self.stores[*store].price += (end - far).max(0);
        }
    }

    /// Gives as much along the path as fits.
    fn shift(&mut self, wish: usize, paths: &Paths) {
        let (_, end) = paths.end;
        let (mut quantity, mut at) = match end {
            End::Store(store) => (self.stores[store].left, paths.stores[&store].1),
            End::Without(last) => (u32::MAX, last),
        };
        quantity = quantity.min(self.wishes[wish].open);
        while let Some(store) = paths.wishes[&at].1 {
            quantity = quantity.min(self.stores[store].given[&at]);
            at = paths.stores[&store].1;
        }
        at = match end {
            End::Store(store) => {
                let last = paths.stores[&store].1;
                self.stores[store].take(last, quantity);
                last
            }
            End::Without(last) => {
                self.wishes[last].without += quantity;
                last
            }
        };
        while let Some(store) = paths.wishes[&at].1 {
            self.stores[store].take_back(at, quantity);
            let next = paths.stores[&store].1;
            *self.stores[store].given.entry(next).or_default() += quantity;
            at = next;
        }
        self.wishes[wish].open -= quantity;
    }
}
