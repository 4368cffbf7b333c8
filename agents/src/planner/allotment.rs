//! How much of which store goes to which wish at the least cost in all, exactly.
//!
//! What is counted by amount is divided: ten thousand sandbags are one store, and no ten thousand units.
//! So this is a transportation problem, with the proof of an assignment: every wish has a worth and every
//! store a price, no arc costs less than worth less price, and whatever is given costs just that. Wishes
//! are served one by one along cheapest paths, on which others change from one store to another. Whole
//! numbers, no clock, no randomness: equal problems have equal plans.

mod proof;
pub use proof::{AllotmentFlaw, AllotmentProof, StatedAllotment, StatedWish};

mod search;

mod ties;

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::assignment::{Effort, Settled};
use super::cost::Cost;

/// What stores have, what wishes ask for, and who is given how much of what.
#[derive(Clone, Debug, Default)]
pub struct Allotment {
    wishes: Vec<Wish>,
    stores: Vec<Store>,
}

/// The number that a wish goes by in one allotment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WishIx(pub usize);

/// The number that a store goes by in one allotment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoreIx(pub usize);

/// How much a wish is given of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Given {
    /// The wish.
    pub wish: WishIx,
    /// The store.
    pub store: StoreIx,
    /// How much.
    pub quantity: u32,
}

/// One wish.
#[derive(Clone, Debug)]
struct Wish {
    /// How much of it is not decided yet.
    open: u32,
    /// How much of it is left unserved.
    without: u32,
    /// What each that is left unserved costs.
    unmet: i64,
    /// What serving one more is worth: at most `unmet`, and at most what any arc costs with its store's
    /// price.
    worth: i64,
    /// The stores that could serve it, with what each one of it costs, by store.
    arcs: Vec<(usize, i64)>,
}

/// One store.
#[derive(Clone, Debug)]
struct Store {
    has: u32,
    /// What nobody was given. Nothing has a price before all of it is given.
    left: u32,
    /// What taking one costs beside its arc.
    price: i64,
    /// Which wish was given how much; never nothing.
    given: BTreeMap<usize, u32>,
}

impl Allotment {
    /// A store that has so much.
    pub fn add_store(&mut self, has: u32) -> StoreIx {
        self.stores.push(Store {
            has,
            left: has,
            price: 0,
            given: BTreeMap::new(),
        });
        StoreIx(self.stores.len() - 1)
    }

    /// A wish for so much, what each costs that it does not get, and what each of a store costs; a store
    /// once at most.
    pub fn add_wish(&mut self, wanted: u32, unmet: Cost, arcs: &[(StoreIx, Cost)]) -> WishIx {
        let arcs = arcs.iter();
        let mut arcs: Vec<(usize, i64)> =
            arcs.map(|(store, cost)| (store.0, cost.value())).collect();
        arcs.sort_unstable();
        self.wishes.push(Wish {
            open: wanted,
            without: 0,
            unmet: unmet.value(),
            worth: 0,
            arcs,
        });
        WishIx(self.wishes.len() - 1)
    }

    /// Makes the cheapest plan, and of several the one that [`Allotment::given`] tells the same for
    /// everybody: the first wish has all that it can have of the first store, then of the second, and so
    /// on, then the second wish. Once the effort is spent, what is open takes what is left, dearest first.
    pub fn settle(&mut self, effort: &mut Effort) -> Settled {
        let mut order: Vec<usize> = (0..self.wishes.len()).collect();
        order.sort_by_key(|wish| Reverse(self.wishes[*wish].unmet));
        let mut waiting = 0;
        for wish in order {
            if waiting > 0 || self.serve(wish, effort).is_none() {
                waiting += 1;
                self.take_what_is_left(wish);
            }
        }
        if waiting == 0 && self.settle_ties(effort).is_some() {
            return Settled::Optimal;
        }
        Settled::Overrun { waiting }
    }

    /// Who is given how much of what, by wish and then by store.
    pub fn given(&self) -> Vec<Given> {
        let stores = self.stores.iter().enumerate();
        let given = stores.flat_map(|(store, it)| {
            it.given.iter().map(move |(wish, quantity)| Given {
                wish: WishIx(*wish),
                store: StoreIx(store),
                quantity: *quantity,
            })
        });
        let mut given: Vec<Given> = given.collect();
        given.sort_unstable();
        given
    }

    /// How much of a wish nobody serves.
    pub fn without(&self, wish: WishIx) -> u32 {
        self.wishes[wish.0].without
    }

    /// The whole cost, with what is left unserved.
    pub fn total(&self) -> i128 {
        let given = self.given().into_iter().map(|given| {
            let arcs = &self.wishes[given.wish.0].arcs;
            let place = arcs.binary_search_by_key(&given.store.0, |(store, _)| *store);
            let cost = arcs[place.expect("whoever is given has an arc")].1;
            i128::from(cost) * i128::from(given.quantity)
        });
        let unmet = self.wishes.iter();
        let unmet = unmet.map(|wish| i128::from(wish.unmet) * i128::from(wish.without));
        given.chain(unmet).sum()
    }

    /// The problem and the proof of the last plan; it proves nothing of one that ran out of effort.
    pub fn proof(&self) -> (StatedAllotment, AllotmentProof) {
        let mut wanted: Vec<u32> = self.wishes.iter().map(|it| it.open + it.without).collect();
        for given in self.given() {
            wanted[given.wish.0] += given.quantity;
        }
        let wishes = self.wishes.iter().zip(wanted);
        let wishes = wishes.map(|(wish, wanted)| StatedWish {
            wanted,
            unmet: wish.unmet,
            arcs: wish.arcs.clone(),
        });
        let stated = StatedAllotment {
            wishes: wishes.collect(),
            stores: self.stores.iter().map(|store| store.has).collect(),
        };
        let given = self.given().into_iter();
        let proof = AllotmentProof {
            given: given
                .map(|it| (it.wish.0, it.store.0, it.quantity))
                .collect(),
            worths: self.wishes.iter().map(|wish| wish.worth).collect(),
            prices: self.stores.iter().map(|store| store.price).collect(),
            total: self.total(),
        };
        (stated, proof)
    }

    /// Serves the rest of a wish from what nobody has, cheapest first.
    fn take_what_is_left(&mut self, wish: usize) {
        let mut arcs = self.wishes[wish].arcs.clone();
        arcs.sort_unstable_by_key(|(store, cost)| (*cost, *store));
        for (store, cost) in arcs {
            let Wish { open, unmet, .. } = self.wishes[wish];
            let quantity = open.min(self.stores[store].left);
            if quantity > 0 && cost < unmet {
                self.stores[store].take(wish, quantity);
                self.wishes[wish].open -= quantity;
            }
        }
        let it = &mut self.wishes[wish];
        it.without += std::mem::take(&mut it.open);
    }
}

impl Store {
    fn take(&mut self, wish: usize, quantity: u32) {
        self.left -= quantity;
        *self.given.entry(wish).or_default() += quantity;
    }

    /// Takes back of what a wish was given.
    fn take_back(&mut self, wish: usize, quantity: u32) {
        let given = self.given.get_mut(&wish).expect("it was given something");
        *given -= quantity;
        if *given == 0 {
            self.given.remove(&wish);
        }
    }
}
