//! From a plan and a picture to the reasons of one step: by which road, what stays at home, what the
//! next best would cost, and why nothing nearer goes.
//!
//! What is asked of the ground are ways alone. Nothing is decided here.

use std::collections::BTreeMap;
use std::rc::Rc;

use picture::{Holding, Picture};
use protocol::{
    Because, Cover, Deciseconds, Form, Kind, Moment, Nearer, NeedId, NextBest, PartyId, Proposal,
    ResourceId, Why,
};

use crate::barred::{Bar, Barred};
use crate::board::there_after;
use crate::ground::Ground;
use crate::planner::{Cost, HORIZON, HarmCurve, Sees};

/// Roads that a reason names: the way out of town, the long stretch, and the way in.
const ROADS: usize = 6;

/// Nearer units that it tells of.
const NEARER: usize = 3;

/// What reasons rest on.
pub(crate) struct Scene<'a> {
    pub(crate) us: PartyId,
    pub(crate) picture: &'a Picture,
    /// The moment that is planned for.
    pub(crate) as_of: Moment,
    pub(crate) sees: Sees,
    /// What the plan gives to which needs, and how much of each.
    pub(crate) given: BTreeMap<ResourceId, BTreeMap<NeedId, u32>>,
    /// Which is not to serve which.
    pub(crate) barred: &'a Barred,
    /// Units of which nothing was heard in this life.
    pub(crate) doubted: &'a dyn Fn(ResourceId) -> bool,
    /// Whether an owner does not answer a need.
    pub(crate) leaves: &'a dyn Fn(NeedId, PartyId) -> bool,
    /// How many of each kind the steps so far have taken from home.
    pub(crate) gone: BTreeMap<Kind, u32>,
    /// What does the work of a kind, once it was asked.
    pub(crate) able: BTreeMap<Kind, Rc<[(PartyId, &'a Holding)]>>,
}

/// What is to go where.
#[derive(Clone, Copy)]
pub(crate) struct Sent {
    pub(crate) need: NeedId,
    pub(crate) resource: ResourceId,
    /// How much of it; 1 for a unit.
    pub(crate) quantity: u32,
    pub(crate) eta: Deciseconds,
}

impl Sent {
    /// What a proposal would send, if anything.
    pub(crate) fn of(proposal: &Proposal) -> Option<Self> {
        let ((need, resource), eta) = proposal.step.pair().zip(proposal.eta)?;
        Some(Self {
            need,
            resource,
            quantity: proposal.step.quantity(),
            eta,
        })
    }
}

/// Another resource that does such work.
struct Other {
    resource: ResourceId,
    eta: Deciseconds,
    /// Why it does not go; `None` if it could.
    because: Option<Because>,
}

impl<'a> Scene<'a> {
    /// What leaves home with a step, for what is said of those behind it and of itself.
    pub(crate) fn leaves_home(&mut self, sent: &Sent) {
        let own = self.picture.state(self.us);
        let Some(holding) = own.and_then(|own| own.holdings.get(&sent.resource)) else {
            return;
        };
        if !holding.is_standing_by() {
            let gone = self.gone.entry(holding.resource.kind).or_default();
            *gone = gone.saturating_add(holding.free().min(sent.quantity));
        }
    }

    /// Why one's own unit, or so much of one's own stock, goes to a need, once it has left home; `None`
    /// for what is not known.
    pub(crate) fn why(&mut self, sent: Sent, ground: &mut dyn Ground) -> Option<Why> {
        let Sent {
            need,
            resource,
            quantity,
            eta,
        } = sent;
        let asked = &self.picture.need(need)?.request;
        let own = self.picture.state(self.us)?;
        let holding = own.holdings.get(&resource)?;
        let kind = holding.resource.kind;
        let (free, floor) = own.cover(kind);
        let gone = self.gone.get(&kind).copied().unwrap_or_default();
        let left = free.saturating_sub(gone);
        let mut roads = ground.roads(kind, holding.point(), asked.report_to);
        roads.truncate(ROADS);
        let others = self.others(need, (resource, eta), ground);
        let curve = HarmCurve::of(asked.severity);
        let waited = self.as_of.since(asked.asked_at).deciseconds();
        let harm = |eta| curve.harm(waited, eta).map_or(0, Cost::value);
        let next = others.iter().filter(|other| other.because.is_none());
        let next = next.min_by_key(|other| (other.eta, other.resource));
        let nearer = others.iter().filter(|other| other.eta < eta);
        let told = nearer.map(|other| Nearer {
            resource: other.resource,
            eta: other.eta,
            because: other.because.unwrap_or(Because::Dearer),
        });
        Some(Why {
            eta,
            roads,
            wanted: asked.kind,
            kind,
            leaves: Cover { left, floor },
            next: next.map(|next| NextBest {
                resource: next.resource,
                eta: next.eta,
                costs_min: (harm(next.eta) - harm(eta)) * i64::from(quantity) / 600,
            }),
            nearer: told.take(NEARER).collect(),
        })
    }

    /// All of the region that does the work of a kind, with its owner.
    fn able(&mut self, kind: Kind) -> Rc<[(PartyId, &'a Holding)]> {
        let picture = self.picture;
        let is_unit = |form: Form| form == Form::Unit;
        let able = self.able.entry(kind).or_insert_with(|| {
            let authors = picture.authors().iter();
            let all = authors.flat_map(|(owner, author)| {
                let holdings = author.state.holdings.values();
                holdings.map(move |it| (*owner, it))
            });
            let alike = all.filter(|(_, it)| is_unit(it.resource.form()) == is_unit(kind.form()));
            alike.filter(|(_, it)| it.resource.serves(kind)).collect()
        });
        Rc::clone(able)
    }

    /// Other units or stocks of the region that do the work, soonest first: all that are nearer, and so
    /// many more that the next best is among them.
    fn others(
        &mut self,
        need: NeedId,
        (chosen, eta): (ResourceId, Deciseconds),
        ground: &mut dyn Ground,
    ) -> Vec<Other> {
        let Some(asked) = self.picture.need(need).map(|asked| &asked.request) else {
            return Vec::new();
        };
        let able = self.able(asked.kind);
        let mut coming: Vec<(Deciseconds, PartyId, &Holding)> = able
            .iter()
            .map(|(owner, it)| {
                let way = ground.least(it.resource.kind, it.point(), asked.report_to);
                (there_after(&it.resource, way), *owner, *it)
            })
            .collect();
        coming.sort_by_key(|(least, _, it)| (*least, it.resource.resource));
        let mut others: Vec<Other> = Vec::new();
        let mut next = HORIZON;
        for (least, owner, it) in coming {
            if least >= eta && least >= next {
                break;
            }
            let resource = it.resource.resource;
            let given = self.given.get(&resource);
            if resource == chosen || given.is_some_and(|given| given.contains_key(&need)) {
                continue;
            }
            let kind = it.resource.kind;
            let Some(way) = ground.travel(kind, it.point(), asked.report_to) else {
                continue;
            };
            let there = there_after(&it.resource, way);
            let because = self.because(need, (owner, it));
            if because.is_none() {
                next = next.min(there);
            }
            others.push(Other {
                resource,
                eta: there,
                because,
            });
        }
        others.sort_by_key(|other| (other.eta, other.resource));
        others
    }

    /// Why a resource does not go to a need; `None` if it could.
    fn because(&self, need: NeedId, (owner, it): (PartyId, &Holding)) -> Option<Because> {
        let resource = it.resource.resource;
        let given = self.given.get(&resource);
        let elsewhere = given.map_or(0, |given| {
            given.values().fold(0, |sum, it| it.saturating_add(sum))
        });
        if let Some(other) = given.and_then(|given| given.keys().next())
            && elsewhere >= it.free()
        {
            return Some(Because::Elsewhere { need: *other });
        }
        match self.barred.get(need, resource) {
            Some(Bar::Declined) => return Some(Because::Declined),
            Some(Bar::AsNear) => return Some(Because::AsNear),
            Some(Bar::Wind) => return Some(Because::Wind),
            Some(Bar::Unanswered) | None => {}
        }
        if let Some(unit) = it.unit().filter(|_| it.free() == 0) {
            return Some(Because::Busy { state: unit.state });
        }
        if it.free() == 0 {
            return Some(Because::Spent);
        }
        if it.is_weary(self.as_of) {
            return Some(Because::Weary);
        }
        if owner == self.us {
            return (self.doubted)(resource).then_some(Because::Unsure);
        }
        if self.sees < Sees::Region {
            return Some(Because::OwnFirst { owner });
        }
        if (self.leaves)(need, owner) {
            return Some(Because::Unanswered { owner });
        }
        let kind = it.resource.kind;
        let kept = self.picture.state(owner).is_some_and(|state| {
            let (free, keep) = state.cover(kind);
            let leaves_home = owner != need.author && !it.is_standing_by();
            leaves_home && free.saturating_sub(elsewhere) <= keep
        });
        kept.then_some(Because::KeptHome { owner })
    }
}
