//! The problem of a region: needs of all offices, units of all offices, and what keeps them apart.
//!
//! Each unit that a need asks for is a slot; a slot's arcs cost the harm that the unit's way leaves
//! time for. Whoever knows the picture tells of needs, units, floors and roads as they change, and asks
//! for a plan: the cheapest for the whole region, the same for everybody who was told the same. What is
//! divided, such as stocks, is not planned here.

mod approach;
pub use approach::{Approach, ByLeast, Serving};

mod outcome;
pub use outcome::{Planned, Posting, Reason, Unserved};

mod reach;
use reach::Sight;

mod stating;

use std::collections::{BTreeMap, BTreeSet};

use protocol::{Deciseconds, Kind, NeedId, PartyId, Point, ResourceId, Severity};

use super::assignment::{Assignment, Effort, Settled};
use super::candidates::{ARCS_FIRST, Candidates, Wanted};
use super::certificate::{Certificate, Problem};
use super::cost::{Cost, LimitError, SlotIx, UnitIx};

/// What a dispatch knows of arcs before it has looked for any.
const NO_ARCS: Candidates = Candidates::new(ARCS_FIRST, Wanted::EveryCheapest);

/// A need as far as it is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// The need.
    pub need: NeedId,
    /// The office that asked.
    pub office: PartyId,
    /// What is needed.
    pub kind: Kind,
    /// How many units are missing.
    pub quantity: u32,
    /// How urgent.
    pub severity: Severity,
    /// How long it has waited already.
    pub waited: Deciseconds,
    /// Where to.
    pub to: Point,
}

/// A unit that could go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Supply {
    /// The unit.
    pub resource: ResourceId,
    /// The office that owns it.
    pub owner: PartyId,
    /// Its main kind, by which floors count it.
    pub kind: Kind,
    /// The kinds that it serves besides.
    pub also: Vec<Kind>,
    /// What it does now.
    pub doing: Doing,
}

/// What a unit does that could go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Doing {
    /// It waits at home: its owner's floor counts it.
    #[default]
    Waits,
    /// It stands by elsewhere.
    StandsBy,
    /// It will be free later.
    Works,
    /// It is on the way, and its owner alone can turn it: to needs of its own, or on to where it is
    /// going.
    Drives(Option<NeedId>),
}

/// All that a region needs and has.
#[derive(Clone, Debug)]
pub struct Dispatch {
    plan: Assignment,
    candidates: Candidates,
    demands: BTreeMap<NeedId, Asked>,
    /// By slot: whose it is.
    seats: Vec<Seat>,
    supplies: BTreeMap<ResourceId, UnitIx>,
    /// By owner and main kind.
    groups: BTreeMap<(PartyId, Kind), BTreeMap<ResourceId, UnitIx>>,
    /// By unit.
    units: Vec<Option<Supply>>,
    /// How many units serve each kind.
    owned: BTreeMap<Kind, u32>,
    floors: BTreeMap<(PartyId, Kind), Floor>,
    /// By unit: whether its owner's floor keeps it for its owner's needs alone.
    kept: Vec<Kept>,
    forbidden: BTreeSet<(NeedId, ResourceId)>,
    /// Needs whose arcs are to be stated anew.
    stale: BTreeSet<NeedId>,
    /// Units that slots have not heard of.
    fresh: BTreeSet<UnitIx>,
    overruns: u64,
}

/// A need with its slots.
#[derive(Clone, Debug)]
struct Asked {
    demand: Demand,
    slots: Vec<SlotIx>,
}

/// Whose a slot is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seat {
    Nobody,
    Need(NeedId),
    /// A unit in it stays at home.
    Reserve,
}

/// Whether a unit serves its owner's needs alone, by the owner's floor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    Not,
    Home,
}

/// What an owner keeps of one of its kinds.
#[derive(Clone, Debug, Default)]
struct Floor {
    /// So many are lent to nobody, beside what its own needs may take.
    keep: u32,
    /// What taking the last, the last but one and so on costs beside harm.
    prices: Vec<Cost>,
    /// The slots of those prices.
    slots: Vec<SlotIx>,
}

impl Supply {
    /// Whether it could serve a need of this kind.
    pub fn serves(&self, kind: Kind) -> bool {
        self.kind == kind || self.also.contains(&kind)
    }

    /// Every kind that it serves, once.
    fn kinds(&self) -> impl Iterator<Item = Kind> + '_ {
        let also = self.also.iter().enumerate();
        let once =
            also.filter(|(place, kind)| **kind != self.kind && !self.also[..*place].contains(kind));
        std::iter::once(self.kind).chain(once.map(|(_, kind)| *kind))
    }
}

impl Default for Dispatch {
    fn default() -> Self {
        Self {
            plan: Assignment::default(),
            candidates: NO_ARCS,
            demands: BTreeMap::new(),
            seats: Vec::new(),
            supplies: BTreeMap::new(),
            groups: BTreeMap::new(),
            units: Vec::new(),
            owned: BTreeMap::new(),
            floors: BTreeMap::new(),
            kept: Vec::new(),
            forbidden: BTreeSet::new(),
            stale: BTreeSet::new(),
            fresh: BTreeSet::new(),
            overruns: 0,
        }
    }
}

impl Dispatch {
    /// A need is open, or has changed.
    pub fn ask(&mut self, demand: Demand) {
        let need = demand.need;
        let slots = match self.demands.get(&need) {
            Some(asked) if asked.demand == demand => return,
            Some(asked) => asked.slots.clone(),
            None => Vec::new(),
        };
        self.stale.insert(need);
        self.demands.insert(need, Asked { demand, slots });
    }

