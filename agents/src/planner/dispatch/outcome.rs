//! What a plan comes to: who goes where, who is left without and why, and the hash that equal plans share.

use protocol::{Hash, NeedId, ResourceId};
use serde::Serialize;

use super::stating::harm;
use super::{Approach, Asked, Demand, Dispatch, Seat};
use crate::planner::assignment::Settled;
use crate::planner::cost::Cost;

/// A plan for a region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// Who goes where, by need and then by unit.
    pub postings: Vec<Posting>,
    /// Needs that are not served in full.
    pub unserved: Vec<Unserved>,
    /// The harm of the whole plan, with what floors' prices add to it.
    pub total: i64,
    /// Whether nothing is better.
    pub settled: Settled,
}

/// One unit that is to serve a need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Posting {
    /// The need.
    pub need: NeedId,
    /// The unit.
    pub resource: ResourceId,
    /// The harm until it is there.
    pub harm: Cost,
}

/// A part of a need that nobody serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unserved {
    /// The need.
    pub need: NeedId,
    /// How many units it lacks.
    pub quantity: u32,
    /// Why.
    pub reason: Reason,
}

/// Why nobody serves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// No free unit of the region serves this kind.
    NobodyHas,
    /// Fewer free units serve this kind than are asked for.
    TooFew {
        /// How many do.
        owned: u32,
    },
    /// The plan has no room for so many slots.
    NoRoom,
    /// No unit that serves this kind has a way there within the horizon.
    NoWay,
    /// Those that have a way there are kept by their owners' floors.
    KeptHome,
    /// Those that have a way there must not serve it.
    Forbidden,
    /// All that could be there help more elsewhere.
    Elsewhere,
}

/// What is hashed of a posting.
#[derive(Serialize)]
struct Pair(NeedId, ResourceId);

impl Planned {
    /// The hash of who goes where: equal for equal plans alone.
    pub fn hash(&self) -> Hash {
        let pairs = self.postings.iter();
        let pairs: Vec<Pair> = pairs.map(|one| Pair(one.need, one.resource)).collect();
        Hash::of_json(&pairs)
    }
}

impl Dispatch {
    pub(super) fn outcome(&self, settled: Settled, approach: &mut impl Approach) -> Planned {
        let mut postings = Vec::new();
        let mut total = self.plan.total();
        for (slot, unit) in self.plan.pairs() {
            if self.plan.unit_of(slot).is_none()
                && let Some((unmet, cost)) = self.plan.unmet(slot).zip(self.plan.cost(slot, unit))
            {
                // The plan counts a slot that is only given what was left over as unserved.
                total -= unmet.value() - cost.value();
            }
            let Seat::Need(need) = self.seats[slot.place()] else {
                continue;
            };
            let supply = self.units[unit.place()].as_ref();
            let harm = self.plan.cost(slot, unit);
            postings.push(Posting {
                need,
                resource: supply.expect("a unit that serves is here").resource,
                harm: harm.expect("who serves has an arc"),
            });
        }
        postings.sort_unstable();
        let mut unserved = Vec::new();
        for (need, asked) in &self.demands {
            let first = postings.partition_point(|posting| posting.need < *need);
            let end = postings.partition_point(|posting| posting.need <= *need);
            self.lacks(asked, end - first, approach, &mut unserved);
        }
        Planned {
            postings,
            unserved,
            total,
            settled,
        }
    }

    fn lacks(
        &self,
        Asked { demand, slots }: &Asked,
        served: usize,
        approach: &mut impl Approach,
        unserved: &mut Vec<Unserved>,
    ) {
        let mut lack = |quantity: u32, reason| {
            if quantity > 0 {
                let need = demand.need;
                unserved.push(Unserved {
                    need,
                    quantity,
                    reason,
                });
            }
        };
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let owned = self.owned.get(&demand.kind).copied().unwrap_or(0);
        let seated = count(slots.len());
        match owned {
            0 => lack(demand.quantity, Reason::NobodyHas),
            _ => lack(
                demand.quantity.saturating_sub(owned),
                Reason::TooFew { owned },
            ),
        }
        lack(demand.quantity.min(owned) - seated, Reason::NoRoom);
        let without = seated - count(served);
        if without == 0 {
            return;
        }
        let none = slots.iter().all(|slot| self.plan.arcs(*slot).len() == 0);
        let reason = if none {
            self.why_nobody(demand, approach)
        } else {
            Reason::Elsewhere
        };
        lack(without, reason);
    }

    /// Why no unit that serves a kind may or can go.
    fn why_nobody(&self, demand: &Demand, approach: &mut impl Approach) -> Reason {
        let mut reason = Reason::NoWay;
        for (resource, unit) in &self.supplies {
            let serves = self.units[unit.place()].as_ref();
            let serves = serves.is_some_and(|supply| supply.serves(demand.kind));
            if !serves || harm(*unit, demand, Cost::MAX, approach).is_none() {
                continue;
            }
            if self.forbidden.contains(&(demand.need, *resource)) {
                reason = Reason::Forbidden;
            } else {
                return Reason::KeptHome;
            }
        }
        reason
    }
}
