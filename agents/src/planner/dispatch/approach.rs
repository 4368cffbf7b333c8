//! How soon units are where they are wanted, soonest first: what roads and readiness say.

use std::borrow::{Borrow, BorrowMut};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::ops::ControlFlow;

use protocol::{Deciseconds, Kind, Point};

use super::Supply;
use crate::planner::cost::UnitIx;

/// Tells how soon units are there.
///
/// Equal pictures must be told equal times. A search from the destination that meets units on its way
/// tells the soonest without asking about all; [`ByLeast`] is for who can only ask about each.
pub trait Approach {
    /// Calls `each` with the units that serve a kind and `may` go, soonest there first, until it breaks.
    /// Units that have no way there are left out; of those that may not go nobody asks for one.
    fn soonest(
        &mut self,
        wanted: (Kind, Point),
        may: &dyn Fn(UnitIx) -> bool,
        each: &mut dyn FnMut(UnitIx, Deciseconds) -> ControlFlow<()>,
    );

    /// When one unit is there; `None` if not before the end of `within`.
    fn eta(&mut self, unit: UnitIx, to: Point, within: Deciseconds) -> Option<Deciseconds>;
}

/// Which units serve each kind.
#[derive(Clone, Debug, Default)]
pub struct Serving(BTreeMap<Kind, BTreeSet<UnitIx>>);

impl Serving {
    /// There is a unit.
    pub fn add(&mut self, unit: UnitIx, supply: &Supply) {
        for kind in supply.kinds() {
            self.0.entry(kind).or_default().insert(unit);
        }
    }

    /// There is no such unit any more.
    pub fn remove(&mut self, unit: UnitIx) {
        for serving in self.0.values_mut() {
            serving.remove(&unit);
        }
    }
}

/// The soonest of many, of which each can be asked about, and a least told more quickly.
#[derive(Clone, Debug)]
pub struct ByLeast<Units, Least, Eta> {
    serving: Units,
    least: Least,
    eta: Eta,
}

/// What is known of an arrival. At equal times the least comes first, for it may turn out to be equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Known {
    Least,
    Exactly,
}

impl<Units, Least, Eta> ByLeast<Units, Least, Eta>
where
    Units: Borrow<Serving>,
    Least: Fn(UnitIx, Point) -> Deciseconds,
    Eta: FnMut(UnitIx, Point) -> Option<Deciseconds>,
{
    /// Asks `eta` when a unit is there, and never about one whose `least` is later than what is wanted.
    /// `eta` never goes below `least`.
    pub const fn new(serving: Units, least: Least, eta: Eta) -> Self {
        Self {
            serving,
            least,
            eta,
        }
    }
}

impl<Units: BorrowMut<Serving>, Least, Eta> ByLeast<Units, Least, Eta> {
    /// Who serves what, to be changed.
    pub fn serving(&mut self) -> &mut Serving {
        self.serving.borrow_mut()
    }
}

impl<Units, Least, Eta> Approach for ByLeast<Units, Least, Eta>
where
    Units: Borrow<Serving>,
    Least: Fn(UnitIx, Point) -> Deciseconds,
    Eta: FnMut(UnitIx, Point) -> Option<Deciseconds>,
{
    fn soonest(
        &mut self,
        (kind, to): (Kind, Point),
        may: &dyn Fn(UnitIx) -> bool,
        each: &mut dyn FnMut(UnitIx, Deciseconds) -> ControlFlow<()>,
    ) {
        let serving = self.serving.borrow().0.get(&kind).into_iter().flatten();
        let serving = serving.filter(|unit| may(**unit));
        let least = serving.map(|unit| Reverse(((self.least)(*unit, to), Known::Least, *unit)));
        let mut waiting: BinaryHeap<_> = least.collect();
        while let Some(Reverse((time, known, unit))) = waiting.pop() {
            if known == Known::Exactly {
                if each(unit, time).is_break() {
                    return;
                }
            } else if let Some(eta) = (self.eta)(unit, to) {
                // Mostly nobody else can be there as soon, and it need not wait for its turn.
                let next = waiting.peek().map(|Reverse((time, ..))| *time);
                if next.is_some_and(|time| time <= eta) {
                    waiting.push(Reverse((eta, Known::Exactly, unit)));
                } else if each(unit, eta).is_break() {
                    return;
                }
            }
        }
    }

    fn eta(&mut self, unit: UnitIx, to: Point, within: Deciseconds) -> Option<Deciseconds> {
        if (self.least)(unit, to) >= within {
            return None;
        }
        (self.eta)(unit, to).filter(|eta| *eta < within)
    }
}