    /// A need is met or withdrawn.
    pub fn withdraw(&mut self, need: NeedId) {
        let asked = self.demands.remove(&need);
        for slot in asked.map(|asked| asked.slots).unwrap_or_default() {
            self.vacate(slot);
        }
        self.stale.remove(&need);
    }

    /// A unit could go, or has changed, its place too. The number is the one that an
    /// [`Approach`] knows it by.
    pub fn offer(&mut self, supply: Supply) -> Result<UnitIx, LimitError> {
        self.lose(supply.resource);
        let unit = self.plan.add_unit()?;
        if self.units.len() <= unit.place() {
            self.units.resize(unit.place() + 1, None);
        }
        for kind in supply.kinds() {
            *self.owned.entry(kind).or_default() += 1;
        }
        self.supplies.insert(supply.resource, unit);
        if supply.doing == Doing::Waits {
            let group = self.groups.entry((supply.owner, supply.kind));
            group.or_default().insert(supply.resource, unit);
        }
        self.units[unit.place()] = Some(supply);
        self.fresh.insert(unit);
        Ok(unit)
    }

    /// A unit cannot go any more: it is lost, or committed. The number that it had.
    pub fn lose(&mut self, resource: ResourceId) -> Option<UnitIx> {
        let unit = self.supplies.remove(&resource)?;
        let supply = self.units[unit.place()].take();
        let supply = supply.expect("each that is listed by its id is by its number");
        for kind in supply.kinds() {
            let owned = self.owned.get_mut(&kind);
            *owned.expect("it was counted when it came") -= 1;
        }
        if let Some(group) = self.groups.get_mut(&(supply.owner, supply.kind)) {
            group.remove(&resource);
        }
        self.plan.remove_unit(unit);
        self.fresh.remove(&unit);
        if let Some(kept) = self.kept.get_mut(unit.place()) {
            *kept = Kept::Not;
        }
        Some(unit)
    }

    /// The number that an [`Approach`] knows a unit by; `None` if it cannot go.
    pub fn unit(&self, resource: ResourceId) -> Option<UnitIx> {
        self.supplies.get(&resource).copied()
    }

    /// An owner lends none of the last so many of a kind, beside what its own open needs may take.
    pub fn keep(&mut self, owner: PartyId, kind: Kind, keep: u32) {
        self.floors.entry((owner, kind)).or_default().keep = keep;
    }

    /// What taking an owner's last, last but one, ... free unit of a kind costs beside harm, for its own
    /// needs too. In an order in which none costs more than the one before, prices are convex.
    pub fn price(&mut self, owner: PartyId, kind: Kind, prices: &[Cost]) {
        let floor = self.floors.entry((owner, kind)).or_default();
        floor.prices = prices.to_vec();
        floor.prices.sort_unstable_by(|one, other| other.cmp(one));
    }

    /// A unit is not to serve a need: it was refused, say.
    pub fn forbid(&mut self, need: NeedId, resource: ResourceId) {
        self.forbidden.insert((need, resource));
        let slots = self.demands.get(&need).map(|asked| &asked.slots);
        for slot in slots.into_iter().flatten() {
            if let Some(unit) = self.supplies.get(&resource) {
                self.plan.set_arc(*slot, *unit, None);
            }
        }
    }

    /// A unit may serve a need again that it was not to serve.
    pub fn allow(&mut self, need: NeedId, resource: ResourceId) {
        if self.forbidden.remove(&(need, resource)) && self.demands.contains_key(&need) {
            self.stale.insert(need);
        }
    }

    /// Ways take as long as never before: roads were closed or reopened.
    pub fn roads_changed(&mut self) {
        self.stale.extend(self.demands.keys());
    }

    /// Time has passed: every need has waited longer, and units that drive or work are nearer to be
    /// there. A unit that is otherwise as it was told need not be told again.
    pub fn time_passed(&mut self) {
        self.stale.extend(self.demands.keys());
    }

    /// How many plans ran out of effort.
    pub const fn overruns(&self) -> u64 {
        self.overruns
    }

    /// The cheapest plan for the region, or the best that the effort reached.
    pub fn plan(&mut self, approach: &mut impl Approach, effort: &mut Effort) -> Planned {
        let untold = self.state(approach, effort);
        let slots = self.slots();
        let ranks = self.ranks();
        // Whoever looks for arcs reads all else while these two change.
        let mut plan = std::mem::take(&mut self.plan);
        let mut candidates = std::mem::replace(&mut self.candidates, NO_ARCS);
        let mut sight = Sight::new(self, approach);
        let mut settled = candidates.settle(&mut plan, &slots, &mut sight, effort);
        (self.plan, self.candidates) = (plan, candidates);
        let even = settled == Settled::Optimal && untold == 0;
        if !even || self.plan.settle_ties(&slots, &ranks, effort).is_none() {
            settled = Settled::Overrun { waiting: untold };
        }
        if settled != Settled::Optimal {
            self.overruns += 1;
        }
        self.outcome(settled, approach)
    }

    /// The proof of the last plan, with the problem that it solves.
    pub fn proof(&self) -> (Problem, Certificate) {
        let mut problem = self.plan.problem();
        self.candidates.state(&mut problem);
        (problem, self.plan.certificate())
    }
}
