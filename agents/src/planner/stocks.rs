//! How much of which stock serves which need: what a region wants and has of what is counted by amount.
//!
//! Each sandbag, each tonne, each bed that is missing is harmed like a slot that waits for a unit, by
//! severity and time; the plan is the one of the least harm in all. What an owner's floor keeps is of its
//! stocks of the lowest ids, so much as the floor says and as much more as its own needs ask for: that
//! part serves its own needs alone.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{Deciseconds, Kind, NeedId, PartyId, Point, ResourceId};

use super::allotment::{Allotment, AllotmentProof, StatedAllotment, StoreIx, WishIx};
use super::assignment::{Effort, Settled};
use super::cost::Cost;
use super::dispatch::{Demand, Reason, Unserved};
use super::harm::HarmCurve;

/// A stock or a capacity of which something is free.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stock {
    /// Which.
    pub resource: ResourceId,
    /// The office that owns it.
    pub owner: PartyId,
    /// Its main kind, by which floors count it.
    pub kind: Kind,
    /// The kinds that it serves besides.
    pub also: Vec<Kind>,
    /// How much of it is neither held nor committed.
    pub free: u32,
}

/// All that a region wants and has of what is counted by amount.
#[derive(Clone, Debug, Default)]
pub struct Stocks {
    /// What needs lack.
    pub demands: BTreeMap<NeedId, Demand>,
    /// What there is.
    pub stocks: BTreeMap<ResourceId, Stock>,
    /// What each owner never lends.
    pub floors: BTreeMap<(PartyId, Kind), u32>,
    /// Which stock is not to serve which need.
    pub forbidden: BTreeSet<(NeedId, ResourceId)>,
}

/// How much of a stock is to serve a need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// How much.
    pub quantity: u32,
    /// When it is there.
    pub eta: Deciseconds,
}

/// A plan for what is counted by amount.
#[derive(Clone, Debug)]
pub struct Allotted {
    /// Which need is given how much of which stock.
    pub shares: BTreeMap<(NeedId, ResourceId), Share>,
    /// Needs that are not served in full.
    pub unserved: Vec<Unserved>,
    /// The harm of the whole plan.
    pub total: i128,
    /// Whether nothing is better.
    pub settled: Settled,
    /// The problem, and why nothing costs less.
    pub proof: (StatedAllotment, AllotmentProof),
}

/// One part of a stock: what its owner keeps, or what anybody may have.
#[derive(Clone, Copy, Debug)]
struct Part<'a> {
    stock: &'a Stock,
    kept: bool,
    quantity: u32,
    number: StoreIx,
}

/// What keeps stocks that serve a need's kind from it, by amount.
#[derive(Clone, Copy, Debug, Default)]
struct Barred {
    owned: u64,
    could: u64,
    kept: u64,
    forbidden: u64,
}

impl Stock {
    /// Whether it could serve a need of this kind.
    pub fn serves(&self, kind: Kind) -> bool {
        self.kind == kind || self.also.contains(&kind)
    }
}

