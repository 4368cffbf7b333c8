//! Whether an allotment is the cheapest, told from its proof by one who did not make it.
//!
//! This file shares no code with the solver and takes nothing from it on trust. If every arc costs at
//! least its wish's worth less its store's price, and no worth is above what going without costs, no plan
//! costs less than all that is wanted at its worth less all that there is at its price. Sums are taken in
//! 128 bits.

use std::collections::{BTreeMap, BTreeSet};

/// The problem that an allotment claims to solve.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatedAllotment {
    /// Every wish, by its number.
    pub wishes: Vec<StatedWish>,
    /// What each store has, by its number.
    pub stores: Vec<u32>,
}

/// One wish of a problem.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatedWish {
    /// How much it asks for.
    pub wanted: u32,
    /// What each costs that it does not get.
    pub unmet: i64,
    /// The stores that could serve it, with what each one costs.
    pub arcs: Vec<(usize, i64)>,
}

/// An allotment and why nothing costs less.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllotmentProof {
    /// Wishes with a store and how much they are given of it.
    pub given: Vec<(usize, usize, u32)>,
    /// What serving one more of each wish is worth, by its number.
    pub worths: Vec<i64>,
    /// What taking one of each store costs beside its arc, by its number.
    pub prices: Vec<i64>,
    /// What the plan costs, what nobody serves included.
    pub total: i128,
}

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AllotmentFlaw {
    /// Not one worth for each wish and one price for each store.
    #[error("worths and prices are not those of the problem's wishes and stores")]
    Unfit,
    /// Something is given over no arc, twice, or nothing at all.
    #[error("what store {store} gives wish {wish} has no arc, stands twice or is nothing")]
    NoArc {
        /// The wish.
        wish: usize,
        /// The store.
        store: usize,
    },
    /// More than it asks for.
    #[error("wish {0} is given more than it asks for")]
    TooMuch(usize),
    /// More than it has.
    #[error("store {0} gives more than it has")]
    TooLittle(usize),
    /// Worth more than going without costs.
    #[error("wish {0} is worth more than it costs unserved")]
    WorthAboveUnmet(usize),
    /// An arc is cheaper than the proof allows.
    #[error("store {store} costs wish {wish} less than worth and price allow")]
    ArcTooCheap {
        /// The wish.
        wish: usize,
        /// The store.
        store: usize,
    },
    /// A price below nothing.
    #[error("store {0} has a price below nothing")]
    NegativePrice(usize),
    /// Two numbers that the cheapest plan makes equal, and what it says itself.
    #[error("the plan costs {cost} and says {told}, its worths and prices prove {proven}")]
    Gap {
        /// What it costs.
        cost: i128,
        /// What it says.
        told: i128,
        /// What every plan costs at least.
        proven: i128,
    },
}

impl AllotmentProof {
    /// Checks the plan against a problem: feasible, proven, and as cheap as the proof.
    pub fn check(&self, problem: &StatedAllotment) -> Result<(), AllotmentFlaw> {
        let fits =
            self.worths.len() == problem.wishes.len() && self.prices.len() == problem.stores.len();
        if !fits {
            return Err(AllotmentFlaw::Unfit);
        }
        let cost = self.feasible(problem)?;
        self.allowed(problem)?;
        let wishes = problem.wishes.iter().zip(&self.worths);
        let worth: i128 = wishes
            .map(|(wish, worth)| i128::from(wish.wanted) * i128::from(*worth))
            .sum();
        let stores = problem.stores.iter().zip(&self.prices);
        let price: i128 = stores
            .map(|(has, price)| i128::from(*has) * i128::from(*price))
            .sum();
        let (told, proven) = (self.total, worth - price);
        if cost != proven || cost != told {
            return Err(AllotmentFlaw::Gap { cost, told, proven });
        }
        Ok(())
    }

    /// What the plan costs, if it gives nothing that is not there or not wanted.
    fn feasible(&self, problem: &StatedAllotment) -> Result<i128, AllotmentFlaw> {
        let mut cost = 0_i128;
        let mut open: Vec<i128> = problem.wishes.iter().map(|it| it.wanted.into()).collect();
        let mut left: Vec<i128> = problem.stores.iter().map(|has| (*has).into()).collect();
        let mut seen = BTreeSet::new();
        for (wish, store, quantity) in self.given.iter().copied() {
            let no_arc = AllotmentFlaw::NoArc { wish, store };
            let stated = problem.wishes.get(wish).ok_or(no_arc)?;
            let arcs: BTreeMap<usize, i64> = stated.arcs.iter().copied().collect();
            let arc = arcs.get(&store).filter(|_| store < left.len());
            let arc = arc.filter(|_| quantity > 0 && seen.insert((wish, store)));
            cost += i128::from(*arc.ok_or(no_arc)?) * i128::from(quantity);
            open[wish] -= i128::from(quantity);
            left[store] -= i128::from(quantity);
        }
        if let Some(wish) = open.iter().position(|open| *open < 0) {
            return Err(AllotmentFlaw::TooMuch(wish));
        }
        if let Some(store) = left.iter().position(|left| *left < 0) {
            return Err(AllotmentFlaw::TooLittle(store));
        }
        let without = problem.wishes.iter().zip(open);
        let without = without.map(|(wish, open)| i128::from(wish.unmet) * open);
        Ok(cost + without.sum::<i128>())
    }

    /// Whether no arc is cheaper than worths and prices say.
    fn allowed(&self, problem: &StatedAllotment) -> Result<(), AllotmentFlaw> {
        if let Some(store) = self.prices.iter().position(|price| *price < 0) {
            return Err(AllotmentFlaw::NegativePrice(store));
        }
        for (wish, (stated, worth)) in problem.wishes.iter().zip(&self.worths).enumerate() {
            if *worth > stated.unmet {
                return Err(AllotmentFlaw::WorthAboveUnmet(wish));
            }
            for (store, cost) in stated.arcs.iter().copied() {
                let price = self.prices.get(store).copied();
                let price = price.ok_or(AllotmentFlaw::NoArc { wish, store })?;
                if i128::from(cost) < i128::from(*worth) - i128::from(price) {
                    return Err(AllotmentFlaw::ArcTooCheap { wish, store });
                }
            }
        }
        Ok(())
    }
}