impl Stocks {
    /// The plan of the least harm, the same for everybody who knows the same; or the best that the effort
    /// reached. `eta` tells when a stock would be somewhere, if there is a way.
    pub fn allot(
        &self,
        eta: &mut dyn FnMut(&Stock, Point) -> Option<Deciseconds>,
        effort: &mut Effort,
    ) -> Allotted {
        let mut allotment = Allotment::default();
        let parts = self.parts(&mut allotment);
        let mut times = BTreeMap::new();
        let mut asked = Vec::new();
        for demand in self.demands.values() {
            let curve = HarmCurve::of(demand.severity);
            let (mut arcs, mut barred) = (Vec::new(), Barred::default());
            for part in parts.iter().filter(|part| part.stock.serves(demand.kind)) {
                let quantity = u64::from(part.quantity);
                let resource = part.stock.resource;
                barred.owned += quantity;
                let pair = (demand.need, resource);
                let eta = times
                    .entry(pair)
                    .or_insert_with(|| eta(part.stock, demand.to));
                let harm = eta.and_then(|eta| curve.harm(demand.waited, eta));
                let Some(harm) = harm else { continue };
                if self.forbidden.contains(&pair) {
                    barred.forbidden += quantity;
                } else if part.kept && part.stock.owner != demand.office {
                    barred.kept += quantity;
                } else {
                    barred.could += quantity;
                    arcs.push((part.number, harm));
                }
            }
            let unmet: Cost = curve.unmet(demand.waited);
            let wish = allotment.add_wish(demand.quantity, unmet, &arcs);
            asked.push((demand, wish, barred));
        }
        let settled = allotment.settle(effort);
        let mut shares: BTreeMap<(NeedId, ResourceId), Share> = BTreeMap::new();
        for given in allotment.given() {
            let pair = (
                asked[given.wish.0].0.need,
                parts[given.store.0].stock.resource,
            );
            let eta = times[&pair].expect("whatever is given has a way");
            let share = shares.entry(pair).or_insert(Share { quantity: 0, eta });
            share.quantity += given.quantity;
        }
        let asked = asked.iter();
        let lacks = asked.flat_map(|asked| lacks(&allotment, asked));
        Allotted {
            unserved: lacks.collect(),
            shares,
            total: allotment.total(),
            settled,
            proof: allotment.proof(),
        }
    }

    /// Every stock by id, what its owner keeps of it before what anybody may have.
    fn parts(&self, allotment: &mut Allotment) -> Vec<Part<'_>> {
        let mut keep = self.keep();
        let mut parts = Vec::new();
        for stock in self.stocks.values() {
            let group = keep.get_mut(&(stock.owner, stock.kind));
            let kept = group.map_or(0, |left| {
                let kept = u64::from(stock.free).min(*left);
                *left -= kept;
                u32::try_from(kept).expect("no more than there is")
            });
            for (kept, quantity) in [(true, kept), (false, stock.free - kept)] {
                if quantity > 0 {
                    let number = allotment.add_store(quantity);
                    parts.push(Part {
                        stock,
                        kept,
                        quantity,
                        number,
                    });
                }
            }
        }
        parts
    }

    /// How much each owner keeps of each kind that has a floor.
    fn keep(&self) -> BTreeMap<(PartyId, Kind), u64> {
        let floors = self.floors.iter().filter(|(_, keep)| **keep > 0);
        let keep = floors.map(|((owner, kind), keep)| {
            let could = |wanted: Kind| {
                let mut stocks = self.stocks.values();
                stocks.any(|it| it.owner == *owner && it.kind == *kind && it.serves(wanted))
            };
            let own = self.own_open(*owner, could);
            ((*owner, *kind), u64::from(*keep) + own)
        });
        keep.collect()
    }

    fn own_open(&self, owner: PartyId, could: impl Fn(Kind) -> bool) -> u64 {
        let own = self.demands.values().filter(|it| it.office == owner);
        let own = own.filter(|it| could(it.kind));
        own.map(|it| u64::from(it.quantity)).sum()
    }
}

/// What a need lacks, and why.
fn lacks(
    allotment: &Allotment,
    (demand, wish, barred): &(&Demand, WishIx, Barred),
) -> Vec<Unserved> {
    let mut without = u64::from(allotment.without(*wish));
    let wanted = u64::from(demand.quantity);
    let served = wanted - without;
    let owned = u32::try_from(barred.owned).unwrap_or(u32::MAX);
    let too_few = match owned {
        0 => Reason::NobodyHas,
        owned => Reason::TooFew { owned },
    };
    let reasons = [
        (wanted.saturating_sub(barred.owned), too_few),
        (barred.could.saturating_sub(served), Reason::Elsewhere),
        (barred.kept, Reason::KeptHome),
        (barred.forbidden, Reason::Forbidden),
        (u64::MAX, Reason::NoWay),
    ];
    let mut lacks = Vec::new();
    for (most, reason) in reasons {
        let quantity = without.min(most);
        without -= quantity;
        if quantity > 0 {
            lacks.push(Unserved {
                need: demand.need,
                quantity: u32::try_from(quantity).expect("no more than it asks for"),
                reason,
            });
        }
    }
    lacks
}
